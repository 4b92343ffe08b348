"""The chat page: bytes transferred, and how soon the first words stand there.

    uv run python -m benchmarks.page [--visits 10]

A fresh browser profile for each visit (nothing cached), 360×740, on loopback; bytes as Chromium counts them.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from playwright.async_api import Browser

from benchmarks.figures import print_row, quiet
from benchmarks.installation import served
from tests.fixtures.browser import PHONE, chromium

quiet()

QUESTION = "社保卡丢了怎么补办"
DEPARTMENT = "市人力资源和社会保障局"
"""Stands in the answer and nowhere else on the page."""


async def measure(visits: int) -> None:
    """Visits the page and prints the figures."""
    with served() as service:
        async with chromium() as browser:
            await _visit(browser, service.base)  # warms up
            seen = [await _visit(browser, service.base) for _ in range(visits)]
        print_row("transferred for the page", [size for size, _, _ in seen], unit=1 / 1024, name="KB")
        print_row("address entered to greeting visible", [greeting for _, greeting, _ in seen], unit=1, name="s")
        print_row("question sent to first reply visible", [reply for _, _, reply in seen], unit=1, name="s")


async def _visit(browser: Browser, base: str) -> tuple[float, float, float]:
    context = await browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    begun = time.perf_counter()
    await page.goto(f"{base}/chat")
    await page.wait_for_selector("textarea:enabled")
    greeting = time.perf_counter() - begun
    await page.wait_for_timeout(1000)
    transferred = sum(sizes)
    await page.fill("textarea", QUESTION)
    begun = time.perf_counter()
    await page.keyboard.press("Enter")
    await page.locator("#messages").get_by_text(DEPARTMENT).first.wait_for()
    reply = time.perf_counter() - begun
    await context.close()
    return transferred, greeting, reply


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=10)
    asyncio.run(measure(parser.parse_args().visits))
