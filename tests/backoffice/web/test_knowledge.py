"""Pages of the knowledge base: written, reviewed by somebody else, published, taken down; each role in its part."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from knowledge.drafts import find_draft
from tests.backoffice.web.bureau import OURS, PROGRAM, Bureau, key_in
from tests.backoffice.web.reading_room import (
    CITY,
    CLERK,
    ELSEWHERE,
    HEAD,
    HOME,
    SHELF,
    STALL,
    ReadingRoom,
    codes_in,
    do,
    fields_of,
    new_code,
    tabs_of,
    write,
)

DOGS = {
    "question": "养狗要办什么证？",
    "answer": "请带狗打好疫苗，到街道便民窗口办理，当天拿证。",
    "variants": "狗证在哪里办\n给狗办证要多少钱",
    "keywords": "狗证\n养狗",
    "source": "《小城市养犬管理规定》",
    "fee": "每年100元",
}


@pytest.fixture
async def room(bureau: Bureau) -> ReadingRoom:
    """The bureau with three articles of three departments."""
    room = ReadingRoom(bureau)
    await room.stock(*SHELF)
    return room


# ----------------------------------------------------------------------------------------------------- the usual way


async def test_a_clerk_writes_the_head_approves_and_the_bot_answers_with_it(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        sent = await write(clerk, DOGS)
        code = new_code(sent)
        page = await clerk.get(sent.headers["location"])
        assert "已提交审核。审核人在待办里看得到，通过以后才对市民使用。" in page.words
        assert "您写过这份稿子，要请部门负责人或者知识编辑里的另一个人审核。" in page.words
        assert "通过并发布" not in page.words
        unknown = await clerk.get(f"{HOME}/ask?text=狗证在哪里办")
        assert "机器人答不出" in unknown.words
    async with room.browser_of(HEAD) as head:
        todo = await head.get("/staff/todo")
        assert "知识待审核 1 件" in todo.words
        assert "东区城管局新写的，等您审核" in todo.words
        assert "1 件知识要处理" in todo.text
        page = await head.get(f"{HOME}/articles/{code}")
        assert "新写的一条" in page.words
        assert "员工8 写" in page.words
        approved = await do(head, code, "approve")
        page = await head.get(approved.headers["location"])
        assert "已发布，市民马上得到这个答案。" in page.words
        assert "在用，第 1 版" in page.words
        answer = await head.get(f"{HOME}/ask?text=狗证在哪里办")
        assert "机器人会直接回答" in answer.words
        assert DOGS["answer"] in answer.words
        history = page.words[page.words.index("来龙去脉") :]
        assert [history.index(word) for word in ("发布第 1 版 员工7", "提交审核 员工8", "写稿 员工8")] == sorted(
            history.index(word) for word in ("发布第 1 版 员工7", "提交审核 员工8", "写稿 员工8")
        )


async def test_what_changed_is_shown_word_by_word_to_the_reviewer_and_for_ever(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        fields = {"answer": STALL.answer.replace("不收费", "每月50元"), "fee": "每月50元", "note": "开始收费"}
        await write(clerk, fields, at=f"{HOME}/articles/stall/edit")
    async with room.browser_of(HEAD) as head:
        page = await head.get(f"{HOME}/articles/stall")
        assert '<del><span class="visually-hidden">删去：</span>不收费</del>' in page.text
        assert '<ins><span class="visually-hidden">加上：</span>每月50元</ins>' in page.text
        assert "开始收费" in page.words
        assert "免费" in page.words
        await do(head, "stall", "approve")
        version = await head.get(f"{HOME}/articles/stall/versions/2")
        assert "和第 1 版比，改了什么" in version.words
        assert "员工7 发布，员工8 写" in version.words
        assert "不收费</del>" in version.text
        changes = await head.get(f"{HOME}?view=changes")
        assert codes_in(changes)[0] == "stall"
        assert "改到第 2 版" in changes.words
        assert "开始收费" in changes.words


async def test_a_refused_draft_goes_back_with_the_reason_and_comes_again(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head:
        code = new_code(await write(clerk, DOGS))
        empty = await do(head, code, "return", reason=" ")
        assert empty.status == 422
        assert "请填写退回的理由。" in empty.words
        await do(head, code, "return", reason="没写多大的狗不能养")
        assert "退回给我的稿子 1 件 养狗要办什么证？ 退回：没写多大的狗不能养" in (await clerk.get("/staff/todo")).words
        page = await clerk.get(f"{HOME}/articles/{code}")
        assert "被退回： 没写多大的狗不能养" in page.words
        again = await write(clerk, {"answer": DOGS["answer"] + "大型犬不能养。"}, at=f"{HOME}/articles/{code}/edit")
        assert again.status == 303
        await do(head, code, "approve")
        assert "大型犬不能养" in (await head.get(f"{HOME}/ask?text=养狗要办什么证")).words


async def test_several_are_approved_at_once_and_one_that_cannot_be_is_named(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head:
        codes = [new_code(await write(clerk, {**DOGS, "question": f"第{n}件事怎么办？"})) for n in range(3)]
        mine = new_code(await write(head, {**DOGS, "question": "我自己写的怎么办？"}))
        page = await head.get(f"{HOME}?view=review")
        ticks = [f"{code}:2:0" for code in codes] + [f"{mine}:2:0", f"{codes[0]}:1:0", "nonsense"]
        assert page.text.count('name="number"') == 3  # nobody can tick their own
        answer = await head.post(f"{HOME}/approve", {"key": key_in(page), "number": ticks})
        assert "已发布 3 条，市民马上得到这些答案。" in answer.words
        assert "我自己写的怎么办？：自己写过的稿子要请别人审核。" in answer.words
        nothing = await head.post(f"{HOME}/approve", {"key": "k2"})
        assert "还没有选中稿子" in nothing.words


async def test_an_article_is_taken_down_with_the_reason_and_gone_for_citizens(room: ReadingRoom) -> None:
    async with room.browser_of(HEAD) as head:
        form = await head.get(f"{HOME}/articles/stall?do=take_down")
        assert "市民马上就查不到这条了" in form.words
        await do(head, "stall", "take_down", reason="办法已经废止")
        await room.round()
        assert "摆摊要办什么手续" not in (await head.get(f"{HOME}/ask?text=摆摊要办什么手续")).words
        assert codes_in(await head.get(f"{HOME}?view=down")) == ["stall"]
        assert "办法已经废止" in (await head.get(f"{HOME}/articles/stall")).words
    async with room.browser_of("agent") as agent:
        assert (await agent.get(f"{HOME}/articles/stall")).status == 404


async def test_a_discarded_draft_is_gone_and_the_article_stays(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        await write(clerk, {"fee": "?"}, at=f"{HOME}/articles/stall/edit", then="keep")
        page = await clerk.get(f"{HOME}/articles/stall")
        assert "稿子删除以后找不回来，现在用的答案不受影响。" in page.text
        gone = await do(clerk, "stall", "discard")
        assert "草稿已删除。" in (await clerk.get(gone.headers["location"])).words
        new = new_code(await write(clerk, DOGS, then="keep"))
        gone = await do(clerk, new, "discard")
        assert gone.headers["location"] == f"{HOME}?view=mine&done=discard"
        assert "草稿已删除。" in (await clerk.get(gone.headers["location"])).words


# --------------------------------------------------------------------------------------------------------- temporary


async def test_a_temporary_notice_is_first_while_in_force_and_gone_by_itself(room: ReadingRoom) -> None:
    outage = {
        "question": "东区夜市今天为什么不开？",
        "answer": "夜市因道路抢修暂停，预计今天18:00恢复。",
        "ends_at": "2026-11-16T18:00",
        "variants": "夜市摆摊今天能去吗",
    }
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head:
        form = await clerk.get(f"{HOME}/new?temporary=1")
        assert "今天 18:00" in form.words
        assert fields_of(form)["source"] == "东区城市管理局通知"
        code = new_code(await write(clerk, outage, at=f"{HOME}/new?temporary=1"))
        assert "急 临时通知" in (await head.get("/staff/todo")).words
        await do(head, code, "approve")
        listed = await head.get(HOME)
        assert codes_in(listed)[0] == code
        assert "临时，到 今天 18:00" in listed.words
        heard = await head.get(f"{HOME}/ask?text=夜市摆摊今天能去吗")
        assert "暂停，预计今天18:00恢复" in heard.words
        room.bureau.town.wait(hours=8)
        await room.round()
    async with room.browser_of(HEAD) as later:
        assert codes_in(await later.get(HOME)) == ["stall"]
        assert "到了结束时间，自动下架" in (await later.get(f"{HOME}/articles/{code}")).words


async def test_a_temporary_notice_must_say_when_it_ends_and_not_in_the_past(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        for ends, reason in (
            ("", "请填写什么时候结束。"),
            ("2026-11-16T09:00", "结束时间已经过了"),
            ("soon", "请写成"),
        ):
            fields = {**DOGS, "temporary": "1", "ends_at": ends}
            answer = await write(clerk, fields, at=f"{HOME}/new?temporary=1")
            assert answer.status == 422
            assert reason in answer.words
            assert DOGS["answer"] in answer.text


# ---------------------------------------------------------------------------------------------- nothing lost or doubled


async def test_a_form_sent_twice_is_one_article_submitted_once(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        fields = {**fields_of(await clerk.get(f"{HOME}/new")), **DOGS, "then": "submit"}
        answers = await asyncio.gather(*(clerk.post(f"{HOME}/write", fields) for _ in range(4)))
        assert len({new_code(answer) for answer in answers}) == 1
        assert tabs_of(await clerk.get(HOME))["待审核"] == 1


async def test_what_is_missing_is_said_at_its_field_and_the_draft_is_kept(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        empty = await write(clerk, {})
        assert (empty.status, tabs_of(await clerk.get(HOME))["我的稿子"]) == (422, 0)
        for reason in ("请先写标题问题。", "请填写答案。", "请填写依据。"):
            assert reason in empty.words
        answer = await write(clerk, {"question": "养狗要办什么证？", "link": "www.x"})
        assert answer.status == 422
        assert "稿子已经存好，但还不能提交审核" in answer.words
        for reason in ("请填写答案。", "请填写依据。", "请填写以 https:// 或 http:// 开头的完整网址。"):
            assert reason in answer.words
        assert tabs_of(await clerk.get(HOME))["我的稿子"] == 1
        mended = {**fields_of(answer), **DOGS, "link": "", "then": "submit"}
        assert (await clerk.post(f"{HOME}/write", mended)).headers["location"].endswith("?done=submit")
        assert tabs_of(await clerk.get(HOME))["我的稿子"] == 1


async def test_who_saves_over_somebody_elses_text_sees_it_first_and_loses_nothing(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head:
        theirs = fields_of(await clerk.get(f"{HOME}/articles/stall/edit"))
        await write(head, {"fee": "20元"}, at=f"{HOME}/articles/stall/edit", then="keep")
        answer = await clerk.post(f"{HOME}/write", {**theirs, "duration": "三天", "then": "keep"})
        assert answer.status == 409
        assert "这份稿子又被别人改过" in answer.words
        assert "20元" in answer.words
        assert 'value="三天"' in answer.text
        again = await clerk.post(f"{HOME}/write", {**fields_of(answer), "then": "keep"})
        assert again.status == 303
        async with room.bureau.town.runtime.database.read() as session:
            draft = await find_draft(session, "stall")
        assert draft is not None
        assert (draft.article().duration, draft.article().fee) == ("三天", "免费")


async def test_a_draft_changed_under_the_reviewer_is_not_published_unseen(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head:
        code = new_code(await write(clerk, DOGS))
        page = await head.get(f"{HOME}/articles/{code}")
        await do(clerk, code, "take_back")
        await write(clerk, {"fee": "一百万元"}, at=f"{HOME}/articles/{code}/edit")
        stale = {"key": key_in(page), "edition": "2", "base": "0"}
        answer = await head.post(f"{HOME}/articles/{code}/approve", stale)
        assert answer.status == 409
        assert "又被别人改过" in answer.words
        assert "一百万元" in answer.words


async def test_what_was_written_in_a_page_left_open_too_long_is_shown_again(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        fields = {**fields_of(await clerk.get(f"{HOME}/new")), **DOGS}
        clerk.csrf = "old"
        answer = await clerk.post(f"{HOME}/write", {**fields, "csrf": "old"}, **OURS)
        assert answer.status == 403
        assert DOGS["answer"] in answer.words


# -------------------------------------------------------------------------------------------------------- who may what


@pytest.mark.parametrize(
    ("who", "kept"),
    [
        (CLERK, {"stall"}),
        (HEAD, {"stall"}),
        (ELSEWHERE, {"licence"}),
        (CITY, {"stall", "rubbish", "licence"}),
        ("administrator", {"stall", "rubbish", "licence"}),
        ("agent", {"stall", "rubbish", "licence"}),
        ("supervisor", {"stall", "rubbish", "licence"}),
    ],
)
async def test_everybody_sees_their_part_in_the_list_and_on_the_pages(
    room: ReadingRoom, who: str, kept: set[str]
) -> None:
    async with room.browser_of(who) as browser:
        page = await browser.get(HOME)
        assert set(codes_in(page)) == kept
        assert tabs_of(page)["在用"] == len(kept)
        for article in SHELF:
            for path in ("", "/versions/1", "/ask?text=怎么办"):
                answer = await browser.get(f"{HOME}/articles/{article.code}{path}")
                assert answer.status == (200 if article.code in kept else 404), (article.code, path)


async def test_another_departments_article_and_draft_are_out_of_reach_on_every_route(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        code = new_code(await write(clerk, DOGS))
    async with room.browser_of(ELSEWHERE) as browser:
        for address in (f"{HOME}/articles/{code}", f"{HOME}/articles/stall/edit", f"{HOME}/articles/{code}/edit"):
            answer = await browser.get(address)
            assert answer.status == 404, address
            assert DOGS["answer"] not in answer.text
        for deed in ("submit", "take_back", "return", "approve", "discard", "take_down", "look_expiring"):
            for each in (code, "stall"):
                answer = await browser.post(f"{HOME}/articles/{each}/{deed}", {"reason": "x", "key": "k"}, **PROGRAM)
                assert answer.status == 404, (each, deed)
        stolen = await browser.post(f"{HOME}/write", {**DOGS, "code": "stall", "department": "police", "key": "k"})
        assert stolen.status == 404
        given = await write(browser, {**DOGS, "department": "east.urban"})
        assert given.status == 422
        assert "这个部门的知识不归您维护" in given.words


async def test_readers_see_what_citizens_are_told_and_nothing_that_is_being_written(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        await write(clerk, {"fee": "秘密的新价"}, at=f"{HOME}/articles/stall/edit")
        new = new_code(await write(clerk, DOGS))
    for who in ("agent", "dispatcher", "supervisor"):
        async with room.browser_of(who) as browser:
            page = await browser.get(f"{HOME}/articles/stall")
            assert page.status == 200
            assert "免费" in page.words
            for hidden in ("秘密的新价", "待审核", "来龙去脉", "现在可以做什么"):
                assert hidden not in page.words
            assert (await browser.get(f"{HOME}/articles/{new}")).status == 404
            assert "待审核" not in (await browser.get(f"{HOME}?view=review")).words
            for address in (f"{HOME}/new", f"{HOME}/questions", f"{HOME}/files", f"{HOME}/articles/stall/edit"):
                assert (await browser.get(address)).status == 403, address


async def test_a_clerk_does_not_review_and_nobody_reviews_their_own(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk, room.browser_of(HEAD) as head, room.browser_of(CITY) as editor:
        code = new_code(await write(clerk, DOGS))
        refused = await do(clerk, code, "approve", edition="2", base="0")
        assert refused.status == 403
        assert "审核由部门负责人或者知识编辑来做。" in refused.words
        mine = new_code(await write(head, {**DOGS, "question": "负责人写的？"}))
        refused = await do(head, mine, "approve", edition="2", base="0")
        assert refused.status == 403
        assert "自己写过的稿子要请别人审核。" in refused.words
        assert (await do(editor, mine, "approve")).status == 303
    async with room.browser_of("administrator") as administrator:
        theirs = new_code(await write(administrator, {**DOGS, "department": "police"}))
        assert (await do(administrator, theirs, "approve", edition="2", base="0")).status == 403


async def test_programs_get_a_reason_they_can_read(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        for fields, code in (({"question": ""}, "bad_fields"), ({**DOGS, "code": "nothing"}, "no_such_article")):
            answer = await clerk.post(f"{HOME}/write", {"department": "east.urban", "key": "k", **fields}, **PROGRAM)
            assert answer.status in (404, 422)
            assert f'"error":"{code}"' in answer.text


# ------------------------------------------------------------------------------------------- reminders, useless answers


async def test_who_keeps_an_article_finds_it_in_their_todo_before_it_runs_out_and_once(room: ReadingRoom) -> None:
    await room.stock(_until(STALL, 10))
    await room.round()
    await room.round()
    async with room.browser_of(CLERK) as clerk:
        todo = await clerk.get("/staff/todo")
        assert "知识快到期 1 件 摆摊要办什么手续？ 还有 10 天到期" in todo.words
        assert codes_in(await clerk.get(f"{HOME}?view=expiring")) == ["stall"]
        page = await clerk.get(f"{HOME}/articles/stall")
        assert page.words.count("到期提醒 系统") == 1
        seen = await do(clerk, "stall", "look_expiring", reason="办法到期废止")
        assert seen.status == 303
        assert "知识快到期" not in (await clerk.get("/staff/todo")).words
        room.bureau.town.wait(days=5)
        await room.round()
        assert "知识快到期" not in (await clerk.get("/staff/todo")).words
    async with room.browser_of(ELSEWHERE) as other:
        assert "知识快到期" not in (await other.get("/staff/todo")).words


async def test_an_answer_many_found_useless_is_a_todo_with_figures_and_one_angry_click_is_not(
    room: ReadingRoom,
) -> None:
    async with room.browser_of(CLERK) as clerk:
        await room.judged("stall", False)
        assert "市民说没用" not in (await clerk.get("/staff/todo")).words
        await room.judged("stall", False, False, False, True)
        todo = await clerk.get("/staff/todo")
        assert (
            "市民说没用 1 件 摆摊要办什么手续？ 5 人评价，3 人说没用" not in todo.words
        )  # three of five is not certain
        await room.judged("stall", False, False, False, False, False)
        assert "5 人评价，5 人说没用" in (await clerk.get("/staff/todo")).words
        page = await clerk.get(f"{HOME}/articles/stall")
        assert "这一版有 5 人评价，0 人说有用，5 人说没用，没用的明显偏多。" in page.words
        room.bureau.town.wait(minutes=1)
        await do(clerk, "stall", "look_unhelpful", reason="政策就是这样")
        assert "市民说没用" not in (await clerk.get("/staff/todo")).words


def _until(article: Any, days: int) -> Any:
    from dataclasses import replace
    from datetime import date

    return replace(article, valid_to=date(2026, 11, 16) + timedelta(days=days))


# ---------------------------------------------------------------------------------------------- what the bot would say


async def test_while_one_types_the_page_tells_what_the_bot_would_do_and_how_sure_it_is(room: ReadingRoom) -> None:
    async with room.browser_of("agent") as agent:
        sure = await agent.get(f"{HOME}/ask?text=摆摊要办什么手续")
        assert "机器人会直接回答" in sure.words
        assert "十拿九稳" in sure.words
        unknown = await agent.get(f"{HOME}/ask?text=今天晚上吃什么好")
        assert "机器人答不出，会说不知道，并问要不要登记" in unknown.words
        assert (await agent.get(f"{HOME}/ask?text=")).words.strip() == ""
        page = await agent.get(f"{HOME}?text=摆摊")
        assert codes_in(page) == ["stall"]
        nothing = await agent.get(f"{HOME}?text=没有这样的事")
        assert "没有符合这些条件的知识。" in nothing.words


async def test_a_draft_is_tried_out_before_anybody_else_meets_it(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        page = await clerk.get(f"{HOME}/new")
        asked = "狗证在哪里办\n身份证丢了怎么补办\n今晚吃什么"
        tried = await clerk.post(f"{HOME}/try", {**fields_of(page), **DOGS, "asked": asked})
        assert "3 种问法里 1 种能直接答到这条。" in tried.words
        assert "会答成“ 身份证丢了怎么补办？ ”" in tried.words
        assert "答不出" in tried.words
        assert "机器人答不出" in (await clerk.get(f"{HOME}/ask?text=狗证在哪里办")).words  # citizens notice nothing
        code = new_code(await write(clerk, DOGS, then="keep"))
        heard = await clerk.get(f"{HOME}/articles/{code}/ask?text=狗证在哪里办")
        assert "机器人会直接回答" in heard.words
        assert "这份稿子" in heard.words


async def test_the_preview_is_the_card_citizens_get_and_markup_is_only_words(room: ReadingRoom) -> None:
    async with room.browser_of(CLERK) as clerk:
        page = await clerk.get(f"{HOME}/new")
        evil = {**DOGS, "question": "<script>alert(1)</script>怎么办？", "answer": "<img src=x onerror=alert(1)>"}
        card = await clerk.post(f"{HOME}/preview", {**fields_of(page), **evil, "materials": "疫苗本\n身份证"})
        assert "<script" not in card.text
        assert "<img" not in card.text
        assert "&lt;script&gt;" in card.text
        assert "所需材料 疫苗本 身份证" in card.words
        code = new_code(await write(clerk, evil))
        for address in (f"{HOME}/articles/{code}", f"{HOME}?view=mine", f"{HOME}/articles/{code}/edit"):
            answer = await clerk.get(address)
            assert "<script>alert" not in answer.text, address
            assert "<img src=x" not in answer.text, address


@pytest.mark.parametrize(
    "query", ["view=nonsense", "page=-1", "page=999999", "page=abc", "text=%00%01", "department=nope", "text=%25_"]
)
async def test_whatever_stands_in_the_address_the_answer_is_a_list(room: ReadingRoom, query: str) -> None:
    async with room.browser_of(CITY) as editor:
        assert (await editor.get(f"{HOME}?{query}")).status == 200
