"""Who it is, at the desk: the name somebody gave stays with their talk when the order is filed."""

from __future__ import annotations

from tests.backoffice.web.bureau import Bureau


async def test_a_name_told_for_an_order_stands_over_the_talk_afterwards_unless_it_is_to_be_kept_secret(
    bureau: Bureau,
) -> None:
    for who, name, confidential in (("v1", "张建国", False), ("v2", "李红梅", True)):
        talk = await bureau.says("还有件事", who=who)
        await bureau.town.file(
            conversation_id=talk.id, contact_id=talk.contact_id, reporter_name=name, confidential=confidential
        )
        async with bureau.browser_of("agent") as browser:
            for place in ("/staff/desk/list", f"/staff/desk/{talk.id}"):
                assert (name in (await browser.get(place)).words) is not confidential, place
