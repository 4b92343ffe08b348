"""What all pages share: headers, errors, static files, and whom we believe about addresses."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import brotli
import pytest
import structlog
from aiohttp import ClientSession
from sanic import HTTPResponse, Request
from sanic.response import text
from structlog.testing import capture_logs

from core.clock import FrozenClock
from core.settings import Settings
from core.web.assets import Assets
from core.web.caller import client_address
from core.web.errors import Refusal
from core.web.headers import content_security_policy
from tests.fixtures.app import AppServer, running_app


async def _breaks(_request: Request) -> HTTPResponse:
    raise ZeroDivisionError("陈建国 13800138000")


async def _refuses(_request: Request) -> HTTPResponse:
    raise Refusal(409, "taken", "已经有人在办。", {"Retry-After": "5"})


async def _address(request: Request) -> HTTPResponse:
    return text(client_address(request))


def _with_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the application under test have three routes more."""
    import tests.fixtures.app as fixture

    really = fixture.create_app

    def create(*args: Any) -> Any:
        app = really(*args)
        for handler, path in ((_breaks, "/breaks"), (_refuses, "/refuses"), (_address, "/address")):
            app.add_route(handler, path)
        return app

    monkeypatch.setattr(fixture, "create_app", create)


@pytest.fixture
async def app_server(
    sqlite_settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AppServer]:
    """The whole application with a handler that breaks and one that refuses."""
    _with_routes(monkeypatch)
    async with running_app(sqlite_settings, clock) as server:
        yield server


@pytest.fixture
async def browser(app_server: AppServer) -> AsyncIterator[ClientSession]:
    """Somebody in front of a page."""
    async with app_server.browser() as session:
        yield session


# --------------------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/healthz", "/staff/sign-in", "/nowhere", "/breaks", "/static/css/tokens.css"])
async def test_every_answer_carries_the_security_headers(browser: ClientSession, path: str) -> None:
    async with browser.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


async def test_pages_are_kept_by_nobody(browser: ClientSession) -> None:
    async with browser.get("/staff/sign-in") as response:
        assert response.headers["Cache-Control"] == "no-store"


def test_the_public_address_may_be_spoken_to_by_web_socket_and_no_other() -> None:
    settings = Settings(_env_file=None, public_url="https://12345.example.cn/")  # type: ignore[call-arg]
    assert "connect-src 'self' wss://12345.example.cn;" in content_security_policy(settings)
    plain = Settings(_env_file=None)  # type: ignore[call-arg]
    assert "connect-src 'self';" in content_security_policy(plain)


async def test_over_https_the_browser_is_told_to_stay_there(sqlite_settings: Settings, clock: FrozenClock) -> None:
    settings = sqlite_settings.model_copy(update={"secure_cookies": True})
    async with running_app(settings, clock) as server, server.browser() as browser:
        async with browser.get("/healthz") as response:
            assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        async with browser.get("/staff/sign-in") as response:
            assert "Secure" in response.headers["Set-Cookie"]


# ---------------------------------------------------------------------------------------------------------- errors


async def test_people_get_a_page_in_plain_chinese(browser: ClientSession) -> None:
    async with browser.get("/nowhere") as response:
        page = await response.text()
    assert response.status == 404
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "没有找到您要的页面" in page


async def test_an_error_leads_back_to_the_page_of_ours_one_came_from_and_nowhere_else(browser: ClientSession) -> None:
    async with browser.get("/nowhere") as response:
        here = str(response.url.origin())
    for came_from, back in (
        (f"{here}/progress?number=10000001", 'href="/progress?number=10000001">返回上一页'),
        ("https://elsewhere.example/page", None),
        (f"{here}//elsewhere.example/page", None),
        (f"{here}/nowhere", None),
    ):
        async with browser.get("/nowhere", headers={"Referer": came_from}) as response:
            page = await response.text()
        assert ("返回上一页" in page) == (back is not None)
        assert back is None or back in page


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/nowhere", {"Accept": "application/json"}),
        ("/nowhere", {"HX-Request": "true"}),
        ("/api/nowhere", {"Accept": "text/html"}),
    ],
)
async def test_programs_get_a_code_and_a_reason(browser: ClientSession, path: str, headers: dict[str, str]) -> None:
    async with browser.get(path, headers=headers) as response:
        assert response.status == 404
        body = await response.json()
    assert body["error"] == "not_found"
    assert body["reason"].startswith("没有找到")


async def test_a_refusal_keeps_its_own_words_code_and_headers(browser: ClientSession) -> None:
    async with browser.get("/refuses", headers={"Accept": "application/json"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (409, "5")
        assert await response.json() == {"error": "taken", "reason": "已经有人在办。"}


async def test_a_wrong_method_says_which_are_right(browser: ClientSession) -> None:
    async with browser.post("/healthz") as response:
        assert response.status == 405
        assert "GET" in response.headers["Allow"]


async def test_a_failure_tells_its_number_to_the_person_and_its_cause_to_the_log(browser: ClientSession) -> None:
    structlog.reset_defaults()
    with capture_logs() as logs:
        async with browser.get("/breaks?phone=13800138000") as response:
            page = await response.text()
    assert response.status == 500
    assert "ZeroDivisionError" not in page
    assert "陈建国" not in page
    entry = next(entry for entry in logs if entry["event"] == "request_failed")
    assert entry["incident"] in page
    assert entry["route"] == "breaks"
    assert isinstance(entry["exc_info"], ZeroDivisionError)


async def test_too_large_a_request_is_refused_in_chinese(sqlite_settings: Settings, clock: FrozenClock) -> None:
    settings = sqlite_settings.model_copy(update={"upload_limit_bytes": 1000})
    async with (
        running_app(settings, clock) as server,
        server.browser() as browser,
        browser.post("/staff/sign-in", data=b"x" * 100_000) as response,
    ):
        assert response.status == 413
        assert "太大" in await response.text()


# ---------------------------------------------------------------------------------------------------- static files


async def test_a_file_is_cached_for_ever_under_its_hash_and_asked_for_again_under_its_name(
    app_server: AppServer, browser: ClientSession
) -> None:
    url = app_server.app.ctx.site.assets.url("css/tokens.css")
    async with browser.get(url) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Content-Type"] == "text/css; charset=utf-8"
        tag = response.headers["ETag"]
    for old in ("/static/css/tokens.css", "/static/css/tokens.css?v=000000000000"):
        async with browser.get(old) as response:
            assert response.headers["Cache-Control"] == "no-cache"
    async with browser.get(url, headers={"If-None-Match": tag}) as response:
        assert response.status == 304
        assert await response.read() == b""


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
async def test_a_file_comes_in_the_best_coding_both_know(
    app_server: AppServer, accepted: str, coding: str | None
) -> None:
    expected = (Path(__file__).parents[3] / "core/web/static/css/tokens.css").read_bytes()
    async with (
        ClientSession(app_server.base, auto_decompress=False) as session,
        session.get("/static/css/tokens.css", headers={"Accept-Encoding": accepted}) as response,
    ):
        body = await response.read()
        assert response.headers.get("Content-Encoding") == coding
        assert response.headers["Vary"] == "Accept-Encoding"
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert unpack(body) == expected


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nothing.css", "/static/%2e%2e/site.py", "/static/..%2fsite.py", "/static//etc/passwd"]
)
async def test_only_our_files_are_served(browser: ClientSession, path: str) -> None:
    async with browser.get(path) as response:
        assert response.status == 404


def test_an_address_changes_with_the_file_and_a_missing_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    assets = Assets()
    assets.add(tmp_path, "room")
    before = assets.url("room/a.css")
    (tmp_path / "a.css").write_text("a{color:red}")
    assert assets.url("room/a.css") != before
    with pytest.raises(KeyError):
        assets.url("room/b.css")


async def test_no_page_asks_another_server_for_anything(app_server: AppServer, browser: ClientSession) -> None:
    async with browser.get("/staff/sign-in") as response:
        page = await response.text()
    assert "//" not in page.replace("<!doctype html>", "").replace(app_server.base, "")


# ------------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.2", "127.0.0.1"),
    ],
)
async def test_only_trusted_proxies_are_believed_about_the_client(
    sqlite_settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    forwarded: str,
    believed: str,
) -> None:
    _with_routes(monkeypatch)
    settings = sqlite_settings.model_copy(update={"trusted_proxies": proxies})
    async with (
        running_app(settings, clock) as server,
        server.browser() as browser,
        browser.get("/address", headers={"X-Forwarded-For": forwarded}) as response,
    ):
        assert await response.text() == believed
