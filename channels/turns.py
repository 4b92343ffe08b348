"""One turn of a conversation: what it is begun with, how it is answered, what it leaves when it ends.

The lease on a conversation's turns, the answer and the step to the next message share transactions, so that a turn
costs two of them: the one that stores the citizen's words and the one that stores the answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.turns import Engine, TurnRequest, TurnResult
from core import conversations
from core.conversations import Conversation, TurnOutcome
from core.faults import place_of
from core.messages import Reply

log = structlog.get_logger(__name__)

APOLOGY: Final = Reply(
    "非常抱歉，我这边出了点问题，没能答上您的话。您说的我们都已经记下，现在为您转接工作人员，请稍等。",
    outcome="handoff",
)

FAILED: Final = TurnOutcome(replies=(APOLOGY,), tracker=None, handoff="bot_failed")
"""What a turn leaves when the dialogue core could not answer: words and a person, never silence."""


@dataclass(frozen=True)
class Turn:
    """A citizen's message that is the bot's to answer, under a lease."""

    request: TurnRequest
    epoch: int
    """The answer is stored only while the conversation still stands at this epoch."""
    lease: str


async def begin(
    session: AsyncSession, conversation: Conversation, lease: str, now: datetime, *, text_limit: int
) -> Turn | None:
    """The next turn of a locked conversation under ``lease``, which is taken or renewed for it.

    None when somebody else is at this conversation, or when nothing is left to do: then the lease is given back. No
    message slips in between the look and the giving back, because whoever stores one must hold the lock too.
    """
    if not conversations.lease_turns(conversation, lease, now):
        return None
    waiting = await conversations.next_unhandled(session, conversation.id)
    if waiting is None:
        conversations.release_turns(conversation, lease)
        return None
    message = waiting.message
    attachment = message.payload.get("attachment")
    request = TurnRequest(
        conversation_id=conversation.id,
        message_id=message.id,
        contact_id=conversation.contact_id,
        channel=conversation.channel,
        text=message.text[:text_limit],
        cut=len(message.text) > text_limit,
        now=now,
        tracker=waiting.tracker,
        sender_phone=waiting.phone,
        attachments=(attachment,) if attachment else (),
        about=message.payload.get("about"),
    )
    return Turn(request, conversation.epoch, lease)


async def answer(engine: Engine, request: TurnRequest, time_limit: float) -> TurnOutcome:
    """What the engine answers, or :data:`FAILED` when it raises, has nothing to say or takes over ``time_limit`` s."""
    work: asyncio.Task[TurnResult] = asyncio.ensure_future(engine.turn(request))
    done, _ = await asyncio.wait({work}, timeout=time_limit)
    if not done:
        # not awaited: an engine that does not heed the cancelling must not hold the citizen up any longer
        work.cancel()
        work.add_done_callback(_note_late_end)
        log.error("the bot took too long", conversation=request.conversation_id, message=request.message_id)
        return FAILED
    problem = work.exception()
    if problem is not None:
        # the type and the place only: what an exception says may quote the citizen
        log.error(
            "the bot failed",
            conversation=request.conversation_id,
            message=request.message_id,
            error=type(problem).__name__,
            place=place_of(problem),
        )
        return FAILED
    return _spoken(work.result().outcome, request)


def _spoken(outcome: TurnOutcome, request: TurnRequest) -> TurnOutcome:
    """The outcome without blank replies; a failure when none is left."""
    replies = tuple(reply for reply in outcome.replies if reply.text.strip())
    if not replies:
        log.error("the bot had no answer", conversation=request.conversation_id, message=request.message_id)
        return FAILED
    return replace(outcome, replies=replies)


def _note_late_end(work: asyncio.Task[TurnResult]) -> None:
    if not work.cancelled() and work.exception() is not None:
        log.warning("a turn given up has failed later", error=type(work.exception()).__name__)
