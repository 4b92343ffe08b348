"""A form without a good token is refused, and what somebody typed is not lost."""

from __future__ import annotations

from tests.backoffice.web.office import Office

SAME = {"Sec_Fetch_Site": "same-origin"}


async def test_an_old_form_of_ours_comes_back_filled_in_and_can_be_sent_with_one_press(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await browser.post(f"/staff/desk/{conversation_id}/take")
        written = "您好，<b>请带身份证</b>\n和户口簿来办理。"
        fields = {"text": written, "key": "a-key-of-programs", "csrf": "from-an-older-session"}
        stale = await browser.post(f"/staff/desk/{conversation_id}/say", fields, **SAME)
        assert stale.status == 403
        assert "您好，<b>请带身份证</b>" in stale.words.replace("&lt;", "<").replace("&gt;", ">")
        assert "<b>请带身份证</b>" not in stale.text
        assert "a-key-of-programs" not in stale.words  # sent along, not shown
        assert ("staff", written) not in await office.said(conversation_id)
        again = await browser.post(
            f"/staff/desk/{conversation_id}/say", {"text": written, "key": "k1", "csrf": stale.csrf}
        )
        assert again.status == 303
    assert ("staff", written) in await office.said(conversation_id)


async def test_a_foreign_page_is_refused_and_gets_no_form_to_press(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
            fields = {"csrf": "guessed", "text": "转账到"}
            answer = await browser.post(f"/staff/desk/{conversation_id}/say", fields, **headers)
            assert answer.status == 403
            assert "转账到" not in answer.text
            assert 'name="csrf"' not in answer.text
            assert "过期" in answer.words


async def test_a_program_gets_a_code_and_a_reason(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        answer = await browser.post("/staff/duty", {"csrf": "x", "on": "1"}, HX_Request="true")
    assert answer.status == 403
    assert '"error":"stale_form"' in answer.text
    assert "请刷新页面后再试一次" in answer.text


async def test_the_token_may_come_in_a_header_and_another_persons_token_is_no_good(office: Office) -> None:
    async with office.browser_of("agent") as browser, office.browser_of("second") as other:
        assert (await browser.post("/staff/duty", {"csrf": "", "on": "1"}, X_CSRF_Token=browser.csrf)).status == 303
        assert (await browser.post("/staff/duty", {"csrf": "", "on": "1"}, X_CSRF_Token=other.csrf)).status == 403


async def test_passwords_are_never_put_back_into_a_page(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        fields = {"csrf": "old", "old": "secret-one-1", "new": "secret-two-2", "again": "secret-two-2"}
        answer = await browser.post("/staff/account/password", fields, **SAME)
    assert answer.status == 403
    assert "secret-" not in answer.text


async def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.stranger() as browser:
        page = f"{office.server.base}/staff/desk/{conversation_id}"
        answer = await browser.post(f"/staff/desk/{conversation_id}/say", {"text": "x"}, Referer=page)
    assert answer.headers["location"] == f"/staff/sign-in?next=/staff/desk/{conversation_id}"
