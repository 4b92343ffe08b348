"""Takes a citizen's text in: most go to the exchange and the bot, some are for the SMS service itself.

Texts the bot is not to answer (opt-out and opt-in words, the wish for the rest of an answer, blank texts, machines that
have had their answers) are stored like any other, for the desk to see, but without a turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from channels import words
from channels.exchange import RECEIVE_ATTEMPTS, Exchange
from channels.sms import commands, composing, going_on, loops, optouts
from channels.sms.commands import Command
from channels.sms.numbers import Number
from channels.sms.outgoing import may_shorten
from channels.sms.reading import Text
from core import contacts, conversations
from core.channels import SMS
from core.contacts import Sender
from core.conversations import Conversation, Message, Owner, Received
from core.messages import InboundMessage, Reply
from core.runtime import Runtime

UNREADABLE: Final = "〔无法接收的短信〕"
"""Stands in the conversation for a text that could not be taken in; the citizen is told why."""

OPTED_OUT: Final = Reply(
    f"您已退订，我们不会再主动给您发短信。您发来短信，我们照常回复。如需恢复，请回复“{commands.OPT_IN_WORD}”。"
)
OPTED_IN: Final = Reply("已为您恢复短信通知。工单有进展时，我们会发短信告诉您。退订请回复TD。")

Effect = Callable[[AsyncSession, Conversation], Awaitable[None]]


@dataclass(frozen=True)
class _Standing:
    """How things stand between a number and us when its text comes in."""

    last: Message | None
    """Our last message to it in the open conversation."""
    opted_out: bool
    answers_spent: bool


class Reception:
    """Takes texts in and sees to it that each is answered once or on purpose not at all."""

    def __init__(self, runtime: Runtime, exchange: Exchange) -> None:
        """``exchange``: where the citizen's words go."""
        self._runtime = runtime
        self._exchange = exchange

    async def take(self, text: Text) -> Received:
        """Returns when the text is stored; a repeat (same external id) changes nothing."""
        account = self._runtime.settings.sms_account
        sender = Sender(SMS, account, text.number.id, phone=text.number.phone)
        async with self._runtime.database.read() as session:
            standing = await self._standing(session, sender, text.number)
        inbound = InboundMessage(sender, text.external_id, text.words)
        effect = self._effect_of(text.words, sender, standing)
        if effect is not None:
            return await self._store_only(inbound, effect)
        await self._take_up_call(sender, standing.last)
        chosen = _chosen(text.words, standing.last)
        try:
            return await self._exchange.receive(replace(inbound, text=chosen or text.words))
        except words.Refused as refused:
            return await self._store_only(inbound, partial(self._say_for_bot, Reply(refused.reason)))

    async def _take_up_call(self, sender: Sender, last: Message | None) -> None:
        if last is not None and going_on.is_offer(last):
            async with self._runtime.database.write() as session:
                await going_on.take_up(session, sender, last, self._runtime.clock.now())

    def _effect_of(self, said: str, sender: Sender, standing: _Standing) -> Effect | None:
        """What a text does that is not for the bot; None for one that is."""
        command = commands.command_in(said)
        if command is Command.OPT_OUT:
            return partial(self._opt_out, sender)
        if command is Command.OPT_IN and standing.opted_out:
            return partial(self._opt_in, sender)
        if standing.answers_spent:
            return _nothing
        if command is Command.FULL_TEXT and standing.last is not None and self._has_more(standing.last):
            return partial(self._say_for_bot, composing.in_full(_reply(standing.last)))
        return None

    def _has_more(self, last: Message) -> bool:
        signature = self._runtime.settings.sms_signature
        return composing.compose(_reply(last), may_shorten=may_shorten(last), signature=signature).has_more

    async def _opt_out(self, sender: Sender, session: AsyncSession, conversation: Conversation) -> None:
        if await optouts.opt_out(session, sender.account, sender.external_id, self._runtime.clock.now()):
            await self._say(OPTED_OUT, session, conversation)

    async def _opt_in(self, sender: Sender, session: AsyncSession, conversation: Conversation) -> None:
        if await optouts.opt_in(session, sender.account, sender.external_id):
            await self._say(OPTED_IN, session, conversation)

    async def _say_for_bot(self, reply: Reply, session: AsyncSession, conversation: Conversation) -> None:
        if conversation.owner != Owner.PERSON.value:  # the person sees the text and says what is to be said
            await self._say(reply, session, conversation)

    async def _say(self, reply: Reply, session: AsyncSession, conversation: Conversation) -> None:
        await conversations.say(session, conversation, "bot", reply, self._runtime.clock.now())

    async def _store_only(self, inbound: InboundMessage, effect: Effect) -> Received:
        """Stores a text without a turn, with its effect in the same transaction."""
        kept = replace(inbound, text=_acceptable(inbound.text))
        for _ in range(RECEIVE_ATTEMPTS - 1):
            try:
                return await self._try_to_store(kept, effect)
            except (IntegrityError, NoResultFound):
                continue  # a repeat committed beside this one, or the conversation was closed under it: look again
        return await self._try_to_store(kept, effect)

    async def _try_to_store(self, inbound: InboundMessage, effect: Effect) -> Received:
        now = self._runtime.clock.now()
        async with self._runtime.database.write() as session:
            received, conversation = await conversations.receive(session, inbound, now)
            if not received.duplicate:
                (await session.get_one(Message, received.message_id)).handled_at = now
                await effect(session, conversation)
            return received

    async def _standing(self, session: AsyncSession, sender: Sender, number: Number) -> _Standing:
        opted_out = await optouts.has_opted_out(session, sender.account, sender.external_id)
        contact = await contacts.known(session, sender)
        if contact is None:
            return _Standing(None, opted_out, answers_spent=False)
        spent = number.automatic and await loops.answers_spent(
            session, contact.id, sender.account, self._runtime.clock.now()
        )
        return _Standing(await _last_of_ours(session, contact.id, sender.account), opted_out, spent)


def _acceptable(said: str) -> str:
    try:
        return words.accept(said)
    except words.Refused:
        return UNREADABLE


async def _nothing(session: AsyncSession, conversation: Conversation) -> None:
    """The text is stored and that is all."""


async def _last_of_ours(session: AsyncSession, contact_id: int, account: str) -> Message | None:
    message: Message | None = await session.scalar(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.contact_id == contact_id,
            Conversation.channel == SMS,
            Conversation.account == account,
            Conversation.closed_at.is_(None),
            Message.author != "citizen",
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return message


def _chosen(said: str, last: Message | None) -> str | None:
    """What the option means that a bare number picks, if our last message numbered any."""
    number = commands.option_in(said)
    if number is None or last is None:
        return None
    options = composing.options_of(_reply(last))
    return options[number - 1].said() if number <= len(options) else None


def _reply(message: Message) -> Reply:
    return Reply.from_payload(message.text, message.payload)
