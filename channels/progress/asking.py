"""What a citizen types to ask for an order: pure rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

_NUMBER: Final = re.compile(r"\d{8}")
_CODE: Final = re.compile(r"[0-9A-Z]{6}")


@dataclass(frozen=True)
class Asked:
    """Number and query code as they are compared, and what is wrong with them: field → words."""

    number: str
    code: str
    problems: dict[str, str] = field(default_factory=dict)


def read(number: str | None, code: str | None) -> Asked:
    """Reads what was typed; spaces, hyphens, full-width and small letters make no difference."""
    tidy_number, tidy_code = _tidy(number), _tidy(code)
    problems = {}
    if not is_number(tidy_number):
        problems["number"] = "受理号是8位数字，在我们发给您的消息里。"
    if not _CODE.fullmatch(tidy_code):
        problems["code"] = "查询码是6位字母和数字，和受理号一起发给了您。"
    return Asked(tidy_number, tidy_code, problems)


def is_number(number: str) -> bool:
    """Whether it could be an order's number."""
    return number.isascii() and _NUMBER.fullmatch(number) is not None


def _tidy(typed: str | None) -> str:
    words = unicodedata.normalize("NFKC", typed or "").upper()
    return re.sub(r"[\s\-—_.·]", "", words)[:40]
