"""A small office: staff of every role with known passwords, their browsers, and citizens who say something."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

from aiohttp import ClientResponse, ClientSession

from backoffice import passwords
from backoffice.departments import Department
from backoffice.staff import DEPARTMENT_ROLES, Role, Staff
from core import conversations
from core.contacts import Sender
from core.conversations import Conversation, TurnOutcome
from core.messages import InboundMessage, Reply
from tests.fixtures.app import AppServer

PASSWORD = "heron-lake-ninety"
_HASH = passwords._hasher.hash(PASSWORD)
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Answer:
    """What a page answered, read to the end."""

    status: int
    text: str
    headers: dict[str, str]
    url: str

    @classmethod
    async def of(cls, response: ClientResponse) -> Answer:
        """Reads it."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status, await response.text(), headers, str(response.url))

    @property
    def csrf(self) -> str:
        """The token in the page's forms."""
        found = _CSRF.search(self.text)
        assert found is not None, self.text[:500]
        return found[1]

    @property
    def words(self) -> str:
        """The page without its markup."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text)))


@dataclass
class Browser:
    """A browser of somebody; ``csrf`` is what their pages carry after signing in."""

    session: ClientSession
    csrf: str = ""

    async def get(self, path: str, *, follow: bool = False, **headers: str) -> Answer:
        """Opens a page."""
        async with self.session.get(path, allow_redirects=follow, headers=_header_names(headers)) as response:
            return await Answer.of(response)

    async def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Sends a form of a page of ours; without following where it leads."""
        filled = {"csrf": self.csrf, **(fields or {})}
        async with self.session.post(
            path, data=filled, allow_redirects=False, headers=_header_names(headers)
        ) as response:
            return await Answer.of(response)

    @property
    def session_token(self) -> str:
        """The secret in this browser's session cookie."""
        jar = self.session.cookie_jar
        return next(cookie.value for cookie in jar if cookie.key == "huiyin-staff")

    async def sign_in(self, username: str, password: str = PASSWORD, **fields: str) -> Answer:
        """Goes through the door."""
        door = await self.get("/staff/sign-in")
        fields = {"username": username, "password": password, "csrf": door.csrf, **fields}
        answer = await self.post("/staff/sign-in", fields)
        if answer.status == 303:
            self.csrf = (await self.get("/staff/account")).csrf
        return answer


@dataclass
class Office:
    """The application with one member of staff of every role; user names are the roles' codes."""

    server: AppServer
    people: dict[str, Staff]

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Browser]:
        """A browser nobody is signed in with."""
        async with self.server.browser() as session:
            yield Browser(session)

    @asynccontextmanager
    async def browser_of(self, username: str) -> AsyncIterator[Browser]:
        """A browser with ``username`` signed in."""
        async with self.stranger() as browser:
            answer = await browser.sign_in(username)
            assert answer.status == 303, answer.words
            yield browser

    async def citizen_says(self, text: str, *, who: str = "v1", message_id: str | None = None) -> Conversation:
        """A citizen's message, stored as every channel stores it."""
        sender = Sender("webchat", "web", who)
        inbound = InboundMessage(sender, message_id or f"{who}:{text}", text)
        async with self.server.runtime.database.write() as session:
            received, conversation = await conversations.receive(session, inbound, self.now)
            self.last_message_id = received.message_id
        return conversation

    async def waiting(self, text: str = "转人工", *, who: str = "v1", **draft: str) -> str:
        """The id of a conversation the bot has handed over."""
        conversation = await self.citizen_says(text, who=who)
        outcome = TurnOutcome((Reply("正在为您转接。"),), "{}", handoff="asked", draft=draft)
        async with self.server.runtime.database.write() as session:
            await conversations.finish_turn(session, self.last_message_id, conversation.epoch, outcome, self.now)
        return conversation.id

    async def conversation(self, conversation_id: str) -> Conversation:
        """As it is in the database now."""
        async with self.server.runtime.database.read() as session:
            return await session.get_one(Conversation, conversation_id)

    async def said(self, conversation_id: str) -> list[tuple[str, str]]:
        """Author and text of everything said in a conversation."""
        async with self.server.runtime.database.read() as session:
            found = await conversations.messages_after(session, conversation_id, 0)
        return [(message.author, message.text) for message in found]

    @property
    def now(self) -> Any:
        """The frozen present."""
        return self.server.runtime.clock.now()


async def open_office(server: AppServer) -> Office:
    """Hires everybody."""
    now = server.runtime.clock.now()
    people = {
        username: Staff(
            username=username,
            number=number,
            name=name,
            role=role,
            password_hash=_HASH,  # made once: it takes a while on purpose
            department_id=1 if role in DEPARTMENT_ROLES else None,
            active=True,
            failed_attempts=0,
            created_at=now,
            password_changed_at=now,
            capacity=5,
        )
        for username, number, name, role in (
            *((role.value, f"100{place}", f"{role.label}甲", role) for place, role in enumerate(Role)),
            ("second", "2001", "话务员乙", Role.AGENT),
        )
    }
    async with server.runtime.database.write() as session:
        session.add(_department())
        await session.flush()
        session.add_all(people.values())
    return Office(server, people)


def _department() -> Department:
    return Department(
        id=1,
        code="housing",
        name="云州市住房和城乡建设局",
        short="市住建局",
        path="/1/",
        level="city",
        duties="",
        phone="",
        address="",
        aliases=[],
        is_default=True,
    )


def _header_names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
