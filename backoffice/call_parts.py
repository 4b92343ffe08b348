"""Parts of a call that the PBX recorded (F6): talks with people, messages left when nobody and nothing answered.

Each has audio and words of its own; times count from its own beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path

from sqlalchemy import BigInteger, ForeignKey, Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice import calls
from backoffice.calls import Call, Ending, FollowUp, SpokenLine
from core.database import Base, Instant, after_commit
from core.live import DESK, live

_BigId = BigInteger().with_variant(Integer, "sqlite")


class PartKind(str, Enum):
    """What was recorded."""

    PEOPLE = "people"
    """The talk with an agent: the citizen left, the agent right."""
    DEPARTMENT = "department"
    """…with a department it was transferred to."""
    CONFERENCE = "conference"
    """…of all three: the citizen left, the agent and the third party right."""
    CALL_BACK = "callback"
    """The citizen called back: the citizen left, whoever called right."""
    MESSAGE = "message"
    """A message left with the PBX itself."""


class CallPart(Base):
    """One recording of the PBX's."""

    __tablename__ = "call_parts"

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(80), unique=True)
    """The PBX's name of it: the same one is taken over once."""
    place: Mapped[str] = mapped_column(String(200))
    """Relative to the media folder."""
    milliseconds: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who talked to the citizen, where the PBX told."""


@dataclass(frozen=True)
class Recorded:
    """A part to be kept; its audio is at its place already."""

    call_id: str
    kind: PartKind
    source: str
    place: str
    milliseconds: int
    begun_at: datetime
    lines: Sequence[SpokenLine] = field(default=())


async def is_kept(session: AsyncSession, source: str) -> bool:
    """Whether the recording the PBX calls ``source`` has been taken over."""
    return await session.scalar(select(CallPart.id).where(CallPart.source == source)) is not None


async def keep(session: AsyncSession, recorded: Recorded) -> None:
    """Adds a part with its words; whoever left a message waits for somebody to hear it and call back."""
    call = await session.get_one(Call, recorded.call_id, with_for_update=True)
    part = CallPart(
        call_id=call.id,
        kind=recorded.kind.value,
        source=recorded.source,
        place=recorded.place,
        milliseconds=recorded.milliseconds,
        begun_at=recorded.begun_at,
        staff_id=_who_talked(call, recorded.kind),
    )
    session.add(part)
    await session.flush()
    await calls.add_lines(session, call.id, recorded.lines, part_id=part.id)
    if recorded.kind is PartKind.MESSAGE:
        call.ending = Ending.VOICEMAIL.value
        calls.wait_for_call_back(call, FollowUp.VOICEMAIL)
    after_commit(session, partial(live.signal, DESK))


def _who_talked(call: Call, kind: PartKind) -> int | None:
    if kind is PartKind.CALL_BACK:
        return call.followed_by or call.taken_by
    return call.answered_by if kind in {PartKind.PEOPLE, PartKind.CONFERENCE} else None


async def parts_of(session: AsyncSession, call_id: str) -> list[CallPart]:
    """The parts of a call, oldest first."""
    return list(await session.scalars(select(CallPart).where(CallPart.call_id == call_id).order_by(CallPart.begun_at)))


def part_path(media_dir: Path, part: CallPart) -> Path | None:
    """The file of a part, inside the media folder and there; None otherwise."""
    return calls.file_at(media_dir, part.place)
