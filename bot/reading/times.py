"""When something happened: 昨晚十点多, 上礼拜三, 3月2号下午, 每天半夜.

The words are kept as said; an instant is added where they name one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import cn2an

from core.clock import china_time

_NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百半几]{1,4})"
_DAY = (
    r"(?:大前天|前天|昨天|昨日|昨晚|昨夜|今天|今日|今早|今晚|今晨|前几天|这几天|这两天|最近|近期|近来|刚才|刚刚|现在|目前|当天|周末|"
    r"(?:上上?个?|这个?|本)(?:星期|礼拜|周)(?:[一二三四五六日天末])?|(?:星期|礼拜|周)[一二三四五六日天]|(?:上个?|这个?|本)月(?:初|中|底|末)?|"
    r"去年|今年|前年|年初|年前|春节(?:期间|前|后)?|国庆(?:期间)?|"
    rf"(?:{_NUMBER}年)?{_NUMBER}月(?:份)?(?:{_NUMBER}[号日])?|(?<![路街道巷弄里楼栋院区\d]){_NUMBER}[号日](?!楼|院|线|店|门|车)|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})"
)
_REPEATING = r"(?:每天|天天|每晚|每周|每个?月|经常|一直|长期|常年|整天|连续(?:好?几|[一二两三四五六七八九十\d]+)(?:天|晚|个?月|周))"
_PART = (
    r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|大半夜|后半夜|晚间|白天|午夜|大清早|一大早)"
)
_CLOCK = (
    rf"(?:{_NUMBER}(?:点钟?|时)(?:半|一刻|三刻|{_NUMBER}分?)?|\d{{1,2}}[:：]\d{{2}})(?:多|左右|来钟|前后|以后|之后)?"
)
_UNTIL = rf"(?:\s*(?:到|至|-|—|~)\s*(?:第二天|次日)?{_PART}?{_CLOCK})?"
_AGO = rf"(?:大概|大约)?{_NUMBER}(?:多)?(?:个?小时|天|个?星期|个?礼拜|周|个?月|年)(?:多)?(?:以?前|之前|了)|好几天了|很久了|半个?(?:多)?月(?:了|前)?|半年(?:多)?(?:了|前)?"
_TIME = re.compile(
    rf"(?:从)?(?:{_REPEATING}的?{_PART}?{_CLOCK}{_UNTIL}|{_REPEATING}的?{_PART}|{_DAY}的?{_PART}?(?:{_CLOCK}{_UNTIL})?"
    rf"|{_PART}(?:{_CLOCK}{_UNTIL})?|{_CLOCK}{_UNTIL}|{_AGO}|{_REPEATING})"
    rf"(?:{_PART})?(?:{_CLOCK})?(?:开始|起)?"
)
_WEAK = re.compile(r"^(?:一直|经常|现在|目前|最近|长期|白天)$")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_DAYS_BACK = {"大前天": 3, "前天": 2, "昨": 1, "今": 0, "刚": 0, "现在": 0}
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
    found = [m.group() for m in _TIME.finditer(text)]
    if not asked:
        found = [words for words in found if not _WEAK.match(words)]
    return max(found, key=len) if found else None


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
        hour = _int(said.group(1)) or 0
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
