"""Written Chinese as it is read aloud: numbers, dates, times, telephone and receipt numbers, signs. Pure.

A rule takes what it understands and leaves words behind; the order of the rules decides what a digit belongs to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from speech.numbers import cardinal, decimal, spell, spell_for_phone

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_NOT_IN_NUMBER: Final = r"(?<![\d.])"
_END: Final = r"(?![\d.]*\d)"
_COUNTED: Final = (
    "个|位|名|人|天|周|年(?!级)|次|份|张|件|项|种|条|套|间|户|家|所|辆|台|部|元|块|万|亿|百|千|米|公里|平方米|小时|分钟|秒|"
    "岁|倍|斤|公斤|吨|升|步|类|遍|批|篇|封|只|棵|栋|层|级|档|期|处|座|本|寸|代|轮|多|余|至|到"
)
"""What comes after a number that counts."""
_TWO_BECOMES_LIANG: Final = "个|位|名|人|天|周|年|次|份|张|件|项|种|条|套|间|户|家|所|辆|台|部|元|块|万|亿|千|米|公里|平方米|小时|分钟|岁|倍|斤|公斤|吨|步|类|遍|批|篇|封|只|棵|本|处"
_UNITS: Final = {
    "km²": "平方公里", "km2": "平方公里", "㎡": "平方米", "m²": "平方米", "m2": "平方米", "m³": "立方米", "km": "公里",
    "kg": "公斤", "cm": "厘米", "mm": "毫米", "℃": "摄氏度", "°C": "摄氏度", "dB": "分贝", "GB": "G B", "kW": "千瓦",
}  # fmt: skip
_SERVICE_NUMBERS: Final = r"1(?:10|14|19|20|22)|1[02]\d{3}|9[56]\d{3,4}|12\d{3}"
_URL: Final = re.compile(r"(?:https?://|www\.)[^\s，。；、）)]+", re.IGNORECASE)
_LETTERS: Final = re.compile(r"(?<![A-Za-z])([A-Z0-9]*[A-Z][A-Z0-9]*)(?![A-Za-z])")
_MARKS: Final = str.maketrans(
    {"《": "", "》": "", "“": "", "”": "", "‘": "", "’": "", "「": "", "」": "", "*": "", "#": "", "【": "，", "】": "，",
     "（": "，", "）": "，", "(": "，", ")": "，", "—": "，", "…": "，", "·": "", "|": "，", "→": "，", "\u3000": " ", "&": "和"}
)  # fmt: skip
_FULL_WIDTH: Final = re.compile("[０-９Ａ-Ｚａ-ｚ．％]")
_COMMAS: Final = re.compile(r"[，,]{2,}")
_COMMA_BEFORE_STOP: Final = re.compile(r"[，,]+(?=[。！？；：、，])")
_COMMA_AFTER_STOP: Final = re.compile(r"(?<=[。！？；：、])[，,]+")
_BLANKS_IN_CHINESE: Final = re.compile(r"(?<=[\u4e00-\u9fff，。！？；：、]) +| +(?=[\u4e00-\u9fff，。！？；：、])")


def read_aloud(text: str) -> str:
    """``text`` in the words somebody reading it to a citizen would use; Chinese words and punctuation only as a rule."""
    text = _plain(text)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return _tidy(text.translate(_MARKS))


def _plain(text: str) -> str:
    """Full-width figures and letters as usual ones, addresses of pages left out, one line per sentence."""
    text = _URL.sub("网址", text)
    text = _FULL_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    for unit, word in _UNITS.items():
        text = re.sub(rf"(?<=\d)\s*{re.escape(unit)}(?![A-Za-z])", word, text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (
        "".join(line if line[-1] in "。！？；：，、" else f"{line}。" for line in lines)
        if len(lines) > 1
        else text.strip()
    )


def _tidy(text: str) -> str:
    text = _BLANKS_IN_CHINESE.sub("", text)
    text = _COMMAS.sub("，", text)
    text = _COMMA_AFTER_STOP.sub("", _COMMA_BEFORE_STOP.sub("", text))
    return text.strip("，、 ")


def phone_in_groups(digits: str) -> str:
    """A telephone number in the groups people hear it in: 13800138000 → 幺三八，零零幺三，八零零零."""
    if len(digits) == 11 and digits.startswith("1"):
        groups = [digits[:3], digits[3:7], digits[7:]]
    elif len(digits) == 8:
        groups = [digits[:4], digits[4:]]
    elif len(digits) in {10, 11, 12} and digits.startswith("0"):
        area = 3 if digits[1] in "12" else 4
        groups = [digits[:area], *_fours(digits[area:])]
    else:
        groups = _fours(digits)
    return "，".join(spell_for_phone(group) for group in groups if group)


def _fours(digits: str) -> list[str]:
    if len(digits) <= 5:
        return [digits]
    head = len(digits) % 4 or 4
    return [digits[:head], *(digits[i : i + 4] for i in range(head, len(digits), 4))]


def _date(match: re.Match[str]) -> str:
    year, month, day = match.group("y"), match.group("m"), match.group("d")
    return (f"{spell(year)}年" if year else "") + f"{cardinal(month)}月{cardinal(day)}日"


def _clock(hour: str, minute: str) -> str:
    if int(minute) == 0:
        return f"{_hour(hour)}点"
    return f"{_hour(hour)}点{'零' if int(minute) < 10 else ''}{cardinal(minute)}分"


def _hour(hour: str) -> str:
    return "两" if int(hour) == 2 else cardinal(hour)


def _clock_range(match: re.Match[str]) -> str:
    h1, m1, h2, m2 = match.groups()
    return f"{_clock(h1, m1)}到{_clock(h2, m2)}"


def _counted(match: re.Match[str]) -> str:
    number, unit = match.group(1).replace(",", "").replace("，", ""), match.group(2)
    if number == "2" and re.fullmatch(_TWO_BECOMES_LIANG, unit):
        return f"两{unit}"
    return decimal(number) + unit


def _range(match: re.Match[str]) -> str:
    low, high, unit = match.groups()
    said = "两" if low == "2" and re.fullmatch(_TWO_BECOMES_LIANG, unit) else decimal(low)
    return f"{said}到{decimal(high)}{unit}"


def _door(match: re.Match[str]) -> str:
    """Rooms, doors and bus lines: from three digits on digit by digit, but 100号 is counted."""
    number, unit = match.groups()
    long_ = len(number) >= (4 if unit.startswith("号") else 3)
    return (spell_for_phone(number) if long_ else cardinal(number)) + unit


_LONGEST_COUNT: Final = 4
"""Digits a number has at most that is taken for a count though nothing says so."""
_LONGEST_ROUND: Final = 7


def _rest(match: re.Match[str]) -> str:
    number = match.group()
    if "." in number:
        return decimal(number)
    a_count = len(number) <= _LONGEST_ROUND and number.endswith("000")
    a_code = len(number) > _LONGEST_COUNT or (number.startswith("0") and len(number) > 1)
    return phone_in_groups(number) if a_code and not a_count else cardinal(number)


_SHORT_CODE: Final = 2
"""5G and A4 are words."""


def _spelled(match: re.Match[str]) -> str:
    """Capitals and figures one by one: K7M2 → K，七，M，二，."""
    code = match.group(1)
    said = [_PHONE_LETTER.get(c, c) for c in code]
    return "".join(said) if len(code) <= _SHORT_CODE else "，".join(said) + "，"


_PHONE_LETTER: Final = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))

_RULES: Final[tuple[Rule, ...]] = (
    # lists: 1. 身份证 → 第一，身份证
    (re.compile(r"(?:(?<=^)|(?<=[。；：\n]))\s*(\d{1,2})[.、)）]\s*(?=[^\d\s])"), lambda m: f"第{cardinal(m[1])}，"),
    # papers: 〔2023〕12号
    (re.compile(r"[〔\[（(](\d{4})[〕\]）)](?=\s*\d+\s*号)"), lambda m: f"{spell(m[1])}年"),
    # dates
    (
        re.compile(rf"{_NOT_IN_NUMBER}(?P<y>\d{{4}})\s*[-/年.]\s*(?P<m>1[0-2]|0?[1-9])\s*[-/月.]\s*(?P<d>3[01]|[12]\d|0?[1-9])\s*日?{_END}"),
        _date,
    ),
    (
        re.compile(rf"(?P<y>){_NOT_IN_NUMBER}(?P<m>1[0-2]|0?[1-9])\s*月\s*(?P<d>3[01]|[12]\d|0?[1-9])\s*[日号]"),
        _date,
    ),
    (re.compile(rf"{_NOT_IN_NUMBER}((?:19|20)\d{{2}})\s*(?=年(?!以|之|内))"), lambda m: spell(m[1])),
    # times
    (
        re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：]00)?\s*(?:[-–—~～至到]+)\s*([01]?\d|2[0-4])[:：]([0-5]\d)"),
        _clock_range,
    ),
    (re.compile(r"(?<=[:：][0-5]\d)\s*[-–—~～]+\s*(?=(?:上午|中午|下午|晚上|次日)[\d])"), lambda _: "到"),
    (re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)"), lambda m: _clock(m[1], m[2])),
    (re.compile(rf"{_NOT_IN_NUMBER}(\d{{1,2}})\s*(?=点(?!\d))"), lambda m: _hour(m[1])),
    # telephone numbers
    (re.compile(r"((?:工号|编号|号码|单号|证号|卡号|验证码|尾号|热线)(?:是|为)?[:：]?\s*)(\d{2,})(?!\d)"),
     lambda m: m[1].strip() + phone_in_groups(m[2])),
    (re.compile(r"(?<!\d)(0\d{2,3})\s*[-—－ ]\s*(\d{7,8})(?:\s*[-转]\s*(\d{1,5}))?(?!\d)"),
     lambda m: phone_in_groups(m[1] + m[2]) + (f"，转{spell_for_phone(m[3])}" if m[3] else "")),
    (re.compile(r"(?<!\d)(1[3-9]\d)[ -](\d{4})[ -](\d{4})(?!\d)"), lambda m: phone_in_groups(m[1] + m[2] + m[3])),
    (re.compile(r"(?<!\d)(400|800)[- ]?(\d{3})[- ]?(\d{4})(?!\d)"),
     lambda m: "，".join(map(spell_for_phone, m.groups()))),
    (re.compile(rf"(?<![\d.])({_SERVICE_NUMBERS})(?!\d|\.\d|\s*(?:{_COUNTED}))"), lambda m: spell_for_phone(m[1])),
    # money, shares, fractions, ranges, counts
    (re.compile(r"[¥￥]\s*([\d,]+(?:\.\d+)?)(?:\s*元)?"), lambda m: decimal(m[1].replace(",", "")) + "元"),
    (re.compile(r"(\d+(?:\.\d+)?)\s*[-–~～至]\s*(\d+(?:\.\d+)?)\s*%"), lambda m: f"百分之{decimal(m[1])}到百分之{decimal(m[2])}"),
    (re.compile(r"(\d+(?:\.\d+)?)\s*%"), lambda m: f"百分之{decimal(m[1])}"),
    (re.compile(r"(\d+(?:\.\d+)?)\s*‰"), lambda m: f"千分之{decimal(m[1])}"),
    (re.compile(r"(?<![\d/.])(\d{1,2})/(\d{1,3})(?![\d/.])"), lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    (re.compile(r"(?<![\d.])(\d{1,6}(?:\.\d+)?)\s*[-–—~～]\s*(\d{1,6}(?:\.\d+)?)\s*((?:个|名|位|天|日|周|月|年|元|岁|人|小时|分钟|倍|米|公里|平方米|万|次|份|层|楼|号))"), _range),
    (re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?)()"), lambda m: decimal(m[1].replace(",", ""))),
    (re.compile(r"第\s*(\d+)"), lambda m: f"第{cardinal(m[1])}"),
    (re.compile(r"(?<![\d.])(\d{1,6})\s*(号(?!码)|室|路(?!口)|房)"), _door),
    (re.compile(rf"(?<![\d.])(\d+(?:\.\d+)?)\s*({_COUNTED})"), _counted),
    # codes, and whatever digits are left
    (_LETTERS, _spelled),
    (re.compile(r"\d+(?:\.\d+)?"), _rest),
)  # fmt: skip
