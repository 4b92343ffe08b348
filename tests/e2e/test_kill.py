"""kill -9 at any moment: after the restart every acknowledged message and every order is there, once (design 8)."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import ClientSession, CookieJar

from core.runtime import Runtime
from core.settings import Settings
from huiyin.preparing import prepare
from tests.fixtures.model import shared_model_dir
from tests.fixtures.served import Served, serve

CITIZENS = 9
STORY = ("我建议人民公园多装几盏路灯", "王小明", "13800138000", "确认")
"""A suggestion: of complaints about one place, all but the first would be asked whether they are the same matter."""
PATIENCE = 120.0

pytestmark = pytest.mark.xdist_group("served")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city ready to be served, with the model the tests share."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "models").symlink_to(shared_model_dir())

    async def make() -> None:
        runtime = Runtime.start(Settings(_env_file=None, data_dir=folder))  # type: ignore[call-arg]
        await prepare(runtime)
        await runtime.database.close()

    asyncio.run(make())
    return folder


class Visitor:
    """A citizen over plain HTTP, who sends a message again until it is acknowledged."""

    def __init__(self) -> None:
        self.jar = CookieJar(unsafe=True)
        self.acknowledged: list[str] = []

    async def tell(self, base: str) -> None:
        """Tells the story from where it stopped; returns when it is told or the service is gone."""
        with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
            async with ClientSession(base, cookie_jar=self.jar) as session:
                (await session.post("/api/chat/session")).raise_for_status()
                for text in STORY[len(self.acknowledged) :]:
                    await self._say(session, text)
                    await self._answered(session)

    async def _say(self, session: ClientSession, text: str) -> None:
        wanted = uuid.uuid4().hex
        async with session.post("/api/chat/messages", json={"id": wanted, "text": text}) as answer:
            answer.raise_for_status()
            self.acknowledged.append(wanted)

    async def _answered(self, session: ClientSession) -> None:
        while True:
            async with session.get("/api/chat/messages") as answer:
                messages = (await answer.json())["messages"]
            if messages and messages[-1]["author"] != "citizen":
                return
            await asyncio.sleep(0.05)


def _acknowledged(visitors: list[Visitor]) -> int:
    return sum(len(visitor.acknowledged) for visitor in visitors)


def _orders(installation: Path) -> dict[str, str]:
    """The number of the order filed in each conversation; fails where a conversation filed two."""
    with sqlite3.connect(installation / "huiyin.db") as database:
        filed = database.execute("SELECT conversation_id, number FROM orders").fetchall()
    numbers = dict(filed)
    assert len(numbers) == len(filed) == len({number for _, number in filed})
    return numbers


async def _killed_while_talking(service: Served, visitors: list[Visitor], when: Callable[[], bool]) -> None:
    """Kills the service as soon as ``when()`` holds: in the middle, however fast the machine is."""
    talking = asyncio.gather(*(visitor.tell(service.base) for visitor in visitors))
    while not when() and not talking.done():  # noqa: ASYNC110 -- another process answers
        await asyncio.sleep(0.005)
    service.kill()
    await talking


async def test_what_was_acknowledged_survives_three_kills_once_and_is_answered(installation: Path) -> None:
    visitors = [Visitor() for _ in range(CITIZENS)]
    await _killed_while_talking(serve(installation), visitors, lambda: _acknowledged(visitors) >= CITIZENS)
    await _killed_while_talking(serve(installation), visitors, lambda: _acknowledged(visitors) >= 3 * CITIZENS)
    said_before = _acknowledged(visitors)
    await _killed_while_talking(serve(installation), visitors, lambda: len(_orders(installation)) >= CITIZENS // 3)
    filed_before = _orders(installation)
    confirmed_before = sum(len(visitor.acknowledged) == len(STORY) for visitor in visitors)
    service = serve(installation)
    try:
        await asyncio.wait_for(_finish(service, visitors), PATIENCE)
    finally:
        service.stop()

    assert 0 < said_before < CITIZENS * len(STORY), "two kills came in the middle of the talk"
    assert 0 < len(filed_before) < confirmed_before, "the third came in the middle of the filing"
    assert all(len(visitor.acknowledged) == len(STORY) for visitor in visitors)
    stored = service.taken_in()
    acknowledged = [wanted for visitor in visitors for wanted in visitor.acknowledged]
    assert [wanted for wanted in acknowledged if stored[wanted] != 1] == []
    assert service.unanswered() == 0
    filed = _orders(installation)
    assert len(filed) == CITIZENS
    assert filed_before.items() <= filed.items(), "what was filed before a kill is there with its number"


async def _finish(service: Served, visitors: list[Visitor]) -> None:
    """Everybody tells the rest; a message unanswered at the kill is answered without being said again."""
    await asyncio.gather(*(_catch_up(service, visitor) for visitor in visitors))
    await asyncio.gather(*(visitor.tell(service.base) for visitor in visitors))


async def _catch_up(service: Served, visitor: Visitor) -> None:
    if not visitor.acknowledged:
        return
    async with ClientSession(service.base, cookie_jar=visitor.jar) as session:
        await visitor._answered(session)
