"""The words staff read for codes."""

from __future__ import annotations

import pytest

from backoffice.web.wording import browser_name, channel_name, handoff_reason


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("asked", "市民要求人工"),
        ("misses", "机器人没听懂"),
        ("danger:fire", "紧急情况"),
        ("else", "请求人工"),
        (None, "请求人工"),
    ],
)
def test_every_reason_for_a_person_has_words(code: str | None, words: str) -> None:
    assert handoff_reason(code) == words


def test_a_channel_without_a_word_keeps_its_name() -> None:
    assert (channel_name("sms"), channel_name("fax")) == ("短信", "fax")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0", "Windows 上的 Edge"),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/109.0 Safari/537.36", "Windows 上的 Chrome"),
        ("Mozilla/5.0 (Linux; Android 12) Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0", "安卓 上的 微信"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "iPhone 上的 Safari"),
        ("", "未知设备 上的 浏览器"),
    ],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(agent: str, words: str) -> None:
    assert browser_name(agent) == words
