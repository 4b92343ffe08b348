"""One open socket of a visitor: what it says goes to the exchange, what is new for it is sent to it.

What is new is always read from the database, from a position on; a signal only says when to look. So nothing is lost
when a signal is, and nothing comes twice.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any, Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from channels.exchange import Exchange
from channels.webchat import feed, frames, reading
from channels.webchat.feed import News, Position
from channels.webchat.frames import BadFrame, Read, Resume, Say, State, Typing
from channels.webchat.limits import Limits
from channels.webchat.visitors import Visitor
from channels.words import Refused
from core.conversations import Owner, Received
from core.live import citizen_typing_topic, contact_topic, heard, live, staff_typing_topic
from core.runtime import Runtime

log = structlog.get_logger(__name__)

LOOK_AGAIN: Final = 10.0
"""Seconds after which a socket looks for news unasked: another process may have stored some."""

NOT_STORED: Final = "系统正忙，这条消息没有收下，请稍后再试。"
TOO_FAST: Final = "您发送得太快了，请稍等一会儿再发。"
TOO_MANY_FRAMES: Final = 1008
"""Close code for a client no page of ours would be."""


class Socket(Protocol):
    """The web socket as far as a connection needs it."""

    async def recv(self) -> str | bytes | None:
        """The next message."""
        ...

    async def send(self, message: str) -> None:
        """Sends a message."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Ends the connection."""
        ...


class _News(asyncio.Event):
    """Something is new; and how often that was said."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def set(self) -> None:
        """Says it once more."""
        self.count += 1
        super().set()


class Connection:
    """A visitor's socket, from its opening to its end."""

    def __init__(
        self, socket: Socket, visitor: Visitor, address: str, runtime: Runtime, exchange: Exchange, limits: Limits
    ) -> None:
        """``address``: the client's, for the limits only."""
        self._socket = socket
        self._visitor = visitor
        self._address = address
        self._runtime = runtime
        self._exchange = exchange
        self._limits = limits
        self._order = asyncio.Lock()
        """Held while a message is stored and acknowledged, so that its own ack comes before anything it causes."""
        self._resumed = False
        self._position: Position | None = None
        self._state: State | None = None
        self._contact_id: int | None = None
        self._seen: Read | None = None
        self._stack = ExitStack()
        self._news = _News()
        self._staff_typing = asyncio.Event()

    async def run(self) -> None:
        """Serves the socket until either side ends it."""
        with self._stack:
            self._stack.enter_context(live.listen(self._visitor.topic, event=self._news))
            tasks = [asyncio.create_task(work()) for work in (self._hear, self._tell, self._tell_typing)]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                await self._keep_seen()
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem

    # ------------------------------------------------------------------------------------------- hearing

    async def _hear(self) -> None:
        while True:
            data = await self._socket.recv()
            if data is None:
                return
            if self._limits.frame(self._visitor, self._address, self._runtime.clock.now()) is not None:
                await self._socket.close(TOO_MANY_FRAMES, "too fast")
                return
            try:
                frame = frames.parse(data)
            except BadFrame as problem:
                await self._send(frames.error_frame("bad_frame", str(problem)))
            else:
                await self._heed(frame)

    async def _heed(self, frame: frames.ClientFrame) -> None:
        if isinstance(frame, Say):
            await self._say(frame)
        elif isinstance(frame, Resume):
            await self._resume(frame)
        elif isinstance(frame, Read):
            self._seen = frame
            self._news.set()
        elif isinstance(frame, Typing) and self._state is not None and self._state.conversation is not None:
            live.signal(citizen_typing_topic(self._state.conversation))

    async def _say(self, frame: Say) -> None:
        wait = self._limits.message(self._visitor, self._address, self._runtime.clock.now())
        if wait is not None:
            await self._send(frames.error_frame("too_fast", TOO_FAST, frame.id, wait.total_seconds()))
            return
        async with self._order:
            said_before = self._news.count
            try:
                received = await self._exchange.receive(
                    frames.inbound(self._visitor, frame.id, frame.text, about=frame.about)
                )
            except Refused as refusal:
                await self._send(frames.error_frame(refusal.code, refusal.reason, frame.id))
                return
            except (SQLAlchemyError, OSError) as problem:  # asyncpg says OSError when it is not there at all
                log.error("a message could not be stored", error=type(problem).__name__)
                await self._send(frames.error_frame("failed", NOT_STORED, frame.id))
                return
            self._pass_over(received, said_before)
            await self._send(frames.ack_frame(frame.id, received.conversation_id, received.seq))
            if not received.duplicate and (self._state is None or self._state.owner == Owner.BOT.value):
                await self._send({"type": "typing"})
        if self._contact_id is None:  # the first word: no window of this visitor listens for the contact yet
            live.signal(self._visitor.topic)

    def _pass_over(self, received: Received, said_before: int) -> None:
        """Does not look for news that is only the visitor's own message, which the ack stands for."""
        if self._position is None or not self._position.is_right_before(received):
            return
        self._position = self._position.at(received)
        if self._news.count == said_before + 1:
            self._news.clear()

    async def _resume(self, frame: Resume) -> None:
        async with self._order:
            self._position = self._state = None
            if frame.conversation is not None:
                async with self._runtime.database.read() as session:
                    self._position = await feed.locate(session, self._visitor.sender, frame.conversation, frame.after)
            self._resumed = True
        self._news.set()

    # ------------------------------------------------------------------------------------------- telling

    async def _tell(self) -> None:
        while True:
            self._news.clear()
            if self._resumed:
                async with self._order:
                    complete = await self._tell_news()
                if not complete:
                    continue
            await self._keep_seen()
            await heard(self._news, LOOK_AGAIN)

    async def _tell_news(self) -> bool:
        """Sends what is new; False when there is more."""
        now = self._runtime.clock.now()
        async with self._runtime.database.read() as session:
            news = await self._look(session)
            state = await feed.state_of(session, news.newest, now) if news.complete else self._state
            seen = await self._seen_before(session, news) if self._state is None else None
        for frame in news.frames:
            await self._send(frame)
        self._position = news.position
        if news.newest is not None and news.newest.contact_id != self._contact_id:
            self._contact_id = news.newest.contact_id
            self._stack.enter_context(live.listen(contact_topic(self._contact_id), event=self._news))
        if state is not None and state != self._state:
            await self._tell_state(state, seen)
        return news.complete

    async def _look(self, session: AsyncSession) -> News:
        if self._position is None:
            return await feed.latest(session, self._visitor.sender)
        return await feed.since(session, self._visitor.sender, self._position)

    async def _seen_before(self, session: AsyncSession, news: News) -> int | None:
        return None if news.newest is None else await reading.read_up_to(session, news.newest.id)

    async def _tell_state(self, state: State, seen: int | None) -> None:
        if state.conversation is not None and (self._state is None or self._state.conversation != state.conversation):
            topic = staff_typing_topic(state.conversation)
            self._stack.enter_context(live.listen(topic, event=self._staff_typing))
        self._state = state
        await self._send(state.frame() | ({} if seen is None else {"read": seen}))

    async def _tell_typing(self) -> None:
        while True:
            await self._staff_typing.wait()
            self._staff_typing.clear()
            await self._send({"type": "typing"})

    async def _keep_seen(self) -> None:
        """Stores how far the visitor has read, if it is a conversation of theirs."""
        seen, self._seen = self._seen, None
        if seen is None or self._state is None or seen.conversation != self._state.conversation:
            return
        async with self._runtime.database.write() as session:
            await reading.mark_read(session, seen.conversation, seen.seq, self._runtime.clock.now())

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._socket.send(frames.encode(frame))
