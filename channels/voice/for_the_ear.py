"""Replies made for the ear: short, with numbers twice, and what is left of a long one in sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backoffice.proof import as_keyed
from bot.speaking import TO_FILE
from channels.voice.phone_plan import PhonePlan
from core.messages import Reply
from speech.numbers import spell_for_phone
from speech.recognition import Expecting
from speech.sentences import sentences

SHORT: Final = 70
"""Characters of an answer that are said at once."""
_IN_BRACKETS: Final = re.compile(r"（(?:依据|来源)[^（）]*）|\(依据[^()]*\)")
_FOR_THE_EYE: Final = re.compile(
    r"[^，。；！？]*(?:点击|下面的?按钮|下方|上面的链接|网页对话)[^，。；！？]*[，。；！？]?"
)
_QUERY_CODE: Final = re.compile(r"\n?查询码：(\w+)")
_DIGIT_FIELDS: Final = {"phone": 11, "receipt": 8, "query_code": 6}
"""What is asked for in digits, and how many they are; a letter of a query code is the digit of its key."""
_YES_NO_FIELDS: Final = frozenset({"confirm", "confidential"})
_STORIES: Final = frozenset({"content", "supplement"})
_ORDINALS: Final = "一二三四五六七八九"
RECEIPT_DIGITS: Final = _DIGIT_FIELDS["receipt"]


@dataclass(frozen=True)
class Spoken:
    """A reply as it is spoken."""

    text: str
    rest: tuple[str, ...] = ()
    """The sentences that are left of it."""


def spoken(reply: Reply, plan: PhonePlan, *, mobile: bool) -> Spoken:
    """What of ``reply`` is said. ``mobile``: texts can be sent to the caller."""
    card = reply.card or {}
    kind = card.get("kind")
    filing = plan.say["may_file"] if TO_FILE in reply.quick_replies else ""
    if kind == "answer":
        said, rest = parted(sentences(str(card.get("summary") or reply.text)))
        return Spoken(said + filing, rest)
    if kind == "choices":
        listed = "；".join(f"第{_ORDINALS[place]}，{option['title']}" for place, option in _options(reply))
        return Spoken(f"{card.get('title', '')}{listed}。{plan.say['choose']}{filing}")
    text = _FOR_THE_EYE.sub("", _IN_BRACKETS.sub("", reply.text)).strip()
    if kind == "order" and card.get("query_code"):
        return Spoken(_receipt(text, str(card["number"]), plan, mobile=mobile))
    if reply.asks == "query_code":
        return Spoken(text + plan.say["code_by_keys"])
    return Spoken(text)


def expecting_after(reply: Reply | None) -> Expecting:
    """What is listened for after ``reply``."""
    asked = reply.asks if reply else None
    if asked in _DIGIT_FIELDS:
        return Expecting.DIGITS
    return Expecting.YES_NO if asked in _YES_NO_FIELDS else Expecting.ANYTHING


def asks_for_a_story(reply: Reply | None) -> bool:
    """Whether the citizen is asked to tell something."""
    return reply is not None and reply.asks in _STORIES


def digits_asked(reply: Reply | None) -> int:
    """How many digits are all that is asked for; 0 where no number is."""
    return _DIGIT_FIELDS.get(reply.asks or "", 0) if reply is not None else 0


def option_of(reply: Reply | None, key: str) -> str | None:
    """The words an option of ``reply`` stands for, by its number."""
    options = dict(_options(reply)) if reply else {}
    place = int(key) - 1 if key.isdigit() else -1
    return str(options[place]["text"]) if place in options else None


def _options(reply: Reply) -> list[tuple[int, dict[str, str]]]:
    card = reply.card or {}
    return list(enumerate(card.get("options") or ()))[: len(_ORDINALS)]


def parted(pieces: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Of sentences, as much as one listens to at once, and the rest; what is not much longer is said whole."""
    if sum(map(len, pieces)) <= SHORT + SHORT // 2:
        return "".join(pieces), ()
    end, length = 1, len(pieces[0])
    while end < len(pieces) and length + len(pieces[end]) <= SHORT:
        length += len(pieces[end])
        end += 1
    return "".join(pieces[:end]), tuple(pieces[end:])


def _receipt(text: str, number: str, plan: PhonePlan, *, mobile: bool) -> str:
    """The number twice; the code by text message where that can be, so that nobody has to write it down."""
    text = text.replace(f"受理编号：{number}", plan.prompt("receipt_again", number=number))
    if mobile:
        return _QUERY_CODE.sub(plan.say["code_by_sms"], text).replace("这两个号码", "编号")
    return _QUERY_CODE.sub(lambda found: code_spoken(found[1], plan), text)


def code_spoken(code: str, plan: PhonePlan) -> str:
    """A query code where no text goes: as it is written, and twice by the keys it is asked for with on a telephone."""
    keys = spell_for_phone(as_keyed(code))
    half = len(keys) // 2
    return plan.prompt("code_spoken", code=code, keys=f"{keys[:half]}，{keys[half:]}")
