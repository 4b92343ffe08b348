"""Digits as people say them: 幺三八…, 三个八, full-width figures, with pauses and fillers in between (B11)."""

from __future__ import annotations

import re

_SPOKEN = {
    "零": "0", "〇": "0", "洞": "0", "幺": "1", "么": "1", "一": "1", "二": "2", "两": "2", "三": "3",
    "四": "4", "五": "5", "六": "6", "七": "7", "拐": "7", "八": "8", "九": "9", "勾": "9",
}  # fmt: skip
_FULL_WIDTH = {ord("０") + i: str(i) for i in range(10)}
_DIGIT = "0-9零〇洞幺一二两三四五六七拐八九勾"
_REPEATED = re.compile(rf"([二两三四五六七八九2-9])个([{_DIGIT}])")
_RUN = re.compile(rf"[{_DIGIT}](?:[\s\-—–.,，、。]*(?:嗯|呃|那个|然后|转)?[\s\-—–.,，、。]*[{_DIGIT}])*")


def spoken_to_digits(text: str) -> str:
    """Every spoken digit as a figure; other characters stay. 三个八 → 888."""
    text = text.translate(_FULL_WIDTH)
    text = _REPEATED.sub(lambda m: _figure(m.group(2)) * int(_figure(m.group(1))), text)
    return "".join(_figure(character) for character in text)


def digit_runs(text: str) -> list[str]:
    """Runs of digits, with pauses and fillers inside a run left out. 138 0013 8000 → ["13800138000"]."""
    text = text.translate(_FULL_WIDTH)
    text = _REPEATED.sub(lambda m: _figure(m.group(2)) * int(_figure(m.group(1))), text)
    return ["".join(_figure(c) for c in run.group() if c.isdigit() or c in _SPOKEN) for run in _RUN.finditer(text)]


def read_receipt(text: str) -> str | None:
    """The 8-digit number of a work order in ``text``, if there is exactly one."""
    found = {run for run in digit_runs(text) if len(run) == 8}
    return found.pop() if len(found) == 1 else None


def _figure(character: str) -> str:
    return _SPOKEN.get(character, character)
