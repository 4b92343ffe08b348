"""When something happened: 昨晚十点多, 上礼拜三, 3月2号下午, 每天半夜.

The words are kept as said; an instant is added where they name one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import cn2an

from core.clock import china_time

_NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百半几]{1,4}来?)"
_HOUSE = "[路街道巷弄里楼栋院区段第幢座店桥\\d零〇一二两三四五六七八九十百]"
"""Before a number with 号, what makes it a house number."""
_DAY = (
    r"(?:大前天|前天|昨天|昨日|昨晚|昨夜|今天|今日|今早|今晚|今晨|前几天|这几天|这两天|最近|近期|近来|刚才|刚刚|现在|目前|当天|周末|"
    r"(?:上上?个?|这个?|本)(?:星期|礼拜|周)(?:[一二三四五六日天末])?|(?:星期|礼拜|周)[一二三四五六日天]|(?:上个?|这个?|本)月(?:初|中|底|末)?|"
    r"去年|今年|前年|年初|年前|年底|(?:春节|国庆|中秋|端午|清明|元旦|五一|过年)(?:节)?(?:放假|假期|长假)?(?:期间|前后?|以?后|那几?天)?|十一(?:放假|假期|长假|期间)|"
    rf"(?:农历|阴历)?(?:正月|腊月)(?:初?{_NUMBER})?|"
    rf"(?:{_NUMBER}年)?{_NUMBER}月(?:份)?(?:{_NUMBER}[号日]|初|中旬?|底|末|上旬|下旬)?|(?<!{_HOUSE})(?<!{_HOUSE}\s){_NUMBER}[号日](?!楼|院|线|店|门|车|窗|台|桌|床|馆|桥|码|称)|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})"
)
_REPEATING = r"(?:每天|天天|每晚|每周|每个?月|经常|一直|长期|常年|整天|连续(?:好?几|[一二两三四五六七八九十\d]+)(?:天|晚|个?月|周))"
_PART = (
    r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|大半夜|后半夜|晚间|白天|午夜|大清早|一大早)"
)
_CLOCK = (
    rf"(?:{_NUMBER}(?:点钟?|时)(?:半|一刻|三刻|{_NUMBER}分?)?|\d{{1,2}}[:：]\d{{2}})(?:多|左右|来钟|前后|以后|之后)?"
)
_UNTIL = rf"(?:\s*(?:到|至|-|—|~)\s*(?:第二天|次日)?{_PART}?{_CLOCK})?"
_AGO = rf"(?:大概|大约)?{_NUMBER}(?:多)?(?:个?小时|分钟|天|个?星期|个?礼拜|周|个?月|年)(?:多)?(?:以?前|之前|了)|好几天了|很久了|半个?(?:多)?月(?:了|前)?|半年(?:多)?(?:了|前)?"
_TIME = re.compile(
    rf"(?:从)?(?:{_REPEATING}的?{_PART}?{_CLOCK}{_UNTIL}|{_REPEATING}的?{_PART}|{_DAY}的?{_PART}?(?:{_CLOCK}{_UNTIL})?"
    rf"|{_PART}(?:{_CLOCK}{_UNTIL})?|{_CLOCK}{_UNTIL}|{_AGO}|{_REPEATING})"
    rf"(?:{_PART})?(?:{_CLOCK})?(?:就?开始|起)?"
)
_WEAK = re.compile(rf"^(?:一直|经常|现在|目前|最近|长期|白天|天天|每天|整天|常年|{_NUMBER}(?:点|时))$")
"""Words of time that nearly always mean something else where no time was asked for: 声音小一点, 一直没人管."""
_SPAN = re.compile(
    rf"(?:大概|差不多|有)?(?:{_NUMBER}|半)多?个?多?(?:小时|钟头|天|星期|礼拜|周|月|年|晚上|半月)(?:多)?(?:了|来|内|里|以来)?"
)
"""A length of time: counts where a time was asked for, and beside other words of time."""
_LOOSE_END = re.compile(r"(?<=.)(?:一直|就|都|的)$")
_BETWEEN = re.compile(r"^(?:[的,，、\s]{0,2}|从|就|都|每|到|至|到了|一直|一直到|又|是)$")
"""What may stand between two words of time that belong together."""
_EITHER = re.compile(r"^([一二两三四五六七八九])[一二两三四五六七八九]$")
"""一两点钟, 五六点: the earlier counts."""
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_DAYS_BACK = {
    "大前天": 3,
    "前天": 2,
    "昨": 1,
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "今晨": 0,
    "刚": 0,
    "现在": 0,
}
_AFTERNOON = ("下午", "傍晚", "晚", "夜", "半夜", "深夜")


@dataclass(frozen=True)
class TimeReading:
    """When, as said and as far as it can be told."""

    words: str
    instant: datetime | None
    """Zone-aware; None for repeated or vague times."""


def read_time(text: str, now: datetime, *, asked: bool = False) -> TimeReading | None:
    """The time in ``text``, relative to ``now``. ``asked``: vague words such as 最近 count too."""
    words = time_words(text, asked=asked)
    return TimeReading(words, instant_of(words, now)) if words else None


def time_words(text: str, *, asked: bool = False) -> str | None:
    """The fullest words of time in ``text``, without asking what instant they name."""
    found = [words for words in _phrases(text) if asked or not _WEAK.match(words)]
    if not found and asked:
        found = [span.group() for span in _SPAN.finditer(text)]
    return max(found, key=len) if found else None


def _phrases(text: str) -> list[str]:
    """Words of time, those that belong together joined: 最近一个月每天晚上 is one."""
    spans = [m.span() for m in _TIME.finditer(text)]
    covered = {position for start, end in spans for position in range(start, end)}
    spans += [m.span() for m in _SPAN.finditer(text) if covered.isdisjoint(range(*m.span()))]
    joined: list[list[int]] = []
    lonely: set[int] = set()
    for start, end in sorted(spans):
        if joined and _BETWEEN.match(text[joined[-1][1] : start]):
            joined[-1][1] = end
            lonely.discard(joined[-1][0])
        else:
            joined.append([start, end])
            if start not in covered:
                lonely.add(start)  # a length of time by itself tells no time: 修了三天
    return [_LOOSE_END.sub("", text[start:end]) for start, end in joined if start not in lonely]


def instant_of(words: str, now: datetime) -> datetime | None:
    """The instant that ``words`` name, on a Chinese wall clock; None when they name none."""
    if re.search(_REPEATING, words):
        return None
    day = _day_of(words, china_time(now))
    if day is None:
        return None
    hour, minute = _clock_of(words)
    if ("昨晚" in words or "昨夜" in words) and hour is not None and hour < 6:
        day += timedelta(days=1)
    return day.replace(hour=hour or 0, minute=minute, second=0, microsecond=0)


def _day_of(words: str, today: datetime) -> datetime | None:
    date = re.search(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", words)
    if date:
        return _date(today, *(int(part) for part in date.groups()))
    month_day = re.search(rf"({_NUMBER})月(?:份)?({_NUMBER})[号日]", words)
    if month_day:
        return _recent(today, _int(month_day.group(1)), _int(month_day.group(2)))
    for word, back in _DAYS_BACK.items():
        if word in words:
            return today - timedelta(days=back)
    week = re.search(r"(上上|上|这|本)?个?(?:星期|礼拜|周)([一二三四五六日天末])", words)
    if week:
        return _weekday(today, week.group(1) or "", _WEEKDAYS[week.group(2)])
    ago = re.search(rf"({_NUMBER})(?:多)?(天|个?星期|个?礼拜|周)(?:多)?(?:以?前|之前)", words)
    if ago:
        days = _int(ago.group(1)) or 0
        return today - timedelta(days=days if ago.group(2) == "天" else 7 * days) if days else None
    return today if re.search(_CLOCK, words) and not re.search(_DAY, words) else None


def _weekday(today: datetime, which: str, weekday: int) -> datetime:
    monday = today - timedelta(days=today.weekday())
    weeks_back = {"上上": 2, "上": 1}.get(which, 0)
    day = monday + timedelta(days=weekday - 7 * weeks_back)
    return day if day.date() <= today.date() else day - timedelta(days=7)


def _clock_of(words: str) -> tuple[int | None, int]:
    colon = re.search(r"(\d{1,2})[:：](\d{2})", words)
    said = re.search(rf"({_NUMBER})(?:点钟?|时)(半|一刻|三刻|{_NUMBER})?", words)
    if colon:
        hour, minute = int(colon.group(1)), int(colon.group(2))
    elif said:
        hour = _int(re.sub(_EITHER, r"\1", said.group(1))) or 0
        minute = {"半": 30, "一刻": 15, "三刻": 45, None: 0}.get(said.group(2), _int(said.group(2) or "0") or 0)
    else:
        return None, 0
    if hour < 12 and any(part in words for part in _AFTERNOON) and not (hour < 6 and re.search("夜|昨晚", words)):
        hour += 12
    return (hour, minute) if hour < 24 and minute < 60 else (None, 0)


def _recent(today: datetime, month: int | None, day: int | None) -> datetime | None:
    """The last such date that is not in the future."""
    date = _date(today, today.year, month or 0, day or 0)
    if date is not None and date.date() > today.date():
        return _date(today, today.year - 1, month or 0, day or 0)
    return date


def _date(today: datetime, year: int, month: int, day: int) -> datetime | None:
    try:
        return today.replace(year=year, month=month, day=day)
    except ValueError:
        return None


def _int(words: str) -> int | None:
    if words.isdigit():
        return int(words)
    try:
        return int(cn2an.cn2an(words.replace("两", "二"), "smart"))
    except ValueError:
        return None
