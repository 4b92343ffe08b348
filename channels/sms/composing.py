"""How a reply becomes a text message: plain words, numbered options, and no longer than it must be.

A text holds 70 UCS-2 characters; a longer one goes as several parts of 67, which the phone puts together again. Only
the bot's answers from the knowledge base are ever shortened, and only where :data:`FULL_TEXT_WORD` brings the whole;
what a citizen is to check or keep (a summary, an order's number) always goes out whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from channels import words
from channels.sms.commands import FULL_TEXT_WORD
from core.messages import QuickReply, Reply

ONE_PART: Final = 70
EACH_PART: Final = 67
SHORT_PARTS: Final = 3
"""An answer is shortened to this many parts."""
MOST_PARTS: Final = 30
"""No text is longer; Kannel's ``max-messages`` must be at least this, or it cuts without a word."""

_FULL_TEXT_HINT: Final = f"回复“{FULL_TEXT_WORD}”看全文"
_CUT_HINT: Final = "……（短信太长，其余内容请来电或上网查看）"
_LEAST_BODY: Final = 60
"""Characters of an answer that must remain for shortening to be worth it."""
_SHORT_TITLE: Final = 6
_FEW_OPTIONS: Final = 4
_KEPT_OF_CARD: Final = (("部门", "department"), ("电话", "phone"), ("来源", "source"), ("有效期至", "valid_to"))
_SENTENCE_END: Final = "。！？；!?;\n"
_BLANKS = re.compile(r"[ \t]*\n[ \t\n]*")


@dataclass(frozen=True)
class Composed:
    """A text ready to be sent."""

    text: str
    shortened: bool
    """The citizen can have the whole by :data:`FULL_TEXT_WORD`."""


def units(text: str) -> int:
    """Length in UCS-2 characters: an emoji counts as two."""
    return len(text.encode("utf-16-be", errors="replace")) // 2


def parts(text: str) -> int:
    """How many text messages it takes."""
    length = units(text)
    return 1 if length <= ONE_PART else -(-length // EACH_PART)


def compose(reply: Reply, *, may_shorten: bool) -> Composed:
    """The text for ``reply``, its options included. ``may_shorten``: the bot says it and can say it in full later."""
    body = _tidy(reply.text)
    tail = _options_hint(body, options_of(reply))
    if may_shorten and reply.outcome == "answered" and parts(body + tail) > SHORT_PARTS:
        tail_of_short = f"\n{_FULL_TEXT_HINT}{tail}"
        room = SHORT_PARTS * EACH_PART - units(tail_of_short)
        if room >= _LEAST_BODY:
            return Composed(_short_body(body, reply.card, room) + tail_of_short, shortened=True)
    room = MOST_PARTS * EACH_PART - units(tail)
    return Composed(_cut(body, room, _CUT_HINT) + tail, shortened=False)


def options_of(reply: Reply) -> tuple[QuickReply, ...]:
    """What the citizen may choose from, in the order in which it is numbered: the card's options, then the others."""
    card = reply.card if reply.card is not None and reply.card.get("kind") == "choices" else {}
    offered = [QuickReply(option["title"], option.get("text", "")) for option in card.get("options", ())]
    said = {option.said() for option in offered}
    offered += [quick for quick in reply.quick_replies if quick.said() not in said]
    return tuple(offered)


def _tidy(text: str) -> str:
    return _BLANKS.sub("\n", words.clean(text))


def _options_hint(body: str, options: tuple[QuickReply, ...]) -> str:
    titles = [_tidy(option.title) for option in options]
    if not titles:
        return ""
    if all(_is_numbered(body, number, title) for number, title in enumerate(titles, 1)):
        return "\n回复数字选择"
    if len(titles) <= _FEW_OPTIONS and all(len(t) <= _SHORT_TITLE and not t[:1].isdigit() for t in titles):
        return "\n回复" + " ".join(f"{number}{title}" for number, title in enumerate(titles, 1))
    lines = (f"{number}. {title}" for number, title in enumerate(titles, 1))
    return "\n回复数字选择：\n" + "\n".join(lines)


def _is_numbered(body: str, number: int, title: str) -> bool:
    return re.search(rf"(?<!\d){number}\s*[.．、:：)）]\s*{re.escape(title)}", body) is not None


def _short_body(body: str, card: dict[str, Any] | None, room: int) -> str:
    """The answer in ``room`` characters: what the article itself calls its summary, then whose word it is."""
    if card is None or card.get("kind") != "answer" or not card.get("summary"):
        return _cut(body, room, "……")
    short = _cut(_tidy(card["summary"]), room, "……")
    for label, name in _KEPT_OF_CARD:
        line = f"\n{label}：{_tidy(str(card[name]))}" if card.get(name) else ""
        if units(short + line) <= room:
            short += line
    return short


def _cut(text: str, room: int, hint: str) -> str:
    """At most ``room`` characters of ``text``, ended after a sentence where one ends in the second half."""
    if units(text) <= room:
        return text
    head = ""
    left = room - units(hint)
    for character in text:
        left -= units(character)
        if left < 0:
            break
        head += character
    sentence = max(head.rfind(end) for end in _SENTENCE_END) + 1
    return (head[:sentence].rstrip() if sentence > len(head) // 2 else head) + hint
