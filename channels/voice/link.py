"""A call's way to everything that is stored: its conversation, the bot's answers, orders, texts, its own record."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import calls, duty, order_filing
from backoffice.call_takers import takers
from backoffice.calls import FollowUp
from backoffice.kinds import Kind
from backoffice.order_filing import OrderDraft
from backoffice.staff import Staff
from channels.exchange import Exchange
from channels.voice.hours import Hours, in_words
from channels.voice.media import MediaBroken
from channels.voice.phone_plan import RecordingKind
from core import contacts, conversations
from core.calendar import load_calendar
from core.channels import SMS, TELEPHONE
from core.contacts import Sender
from core.conversations import Conversation, Owner
from core.messages import InboundMessage, Reply
from core.runtime import Runtime

Result = TypeVar("Result")

GOES_ON_IN_WRITING: Final = "通话已经转给人工，话务员会在这里回复您。"
"""Said in writing where people are not at the other end of the line."""
RESUMES_WITHIN: Final = timedelta(minutes=10)
"""A call that broke off is gone on with when the citizen calls again so soon."""


@dataclass(frozen=True)
class Announced:
    """A call as the line announced it."""

    id: str
    line: str
    caller: str | None
    """The number as the house writes it, where the line vouches for it."""
    called: str = ""
    channel: str = ""
    mobile: bool = False
    known: Sender | None = None
    """Who calls, where the line knows them otherwise than by a number: the conversation is theirs on their channel."""


@dataclass(frozen=True)
class News:
    """What has happened in the conversation since the last look."""

    replies: tuple[Reply, ...]
    taken_by: str | None = None
    """Number of the member of staff who has it."""


@dataclass(frozen=True)
class Recorded:
    """A message as it was recorded."""

    id: str
    """Another one for every message."""
    kind: RecordingKind
    text: str
    """Its words, as far as they were understood."""
    seconds: float

    @property
    def content(self) -> str:
        """What an order made of it says."""
        title = self.kind.title
        return f"{title}：{self.text}" if self.text else f"{title}，共{round(self.seconds)}秒，请听录音。"


@dataclass(frozen=True)
class People:
    """Whether people can take a call."""

    there: bool
    opens: str = ""
    """When they answer again, in words; empty: these are their hours."""
    at_desk_only: bool = False
    """Whoever is on duty cannot be called: the bot has the citizen again."""


@dataclass
class Link:
    """One call's."""

    runtime: Runtime
    exchange: Exchange
    call: Announced
    alone: bool
    """Whether no other call from this number is under way: two people never share a conversation."""
    conversation_id: str = ""
    contact_id: int = 0
    telephones: Callable[[], Sequence[str] | None] = lambda: None
    """Extensions that can be reached, as far as the line tells."""
    _seen: int = field(default=0, repr=False)
    _talked_to: int | None = field(default=None, repr=False)
    """Who has talked to the citizen before the call came back: the conversation is still theirs, the call is not."""

    @property
    def sender(self) -> Sender:
        """The citizen as the rest of the house knows them; a stranger where the line does not vouch for a number."""
        if self.call.known is not None:
            return self.call.known
        number = self.call.caller if self.alone else None
        return Sender(TELEPHONE, self.runtime.settings.sms_account, number or f"call:{self.call.id}", phone=number)

    async def open(self, recording: str | None) -> bool:
        """Begins the call's record and its conversation; whether it goes on with a call that broke off.

        ``recording``: where it is recorded, noted now: a process that is killed stores no end.
        A conversation in writing (:attr:`Announced.known`) is gone on with however old it is. Raises
        :class:`MediaBroken` where that one is with people.
        """
        opened, resumes = await self._write(partial(self._open, recording))
        self.conversation_id, self.contact_id, self._seen = opened
        return resumes

    async def _open(self, recording: str | None, session: AsyncSession) -> tuple[tuple[str, int, int], bool]:
        now, call = self.runtime.clock.now(), self.call
        contact = await contacts.find_or_create(session, self.sender, now)
        conversation = await self._conversation(session, contact)
        with_bot = conversation.owner == Owner.BOT.value
        recent = conversation.last_seq > 0 and now - conversation.last_message_at <= RESUMES_WITHIN
        resumes = recent and with_bot and bool(await calls.of_conversation(session, conversation.id))
        if call.known is not None:
            if not with_bot:  # a person has taken it this moment: it goes on with them, in writing
                raise MediaBroken("people have the conversation")
        elif conversation.last_seq > 0 and not (recent and with_bot):
            await conversations.close(session, conversation, "system", now)
            conversation = await self._conversation(session, contact)
        await calls.begin(
            session, call.id, call.line, caller=call.caller, called=call.called, channel=call.channel, now=now
        )
        await calls.is_led(session, call.id, conversation.id, recording)
        return (conversation.id, contact.id, conversation.last_seq), resumes

    async def _conversation(self, session: AsyncSession, contact: contacts.Contact) -> Conversation:
        sender, now = self.sender, self.runtime.clock.now()
        return await conversations.open_conversation(session, contact, sender.channel, sender.account, now)

    async def reopen(self, *, unanswered: bool) -> None:
        """Finds the record of a call that comes back to the bot.

        ``unanswered``: nobody took it; where people are there but busy, the bot has the conversation again.
        """

        async def find(session: AsyncSession) -> None:
            call = await session.get_one(calls.Call, self.call.id)
            conversation = await session.get_one(Conversation, call.conversation_id)
            now = self.runtime.clock.now()
            if unanswered and await duty.on_duty_count(session, now) > 0:
                await conversations.take_up_again(session, await conversations.lock(session, conversation.id), now)
            self.conversation_id, self.contact_id = conversation.id, conversation.contact_id
            self._seen, self._talked_to = conversation.last_seq, conversation.staff_id

        await self._write(find)

    async def tell(self, text: str) -> None:
        """The citizen's words, to whoever answers."""
        received = await self.exchange.receive(InboundMessage(self.sender, f"{self.call.id}:{uuid.uuid4().hex}", text))
        self.conversation_id = received.conversation_id

    async def news(self) -> News:
        """Messages to the citizen since the last look, and who has the conversation."""

        async def look(session: AsyncSession) -> News:
            conversation = await session.get_one(Conversation, self.conversation_id, populate_existing=True)
            messages = await conversations.messages_after(session, self.conversation_id, self._seen)
            if messages:
                self._seen = messages[-1].seq
            replies = tuple(
                Reply.from_payload(message.text, message.payload)
                for message in messages
                if message.author in {"bot", "system"} and message.kind != "notice"
            )
            taken_by = conversation.staff_id if conversation.closed_at is None else None
            staff = await session.get(Staff, taken_by) if taken_by not in {None, self._talked_to} else None
            return News(replies, staff.number if staff else None)

        return await self._read(look)

    async def people(self, hours: Hours) -> People:
        """Whether somebody takes calls now; if not, whether these are people's hours. Writes nothing."""
        now, telephones = self.runtime.clock.now(), self.telephones()

        async def look(session: AsyncSession) -> People:
            at_desk = await duty.on_duty_count(session, now) > 0
            there = at_desk if telephones is None else bool(await self._takers(session, telephones, now))
            opens = None if there else hours.opens(await load_calendar(session), now)
            return People(there, in_words(opens, now) if opens else "", at_desk_only=at_desk and not there)

        return await self._read(look)

    async def _takers(self, session: AsyncSession, telephones: Sequence[str], now: datetime) -> list[str]:
        return await takers(session, telephones, now, without_desk=self.runtime.settings.telephones_without_desk)

    async def take_up_again(self) -> None:
        """The bot has the citizen again."""

        async def work(session: AsyncSession) -> None:
            conversation = await conversations.lock(session, self.conversation_id)
            await conversations.take_up_again(session, conversation, self.runtime.clock.now())

        await self._write(work)

    async def hand_over(self, reason: str) -> None:
        """The conversation waits for a person."""

        async def work(session: AsyncSession) -> None:
            conversation = await conversations.lock(session, self.conversation_id)
            await self.to_people(session, conversation, reason)

        await self._write(work)

    async def to_people(self, session: AsyncSession, conversation: Conversation, reason: str) -> None:
        """The conversation waits for a person; in writing the citizen is told."""
        now = self.runtime.clock.now()
        if self.call.known is not None and conversation.owner == Owner.BOT.value:
            await conversations.say(session, conversation, "system", Reply(GOES_ON_IN_WRITING), now, kind="notice")
        await conversations.hand_over(session, conversation, reason, now)

    async def file_recording(self, recorded: Recorded) -> tuple[str, str]:
        """Makes an order of a recorded message; its number and query code. The same message is filed once."""
        return await self._write(lambda session: self.file(session, recorded))

    async def file(self, session: AsyncSession, recorded: Recorded) -> tuple[str, str]:
        """The same in the caller's transaction."""
        draft = OrderDraft(
            kind=Kind(recorded.kind.kind),
            content=recorded.content,
            channel=self.sender.channel,
            conversation_id=self.conversation_id,
            contact_id=self.contact_id,
            reporter_phone=self.call.caller,
        )
        key = f"{self.call.id}:{recorded.id}"
        filed = await order_filing.file(session, draft, key=key, now=self.runtime.clock.now())
        return filed.order.number, filed.query_code

    async def text_message(self, reply: Reply) -> None:
        """Sends a text to the caller's number."""
        account, now = self.runtime.settings.sms_account, self.runtime.clock.now()

        async def work(session: AsyncSession) -> None:
            await conversations.notify(session, self.contact_id, SMS, account, reply, now)

        await self._write(work)

    async def rate(self, grade: int, words: str) -> None:
        """The citizen's rating of the call, from 1, the best, and in words."""
        await self._write(lambda session: calls.rate(session, self.call.id, grade, words))

    async def follow_up(self, why: str) -> bool:
        """Somebody has to call back; True."""
        await self._write(lambda session: calls.want_follow_up(session, self.call.id, FollowUp(why)))
        return True

    def kept(self, recording: str | None) -> dict[str, Any]:
        """Whose call it is, for its journal; ``recording``: where it is recorded."""
        mine = {"call": asdict(self.call), "alone": self.alone, "recording": recording}
        return {**mine, "conversation": self.conversation_id, "contact": self.contact_id}

    async def _write(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async with self.runtime.database.write() as session:
            return await work(session)

    async def _read(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async with self.runtime.database.read() as session:
            return await work(session)
