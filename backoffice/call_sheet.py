"""Everything the page of a call shows: how it went, what was said when, how fast we were, and who has heard it (F6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import calling_back, calls
from backoffice.access import orders_visible_to
from backoffice.call_access import calls_to_hear, led_to
from backoffice.call_parts import CallPart, part_path, parts_of
from backoffice.call_third import name_of
from backoffice.call_transcript import Line, Said, said
from backoffice.call_transfer import TRANSFER
from backoffice.calls import Call, CallLine, recording_path
from backoffice.desk_detail import has_unmasked
from backoffice.order_tables import Order, OrderReporter
from backoffice.staff import Staff
from backoffice.third_party import Event, Wish, outcome
from core import history
from core.history import HistoryEntry
from core.masking import mask_phone

MEASURES = {
    "turn": "市民说完到听见回答",
    "recognition": "市民说完到听懂",
    "answer": "听懂到有了回答",
    "synthesis": "开始合成到第一声",
    "barge_in": "市民插话到我们停下",
}
"""What is measured in a call, and the words for it."""


@dataclass(frozen=True)
class Measure:
    """One thing that was measured in a call; seconds."""

    label: str
    times: int
    usual: float
    """The median."""
    longest: float


@dataclass(frozen=True)
class Deed:
    """Somebody heard the call, listened in, transferred it, or a third party came or went."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True)
class PartSheet:
    """A recording of the PBX's, with its words."""

    part: CallPart
    who: Staff | None
    """Who talked to the citizen."""
    lines: list[Said]
    playable: bool


@dataclass(frozen=True)
class CallSheet:
    """The page of one call."""

    call: Call
    caller: str | None
    """Masked unless it was asked for."""
    lines: list[Said]
    playable: bool
    """There is a recording, and its file."""
    parts: list[PartSheet]
    """What the PBX recorded: talks with people, messages."""
    orders: list[Order]
    """Those the reader may see."""
    measures: list[Measure]
    deeds: list[Deed]
    in_full: bool


async def sheet_of(session: AsyncSession, staff: Staff, call: Call, media_dir: Path) -> CallSheet:
    """The page of ``call`` for ``staff``, who may hear it (:mod:`backoffice.call_access`)."""
    conversation_id = call.conversation_id
    in_full = conversation_id is not None and await has_unmasked(session, conversation_id, staff)
    names = await _names_of(session, conversation_id)
    visible = select(Order).where(led_to(conversation_id), orders_visible_to(staff))
    return CallSheet(
        call=call,
        caller=call.caller if in_full or call.caller is None else mask_phone(call.caller),
        lines=_with_waits(said(map(_line, await calls.lines_of(session, call.id)), names, in_full=in_full), call),
        playable=recording_path(media_dir, call) is not None,
        parts=[
            PartSheet(
                part,
                await session.get(Staff, part.staff_id) if part.staff_id is not None else None,
                said(map(_line, await calls.lines_of(session, call.id, part_id=part.id)), names, in_full=in_full),
                part_path(media_dir, part) is not None,
            )
            for part in await parts_of(session, call.id)
        ],
        orders=list(await session.scalars(visible.order_by(Order.created_at))),
        measures=measured(call.measures),
        deeds=await _deeds(session, call.id),
        in_full=in_full,
    )


async def recordings_of(
    session: AsyncSession, staff: Staff, conversation_id: str | None, media_dir: Path
) -> list[CallSheet]:
    """The calls of a conversation, oldest first, as far as ``staff`` may hear them."""
    return [
        await sheet_of(session, staff, call, media_dir) for call in await calls_to_hear(session, staff, conversation_id)
    ]


def measured(kept: Mapping[str, Any]) -> list[Measure]:
    """The measures of a call in words, those that there are."""
    moments = [*kept.get("turns", ()), *kept.get("interruptions", ())]
    found = ((label, [float(one[name]) for one in moments if name in one]) for name, label in MEASURES.items())
    return [Measure(label, len(values), median(values), max(values)) for label, values in found if values]


async def _names_of(session: AsyncSession, conversation_id: str | None) -> list[str]:
    """Names given in a conversation by whoever filed or joined orders in it."""
    if conversation_id is None:
        return []
    tables: tuple[type[Order] | type[OrderReporter], ...] = (Order, OrderReporter)
    kept = [
        await session.scalars(select(table.reporter_name).where(table.conversation_id == conversation_id))
        for table in tables
    ]
    return [name for names in kept for name in names if name]


def _with_waits(lines: list[Said], call: Call) -> list[Said]:
    """The lines with how long the citizen waited for those of ours that answer them."""
    waits: dict[int, float] = {}
    for turn in call.measures.get("turns", ()):
        answer = next((n for n, line in enumerate(lines) if line.speaker == "bot" and line.starts >= turn["at"]), None)
        if answer is not None and "turn" in turn:
            waits[answer] = float(turn["turn"])
    return [replace(line, waited=waits.get(number)) for number, line in enumerate(lines)]


def _line(stored: CallLine) -> Line:
    words: Sequence[Any] = (stored.words or {}).get("words", ())
    return Line(
        stored.speaker, stored.starts, stored.ends, stored.text, [(word[0], word[1], word[2]) for word in words]
    )


async def _deeds(session: AsyncSession, call_id: str) -> list[Deed]:
    entries = [entry for entry in await history.of(session, "call", call_id) if entry.action in DEEDS]
    ids = {staff_id for entry in entries if (staff_id := _staff_of(entry)) is not None}
    rows = await session.execute(select(Staff.id, Staff.number, Staff.name).where(Staff.id.in_(ids)))
    people = {staff_id: f"{number} {name}" for staff_id, number, name in rows}
    return [
        Deed(
            entry.at,
            DEEDS[entry.action].format(name=await name_of(session, entry.data), outcome=_outcome(entry)),
            people.get(staff_id, entry.actor) if (staff_id := _staff_of(entry)) is not None else "",
        )
        for entry in reversed(entries)
    ]


def _outcome(entry: HistoryEntry) -> str:
    is_call = entry.action == calling_back.CALLED_BACK
    return calling_back.told(entry.data) if is_call else outcome(entry.action, entry.data)


def _staff_of(entry: HistoryEntry) -> int | None:
    kind, _, key = entry.actor.partition(":")
    return int(key) if kind == "staff" else None


DEEDS = {
    "recording": "听录音",
    TRANSFER: "转给部门",
    calling_back.CALLED_BACK: "回电，{outcome}",
    "spy": "监听",
    "whisper": "耳语",
    "barge": "强插",
    Wish.INVITE.value: "呼叫{name}",
    Wish.JOIN.value: "三方通话",
    Wish.DISMISS.value: "让{name}退出",
    Event.ANSWERS.value: "{name}接听",
    Event.UNREACHED.value: "{name}{outcome}",
    Event.LEAVES.value: "{name}退出",
    Event.AGENT_LEAVES.value: "退出，由{name}和市民通话",
}
"""What is done with a call, as history calls it, and the words for it."""
