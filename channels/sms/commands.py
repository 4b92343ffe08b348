"""Texts that are no words to the bot: opt-out and opt-in, the rest of a shortened answer, the number of an option."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import Final


class Command(Enum):
    """What a whole text asks of the SMS service itself."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    FULL_TEXT = "full_text"


OPT_IN_WORD: Final = "开通"
FULL_TEXT_WORD: Final = "详情"

_COMMANDS: Final = {
    "TD": Command.OPT_OUT,
    "退订": Command.OPT_OUT,
    "停止": Command.OPT_OUT,
    OPT_IN_WORD: Command.OPT_IN,
    FULL_TEXT_WORD: Command.FULL_TEXT,
}
_WRAPPING = " \t\r\n.。,，、!！?？;；:：\"'“”‘’「」『』【】()（）[]"
_LONGEST: Final = 20
_OPTION = re.compile(r"[1-9][0-9]?")


def command_in(text: str) -> Command | None:
    """The command that ``text`` as a whole is; a word inside a sentence is none."""
    return _COMMANDS.get(_bare(text).upper())


def option_in(text: str) -> int | None:
    """The option number that ``text`` as a whole is, from 1: 1, 2。 or "回复 3"."""
    bare = _bare(text).removeprefix("回复").strip(_WRAPPING)
    return int(bare) if _OPTION.fullmatch(bare) else None


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_WRAPPING) if len(text) <= _LONGEST else ""
