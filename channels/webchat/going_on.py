"""``/go/<ticket>``: a call that broke off goes on in the web chat of whoever got the text with the link (A11).

Opening the link changes nothing: programs that look at texts open links, too. Only the button moves the matter.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels import going_on
from channels.webchat.session import known_visitor, refuse_foreign_pages, remember, welcome_visitor
from channels.webchat.visitors import Visitor
from core import contacts, conversations
from core.conversations import Conversation, Message
from core.live import live
from core.messages import Reply
from core.runtime import Runtime
from core.web.caller import client_address, wants_json
from core.web.errors import Refusal
from core.web.limits import Asker, TokenBuckets
from core.web.site import runtime_of, site_of

NOT_OURS: Final = "这个链接不完整，请从短信里重新打开。"
TOO_LATE: Final = "这件事放得太久，已经不能接着办了。请重新说一遍，或者拨打12345。"
SETTLED: Final = "这件事已经在别的地方（电话、短信或者另一个浏览器）接着办了，或者您在这里还有别的事没有说完。"
TOO_OFTEN: Final = "打开得太频繁了，请过几分钟再试。"
_CHAT: Final = "/chat"
_MOVED: Final = "moved_from"
"""In a message's details: the conversation of the call that goes on with it."""
_GOES_ON: Final = "刚才电话里您说的已经记下，我们接着来，不用重说。"


class GoingOn:
    """The page with the button, and what the button does."""

    def __init__(self) -> None:
        self._per_address = TokenBuckets(20, timedelta(seconds=30))

    def add_to(self, pages: Blueprint) -> None:
        """Adds the routes."""
        pages.add_route(self.show, "/go/<ticket:str>", methods=["GET"], name="go_on")
        pages.add_route(self.take, "/go/<ticket:str>", methods=["POST"], name="take_up")

    async def show(self, request: Request, ticket: str) -> HTTPResponse:
        """The button; why not, where it cannot go on."""
        visitor, is_new = welcome_visitor(request)
        runtime = runtime_of(request)
        async with runtime.database.read() as session:
            asked = await self._asked(request, session, ticket)
            here = await _is_here(session, visitor, asked)
            source = await session.get_one(Conversation, asked.conversation_id)
            over = await going_on.open_question(session, source) is None
        if here:
            return redirect(_CHAT)
        answer = site_of(request).pages.page("webchat/go_on.html", ticket=ticket, reason=SETTLED if over else "")
        return remember(request, answer, visitor) if is_new else answer

    async def take(self, request: Request, ticket: str) -> HTTPResponse:
        """Moves the matter into the visitor's talk and asks on; then the chat."""
        refuse_foreign_pages(request)
        visitor, runtime = known_visitor(request), runtime_of(request)
        async with runtime.database.write() as session:
            asked = await self._asked(request, session, ticket)
            moved = await _is_here(session, visitor, asked) or await _take_up(session, runtime, visitor, asked)
        if not moved and wants_json(request):
            raise Refusal(409, "settled", SETTLED)
        if not moved:
            return site_of(request).pages.page("webchat/go_on.html", status=409, ticket=ticket, reason=SETTLED)
        live.signal(visitor.topic)
        return redirect(_CHAT, status=303)

    async def _asked(self, request: Request, session: AsyncSession, ticket: str) -> Message:
        """The question that was open when the call ended. Refuses what is not ours, too late or too often."""
        runtime = runtime_of(request)
        now, settings = runtime.clock.now(), runtime.settings
        if self._per_address.take(Asker(client_address(request), number="go-on"), now) is not None:
            raise Refusal(429, "too_many", TOO_OFTEN)
        message_id = going_on.read_ticket(runtime.keyring, ticket)
        asked = await session.get(Message, message_id) if message_id is not None else None
        if asked is None:
            raise Refusal(404, "not_found", NOT_OURS)
        if now - asked.created_at > timedelta(minutes=settings.conversation_idle_minutes):
            raise Refusal(410, "too_late", TOO_LATE)
        return asked


async def _is_here(session: AsyncSession, visitor: Visitor, asked: Message) -> bool:
    """Whether the matter has gone on in the visitor's own talk: the link was opened again, or the button hit twice."""
    contact = await contacts.known(session, visitor.sender)
    if contact is None:
        return False
    ours = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.contact_id == contact.id, Message.author == "bot", Message.created_at >= asked.created_at)
    )
    went = [message.payload.get("details", {}).get(_MOVED) for message in await session.scalars(ours)]
    return asked.conversation_id in went


async def _take_up(session: AsyncSession, runtime: Runtime, visitor: Visitor, asked: Message) -> bool:
    now, sender = runtime.clock.now(), visitor.sender
    contact = await contacts.find_or_create(session, sender, now)
    talk = await conversations.open_conversation(session, contact, sender.channel, sender.account, now)
    source = await conversations.lock(session, asked.conversation_id)
    question = await going_on.open_question(session, source)  # another one where they have called again meanwhile
    if question is None or not await going_on.move(session, source.id, talk, now):
        return False
    for reply in (Reply(_GOES_ON, details={_MOVED: source.id}), Reply.from_payload(question.text, question.payload)):
        await conversations.say(session, talk, "bot", reply, now)
    return True
