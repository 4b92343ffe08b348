"""Photos: by content, within limits, without EXIF or GPS, and only for whom they belong to."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession, FormData
from PIL import Image
from sqlalchemy import func, select

from core.conversations import Message
from core.settings import Settings
from tests.channels.chatting import chat, visitor
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer

ORIENTATION, GPS = 0x0112, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # held upright: the camera lay on its side
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (30.0, 15.0, 12.5)
    return picture(exif=exif, comment=b"13800138000")


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it unpacks to 90,000 × 90,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 90_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


async def send(browser: ClientSession, data: bytes, name: str = "photo.jpg", key: str | None = None) -> tuple[int, Any]:
    form = FormData()
    form.add_field("id", key or str(uuid4()))
    form.add_field("photo", data, filename=name, content_type="image/jpeg")
    async with browser.post("/chat/photos", data=form, headers={"Accept": "*/*"}) as answer:
        return answer.status, await answer.json()


def stored(settings: Settings) -> list[Path]:
    return [path for path in settings.media_dir.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_a_message_and_comes_back_as_a_jpeg(
    app: AppServer, engine: ScriptedEngine, sqlite_settings: Settings, kind: str
) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        status, ack = await send(browser, picture(kind), name="说明.txt")
        said = await open_chat.next("message", author="citizen")
        await open_chat.next("message", author="bot")
        async with browser.get(ack["photo"]) as answer:
            shown = await answer.read()
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert status == 200
    assert (said["kind"], said["photo"], said["text"]) == ("image", ack["photo"], "[图片]")
    assert Image.open(io.BytesIO(shown)).format == "JPEG"
    assert engine.heard[0].attachments[0]["size"] == len(shown)
    assert [path.read_bytes() for path in stored(sqlite_settings)] == [shown]


async def test_a_kept_photo_is_upright_and_says_nothing_of_the_place(app: AppServer) -> None:
    raw = with_exif()
    assert b"Exif" in raw
    async with visitor(app) as browser:
        _, ack = await send(browser, raw)
        async with browser.get(ack["photo"]) as answer:
            shown = await answer.read()
    kept = Image.open(io.BytesIO(shown))
    assert kept.size == (480, 640)
    assert not kept.getexif()
    assert b"Exif" not in shown
    assert b"13800138000" not in shown


async def test_a_large_photo_is_kept_smaller(app: AppServer) -> None:
    async with visitor(app) as browser:
        _, ack = await send(browser, picture(size=(6000, 3000), quality=20))
        async with browser.get(ack["photo"]) as answer:
            assert Image.open(io.BytesIO(await answer.read())).size == (2560, 1280)


async def test_a_photo_with_holes_is_put_on_white(app: AppServer) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(out, "PNG")
    async with visitor(app) as browser:
        _, ack = await send(browser, out.getvalue())
        async with browser.get(ack["photo"]) as answer:
            assert Image.open(io.BytesIO(await answer.read())).getpixel((4, 4)) == (255, 255, 255)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(b"", 422, "empty_photo", id="nothing"),
        pytest.param("这不是照片".encode() * 50, 415, "not_a_photo", id="text with a photo's name"),
        pytest.param(SVG, 415, "not_a_photo", id="svg"),
        pytest.param(b"%PDF-1.7 " + b"0" * 400, 415, "not_a_photo", id="pdf"),
        pytest.param(picture("GIF"), 415, "not_a_photo", id="gif"),
        pytest.param(picture("BMP"), 415, "not_a_photo", id="bmp"),
        pytest.param(picture()[:2000], 422, "broken_photo", id="cut off"),
        pytest.param(picture("PNG")[:400], 422, "broken_photo", id="png cut off"),
        pytest.param(bomb(), 413, "photo_too_large", id="bomb"),
        pytest.param(picture() + b"0" * 8 * 1024 * 1024, 413, "photo_too_large", id="too many bytes"),
    ],
)
async def test_what_is_no_photo_gets_a_reason_in_chinese_and_leaves_nothing(
    app: AppServer, sqlite_settings: Settings, data: bytes, status: int, code: str
) -> None:
    async with visitor(app) as browser:
        got, problem = await send(browser, data)
    assert (got, problem["error"]) == (status, code)
    assert "照片" in problem["reason"]
    assert stored(sqlite_settings) == []
    async with app.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0


async def test_a_form_without_a_photo_or_id_gets_a_reason(app: AppServer) -> None:
    async with visitor(app) as browser:
        async with browser.post("/chat/photos", data={"id": str(uuid4())}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "no_photo")
        async with browser.post("/chat/photos", data=b"nonsense") as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "no_photo")
        status, problem = await send(browser, picture(), key="../../../x")
    assert (status, problem["error"]) == (400, "bad_request")


async def test_a_photo_sent_twice_is_one_message_and_one_file(app: AppServer, sqlite_settings: Settings) -> None:
    key = str(uuid4())
    async with visitor(app) as browser:
        first, again = await send(browser, picture(), key=key), await send(browser, picture(), key=key)
    assert first == again
    assert len(stored(sqlite_settings)) == 1


async def test_nobody_else_sees_a_photo(app: AppServer) -> None:
    async with visitor(app) as mine, visitor(app) as theirs, app.browser() as stranger:
        _, ack = await send(mine, picture())
        async with mine.get(ack["photo"]) as answer:
            assert answer.status == 200
        async with theirs.get(ack["photo"]) as answer:
            foreign = answer.status, await answer.json()
        async with theirs.get(ack["photo"].replace(".1", ".7")) as answer:
            missing = answer.status, await answer.json()
        async with stranger.get(ack["photo"]) as answer:
            assert answer.status == 403
        for nonsense in ("x", "..%2f..%2fmaster.key", f"{uuid4()}.1", f"{uuid4()}.-1"):
            async with mine.get(f"/chat/photos/{nonsense}") as answer:
                assert answer.status == 404
    assert foreign == missing
    assert foreign[0] == 404


async def test_a_text_message_is_no_photo(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("你好")
        ack = await open_chat.next("ack")
        async with browser.get(f"/chat/photos/{ack['conversation']}.1") as answer:
            assert answer.status == 404


async def test_too_many_photos_have_to_wait(app: AppServer) -> None:
    async with visitor(app) as browser:
        answers = [await send(browser, picture(size=(8, 8))) for _ in range(10)]
    assert [status for status, _ in answers] == [200] * 9 + [429]
    assert answers[-1][1]["error"] == "too_fast"
