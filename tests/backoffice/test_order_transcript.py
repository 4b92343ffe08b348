"""Which part of a conversation belongs to an order: what led to it, and what was told of it since (C10, trap 13)."""

from __future__ import annotations

from backoffice.order_transcript import SHOWN, belonging
from core.conversations import Message


def _said(text: str, order: str | None = None) -> Message:
    return Message(text=text, payload={"details": {"order": order}} if order else {})


def _texts(messages: list[Message], number: str = "2", filed_at: int = 0) -> list[str]:
    return [message.text for message in belonging(messages, number, filed_at)]


def test_it_begins_after_the_last_word_about_another_order_and_ends_with_the_receipt() -> None:
    talk = [_said("a"), _said("receipt 1", "1"), _said("b"), _said("c"), _said("receipt 2", "2"), _said("d")]
    assert _texts(talk) == ["b", "c", "receipt 2"]
    assert _texts(talk, "1") == ["a", "receipt 1"]


def test_notices_of_the_order_follow_and_those_of_others_do_not() -> None:
    talk = [_said("a"), _said("receipt 2", "2"), _said("b"), _said("signed 1", "1"), _said("answered 2", "2")]
    assert _texts(talk) == ["a", "receipt 2", "answered 2"]


def test_progress_of_another_order_asked_for_in_between_is_a_border_too() -> None:
    talk = [_said("how far is 1, code ABC234"), _said("progress 1", "1"), _said("b"), _said("receipt 2", "2")]
    assert _texts(talk) == ["b", "receipt 2"]


def test_without_a_receipt_it_ends_where_the_order_was_filed() -> None:
    talk = [_said("a"), _said("b"), _said("about something else")]
    assert _texts(talk, filed_at=2) == ["a", "b"]


def test_of_a_very_long_talk_the_last_words_before_filing_are_shown() -> None:
    talk = [_said(str(place)) for place in range(SHOWN + 50)]
    shown = _texts([*talk, _said("receipt 2", "2")])
    assert (len(shown), shown[0], shown[-1]) == (SHOWN + 1, "50", "receipt 2")
