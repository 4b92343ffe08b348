"""The citizen has put down, as the PBX tells it at once, or later from a note it left while nobody took it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_people, calls
from channels.sms.numbers import NoNumber, parse_number
from channels.voice.gateway import Gateway
from channels.voice.journals import Journals
from core import conversations
from core.conversations import Conversation, Owner
from core.runtime import Runtime

_MOBILE_LENGTH = 11


@dataclass(frozen=True)
class PutDown:
    """What the PBX knows of a call that is over."""

    call_id: str
    at: datetime
    waited: bool
    """They had been sent to people."""
    answered: bool
    """A person had talked to them, the last time they were sent."""
    began: datetime | None = None
    """None: the call is one we have led."""
    caller: str | None = None
    called: str = ""
    channel: str = ""


def put_down_told(fields: Mapping[str, str], call_id: str, runtime: Runtime) -> PutDown:
    """Reads the dialplan's fields: ``from``, ``to``, ``channel``, ``began`` and ``at`` (seconds since 1970)…"""
    now = runtime.clock.now()
    return PutDown(
        call_id,
        at=moment(fields.get("at", "")) or now,
        waited=fields.get("waited") == "1",
        answered=fields.get("answered") == "1",
        began=moment(fields.get("began", "")),
        caller=caller_of(fields.get("from", ""), runtime)[0],
        called=fields.get("to", "")[:40],
        channel=fields.get("channel", "")[:120],
    )


async def can_be_kept(gateway: Gateway, journals: Journals, call_id: str) -> bool:
    """Whether it is in the record how the call ended: before, nobody can tell whether it is a missed one."""
    return await gateway.put_down(call_id) and await journals.has_end(call_id)


async def keep(session: AsyncSession, told: PutDown) -> None:
    """Keeps that the citizen has put down; nobody waits for a person, or talks to one, any more.

    A call that waited for people and that we have never led gets its record now: nobody is forgotten.
    """
    if told.began is not None and told.waited:
        await calls.begin(
            session,
            told.call_id,
            "asterisk",
            caller=told.caller,
            called=told.called,
            channel=told.channel,
            now=told.began,
        )
    await calls.put_down(session, told.call_id, told.at, waited=told.waited, answered=told.answered)
    await call_people.with_nobody(session, told.call_id)
    call = await session.get(calls.Call, told.call_id)
    conversation = await session.get(Conversation, call.conversation_id) if call and call.conversation_id else None
    if conversation is not None and _is_left(conversation) and await _is_last(session, conversation, told.call_id):
        locked = await conversations.lock(session, conversation.id)
        await conversations.close(session, locked, "citizen", told.at)


def caller_of(raw: str, runtime: Runtime) -> tuple[str | None, bool]:
    """The caller's number as the house writes it, and whether texts can be sent there."""
    try:
        number = parse_number(raw, runtime.settings.sms_account).phone
    except NoNumber:
        return None, False
    mobile = number is not None and len(number) == _MOBILE_LENGTH and number.startswith("1")
    return number, mobile and bool(runtime.settings.kannel_send_url)


def _is_left(conversation: Conversation) -> bool:
    """Whether it is over with the call: by telephone nothing can be said after; in writing a person goes on."""
    with_people = conversation.owner == Owner.PERSON.value and conversation.by_telephone
    return conversation.owner == Owner.WAITING.value or with_people


async def _is_last(session: AsyncSession, conversation: Conversation, call_id: str) -> bool:
    """Whether they have not called again meanwhile: a note may come late, and the conversation is that call's then."""
    return (await calls.of_conversation(session, conversation.id))[-1].id == call_id


def moment(seconds: str) -> datetime | None:
    """The instant so many ``seconds`` after 1970; None for anything else."""
    return datetime.fromtimestamp(int(seconds), timezone.utc) if seconds.isascii() and seconds.isdigit() else None
