"""What may come in as a citizen's words: pure rules for every channel."""

from __future__ import annotations

import unicodedata
from typing import Final

HARD_LIMIT: Final = 20_000
"""Characters of one message; a longer one is refused, never cut: half a complaint is a wrong complaint."""

_LINE_ENDS = dict.fromkeys(("\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"), "\n")
_KEPT = frozenset("\n\t\u200c\u200d")
"""Of what Unicode calls control and format: line ends, and the joiners without which family emoji fall apart."""
_TAG_CHARACTERS = range(0xE0020, 0xE0080)
"""Format characters too, but the flags of England, Scotland and Wales are spelled with them."""


class Refused(Exception):
    """A citizen's message that cannot be taken in, with the reason in words for the citizen."""

    def __init__(self, code: str, reason: str) -> None:
        """``code``: for programs; ``reason``: plain Chinese."""
        super().__init__(code)
        self.code = code
        self.reason = reason


def clean(text: str) -> str:
    """The text without control characters, direction overrides and broken surrogates; line ends as ``\\n``."""
    for end, ours in _LINE_ENDS.items():
        text = text.replace(end, ours)
    return "".join(character for character in text if _is_kept(character)).strip()


def accept(text: str) -> str:
    """The cleaned text. Raises :class:`Refused` when nothing is left of it or it is too long."""
    if len(text) > HARD_LIMIT:
        raise Refused("too_long", f"您的内容超过了{HARD_LIMIT}字，请分成几条发送。")
    cleaned = clean(text)
    if not any(character.isprintable() and not character.isspace() for character in cleaned):
        raise Refused("empty", "您还没有输入内容，请写下您的问题再发送。")
    return cleaned


def _is_kept(character: str) -> bool:
    if character in _KEPT or character.isascii():
        return character.isprintable() or character in _KEPT
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} or ord(character) in _TAG_CHARACTERS
