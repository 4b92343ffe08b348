"""Logs without personal data: whoever writes a line, and whatever goes wrong (I4)."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from core.settings import ROOT

_SECRETS = ("张三", "13800138000", "幸福小区")
_HEAD = """
import asyncio, logging, structlog
from core.logs import configure_logs
configure_logs("DEBUG")
ours, theirs, sanic = structlog.get_logger("test"), logging.getLogger("library"), logging.getLogger("sanic.error")
tasks = logging.getLogger("asyncio")
class Told(Exception): pass
told = Told("张三 13800138000 住幸福小区")
def fail():
    said = "张三 13800138000 住幸福小区"
    raise told
"""


_PROGRAMS = {
    "texts and names as values": 'ours.info("heard", text="张三住幸福小区", payload={"a": "13800138000"}, name="张三")',
    "a number in a line": 'ours.warning("called back 13800138000")',
    "an exception of ours": "try: fail()\nexcept Told: ours.exception('a turn failed')",
    "an exception handed over": "try: fail()\nexcept Told as problem: ours.error('failed', exc_info=problem)",
    "an exception of a library": "try: fail()\nexcept Told: theirs.exception('could not do it')",
    "an exception as the line": "try: fail()\nexcept Told: theirs.exception(told)",
    "an address": "try: fail()\nexcept Told: sanic.exception('Exception while handling uri: /?text=张三幸福小区')",
    "an exception in the line": "sanic.error(f'Not sent for the following exception:\"{told}\".')",
    "a task": "try: fail()\nexcept Told: tasks.error(f'Never retrieved\\nfuture: {told!r}', exc_info=1)",
    "an exception from another": (
        "try:\n    try: fail()\n    except Told as first: raise ValueError('张三') from first\n"
        "except ValueError: ours.exception('failed twice')"
    ),
    "a start that fails": "sanic.error('Startup failed due to OS error: %s (errno %s)', 'Permission denied', 13)",
}
"""What happens, as a program that writes one line."""


@pytest.fixture(scope="module")
def log() -> dict[str, dict[str, Any]]:
    """The line each of the programs writes."""
    program = _HEAD + "\n".join(_PROGRAMS.values())
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(zip(_PROGRAMS, map(json.loads, run.stderr.splitlines()), strict=True))


@pytest.mark.parametrize("happening", _PROGRAMS)
def test_no_line_tells_what_a_citizen_said_or_who_they_are(log: dict[str, dict[str, Any]], happening: str) -> None:
    told = json.dumps(log[happening], ensure_ascii=False)
    assert not [secret for secret in _SECRETS if secret in told], told
    assert log[happening]["event"]


def test_a_line_says_what_was_raised_and_where(log: dict[str, dict[str, Any]]) -> None:
    (raised,) = log["an exception of ours"]["exception"]
    assert raised["exc_type"] == "Told"
    assert [frame["name"] for frame in raised["frames"]][-1] == "fail"


def test_why_a_start_failed_is_told_in_full(log: dict[str, dict[str, Any]]) -> None:
    assert log["a start that fails"]["event"] == "Startup failed due to OS error: Permission denied (errno 13)"
