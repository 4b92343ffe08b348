"""The form a poll is written in: read, and filled in again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backoffice.polls import MOST_QUESTIONS, DraftQuestion, PollDraft
from backoffice.refusals import BadField
from core.texts import tidy

BLANK = DraftQuestion("", ())


def read_form(values: Mapping[str, str]) -> PollDraft:
    """The poll a form describes; questions left wholly empty are none.

    Raises :class:`BadField` for a day that is none.
    """
    questions = []
    for at in range(MOST_QUESTIONS):
        text, options = values.get(f"question-{at}", ""), values.get(f"options-{at}", "")
        if tidy(text) or tidy(options):
            questions.append(DraftQuestion(text, tuple(options.splitlines())))
    return PollDraft(
        values.get("title", ""), values.get("opening", ""), _day(values.get("closes_on", "")), tuple(questions)
    )


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
    written = [at for at in range(MOST_QUESTIONS) if values.get(f"question-{at}") or values.get(f"options-{at}")]
    return min(MOST_QUESTIONS, max(written, default=-1) + 2)
