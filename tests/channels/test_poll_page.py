"""The page on which citizens answer polls (A14)."""

from __future__ import annotations

import re

from aiohttp import ClientSession

from backoffice import poll_results
from backoffice.poll_results import PollResults
from backoffice.poll_tables import Poll
from channels.polls.page import NOTHING_CHOSEN
from tests.backoffice.polls import hold_poll
from tests.channels.chatting import visitor
from tests.fixtures.app import AppServer

_FIELDS = re.compile(r'name="(question-\d+)" value="(\d+)"')


async def results(app: AppServer, poll: Poll) -> PollResults:
    async with app.runtime.database.read() as session:
        return await poll_results.results_of(session, poll.id)


async def page(browser: ClientSession) -> str:
    async with browser.get("/poll") as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_visitor_answers_once_and_is_thanked(app: AppServer) -> None:
    async with visitor(app) as browser:
        assert "现在没有正在进行的民意调查" in await page(browser)
        poll = await hold_poll(app.runtime)
        fields = dict(_FIELDS.findall(await page(browser)))  # of every question the last answer
        assert len(fields) == 2
        for _ in range(2):  # a second click
            async with browser.post(f"/poll/{poll.id}", data=fields) as answer:
                text = await answer.text()
        assert (answer.status, "您已经参加过这项调查" in text) == (409, True)
        assert "您已经参加过了" in await page(browser)
        async with browser.get("/poll?thanks=1") as answer:
            assert "收到了，谢谢您的意见" in await answer.text()
    found = await results(app, poll)
    assert (found.ballots, found.channels) == (1, (("webchat", 1),))
    assert [question.options[-1].count for question in found.questions] == [1, 1]


async def test_what_is_no_answer_changes_nothing(app: AppServer) -> None:
    poll = await hold_poll(app.runtime)
    async with visitor(app) as browser:
        name, value = _FIELDS.findall(await page(browser))[0]
        for fields, status in (
            ({}, 422),
            ({"question-x": "1", "question-²": "1", "q": value}, 422),
            ({name: "999999"}, 409),
            ({"question-99999999999": value}, 422),
        ):
            async with browser.post(f"/poll/{poll.id}", data=fields) as answer:
                assert answer.status == status, fields
        async with browser.post(f"/poll/{poll.id}", data={}, headers={"Accept": "application/json"}) as answer:
            assert (await answer.json())["reason"] == NOTHING_CHOSEN
        async with browser.post(f"/poll/{poll.id + 1}", data={name: value}) as answer:
            assert answer.status == 409
        async with browser.post(f"/poll/{10**25}", data={name: value}) as answer:  # no id any database could have
            assert answer.status == 404
        foreign = {"Origin": "https://elsewhere.example"}
        async with browser.post(f"/poll/{poll.id}", data={name: value}, headers=foreign) as answer:
            assert answer.status == 403
    async with app.browser() as stranger, stranger.post(f"/poll/{poll.id}", data={name: value}) as answer:
        assert answer.status == 403
    assert (await results(app, poll)).ballots == 0
