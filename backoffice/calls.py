"""Telephone calls: who called when, how it ended, what was said when, and whom somebody has to call back (A6, F6).

The one write door for calls. What was said in a call is in its conversation too; here it is with its time in the
recording.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.call_numbers import end_of, index_of
from backoffice.staff import Staff
from core import history
from core.database import Base, Instant, after_commit
from core.live import DESK, live
from core.privacy import EncryptedJson, EncryptedText

_BigId = BigInteger().with_variant(Integer, "sqlite")


class Ending(str, Enum):
    """How a call ended."""

    BYE = "bye"
    HUNG_UP = "hung_up"
    """The citizen put down, or the line broke."""
    SILENCE = "silence"
    BAD_LINE = "bad_line"
    TRANSFERRED = "transferred"
    """A person has talked to the citizen."""
    UNANSWERED = "unanswered"
    """Waited for a person and gave up."""
    VOICEMAIL = "voicemail"
    CALL_BACK = "call_back"
    FAILED = "failed"
    """A part of ours failed; the caller went to people."""


class FollowUp(str, Enum):
    """Why somebody has to call a citizen back; the later one replaces the earlier one."""

    MISSED = "missed"
    CALL_BACK = "call_back"
    VOICEMAIL = "voicemail"


LONGEST_GRADE: Final = 40
"""Characters the words of a grade have at most."""


class Call(Base):
    """One call."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_followed_at", "followed_at", "follow_up"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """The UUID the PBX knows it by."""
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    line: Mapped[str] = mapped_column(String(12))
    """``asterisk``, ``browser`` or ``stream``."""
    caller: Mapped[str | None] = mapped_column(EncryptedText)
    caller_index: Mapped[str | None] = mapped_column(String(64), index=True)
    caller_end: Mapped[str | None] = mapped_column(String(64), index=True)
    """Keyed digests of the number and of its last digits."""
    called: Mapped[str] = mapped_column(String(40), default="")
    channel: Mapped[str] = mapped_column(String(120), default="")
    """The PBX's name of the caller's channel, to listen in."""
    with_staff: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    """Whose telephone rings for it now, or who is talking to the citizen (:mod:`backoffice.call_people`)."""
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    """The member of staff who answered it, the last one if several did."""
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    begun_at: Mapped[datetime] = mapped_column(Instant, index=True)
    transfer_to: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    """The department it goes to when the agent puts down (:mod:`backoffice.call_transfer`)."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ending: Mapped[str | None] = mapped_column(String(20))
    rating: Mapped[int | None] = mapped_column(Integer)
    """The grade, from 1, the best."""
    rating_words: Mapped[str | None] = mapped_column(String(LONGEST_GRADE))
    """The grade as it was said to the citizen: 满意."""
    follow_up: Mapped[str | None] = mapped_column(String(12))
    followed_at: Mapped[datetime | None] = mapped_column(Instant)
    followed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who is calling back now."""
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often somebody has tried to call back."""
    follow_result: Mapped[str | None] = mapped_column(String(20))
    follow_remark: Mapped[str | None] = mapped_column(EncryptedText)
    recording: Mapped[str | None] = mapped_column(String(200))
    """Relative to the media folder."""
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    measures: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    """Seconds, by what was measured. ``turns``: ``{"at", "recognition", "answer", "synthesis", "turn"}`` each, from the
    citizen's words (or key: without ``recognition``) to the first sound they heard; ``interruptions``: ``{"at",
    "barge_in"}`` each. ``at`` is the place in the recording, in ms."""


class CallLine(Base):
    """Something said in a call, with its place in the recording."""

    __tablename__ = "call_lines"
    __table_args__ = (UniqueConstraint("call_id", "seq"),)

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("call_parts.id"))
    """The recording of the PBX's (:mod:`backoffice.call_parts`) it is in; None: that of the talk with the bot."""
    seq: Mapped[int] = mapped_column(Integer)
    speaker: Mapped[str] = mapped_column(String(10))
    """``citizen``, ``bot`` or ``staff``."""
    starts: Mapped[int] = mapped_column(Integer)
    """Milliseconds from the beginning of its recording."""
    ends: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(EncryptedText)
    words: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    """``{"words": [[word, start in ms, end in ms, confidence]…]}`` where the recogniser told them."""


@dataclass(frozen=True)
class SpokenLine:
    """A line to be kept."""

    speaker: str
    starts: int
    ends: int
    text: str
    words: Sequence[tuple[str, int, int, float]] = ()


@dataclass(frozen=True)
class Outcome:
    """What a call leaves when it is over."""

    ending: Ending
    recording: str | None = None
    seconds: int = 0
    lines: Sequence[SpokenLine] = ()
    measures: Mapping[str, Sequence[Any]] | None = None
    guessed: bool = False
    """Nobody saw its end, for the process that led it was killed: an end that is known counts."""


async def begin(
    session: AsyncSession, call_id: str, line: str, *, caller: str | None, called: str, channel: str, now: datetime
) -> Call:
    """A call has come in; the same id is the same call."""
    known = await session.get(Call, call_id)
    if known is not None:
        return known
    call = Call(id=call_id, line=line, caller=caller, called=called, channel=channel, begun_at=now)
    if caller is not None:
        call.caller_index, call.caller_end = index_of(caller), end_of(caller)
    session.add(call)
    await session.flush()
    return call


async def is_led(session: AsyncSession, call_id: str, conversation_id: str, recording: str | None) -> None:
    """The bot leads a call: the conversation it is, and where it is being recorded, relative to the media folder."""
    call = await session.get_one(Call, call_id)
    call.conversation_id, call.recording = conversation_id, recording


async def rate(session: AsyncSession, call_id: str, grade: int, words: str) -> None:
    """The citizen's rating, from 1, the best, and in words; the first one counts."""
    call = await session.get_one(Call, call_id)
    if call.rating is None:
        call.rating, call.rating_words = grade, words


async def want_follow_up(session: AsyncSession, call_id: str, why: FollowUp) -> None:
    """Somebody has to call this citizen back."""
    wait_for_call_back(await session.get_one(Call, call_id), why)
    after_commit(session, partial(live.signal, DESK))


def wait_for_call_back(call: Call, why: FollowUp) -> None:
    """Somebody has to call back, also where an earlier wish in the same call is settled."""
    if call.followed_at is not None:  # nobody has the new wish yet
        call.taken_by = call.taken_at = call.follow_result = None
    call.follow_up, call.followed_at, call.followed_by = why.value, None, None


async def end(session: AsyncSession, call_id: str, outcome: Outcome, now: datetime) -> bool:
    """The bot's part of a call is over. A call that comes back to the bot (to rate) ends again: its lines go on.

    False where nothing follows from it any more: it was stored before, or is a guess and the end is known.
    """
    call = await session.get_one(Call, call_id, with_for_update=True)
    if outcome.lines and await _are_kept(session, call_id, outcome.lines):
        return False
    if outcome.recording is not None:
        call.recording, call.seconds = outcome.recording, outcome.seconds
    for what, measured in (outcome.measures or {}).items():
        call.measures = {**call.measures, what: [*call.measures.get(what, ()), *measured]}
    await add_lines(session, call_id, outcome.lines)
    after_commit(session, partial(live.signal, DESK))
    if outcome.guessed and call.ended_at is not None:
        return False
    call.ended_at, call.ending = now, outcome.ending.value
    return True


async def _are_kept(session: AsyncSession, call_id: str, lines: Sequence[SpokenLine]) -> bool:
    """Whether all of them are in the record: they come there together or not at all."""
    kept = Counter((one.speaker, one.starts, one.ends, one.text) for one in await lines_of(session, call_id))
    return not Counter((one.speaker, one.starts, one.ends, one.text) for one in lines) - kept


async def add_lines(
    session: AsyncSession, call_id: str, lines: Sequence[SpokenLine], *, part_id: int | None = None
) -> None:
    """Keeps what was said, after what is kept; ``part_id``: the recording of the PBX's it is in."""
    last = await session.scalar(select(func.max(CallLine.seq)).where(CallLine.call_id == call_id)) or 0
    for seq, line in enumerate(lines, last + 1):
        session.add(
            CallLine(
                call_id=call_id,
                part_id=part_id,
                seq=seq,
                speaker=line.speaker,
                starts=line.starts,
                ends=line.ends,
                text=line.text,
                words={"words": [list(word) for word in line.words]} if line.words else {},
            )
        )


async def put_down(session: AsyncSession, call_id: str, now: datetime, *, waited: bool, answered: bool) -> None:
    """The citizen has put down; if they had ``waited`` for people and got no answer the call is a missed one."""
    call = await session.get(Call, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        return
    if call.ended_at is None:  # the process that led it is dead
        call.ended_at, call.ending = now, Ending.FAILED.value
    sent = call.ending in {Ending.TRANSFERRED.value, Ending.FAILED.value}
    if not answered and (sent or (waited and call.ending == Ending.HUNG_UP.value)):
        call.ending = Ending.UNANSWERED.value
        if call.caller is not None:  # without a number nobody can call back
            settled = call.follow_up is None or call.followed_at is not None
            wait_for_call_back(call, FollowUp.MISSED if settled else FollowUp(call.follow_up))
    after_commit(session, partial(live.signal, DESK))


async def note_listening(session: AsyncSession, staff: Staff, call_id: str, what: str, now: datetime) -> None:
    """That ``staff`` heard a recording, or listened in (``what``: recording, spy, whisper, barge): access is logged."""
    await history.append(
        session, subject="call", subject_id=call_id, action=what, actor=f"staff:{staff.id}", at=now, data={}
    )


async def lines_of(session: AsyncSession, call_id: str, *, part_id: int | None = None) -> list[CallLine]:
    """What was said in the talk with the bot, or in a part the PBX recorded, in order."""
    wanted = select(CallLine).where(CallLine.call_id == call_id, CallLine.part_id == part_id)
    return list(await session.scalars(wanted.order_by(CallLine.seq)))


async def of_conversation(session: AsyncSession, conversation_id: str) -> list[Call]:
    """The calls a conversation is made of, oldest first."""
    statement = select(Call).where(Call.conversation_id == conversation_id).order_by(Call.begun_at)
    return list(await session.scalars(statement))


def recording_path(media_dir: Path, call: Call) -> Path | None:
    """The file of a call's recording, inside the media folder and there; None otherwise."""
    return file_at(media_dir, call.recording) if call.recording is not None else None


def file_at(media_dir: Path, place: str) -> Path | None:
    """The file at ``place`` if it is inside the media folder and there; None otherwise."""
    path = (media_dir / place).resolve()
    return path if path.is_relative_to(media_dir.resolve()) and path.is_file() else None
