"""The page of an order: four questions in order; who reported it is masked, hidden where it must be (C10, I1, I4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from backoffice import orders
from backoffice.kinds import Kind
from backoffice.staff import Staff
from backoffice.workflow import Action, Status, Who, allowed_actions
from core.messages import Reply
from tests.backoffice.conftest import UNCLEAR
from tests.backoffice.web.bureau import PROGRAM, Bureau
from tests.backoffice.web.office import Answer
from tests.backoffice.web.test_desk import PAYLOADS, Skeleton

EAST, OTHERS = "east.urban handler", "police handler"
REPORTED: dict[str, Any] = {
    "content": "东区幸福小区工地噪音太大，我是张建国，电话13812345678",
    "address": "幸福小区3号楼",
    "target": "某工地",
    "happened": "昨晚十一点",
    "reporter_name": "张建国",
    "reporter_phone": "13812345678",
}


def _at(number: str, part: str = "") -> str:
    return f"/staff/orders/{number}{part}"


def _deeds(page: Answer) -> set[str]:
    """The actions the page offers."""
    bar = page.text.split('id="deeds"')[1]
    return set(re.findall(r"\?do=(\w+)", bar)) | set(re.findall(r'action="/staff/orders/\d+/(\w+)"', bar))


async def _page(bureau: Bureau, who: str, number: str, part: str = "") -> Answer:
    async with bureau.browser_of(who) as browser:
        return await browser.get(_at(number, part))


async def test_the_page_answers_four_questions_in_order(bureau: Bureau) -> None:
    number = (await bureau.town.file(**REPORTED)).order.number
    await bureau.town.do(orders.sign, number, EAST)
    page = await _page(bureau, EAST, number)
    headings = re.findall(r'<h2 class="card-title"[^>]*>([^<]+)</h2>', page.text)
    assert headings == ["市民要什么", "还有多久", "办到哪一步", "现在可以做什么", "和市民的对话"]
    for words in (
        "东区幸福小区工地噪音太大",
        "反映对象 某工地",
        "地点 幸福小区3号楼",
        "发生时间 昨晚十一点",
        "分类 施工噪声",
        "来源 网页， 2026-11-16 10:00 受理",
        "东区城市管理局，经办人 员工8（工号 008）",
        "答复期限 2026-12-07 17:30",
        "派单 → 东区城市管理局 系统",
        "按派单规则自动派单",
        "签收 008 员工8",
    ):
        assert words in page.words


async def test_name_and_numbers_are_masked_and_looking_at_them_is_written_down(bureau: Bureau) -> None:
    number = (await bureau.town.file(**REPORTED)).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(_at(number))
        assert "张** 138****5678" in page.words
        assert "我是张**，电话138****5678" in page.words
        assert "13812345678" not in page.text
        assert "张建国" not in page.text
        shown = await browser.post(_at(number, "/unmask"))
        assert "张建国 13812345678" in shown.words
        assert "我是张建国，电话13812345678" in shown.words
        assert "查看反映人信息" in shown.words
        again = await browser.get(_at(number))
    assert "13812345678" not in again.text
    last = (await bureau.history(number))[-1]
    assert (last.action, last.actor) == ("unmask", f"staff:{bureau.town.staff[EAST].id}")


async def test_of_a_confidential_order_a_department_sees_neither_reporter_nor_talk(bureau: Bureau) -> None:
    conversation = await bureau.says("我要举报，我叫张建国", Reply("请说。"))
    citizen = {"conversation_id": conversation.id, "contact_id": conversation.contact_id}
    filed = await bureau.town.file(**{**REPORTED, "kind": Kind.REPORT}, **citizen, confidential=True)
    number = filed.order.number
    for who in (EAST, "east head"):
        async with bureau.browser_of(who) as browser:
            page = await browser.get(_at(number))
            assert "保密件" in page.words
            assert "地点 幸福小区3号楼" in page.words  # where to go is the department's business
            for secret in ("张建国", "13812345678", "我要举报，我叫", filed.query_code, conversation.id):
                assert secret not in page.text, secret
            assert "显示完整信息" not in page.text
            assert (await browser.post(_at(number, "/unmask"), **PROGRAM)).status == 403
    assert "unmask" not in await bureau.actions(number)
    async with bureau.browser_of("dispatcher") as browser:
        assert "张建国 13812345678" in (await browser.post(_at(number, "/unmask"))).words


async def test_dispatchers_are_shown_what_is_likely_the_same_matter_and_nobody_else_is(bureau: Bureau) -> None:
    first = (await bureau.town.file(**REPORTED)).order.number
    second = (await bureau.town.file(**{**REPORTED, "content": "工地半夜施工，噪音吵得睡不着"})).order.number
    shown = (await _page(bureau, "dispatcher", second)).text.split("可能是同一件事")[1].split("</section>")[0]
    assert _at(first) in shown
    assert "13812345678" not in shown
    assert "可能是同一件事" not in (await _page(bureau, EAST, second)).text


async def test_an_order_out_of_scope_is_not_there_on_any_route(bureau: Bureau) -> None:
    number = (await bureau.town.file(**REPORTED)).order.number
    before = await bureau.actions(number)
    async with bureau.browser_of(OTHERS) as browser:
        for part in ("", "?do=answer", "/photos/0"):
            page = await browser.get(_at(number, part))
            assert page.status == 404, part
            assert "噪音" not in page.text
        for deed in ("unmask", *(action.value for action in Action if action not in {Action.FILE, Action.JOIN})):
            fields = {"key": "k", "reason": "x", "text": "x", "department": "police", "note": "x"}
            fields |= {"unit": "x", "handled_on": "2026-11-16", "situation": "x", "result": "x"}
            answer = await browser.post(_at(number, f"/{deed}"), fields, **PROGRAM)
            assert answer.status == 404, deed
            assert '"error":"no_such_order"' in answer.text, deed
    assert await bureau.actions(number) == before


async def test_what_is_no_number_of_an_order_is_not_found(bureau: Bureau) -> None:
    async with bureau.browser_of("supervisor") as browser:
        for number in ("99999999", "abc", "1", "%3Cscript%3E", "1" * 400):
            assert (await browser.get(_at(number))).status == 404


# ------------------------------------------------------------------------------------------------------- the buttons


async def _in_every_status(bureau: Bureau) -> dict[Status, str]:
    """An order in each status, all of them once east.urban's (but the one nobody has yet)."""
    town = bureau.town
    numbers = {status: (await town.file()).order.number for status in Status}
    numbers[Status.PENDING_DISPATCH] = (await town.file(UNCLEAR)).order.number
    refused = numbers[Status.REFUSED] = (await town.file(UNCLEAR)).order.number
    for status in (Status.HANDLING, Status.ANSWERED, Status.CLOSED):
        await town.do(orders.sign, numbers[status], EAST)
    for status in (Status.ANSWERED, Status.CLOSED):
        await town.do(orders.answer, numbers[status], EAST, town.answer())
    await town.do(orders.close, numbers[Status.CLOSED], EAST)
    await town.do(orders.withdraw, numbers[Status.WITHDRAWN], "agent")
    await town.do(orders.refuse, refused, "dispatcher", "不归热线管")
    return numbers


async def test_only_allowed_moves_are_buttons_for_every_role_in_every_status(bureau: Bureau) -> None:
    numbers = await _in_every_status(bureau)
    for who in ("agent", "dispatcher", "supervisor", "administrator", EAST, "east head"):
        role = Who(bureau.town.staff[who].role.value)
        async with bureau.browser_of(who) as browser:
            for status, number in numbers.items():
                page = await browser.get(_at(number))
                if page.status == 404:
                    assert who in (EAST, "east head")
                    continue
                assert _deeds(page) == {action.value for action in allowed_actions(status, role)}, (who, status)


async def test_where_nothing_can_be_done_the_page_says_who_has_to(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        await bureau.town.do(orders.answer, number, EAST, bureau.town.answer())
        await bureau.town.do(orders.close, number, EAST)
        page = await browser.get(_at(number))
    assert "已经办结，不用再做什么" in page.words
    assert "已办结，不再计时" in page.words


async def test_a_form_that_is_not_allowed_does_not_open(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    for wanted in ("answer", "refuse", "sign", "nonsense", "file"):
        page = await _page(bureau, EAST, number, f"?do={wanted}")
        assert page.status == 200
        assert 'class="deed"' not in page.text, wanted
    assert 'class="deed"' in (await _page(bureau, EAST, number, "?do=send_back")).text


async def test_a_head_with_nothing_below_has_no_button_to_pass_an_order_on(bureau: Bureau) -> None:
    own = bureau.town.staff[EAST].department_id
    async with bureau.town.runtime.database.write() as session:
        head = Staff.id == bureau.town.staff["east head"].id
        await session.execute(update(Staff).where(head).values(department_id=own))
    number = (await bureau.town.file()).order.number
    assert "dispatch" not in _deeds(await _page(bureau, "east head", number))


# ------------------------------------------------------------------------------------------- the conversation beside


async def test_beside_it_stands_what_was_said_for_this_order_and_nothing_said_for_another(bureau: Bureau) -> None:
    town = bureau.town
    conversation = await bureau.says("我要举报李四，我叫张建国", Reply("请问您的电话？"))
    citizen = {"conversation_id": conversation.id, "contact_id": conversation.contact_id}
    await bureau.says("13812345678")
    secret = await town.file(**REPORTED, **citizen, confidential=True)
    await bureau.says("确认", Reply("登记好了", details={"order": secret.order.number}))
    town.wait(minutes=2)
    await bureau.says("还有，小区旁边工地半夜施工", Reply("请问怎么联系您？"))
    await bureau.says("张建国，13812345678，刚才写成了1381234567")
    plain = await town.file(**REPORTED, **citizen)
    card = {"kind": "order", "number": plain.order.number, "query_code": plain.query_code, "title": "工地噪音"}
    receipt = Reply("受理号和查询码", card=card, details={"order": plain.order.number})
    await bureau.says("是的", receipt)
    await town.do(orders.sign, plain.order.number, EAST)
    await bureau.says("再问一下社保卡怎么补", Reply("带身份证。"))
    page = await _page(bureau, EAST, plain.order.number)
    talk = page.words.split("和市民的对话")[1]
    for words in ("小区旁边工地半夜施工", "张**，138****5678，刚才写成了*******567", "是的", "已签收您反映的事项"):
        assert words in talk
    for other in ("李四", "确认", "社保卡", "带身份证", plain.query_code, secret.query_code, secret.order.number):
        assert other not in talk, other
    assert "看完整会话" not in talk
    assert "看完整会话" in (await _page(bureau, "agent", plain.order.number)).words


async def test_an_order_without_a_conversation_says_where_it_came_from(bureau: Bureau) -> None:
    number = (await bureau.town.file(channel="letter")).order.number
    page = await _page(bureau, EAST, number)
    assert "这件工单由来信登记，没有对话记录" in page.words


async def test_photos_are_shown_to_whoever_may_see_the_order_and_to_nobody_else(bureau: Bureau) -> None:
    folder = bureau.town.runtime.settings.media_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.jpg").write_bytes(b"jpg")
    (folder / "b.html").write_bytes(b"<script>")
    (folder.parent / "secret.jpg").write_bytes(b"secret")
    good = {"media_type": "image/jpeg", "path": "a.jpg", "size": 3, "sha256": "0"}
    outside, page_of_theirs = {**good, "path": "../secret.jpg"}, {**good, "media_type": "text/html", "path": "b.html"}
    conversation = await bureau.says("看照片", photo="a.jpg")
    number = (
        await bureau.town.file(
            attachments=(good, outside, page_of_theirs),
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
        )
    ).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(_at(number))
        assert page.text.count(f'<img src="/staff/orders/{number}/photos/0"') == 2  # with the order, and in the talk
        photo = await browser.get(_at(number, "/photos/0"))
        assert (photo.status, photo.text, photo.headers["content-type"]) == (200, "jpg", "image/jpeg")
        assert "sandbox" in photo.headers["content-security-policy"]
        for place in (1, 2, 3, 99999):
            assert (await browser.get(_at(number, f"/photos/{place}"))).status == 404, place
    async with bureau.browser_of(OTHERS) as browser:
        assert (await browser.get(_at(number, "/photos/0"))).status == 404


# ------------------------------------------------------------------------------------------------------------ markup


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_nothing_anybody_wrote_becomes_part_of_the_page(bureau: Bureau, payload: str) -> None:
    """The page has the same elements whether the texts are harmless or not (trap 22)."""

    async def skeleton(text: str, who: str) -> Skeleton:
        conversation = await bureau.says(text, Reply(text), who=who)
        filed = await bureau.town.file(
            content=f"东区幸福小区工地噪音{text}",
            target=text[:90],
            address=f"东区{text}",
            happened=text,
            reporter_name=text[:40],
            reporter_phone="1",
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
        )
        number = filed.order.number
        await bureau.town.do(orders.urge, number, "agent", text=text)
        await bureau.town.do(orders.sign, number, EAST)
        async with bureau.browser_of(EAST) as browser:
            fields = {"key": "k", "unit": text, "handled_on": text, "situation": text, "result": text}
            refused = await browser.post(_at(number, "/answer"), fields)
            assert refused.status == 422
            refused.status = 200
            return Skeleton.of(refused)

    evil, harmless = await skeleton(payload, "v1"), await skeleton("平常的话", "v2")
    assert evil.elements == harmless.elements


async def test_who_joined_is_masked_on_the_page_also_in_what_they_wrote_until_somebody_asks(bureau: Bureau) -> None:
    number = (await bureau.town.file(**REPORTED)).order.number
    joiner = {"content": "我是李小红，也被吵", "reporter_name": "李小红", "reporter_phone": "13700002222"}
    draft = orders.OrderDraft(kind=Kind.COMPLAIN, channel="webchat", target="李小红家楼下", **joiner)
    async with bureau.town.runtime.database.write() as session:
        await orders.join(session, number, draft, key="k", now=bureau.town.clock.now())
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(_at(number))
        assert "另有 1 人反映同一件事： 李** 137****2222" in page.words
        assert "我是李**，也被吵 反映对象：李**家楼下" in page.words
        for secret in ("李小红", "13700002222", "张建国", "13812345678"):
            assert secret not in page.text
        shown = await browser.post(_at(number, "/unmask"))
    assert "李小红 13700002222" in shown.words
    assert "我是李小红，也被吵" in shown.words
    assert (await bureau.actions(number))[-1] == "unmask"


async def test_the_form_says_that_who_joined_hears_of_it_also_when_the_first_reporter_cannot(bureau: Bureau) -> None:
    number = (await bureau.town.file(**REPORTED, channel="letter")).order.number
    alone = await _page(bureau, EAST, number, "?do=sign")
    assert "系统不会自动通知，请另行告知。" in alone.words
    draft = orders.OrderDraft(kind=Kind.COMPLAIN, content="也被吵", **await bureau.town.citizen())
    async with bureau.town.runtime.database.write() as session:
        await orders.join(session, number, draft, key="k", now=bureau.town.clock.now())
    shown = await _page(bureau, EAST, number, "?do=sign")
    assert "请另行告知；另外 1 位反映同一件事的市民会立即收到" in shown.words
