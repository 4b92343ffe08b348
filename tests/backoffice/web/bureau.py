"""The small city at work: its staff can sign in, its citizens have orders."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from backoffice.staff import Staff
from core import conversations, history
from core.clock import FrozenClock
from core.contacts import Sender
from core.conversations import Conversation, TurnOutcome
from core.history import HistoryEntry
from core.messages import Attachment, InboundMessage, Reply
from tests.backoffice.conftest import Town, town_of
from tests.backoffice.web.office import _HASH, Answer, Browser
from tests.fixtures.app import AppServer

_KEY = re.compile(r'name="key" value="([^"]+)"')
HTMX = {"HX_Request": "true"}
PROGRAM = {"Accept": "application/json"}
OURS = {"Sec_Fetch_Site": "same-origin"}


@dataclass
class Bureau:
    """The application with the small city loaded; people are called as in :class:`Town`."""

    server: AppServer
    town: Town

    @asynccontextmanager
    async def browser_of(self, who: str) -> AsyncIterator[Browser]:
        """A browser with ``who`` signed in: ``dispatcher``, ``east.urban handler``…"""
        async with self.server.browser() as session:
            browser = Browser(session)
            answer = await browser.sign_in(self.town.staff[who].username)
            assert answer.status == 303, answer.words
            yield browser

    @property
    def now(self) -> datetime:
        """The frozen present."""
        return self.town.clock.now()

    async def history(self, number: str) -> list[HistoryEntry]:
        """Everything that happened to an order."""
        async with self.town.runtime.database.read() as session:
            return await history.of(session, "order", number)

    async def actions(self, number: str) -> list[str]:
        """What happened to an order, as history calls it."""
        return [entry.action for entry in await self.history(number)]

    async def said(self, conversation_id: str) -> list[str]:
        """Everything said in a conversation."""
        async with self.town.runtime.database.read() as session:
            found = await conversations.messages_after(session, conversation_id, 0)
        return [message.text for message in found]

    async def says(
        self, text: str, *replies: Reply, who: str = "v1", photo: str | None = None, **outcome: Any
    ) -> Conversation:
        """A citizen's message and the bot's turn."""
        kind, attachment = "text", None
        if photo:
            kind, attachment = "image", Attachment("image/jpeg", photo, 3, "0" * 64)
        inbound = InboundMessage(Sender("webchat", "web", who), f"{who}:{text}:{photo}", text, kind, attachment)
        async with self.town.runtime.database.write() as session:
            received, conversation = await conversations.receive(session, inbound, self.now)
        async with self.town.runtime.database.write() as session:
            turn = TurnOutcome(replies, "{}", **outcome)
            await conversations.finish_turn(session, received.message_id, conversation.epoch, turn, self.now)
        return conversation


async def open_bureau(server: AppServer, clock: FrozenClock) -> Bureau:
    """Loads the small city and gives everybody the office's password."""
    town = await town_of(server.runtime, clock)
    async with server.runtime.database.write() as session:
        await session.execute(update(Staff).values(password_hash=_HASH))
    return Bureau(server, town)


def key_in(page: Answer, before: str = "") -> str:
    """The idempotency key of the first form after ``before``."""
    found = _KEY.search(page.text, page.text.index(before) if before else 0)
    assert found is not None, page.words
    return found[1]


def numbers_in(page: Answer) -> list[str]:
    """The orders listed on a page, in their order."""
    return re.findall(r'href="/staff/orders/(\d{8})" data-row', page.text)


def tabs_in(page: Answer) -> dict[str, int]:
    """The tabs of a list and their counts."""
    tabs = re.findall(r'<a href="[^"]*view=[^"]*"[^>]*>([^<]+)<span class="tab-count tabular">(\d+)</span>', page.text)
    return {label: int(count) for label, count in tabs}
