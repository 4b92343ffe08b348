"""Telephone numbers: mobiles and landlines, typed or spoken, checked against the national numbering plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.reading.corrections import mended_phone
from bot.reading.digits import DIGIT, Run, counted_out, runs, spoken_to_digits, unfolded
from bot.reading.standing import versions
from core.phones import in_numbering_plan

_MOBILE_DIGITS = 11
_LOCAL_DIGITS = (7, 8)
_LOOKS_LIKE_ONE = 5
"""Digits in a row from which on a number may be meant for a telephone number."""
_MOST_PIECES = 6
"""Runs that are put together at most: 幺三五，听清楚了吗，幺三五，八六四二，九七五三."""
_EXTENSION = re.compile(rf"转\s*([{DIGIT}]{{1,5}})\s*(?:分机)?(?![{DIGIT}])|(?<=\d)-(\d{{1,4}})(?!\d)$")
_BROKEN_UP = re.compile(r"\d{3}[A-Za-z*#]+\d|\d[A-Za-z*#]+\d{3}")
_SAID_TO_BE_A_PHONE = re.compile(r"电话|座机|手机|号码|联系|打")
_OF_ANOTHER = re.compile(
    r"(?:老板|房东|物业|司机|店家|商家|店主|对方|他们?|她们?|负责人|经理|公司|单位|中介|客服|骗子|包工头|开发商)"
    r"(?:(?!管不|不管|没人管)[^，。,;；我]){0,8}?(?:电话|手机号?|号码|手机号码)[^，。,;；我]{0,3}$|(?:老板|房东|老板娘|包工头)叫[^，。\s]{2,4}电话$"
)
"""Before a number, what makes it somebody else's."""
_MY_UNIT = re.compile(r"我[^，。\s]{0,4}(?:公司|单位|家)")
_GAP = r"[^0-9。！？!?]{0,9}"
_LABELLED = {
    "head": re.compile(rf"([{DIGIT}]{{2,4}})开头|(?:开头|前面|前三位)是?([{DIGIT}]{{2,4}})"),
    "middle": re.compile(rf"中间(?:四位)?是?([{DIGIT}]{{3,5}})"),
    "tail": re.compile(rf"(?:尾号|后四位|最后四位)是?([{DIGIT}]{{3,5}})"),
}
_TYPED = re.compile(r"(?<!\d)1\d{10}(?!\d)")
"""A mobile number in figures, within a run that holds more."""
_ORDER_OF_PARTS = ("head", "middle", "tail")


@dataclass(frozen=True)
class PhoneReading:
    """What a citizen gave as a phone number."""

    number: str | None
    """Digits only, landlines with area code and, after a hyphen, an extension; None when none is valid."""
    problem: str | None = None
    """What is wrong with it, in plain words, when something was given that looks like a number."""


def read_phone(text: str, area_code: str = "", *, asked: bool = False) -> PhoneReading | None:
    """The phone number in ``text``; None when nothing in it looks like one.

    ``area_code`` (with its 0) completes landlines given without one: those count if a number was ``asked`` for or is
    said to be a phone number, since a date or a house number may look the same. A number that is said to be somebody
    else's is not the citizen's, unless a number was asked for.
    """
    standing, *before = versions(text.strip())
    reading = _read(standing, area_code, asked)
    if before and (reading is None or reading.number is None):  # taken back was something else, or only the end of it
        whole = _read(before[0], area_code, asked)
        mended = mended_phone(whole.number, standing) if whole and whole.number else None
        return PhoneReading(mended) if mended else whole or reading
    return reading


def _read(text: str, area_code: str, asked: bool) -> PhoneReading | None:
    plain = unfolded(counted_out(text) if asked else text)
    extension = _EXTENSION.search(plain) if "转" in plain else None
    if extension:
        plain = plain[: extension.start()] + " " + plain[extension.end() :]
    found = list(runs(plain))
    local = area_code if asked or _SAID_TO_BE_A_PHONE.search(plain) else ""
    candidates = [run for run in found if asked or not _is_of_another(plain, run)]
    number = _number_in(plain, found, candidates, area_code, local)
    if number:
        inner = spoken_to_digits(extension.group(1)) if extension and extension.group(1) else ""
        return PhoneReading(f"{number}-{inner}" if inner and number.startswith("0") else number)
    long_ones = [run.digits for run in candidates if len(run.digits) >= _LOOKS_LIKE_ONE]
    if long_ones:
        return PhoneReading(None, _problem(max(long_ones, key=len)))
    return PhoneReading(None, "电话号码里夹着字母，我没能记下来") if asked and _BROKEN_UP.search(text) else None


def _number_in(text: str, found: Sequence[Run], candidates: Sequence[Run], area_code: str, local: str) -> str | None:
    in_pieces = _pieced_together(text, found, area_code) if local else None
    if in_pieces and ("区号" in text or len(_labelled_parts(text)) > 1):
        return in_pieces
    return _first_valid(text, candidates, area_code, local) or in_pieces


def _is_of_another(text: str, run: Run) -> bool:
    before = text[: run.start].rstrip(" 是为:：,，")
    return _OF_ANOTHER.search(before) is not None and _MY_UNIT.search(before) is None


def _first_valid(text: str, found: Sequence[Run], area_code: str, local: str) -> str | None:
    for run in found:
        if len(run.digits) >= _LOOKS_LIKE_ONE:
            typed = _TYPED.findall(text[run.start : run.end])  # 丁一，139…: the name's last character is a digit too
            number = next(filter(None, (_valid(digits, area_code, local) for digits in (run.digits, *typed))), None)
            if number:
                return number
    return None


def _pieced_together(text: str, found: Sequence[Run], area_code: str) -> str | None:
    """A number told in pieces with words between them: its area code first, or its ends by name."""
    for digits in (*_labelled(text), *_neighbours(text, found)):
        if len(digits) >= 10 and (number := _valid(digits, area_code, "")):
            return number
    return None


def _labelled(text: str) -> Iterator[str]:
    said = _labelled_parts(text)
    if len(said) > 1:
        yield spoken_to_digits("".join(said[name] for name in _ORDER_OF_PARTS if name in said))


def _labelled_parts(text: str) -> dict[str, str]:
    parts = {name: pattern.search(text) for name, pattern in _LABELLED.items()}
    return {name: next(filter(None, part.groups())) for name, part in parts.items() if part}


def _neighbours(text: str, found: Sequence[Run]) -> Iterator[str]:
    for first in range(len(found)):
        digits = found[first].digits
        for before, run in zip(found[first:], found[first + 1 : first + _MOST_PIECES], strict=False):
            if not re.fullmatch(_GAP, text[before.end : run.start]):
                break
            digits = run.digits if digits == run.digits else digits + run.digits
            yield digits


def _valid(digits: str, area_code: str, local: str) -> str | None:
    form = digits.removeprefix("0086").removeprefix("86") if len(digits) > _MOBILE_DIGITS else digits
    if len(digits) in _LOCAL_DIGITS and digits[0] not in "01":
        form = local + digits if local else ""
    if not form.startswith(("0", "1")) or (form.startswith("1") and len(form) != _MOBILE_DIGITS):
        return None
    return form if _in_numbering_plan(form, area_code) else None


def _in_numbering_plan(digits: str, area_code: str) -> bool:
    if area_code and digits.startswith(area_code):
        return len(digits) - len(area_code) in _LOCAL_DIGITS  # a demo city's area code is nobody's
    return in_numbering_plan(digits) is not None


def _problem(digits: str) -> str:
    if digits.startswith("1") and len(digits) != _MOBILE_DIGITS:
        return f"手机号应当是 11 位，这个有 {len(digits)} 位"
    return "这个号码不像是能打通的电话号码"
