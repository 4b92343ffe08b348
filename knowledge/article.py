"""An article as everybody sees it: a value that knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.clock import china_time


@dataclass(frozen=True)
class Article:
    """One matter: the question, the answer, and what a follow-up may ask for."""

    code: str
    question: str
    answer: str
    department: str
    """Code of the answering department."""
    source: str
    """Title of the document the answer stands on."""
    valid_from: date
    valid_to: date | None = None
    """The last day it holds; None: until further notice."""
    variants: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    fee: str | None = None
    duration: str | None = None
    place: str | None = None
    office_hours: str | None = None
    phone: str | None = None
    link: str | None = None
    ends_at: datetime | None = None
    """A temporary article, of an outage or a closed road, is over at this instant; None: an ordinary one."""
    version: int = 0
    """Raised by every change of the stored article; 0: never stored."""

    def holds_on(self, day: date) -> bool:
        """Whether the article is in force on ``day`` (China standard time), both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def holds_at(self, instant: datetime) -> bool:
        """Whether the article is in force at ``instant``."""
        return self.holds_on(china_time(instant).date()) and (self.ends_at is None or instant < self.ends_at)
