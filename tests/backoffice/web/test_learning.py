"""派单学习: administrators let it learn anew, see how far it is and what came of it (D1)."""

from __future__ import annotations

import asyncio

from tests.backoffice.test_learned_routing import closed_orders
from tests.backoffice.web.bureau import HTMX, Bureau

PAGE = "/staff/learning"


async def test_one_press_learns_from_closed_orders_and_the_page_follows_it(bureau: Bureau) -> None:
    await closed_orders(bureau.town)
    async with bureau.browser_of("administrator") as browser:
        page = await browser.get(PAGE, follow=True)
        assert "还没有学习过，现在只按规则判断" in page.words
        assert (await browser.post(PAGE)).status == 303
        page = await browser.get(PAGE, follow=True)
        assert "正在从办结的工单学习" in page.words
        assert 'hx-trigger="every 2s"' in page.text
        assert (await browser.post(PAGE)).status == 409  # one at a time
        while "正在从办结的工单学习" in page.words:
            await asyncio.sleep(0.2)
            page = await browser.get(f"{PAGE}/state", **HTMX)
    assert "上次学习：新学的更好，已经换上" in page.words
    assert "160 件，4 个承办部门" in page.words
    assert "首选正确" in page.words
    assert "自动判断" in page.words
    assert "事后算出，不作派单依据" in page.words
    assert "重新学习" in page.words


async def test_nobody_but_administrators_gets_there(bureau: Bureau) -> None:
    for who in ("agent", "dispatcher", "supervisor", "east head", "urban handler"):
        async with bureau.browser_of(who) as browser:
            assert (await browser.get(PAGE, follow=True)).status == 403
            assert (await browser.get(f"{PAGE}/state")).status == 403
            assert (await browser.post(PAGE)).status == 403
            assert PAGE not in (await browser.get("/staff/account")).text
