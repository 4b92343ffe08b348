"""The form an article is written in: read, filled in again, prefilled. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from core.clock import CHINA, china_time
from knowledge.article import Article
from knowledge.checking import LIST_LIMITS

TEXTS = ("question", "answer", "department", "source", "fee", "duration", "place", "office_hours", "phone", "link")
LISTS = tuple(LIST_LIMITS)
OFFICE_CLOSES = time(18, 0)


@dataclass(frozen=True)
class Written:
    """A form as it was sent."""

    article: Article
    values: Mapping[str, str]
    """Every field as it was typed."""
    problems: Mapping[str, str]
    """What of it cannot be read."""


def read_form(code: str, values: Mapping[str, str], now: datetime) -> Written:
    """The article that a form describes; what cannot be read is left out of it, and said."""
    problems: dict[str, str] = {}
    parts: dict[str, Any] = {name: values.get(name, "") for name in TEXTS}
    parts |= {name: tuple(values.get(name, "").splitlines()) for name in LISTS}
    today = china_time(now).date()
    parts["valid_from"] = _day(values, "valid_from", problems) or today
    parts["valid_to"] = _day(values, "valid_to", problems)
    if values.get("temporary"):
        parts["ends_at"] = _moment(values, "ends_at", problems)
        if parts["ends_at"] is None:
            problems.setdefault("ends_at", "请填写什么时候结束。")
    return Written(Article(code=code, **parts), values, problems)


def values_of(article: Article) -> dict[str, str]:
    """An article as the fields of the form."""
    values: dict[str, str] = {name: getattr(article, name) or "" for name in TEXTS}
    values |= {name: "\n".join(getattr(article, name)) for name in LISTS}
    values["valid_from"] = article.valid_from.isoformat()
    values["valid_to"] = article.valid_to.isoformat() if article.valid_to and not article.ends_at else ""
    if article.ends_at is not None:
        values |= {"temporary": "1", "ends_at": china_time(article.ends_at).strftime("%Y-%m-%dT%H:%M")}
    return values


def blank(department: str, now: datetime) -> Article:
    """A new article before anybody has written into it."""
    today = china_time(now).date()
    return Article(code="", question="", answer="", department=department, source="", valid_from=today)


def with_phrasings(article: Article, texts: list[str]) -> Article:
    """The article with further ways to ask for it."""
    known = {article.question, *article.variants}
    return replace(article, variants=(*article.variants, *(text for text in dict.fromkeys(texts) if text not in known)))


def usual_ends(now: datetime) -> list[tuple[str, str]]:
    """The ends a temporary article most often has: words, and the value of the field."""
    then = china_time(now)
    today, tomorrow = then.date(), then.date() + timedelta(days=1)
    ends = [("今天 18:00", datetime.combine(today, OFFICE_CLOSES)), ("今天 24:00", datetime.combine(tomorrow, time()))]
    ends += [("明天 12:00", datetime.combine(tomorrow, time(12))), ("明天 18:00", datetime.combine(tomorrow, time(18)))]
    return [(words, f"{end:%Y-%m-%dT%H:%M}") for words, end in ends if end.replace(tzinfo=CHINA) > now]


def _day(values: Mapping[str, str], name: str, problems: dict[str, str]) -> date | None:
    text = values.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems[name] = "请写成 2026-11-16 这样的日期。"
        return None


def _moment(values: Mapping[str, str], name: str, problems: dict[str, str]) -> datetime | None:
    text = values.get(name, "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA) if text else None
    except ValueError:
        problems[name] = "请写成 2026-11-16 18:00 这样的时间。"
        return None
