"""Carries the messages of SMS conversations to the phones: the outbox's handler for topic ``sms``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.sms import composing, deliveries, loops, optouts
from channels.sms.kannel import Kannel, Refused
from channels.sms.numbers import can_be_sent_to, parse_number
from core.contacts import Contact, Identity
from core.conversations import Conversation, Message
from core.messages import Reply
from core.outbox import Undeliverable
from core.runtime import Runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """A message of ours on its way to one phone."""

    to: str
    text: str
    withheld: str | None
    """Why it is not sent: opted_out, loop, no_number, no_text."""
    taken: bool
    """Kannel already has it; only its answer to us was lost."""


class SmsSender:
    """Sends one message of a conversation at a time."""

    def __init__(self, runtime: Runtime) -> None:
        """Uses the ``kannel_*`` settings of ``runtime``."""
        self._runtime = runtime
        self._kannel = Kannel(runtime.settings)

    async def deliver(self, payload: Mapping[str, Any]) -> None:
        """Sends the message ``payload["message_id"]``; returns when Kannel has it or it is withheld on purpose.

        Raises :class:`core.outbox.Undeliverable` when trying again cannot help, anything else when it can.
        """
        if not self._runtime.settings.kannel_send_url:
            raise Undeliverable("SMS is switched off: kannel_send_url is empty")
        message_id = int(payload["message_id"])
        async with self._runtime.database.read() as session:
            outgoing = await prepare(session, message_id, self._runtime.settings.sms_signature)
        if outgoing.taken:
            log.info("sms was taken before", message=message_id)
        elif outgoing.withheld is not None:
            await self._record(message_id, deliveries.WITHHELD, outgoing.withheld)
        else:
            await self._send(message_id, outgoing)

    async def _send(self, message_id: int, outgoing: Outgoing) -> None:
        try:
            await self._kannel.send(to=outgoing.to, text=outgoing.text, message_id=message_id)
        except Refused as refused:
            await self._record(message_id, deliveries.REJECTED, refused.code)
            raise Undeliverable(str(refused)) from refused

    async def _record(self, message_id: int, status: str, reason: str) -> None:
        async with self._runtime.database.write() as session:
            await deliveries.record(session, message_id, status, self._runtime.clock.now(), reason=reason)


async def prepare(session: AsyncSession, message_id: int, signature: str) -> Outgoing:
    """Where a message goes, as which text, and whether it goes at all."""
    message = await session.get_one(Message, message_id)
    conversation = await session.get_one(Conversation, message.conversation_id)
    to = await _number_of(session, conversation)
    reply = Reply.from_payload(message.text, message.payload)
    return Outgoing(
        to=to,
        text=composing.compose(reply, may_shorten=may_shorten(message), signature=signature).text,
        withheld=await _why_not(session, message, conversation, to),
        taken=await deliveries.was_taken(session, message_id),
    )


def may_shorten(message: Message) -> bool:
    """Whether it is the bot's, which can say it again in full; a person's words go out as they are."""
    return message.author == "bot"


async def _why_not(session: AsyncSession, message: Message, conversation: Conversation, to: str) -> str | None:
    """The reason to withhold a message.

    ``system`` messages are the ones nobody asked for (notices on orders); the bot and the people at the desk only ever
    speak to a citizen who has written.
    """
    if not can_be_sent_to(to):
        return "no_number"
    if not message.text.strip():
        return "no_text"  # a picture: there is nothing a text message could say of it
    account = conversation.account
    if message.author == "system" and await optouts.has_opted_out(session, account, to):
        return "opted_out"
    automatic = message.author != "staff" and parse_number(to, account).automatic
    if automatic and await loops.answers_spent(
        session, conversation.contact_id, account, message.created_at, before=message.id
    ):
        return "loop"
    return None


async def _number_of(session: AsyncSession, conversation: Conversation) -> str:
    """The number the citizen writes from; for one who never wrote, the number another channel vouches for."""
    number: str | None = await session.scalar(
        select(Identity.external_id)
        .where(
            Identity.contact_id == conversation.contact_id,
            Identity.channel == conversation.channel,
            Identity.account == conversation.account,
        )
        .order_by(Identity.id.desc())
        .limit(1)
    )
    if number is None:
        number = (await session.get_one(Contact, conversation.contact_id)).phone
    return number or ""
