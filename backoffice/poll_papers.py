"""A poll as a citizen gets it: values that know no database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One answer that can be given."""

    id: int
    key: str
    """Its number, and its key on a telephone: ``1`` to ``8``."""
    text: str


@dataclass(frozen=True)
class Question:
    """One question."""

    id: int
    position: int
    """From 1, among all of the poll."""
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Paper:
    """A poll, and the questions one citizen has not answered yet."""

    poll_id: int
    title: str
    opening: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Offer:
    """What there is for one citizen."""

    paper: Paper | None
    taken: bool = False
    """Whether there is nothing because they have answered all that is asked."""
