"""The pages on which polls are written, held and read (A14)."""

from __future__ import annotations

import re

import pytest

from backoffice import poll_ballots
from core.contacts import Sender
from tests.backoffice.web.office import Office

HOME = "/staff/polls"
WRITTEN = {
    "title": "老旧小区加装电梯意见征集",
    "opening": "",
    "closes_on": "",
    "question-0": "您赞成加装电梯吗",
    "options-0": "赞成\n=不赞成\n",
    "question-2": "您住几楼",
    "options-2": "一二楼\r\n三楼以上",
}


async def test_a_poll_is_drafted_changed_held_read_and_closed(office: Office) -> None:
    async with office.browser_of("supervisor") as browser:
        assert "还没有民意调查" in (await browser.get(HOME)).words
        answer = await browser.post(f"{HOME}/new", {**WRITTEN, "options-0": "赞成", "deed": "open"})
        assert answer.status == 422
        assert "请写 2 到 8 个选项" in answer.words
        assert "您赞成加装电梯吗" in answer.text
        assert "一二楼" in answer.text
        assert "还没有民意调查" in (await browser.get(HOME)).words, "nothing of it was kept"
        answer = await browser.post(f"{HOME}/new", {**WRITTEN, "options-2": "一二楼"})
        assert re.search(r'id="options-1"[^>]*aria-invalid="true"', answer.text), "told where the question is now"
        answer = await browser.post(f"{HOME}/new", {**WRITTEN, "closes_on": "明天"})
        assert (answer.status, "2026-12-31 的样子" in answer.words) == (422, True)
        answer = await browser.post(f"{HOME}/new", {**WRITTEN, "deed": "keep"})
        assert answer.status == 303
        place = answer.headers["location"]
        draft = await browser.get(place)
        assert 'name="question-1"' in draft.text
        assert "您住几楼" in draft.text, "the questions written stand one after the other"
        assert (await browser.post(place, {**WRITTEN, "deed": "open"})).status == 303
        await _answered(office)
        page = await browser.get(place)
        assert re.search("1 人参加 ?， ?1 人答到最后 ?。 ?网页 1 ?。", page.words), page.words
        assert "=不赞成 100% 1 人" in page.words
        table = await browser.get(f"{place}/results.csv")
        assert table.headers["content-type"].startswith("text/csv")
        assert "老旧小区加装电梯意见征集,您赞成加装电梯吗,'=不赞成,1,100.0%" in table.text
        assert (await browser.post(place, WRITTEN)).status == 409
        assert (await browser.post(f"{place}/close")).status == 303
        page = await browser.get(place)
        assert "已结束" in page.words
        assert "结束调查" not in page.words
        page = await browser.post(f"{place}/close")
        assert (page.status, "没有在进行" in page.words) == (409, True)
        assert "1 人参加" in (await browser.get(HOME)).words


async def _answered(office: Office) -> None:
    runtime, voter = office.server.runtime, Sender("webchat", "web", "v1")
    async with runtime.database.write() as session:
        paper = (await poll_ballots.offer(session, voter, runtime.clock.now())).paper
        assert paper is not None
        chosen = {paper.questions[0].id: paper.questions[0].choices[1].id}
        await poll_ballots.answer(session, paper.poll_id, voter, chosen, runtime.clock.now(), finished=True)


async def test_a_draft_may_go_and_what_is_not_there_is_not_found(office: Office) -> None:
    async with office.browser_of("administrator") as browser:
        place = (await browser.post(f"{HOME}/new", {**WRITTEN, "deed": "keep"})).headers["location"]
        assert (await browser.post(f"{place}/drop")).headers["location"] == HOME
        for missing in (place, f"{HOME}/99999999999", f"{HOME}/4711/results.csv"):
            assert (await browser.get(missing)).status == 404
        assert (await browser.post(place, WRITTEN)).status == 404


@pytest.mark.parametrize("who", ["agent", "dispatcher", "handler", "head", "editor"])
async def test_only_who_holds_polls_sees_them(office: Office, who: str) -> None:
    async with office.browser_of(who) as browser:
        assert (await browser.get(HOME)).status == 403
        assert (await browser.post(f"{HOME}/new", WRITTEN)).status == 403
        assert "民调" not in (await browser.get("/staff/account")).words
