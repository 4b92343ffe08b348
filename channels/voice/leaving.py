"""What a call leaves when it is over: the end of its record, a message nobody knows of yet, and its conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_served, calls
from backoffice.calls import Ending, FollowUp, Outcome
from channels.voice.broken_off import BROKEN_OFF, offer_to_go_on
from channels.voice.link import RESUMES_WITHIN, Link, Recorded
from core import conversations
from core.conversations import Conversation, Owner
from core.messages import Reply

_TELLS_ITSELF: Final = "asterisk"
"""The line whose PBX takes callers to people when we are gone, and tells when they put down."""
_GOES_ON: Final = frozenset({Ending.TRANSFERRED, Ending.FAILED, Ending.HUNG_UP})
"""After these the conversation stays open: people have it, or the citizen calls again."""


@dataclass(frozen=True)
class End:
    """The end of one call, or of one leg of it."""

    outcome: Outcome
    at: datetime
    left: Recorded | None = None
    """A message nobody knows of yet."""


async def store(link: Link, end: End) -> None:
    """Keeps what a call leaves; the same end is kept once."""
    outcome, call = end.outcome, link.call
    async with link.runtime.database.write() as session:
        if not await calls.end(session, call.id, outcome, end.at):
            return
        await call_served.by_the_bot(session, call.id, end.at)
        if end.left is not None:
            await _keep(session, link, end.left)
        if outcome.guessed and call.line != _TELLS_ITSELF and call.caller is not None:
            await calls.want_follow_up(session, call.id, FollowUp.MISSED)
        conversation = await conversations.lock(session, link.conversation_id)
        if conversation.closed_at is None:
            await _leave(session, link, conversation, end)


async def _keep(session: AsyncSession, link: Link, recorded: Recorded) -> None:
    """A message whose citizen has gone: somebody listens to it and calls back; without a number it is an order."""
    if link.call.caller is not None:
        await calls.want_follow_up(session, link.call.id, FollowUp.VOICEMAIL)
        return
    number, code = await link.file(session, recorded)
    if link.call.known is not None:
        conversation = await conversations.lock(session, link.conversation_id)
        told = Reply(f"您的来电留言已登记，受理编号：{number}，查询码：{code}。")
        await conversations.say(session, conversation, "system", told, link.runtime.clock.now(), kind="notice")


async def _leave(session: AsyncSession, link: Link, conversation: Conversation, end: End) -> None:
    """What becomes of the conversation. Long after a call nobody is waited for, or asked to go on by text."""
    ending, now, written = end.outcome.ending, link.runtime.clock.now(), link.call.known is not None
    lately = now - end.at < RESUMES_WITHIN
    if ending is Ending.FAILED and (lately or written):
        await link.to_people(session, conversation, "bot_failed")
    goes_on = lately and ending in BROKEN_OFF and await offer_to_go_on(session, link.runtime, link.call, conversation)
    over = ending is Ending.BYE if written else ending not in _GOES_ON  # what is left open goes on in writing
    if over and not goes_on and conversation.owner == Owner.BOT.value:
        await conversations.close(session, conversation, "citizen", now)
