"""The words staff read for what the programs call otherwise."""

from __future__ import annotations

from backoffice.workflow import Status
from core.channels import SMS, TELEPHONE, WEBCHAT

CHANNELS = {WEBCHAT: "网页", SMS: "短信", "wechat": "微信", "phone": "电话", TELEPHONE: "电话"}

HANDOFF_REASONS = {
    "asked": "市民要求人工",
    "bot_failed": "机器人出错",
    "no_bot": "机器人未启用",
    "misses": "机器人没听懂",
    "danger": "紧急情况",
}

_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Marks in a user agent, the more telling first: almost every browser also calls itself Chrome and Safari."""


def browser_name(user_agent: str) -> str:
    """Windows 上的 Chrome: enough to recognise one's own."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "未知设备")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "浏览器")
    return f"{system} 上的 {browser}"


def channel_name(channel: str) -> str:
    """网页, 短信…; a channel without a word of its own keeps its name."""
    return CHANNELS.get(channel, channel)


def handoff_reason(reason: str | None) -> str:
    """Why a person is wanted, in words; what follows a colon (``danger:fire``) is for programs."""
    return HANDOFF_REASONS.get((reason or "").partition(":")[0], "请求人工")


def status_label(status: str) -> str:
    """The staff's word for where an order stands."""
    return Status(status).label
