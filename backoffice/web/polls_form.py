"""The form a poll is written in: read, and filled in again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backoffice.polls import MOST_QUESTIONS, DraftQuestion, PollDraft
from backoffice.refusals import BadField
from core.texts import tidy


def read_form(values: Mapping[str, str]) -> PollDraft:
    """The poll a form describes. Raises :class:`BadField` for a day that is none."""
    questions = tuple(DraftQuestion(text, tuple(options.splitlines())) for text, options in _written(values))
    return PollDraft(values.get("title", ""), values.get("opening", ""), _day(values.get("closes_on", "")), questions)


def closed_up(values: Mapping[str, str]) -> dict[str, str]:
    """The fields as they were sent, without the questions that were left empty: the others move up."""
    kept = {name: text for name, text in values.items() if not name.startswith(("question-", "options-"))}
    for at, (text, options) in enumerate(_written(values)):
        kept |= {f"question-{at}": text, f"options-{at}": options}
    return kept


def _written(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of each question that is not left wholly empty: its text and its answers."""
    rows = [(values.get(f"question-{at}", ""), values.get(f"options-{at}", "")) for at in range(MOST_QUESTIONS)]
    return [(text, options) for text, options in rows if tidy(text) or tidy(options)]


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadField("closes_on", "请按 2026-12-31 的样子填写日期。") from None


def values_of(draft: PollDraft) -> dict[str, str]:
    """A poll as the fields of the form."""
    values = {
        "title": draft.title,
        "opening": draft.opening,
        "closes_on": draft.closes_on.isoformat() if draft.closes_on else "",
    }
    for at, question in enumerate(draft.questions):
        values |= {f"question-{at}": question.text, f"options-{at}": "\n".join(question.options)}
    return values


def rows_shown(values: Mapping[str, str]) -> int:
    """How many questions the form has room for: those written, and one more."""
    return min(MOST_QUESTIONS, len(_written(values)) + 1)
