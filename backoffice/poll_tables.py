"""Opinion polls (民意调查, A14) as they are kept.

A poll is anonymous: a ballot knows a keyed digest of who cast it, so that nobody votes twice, and neither the contact
nor the conversation.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import china_time
from core.database import Base, Instant


class PollStatus(str, Enum):
    """How far a poll is."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The words for it."""
        return {"draft": "草稿", "open": "正在进行", "closed": "已结束"}[self.value]


class Poll(Base):
    """One poll."""

    __tablename__ = "polls"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    opening: Mapped[str] = mapped_column(String(200))
    """What is said before the first question; may be empty."""
    closes_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which it is open; None: until somebody closes it."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who wrote it."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)

    def status(self, now: datetime) -> PollStatus:
        """How far it is at ``now``."""
        if self.opened_at is None:
            return PollStatus.DRAFT
        over = self.closed_at is not None or (self.closes_on is not None and china_time(now).date() > self.closes_on)
        return PollStatus.CLOSED if over else PollStatus.OPEN


class PollQuestion(Base):
    """One question of a poll."""

    __tablename__ = "poll_questions"
    __table_args__ = (UniqueConstraint("poll_id", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id"))
    position: Mapped[int] = mapped_column(Integer)
    """From 1."""
    text: Mapped[str] = mapped_column(String(120))


class PollOption(Base):
    """One of the answers a question offers."""

    __tablename__ = "poll_options"
    __table_args__ = (UniqueConstraint("question_id", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("poll_questions.id"))
    position: Mapped[int] = mapped_column(Integer)
    """From 1: the key on a telephone."""
    text: Mapped[str] = mapped_column(String(40))


class PollBallot(Base):
    """What one citizen answered."""

    __tablename__ = "poll_ballots"
    __table_args__ = (UniqueConstraint("poll_id", "voter"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id"))
    voter: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class PollAnswer(Base):
    """One answer of a ballot; a question left out has none."""

    __tablename__ = "poll_answers"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("poll_ballots.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("poll_questions.id"), primary_key=True, index=True)
    option_id: Mapped[int] = mapped_column(ForeignKey("poll_options.id"))
