"""Talks through the exchange with the real engine: what is asked, what is filed, what is refused (talks/*.yml)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from core.clock import FrozenClock
from core.conversations import Message
from huiyin.dialogues import Player, Record, load_script
from tests.fixtures.talking import Talking, talking

SCRIPTS = sorted((Path(__file__).parent / "talks").glob("*.yml"))
TALKS = [talk for script in SCRIPTS for talk in load_script(script)]
SATURDAY = datetime(2026, 11, 21, 10, 0)
CHECKED_APART = frozenset({"fields", "joined", "says", "never_says"})

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("engine")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talking]:
    async with talking(tmp_path_factory.mktemp("talks"), FrozenClock(SATURDAY)) as started:
        yield started


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk["id"])
async def test_talk(service: Talking, talk: dict[str, Any]) -> None:
    record = await Player(service.runtime, service.exchange).play(talk)
    expected = talk["expect"]
    said = [reply["text"] for exchange in record.exchanges for reply in exchange["replies"]]
    assert record.errors == [], said
    plain = {name: value for name, value in expected.items() if name not in CHECKED_APART}
    assert {name: _found(record, name) for name in plain} == plain, said
    for name, value in expected.get("fields", {}).items():
        assert record.order is not None
        assert record.order["fields"][name] == value, name
    if "joined" in expected:
        assert record.order is not None
        assert record.order["joined"] == expected["joined"]
    for words in expected.get("never_says", ()):
        assert not [text for text in said if words in text], words
    if "says" in expected:
        wanted = expected["says"].replace("{number}", record.exchanges[0]["citizen"].removeprefix("查一下"))
        assert any(wanted in text for text in said), said


async def test_ten_thousand_characters_are_a_matter_and_kept_whole(service: Talking) -> None:
    matter = "幸福小区半夜施工太吵了，没人管。" * 625
    answers = {"name": "王小明" * 3000, "phone": ["1" * 10_000, "13800138000"]}
    record = await Player(service.runtime, service.exchange).play({"id": "long", "opening": matter, "answers": answers})
    assert (record.errors, record.outcome) == ([], "order")
    assert record.order is not None
    assert record.order["fields"]["content"] == matter[: service.runtime.settings.text_limit]
    assert record.order["fields"]["phone"] == "13800138000"
    said = [reply["text"] for exchange in record.exchanges for reply in exchange["replies"]]
    told = [text for text in said if "工单里登记的是前 2000 个字" in text]
    assert len(told) == 1, said
    async with service.runtime.database.read() as session:
        assert matter in list(await session.scalars(select(Message.text))), (
            "the conversation beside the order has it all"
        )


def _found(record: Record, name: str) -> Any:
    replies = [reply for exchange in record.exchanges for reply in exchange["replies"]]
    parts = {"asked": "asks", "articles": "article", "cards": "card"}
    if name in parts:
        return [reply[parts[name]] for reply in replies if reply[parts[name]]]
    return getattr(record, name)
