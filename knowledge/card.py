"""An article as the card a citizen gets (docs/cards.md). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.clock import china_time
from knowledge.article import Article


def answer_card(article: Article, department: str, phone: str | None) -> dict[str, Any]:
    """The card; ``department`` and ``phone`` are the name and the number of who answers for it."""
    return {
        "kind": "answer",
        "article": article.code,
        "title": article.question,
        "summary": article.answer,
        "department": department,
        "source": article.source,
        "valid_from": article.valid_from.isoformat(),
        "valid_to": article.valid_to.isoformat() if article.valid_to else None,
        "steps": list(article.steps),
        "materials": list(article.materials),
        "fee": article.fee,
        "duration": article.duration,
        "place": article.place,
        "office_hours": article.office_hours,
        "phone": article.phone or phone,
        "link": article.link,
    }


def until_words(article: Article) -> str:
    """Till when it holds, as an answer says it; empty for what holds until further notice."""
    if article.ends_at is not None:
        return f"有效期至 {_moment(article.ends_at)}"
    return f"有效期至 {article.valid_to:%Y 年 %m 月 %d 日}" if article.valid_to else ""


def _moment(instant: datetime) -> str:
    return china_time(instant).strftime("%Y 年 %m 月 %d 日 %H:%M")
