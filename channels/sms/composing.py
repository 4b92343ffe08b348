"""How a reply becomes a text message: plain words, numbered options, and no longer than it must be.

A text holds 70 UCS-2 characters; a longer one goes as several parts of 67, which the phone puts together again. Only
the bot's answers from the knowledge base are ever shortened, and :data:`FULL_TEXT_WORD` then brings the whole article;
what a citizen is to check or keep (a summary, an order's number) always goes out whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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

_FULL_TEXT_HINT: Final = f"\n回复“{FULL_TEXT_WORD}”看全文"
_CUT_HINT: Final = "……（短信太长，其余内容请来电或上网查看）"
_LEAST_BODY: Final = 60
"""Characters of an answer that must remain for shortening to be worth it."""
_SHORT_TITLE: Final = 6
_FEW_OPTIONS: Final = 4
_KEPT_OF_CARD: Final = (("部门", "department"), ("电话", "phone"), ("来源", "source"), ("有效期至", "valid_to"))
_REST_OF_CARD: Final = (
    ("所需材料", "materials"),
    ("办理步骤", "steps"),
    ("费用", "fee"),
    ("办理时限", "duration"),
    ("办理地点", "place"),
    ("办公时间", "office_hours"),
    ("电话", "phone"),
    ("网上办理", "link"),
)
_SENTENCE_END: Final = "。！？；!?;\n"
_BLANKS = re.compile(r"[ \t]*\n[ \t\n]*")


@dataclass(frozen=True)
class Composed:
    """A text ready to be sent."""

    text: str
    has_more: bool
    """The text says that :data:`FULL_TEXT_WORD` brings the whole."""


def units(text: str) -> int:
    """Length in UCS-2 characters: an emoji counts as two."""
    return len(text.encode("utf-16-be", errors="replace")) // 2


def parts(text: str) -> int:
    """How many text messages it takes."""
    length = units(text)
    return 1 if length <= ONE_PART else -(-length // EACH_PART)


def compose(reply: Reply, *, may_shorten: bool, signature: str = "") -> Composed:
    """The text for ``reply``, its options included.

    ``may_shorten``: the bot says it and can say it in full later. ``signature`` stands before it, counted like the
    rest: Kannel's own ``header`` is no use for that, it does not translate it into UCS-2.
    """
    body = _tidy(reply.text)
    options = _options_hint(body, options_of(reply))
    too_long = parts(signature + body + options) > SHORT_PARTS
    if may_shorten and reply.outcome == "answered" and (too_long or _rest_of_article(reply.card)):
        tail = _FULL_TEXT_HINT + options
        room = SHORT_PARTS * EACH_PART - units(signature + tail)
        if room >= _LEAST_BODY:
            head = body if units(body) <= room else _short_body(body, reply.card, room)
            return Composed(signature + head + tail, has_more=True)
    room = MOST_PARTS * EACH_PART - units(signature + options)
    return Composed(signature + _cut(body, room, _CUT_HINT) + options, has_more=False)


def in_full(reply: Reply) -> Reply:
    """All of an answer, as a reply that is no answer of its own: it is neither shortened nor counted as one."""
    whole = "\n".join([reply.text, *_rest_of_article(reply.card)])
    return replace(reply, text=whole, card=None, outcome=None)


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
    titles = list(enumerate((_tidy(option.title) for option in options), 1))
    unlisted = [(number, title) for number, title in titles if not _is_numbered(body, number, title)]
    if not titles:
        return ""
    if not unlisted:
        return "\n回复数字选择"
    if len(unlisted) <= _FEW_OPTIONS and all(len(t) <= _SHORT_TITLE and not t[:1].isdigit() for _, t in unlisted):
        lead = "回复数字选择，" if len(unlisted) < len(titles) else "回复"
        return f"\n{lead}" + " ".join(f"{number}{title}" for number, title in unlisted)
    return "\n回复数字选择：\n" + "\n".join(f"{number}. {title}" for number, title in unlisted)


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


def _rest_of_article(card: dict[str, Any] | None) -> list[str]:
    """What an article's card holds beyond the words of its answer, a line each."""
    if card is None or card.get("kind") != "answer":
        return []
    lines = []
    for label, name in _REST_OF_CARD:
        value = card.get(name)
        if value:
            said = "；".join(f"{n}.{v}" for n, v in enumerate(value, 1)) if isinstance(value, list) else str(value)
            lines.append(f"{label}：{said}")
    return lines


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
