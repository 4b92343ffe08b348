"""Files of articles by the page: checked, told row by row, put into review once; exported as far as one keeps them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from knowledge.articles import StoredArticle
from knowledge.drafts import ArticleDraft
from knowledge.files import opening
from tests.backoffice.web.bureau import Bureau
from tests.backoffice.web.office import Answer, Browser
from tests.backoffice.web.reading_room import CITY, CLERK, ELSEWHERE, HEAD, HOME, SHELF, ReadingRoom

FILES = f"{HOME}/files"
ROWS = (
    "编号,问题,答案,部门\n"
    "dogs,养狗要办什么证？,请带狗打好疫苗，到街道便民窗口办理，当天拿证。,东区城管局\n"
    "hollow,没有答案的问题？,,东区城管局\n"
    "licence,身份证丢了怎么补办？,请到任一派出所补办，今后当天取证。,小城市公安局\n"
    "-1+1,像公式的编号？,,东区城管局\n"
)


@pytest.fixture
async def room(bureau: Bureau) -> ReadingRoom:
    """The bureau with three articles of three departments."""
    room = ReadingRoom(bureau)
    await room.stock(*SHELF)
    return room


async def send(browser: Browser, name: str, content: bytes, **fields: str) -> Answer:
    """Sends a file by the form of the page."""
    form = FormData({"csrf": browser.csrf, **fields}, quote_fields=False)
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with browser.session.post(f"{FILES}/import", data=form, allow_redirects=False) as response:
        return await Answer.of(response)


async def checked(room: ReadingRoom, browser: Browser, name: str, content: bytes, **fields: str) -> tuple[str, Answer]:
    """The address of a file's page, and the page once the file has been looked through."""
    sent = await send(browser, name, content, **fields)
    assert sent.status == 303, sent.words
    address = sent.headers["location"]
    await room.bureau.server.app.ctx.knowledge_imports.wait()
    return address, await browser.get(address)


async def count(room: ReadingRoom, table: Any) -> int:
    async with room.bureau.town.runtime.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


@asynccontextmanager
async def clerk(room: ReadingRoom) -> AsyncIterator[Browser]:
    async with room.browser_of(CLERK) as browser:
        yield browser


async def test_a_file_is_checked_first_and_what_is_sound_goes_into_review_once(room: ReadingRoom) -> None:
    async with clerk(room) as browser:
        address, page = await checked(room, browser, "问答.csv", ROWS.encode())
        assert "问答.csv" in page.words
        assert "共有 4 行 新增 1 修改 0 没有变化 0 不能用 3" in page.words
        assert await count(room, ArticleDraft) == 0  # only looked at
        await browser.post(f"{address}/take")
        await browser.post(f"{address}/take")  # pressed twice
        await room.bureau.server.app.ctx.knowledge_imports.wait()
        assert "已提交审核 1 条" in (await browser.get(address)).words
        assert await count(room, ArticleDraft) == 1
        assert await count(room, StoredArticle) == len(SHELF)  # not before citizens
        assert "养狗要办什么证" in (await browser.get(f"{HOME}?view=review")).words


async def test_a_row_of_a_department_one_does_not_keep_is_refused(room: ReadingRoom) -> None:
    async with clerk(room) as browser:
        _, page = await checked(room, browser, "问答.csv", ROWS.encode())
        row = re.search(r"第 4 行 licence (.*?) 第 5 行", page.words)
        assert row is not None, page.words
        assert "公安局" in row[1] or "部门" in row[1]
    async with room.browser_of(ELSEWHERE) as police:
        _, page = await checked(room, police, "问答.csv", ROWS.encode())
        assert "修改 1" in page.words  # theirs, and nothing else
        assert "新增 0" in page.words


async def test_the_reasons_come_as_a_file_that_no_spreadsheet_computes(room: ReadingRoom) -> None:
    async with clerk(room) as browser:
        address, _ = await checked(room, browser, "问答.csv", ROWS.encode())
        refused = await browser.get(f"{address}/refused.csv")
    lines = refused.text.removeprefix("\ufeff").splitlines()
    assert lines[0] == "位置,编号,原因"
    assert [line.split(",")[1] for line in lines[1:]] == ["hollow", "licence", "'-1+1"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("空.csv", b"", "文件是空的"),
        ("坏.xlsx", b"PK\x03\x04 this is no workbook", "已损坏"),
        ("程序.exe", b"MZ", "不"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_in_words(
    room: ReadingRoom, name: str, content: bytes, reason: str
) -> None:
    async with clerk(room) as browser:
        address, page = await checked(room, browser, name, content)
        alert = re.search(r'role="alert">.*?<span>(.*?)</span>', page.text, re.DOTALL)
        assert alert is not None, page.words
        assert reason in alert[1]
        await browser.post(f"{address}/take")  # there is nothing to take
        await room.bureau.server.app.ctx.knowledge_imports.wait()
    assert await count(room, ArticleDraft) == 0


async def test_nobody_sees_or_takes_anybody_elses_file(room: ReadingRoom) -> None:
    async with clerk(room) as browser, room.browser_of(HEAD) as head:
        address, _ = await checked(room, browser, "问答.csv", ROWS.encode())
        for path in ("", "/state", "/refused.csv"):
            assert (await head.get(f"{address}{path}")).status == 404
        assert (await head.post(f"{address}/take")).status == 404
    assert await count(room, ArticleDraft) == 0


async def test_a_file_may_be_larger_than_a_photo_but_not_larger_than_the_limit(
    room: ReadingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = room.bureau.town.runtime.settings.upload_limit_bytes
    filler = json.dumps({"问题": "", "答案": "字" * 1000}, ensure_ascii=False).encode() + b"\n"
    large = filler * (photo // len(filler) + 100)
    async with clerk(room) as browser:
        _, page = await checked(room, browser, "大.jsonl", large)
        assert "共有" in page.words
        too_large = await send(browser, "太大.jsonl", b"x" * (opening.SIZE_LIMIT + 1024 * 1024))
        assert too_large.status == 413
        assert "文件超过 32 MB 的上限，请拆成几个文件再导入。" in too_large.words
        assert (await browser.get(FILES, follow=True)).status == 200  # the line still stands
    async with room.bureau.server.browser() as session:
        sent = await send(Browser(session), "陌生人.csv", ROWS.encode())
        assert (sent.status, sent.headers["location"][:14]) == (303, "/staff/sign-in")


async def test_one_exports_what_one_keeps_and_a_whole_city_only_its_editor(room: ReadingRoom) -> None:
    async with clerk(room) as browser:
        mine = await browser.get(f"{FILES}/export/jsonl")
        assert [json.loads(line)["id"] for line in mine.text.splitlines()] == ["stall"]
        assert (await browser.get(f"{FILES}/export/pdf")).status == 404
    async with room.browser_of(CITY) as editor:
        whole = await editor.get(f"{FILES}/export/jsonl?all=1")
        assert {json.loads(line)["id"] for line in whole.text.splitlines()} == {"stall", "rubbish", "licence"}
        _, back = await checked(room, editor, "知识库.jsonl", whole.text.encode(), department="小城市公安局")
        assert "没有变化 3 不能用 0" in back.words  # what was exported is taken back as it is
