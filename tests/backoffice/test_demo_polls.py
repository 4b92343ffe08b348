"""The demo's poll: going on, with ballots, put in once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice import poll_results
from backoffice.demo_polls import load_polls, read_polls
from backoffice.pack_problems import CityPackRefused
from backoffice.poll_tables import Poll, PollStatus
from core.settings import ROOT
from tests.backoffice.conftest import Town

_YUNZHOU = ROOT / "cities" / "yunzhou"


async def test_the_demo_poll_is_going_on_with_a_result_to_look_at(town: Town) -> None:
    async def load() -> bool:
        async with town.runtime.database.write() as session:
            material, keeper = read_polls(_YUNZHOU), town.staff["supervisor"]
            return await load_polls(session, material, keeper, town.clock.now(), seed=1)

    assert await load()
    assert not await load()
    async with town.runtime.database.read() as session:
        poll = (await session.scalars(select(Poll))).one()
        results = await poll_results.results_of(session, poll.id)
    assert (poll.demo, poll.status(town.clock.now())) == (True, PollStatus.OPEN)
    assert results.ballots == 240
    assert 0 < results.finished < 240
    assert results.questions[0].answered > results.questions[2].answered > 100
    assert {channel for channel, _ in results.channels} == {"voice", "webchat"}


def test_a_city_without_polls_has_none_and_a_broken_file_is_named(tmp_path: Path) -> None:
    assert read_polls(tmp_path) == ()
    (tmp_path / "polls.yml").write_text("- title: 没有题目\n")
    with pytest.raises(CityPackRefused, match=r"polls\.yml"):
        read_polls(tmp_path)
