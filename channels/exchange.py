"""The exchange: every channel hands its messages in here, and the bot answers them from here.

One conversation at a time and in order, any number of conversations side by side. What is acknowledged is stored;
what is stored is answered, if not by this process then by the next one (design 2, 3, 8, 9).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.duty import on_duty_count
from bot.turns import Engine
from channels import turns, words
from channels.turns import Turn
from core import conversations
from core.conversations import Conversation, Owner, Received, TurnOutcome
from core.messages import InboundMessage
from core.rounds import Rounds
from core.runtime import Runtime

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

TAKE_UP_EVERY: Final = 3.0
"""Seconds between looks for turns that somebody left unfinished."""
CLOSE_IDLE_EVERY: Final = 60.0
"""Seconds between looks for conversations that have gone quiet."""
MARGIN: Final = timedelta(seconds=2)
"""Of a turn's lease, for storing its answer."""
RECEIVE_ATTEMPTS: Final = 5
"""How often storing a message is tried when another transaction gets in the way."""


class Exchange:
    """Takes citizens' messages in and gets them answered."""

    def __init__(self, runtime: Runtime, engine: Engine) -> None:
        """``engine``: the dialogue core, ready to answer."""
        self._runtime = runtime
        self._engine = engine
        self._stop = asyncio.Event()
        self._places = asyncio.Semaphore(runtime.settings.turns_at_once)
        limit = timedelta(seconds=runtime.settings.turn_time_limit)
        self._patience = conversations.TURN_LEASE - limit - MARGIN
        self._working: set[asyncio.Task[Any]] = set()
        self._rounds = Rounds()

    async def start(self) -> None:
        """Takes up what an earlier process left unfinished, and goes on looking for it."""
        if self._runtime.database.is_sqlite:
            # one machine, one process: whoever held a lease is dead
            async with self._runtime.database.write() as session:
                await conversations.clear_turn_leases(session)
        await self.take_up_unfinished()
        self._rounds.start("take up unfinished turns", TAKE_UP_EVERY, self.take_up_unfinished)
        self._rounds.start("close idle conversations", CLOSE_IDLE_EVERY, self.close_idle)

    async def stop(self) -> None:
        """Begins no further turn and returns when the running ones have ended, their answers stored."""
        self._stop.set()
        await self._rounds.stop()
        await self.settled()

    async def settled(self) -> None:
        """Returns when no turn is under way."""
        while self._working:
            await asyncio.wait(self._working)

    async def receive(self, inbound: InboundMessage) -> Received:
        """Stores a message once, and after that has its conversation worked on.

        Returns when the message is committed; a repeat (same channel, account and external id) gets what the first
        one got. Raises :class:`channels.words.Refused` for a message that cannot be taken in.
        """
        text = inbound.text if inbound.attachment else words.accept(inbound.text)
        # on a task of its own: a client that hangs up now must not leave a stored message that nobody works on
        storing = self._spawn(self._store(replace(inbound, text=text)))
        return await asyncio.shield(storing)

    async def take_up_unfinished(self) -> None:
        """Takes up the conversations in which a message waits for its turn and no living worker is at it."""
        async with self._runtime.database.read() as session:
            found = await conversations.with_unfinished_turns(session, self._runtime.clock.now())
        for conversation_id in found:
            if self._stop.is_set():
                return
            async with self._runtime.database.write() as session:
                conversation = await conversations.lock(session, conversation_id)
                turn = await self._begin(session, conversation, _new_lease(), self._runtime.clock.now())
            self._work_on(turn)

    async def close_idle(self) -> None:
        """Ends the conversations of the bot that have been quiet for ``conversation_idle_minutes``."""
        now = self._runtime.clock.now()
        before = now - timedelta(minutes=self._runtime.settings.conversation_idle_minutes)
        async with self._runtime.database.read() as session:
            found = await conversations.idle_since(session, before)
        for conversation_id in found:
            async with self._runtime.database.write() as session:
                conversation = await conversations.lock(session, conversation_id)
                waits = await conversations.next_unhandled(session, conversation_id)
                if conversation.last_message_at < before and conversation.owner == Owner.BOT.value and waits is None:
                    await conversations.close(session, conversation, "system", now)

    async def _store(self, inbound: InboundMessage) -> Received:
        for attempt in range(1, RECEIVE_ATTEMPTS + 1):
            try:
                received, turn = await self._try_to_store(inbound)
            except (IntegrityError, NoResultFound):
                # a repeat of it committed beside this one, or its conversation was closed under it: look again
                if attempt == RECEIVE_ATTEMPTS:
                    raise
                continue
            self._work_on(turn)
            return received
        raise AssertionError("unreachable")

    async def _try_to_store(self, inbound: InboundMessage) -> tuple[Received, Turn | None]:
        now = self._runtime.clock.now()
        lease = None if self._stop.is_set() else _new_lease()
        async with self._runtime.database.write() as session:
            received, conversation = await conversations.receive(session, inbound, now, lease=lease)
            if received.duplicate:
                return received, None
            if await self._stands_in(session, conversation, now):
                await conversations.leave_to_bot(session, received.message_id)
            if lease is None:
                return received, None
            return received, await self._begin(session, conversation, lease, now)

    @staticmethod
    async def _stands_in(session: AsyncSession, conversation: Conversation, now: datetime) -> bool:
        """Whether the bot answers although a person is waited for: nobody is on duty, and silence helps nobody."""
        return conversation.owner == Owner.WAITING.value and await on_duty_count(session, now) == 0

    async def _begin(self, session: AsyncSession, conversation: Conversation, lease: str, now: datetime) -> Turn | None:
        return await turns.begin(session, conversation, lease, now, text_limit=self._runtime.settings.text_limit)

    def _work_on(self, turn: Turn | None) -> None:
        if turn is not None:
            self._spawn(self._work(turn))

    async def _work(self, turn: Turn | None) -> None:
        """Answers turn after turn of one conversation until nothing is left or the process stops."""
        while turn is not None:
            async with self._places:
                outcome = await self._answer(turn)
            turn = await self._finish_somehow(turn, outcome)

    async def _answer(self, turn: Turn) -> TurnOutcome:
        """What the bot answers; a person instead, where the turn waited so long that its lease would run out."""
        if self._runtime.clock.now() - turn.request.now > self._patience:
            log.error("the bot is overrun", message=turn.request.message_id)
            return turns.FAILED
        return await turns.answer(self._engine, turn.request, self._runtime.settings.turn_time_limit)

    async def _finish_somehow(self, turn: Turn, outcome: TurnOutcome) -> Turn | None:
        """Ends a turn with its outcome; with an apology and a person when that cannot be stored."""
        for last, ending in ((False, outcome), (True, turns.FAILED)):
            try:
                return await self._finish(turn, ending)
            except Exception as problem:
                log.error("a turn could not be ended", message=turn.request.message_id, error=type(problem).__name__)
                if last:
                    break
        return None  # the database is out of reach: once the lease has expired the message is taken up again

    async def _finish(self, turn: Turn, outcome: TurnOutcome) -> Turn | None:
        """Ends a turn and begins the next one, in one transaction."""
        now = self._runtime.clock.now()
        async with self._runtime.database.write() as session:
            finished = await conversations.finish_turn(session, turn.request.message_id, turn.epoch, outcome, now)
            if not finished.kept:
                log.info("an answer was dropped", message=turn.request.message_id)
            if finished.more and not self._stop.is_set():
                return await self._begin(session, finished.conversation, turn.lease, now)
            conversations.release_turns(finished.conversation, turn.lease)
            return None

    def _spawn(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task


def _new_lease() -> str:
    """A holder's name used once: two workers of the same process must not share a lease either."""
    return uuid.uuid4().hex
