"""The instant that words of time name, seen from the moment they are said: 上礼拜三, 半小时前, 国庆那几天.

Pure. Words that name a stretch of time give its beginning. What happened lies in the past: 15号 is the last such day.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.reading.digits import number
from core.calendar import DayKind, SpecialDay, announced_days
from core.clock import china_time

_NUMBER = r"(\d{1,4}|[零〇一二两三四五六七八九十百]{1,4})"
_REPEATED = re.compile(
    r"每|天天|经常|一直|长期|常年|整天|成天|时时刻刻|三天两头|隔三|从早到晚|一年到头|没日没夜|连续|最近|近期|近来|近日|前几天|前两天|这几天|这两天|周末都"
)
_NOW = re.compile("刚才|刚刚|方才|正在|现在|此刻|目前")
_DAYS_BACK = (
    ("大前天", 3),
    ("前天", 2),
    ("前儿", 2),
    ("昨", 1),
    ("今天", 0),
    ("今日", 0),
    ("今儿", 0),
    ("今早", 0),
    ("今晚", 0),
    ("今晨", 0),
)
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_AGO = re.compile(
    r"(半|一个半|\d{1,4}|[零〇一二两三四五六七八九十百]{1,4})多?(个?小时|个?钟头|分钟|天|个?星期|个?礼拜|周|个?月|年)多?(?:以?前|之前)"
)
_WEEK = re.compile(r"(上上|上|这|本)?个?(?:星期|礼拜|周)([一二三四五六日天末])?")
_MONTH = re.compile(rf"(上上|上|这|本)个?月(?:{_NUMBER}[号日]|月?([初中底末]|上旬|中旬|下旬))?")
_DATE = re.compile(
    rf"(?:(去年|今年|前年)|(\d{{4}})年)?{_NUMBER}月(?:份)?(?:{_NUMBER}[号日]?|([初中底末]|上旬|中旬|下旬))?"
)
_NUMERIC = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})|(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)|(?<!\d)()(\d{1,2})\.(\d{1,2})(?!\d)"
)
_DAY_ALONE = re.compile(rf"{_NUMBER}[号日]")
_MONTH_EDGE = re.compile(r"^月([初底末])")
_YEAR = re.compile(r"(去年|今年|前年)(?:年)?([初底])?")
_THIRDS = {"初": 1, "上旬": 1, "中": 11, "中旬": 11, "底": 21, "末": 21, "下旬": 21}
_YEARS_BACK = {"前年": 2, "去年": 1, "今年": 0}
_FESTIVALS = {
    "春节": "春节", "过年": "春节", "国庆": "国庆节", "十一": "国庆节", "中秋": "中秋", "端午": "端午", "清明": "清明", "元旦": "元旦", "五一": "劳动节",
}  # fmt: skip
_SAME_DAY_EVERY_YEAR = {"元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
_AFTERNOON = re.compile("下午|傍晚|晚|夜")
_NIGHT = re.compile("夜|昨晚")
_SMALL_HOURS = 6
_CLOCK = re.compile(
    r"(\d{1,2})[:：](\d{2})|(\d{1,2}|[零〇一二两三四五六七八九十]{1,3})(?:点钟?|时)(半|一刻|三刻|\d{1,2}|[零〇一二两三四五六七八九十]{1,3})?"
)
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_EITHER = re.compile(r"^([一二两三四五六七八九])[一二两三四五六七八九]$")
"""一两点钟, 五六点: the earlier counts."""
_FIRST_YEAR = 2020
_SHORT_UNITS = ("小时", "钟头", "分钟")


def instant_of(words: str, now: datetime) -> datetime | None:
    """The instant that ``words`` name or begin at, on a Chinese wall clock; None when they name none."""
    if _REPEATED.search(words):
        return None
    today = china_time(now)
    begins, *more = re.split("到|至", words, maxsplit=1)
    found = _instant(begins, today)
    return found if found is not None or not more else _instant(words, today)


def exact_instant_of(words: str, now: datetime) -> datetime | None:
    """The instant, where ``words`` tell it to the hour; None for a whole day or an afternoon."""
    ago = _AGO.search(words)
    to_the_hour = _NOW.search(words) or _clock_of(words) or (ago and ago.group(2).removeprefix("个") in _SHORT_UNITS)
    return instant_of(words, now) if to_the_hour else None


def _instant(words: str, today: datetime) -> datetime | None:
    if _NOW.search(words):
        return today
    ago = _AGO.search(words)
    if ago:
        return _ago(ago.group(1), ago.group(2).removeprefix("个"), today)
    clock = _clock_of(words)
    day = _day_of(words, today)
    if day is None:
        return _latest(clock, today) if clock else None
    hour, minute = clock or (0, 0)
    if clock and _NIGHT.search(words) and "昨" in words and hour < _SMALL_HOURS:
        day += timedelta(days=1)
    return _at(day, hour, minute)


def _at(day: datetime, hour: int = 0, minute: int = 0) -> datetime:
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _latest(clock: tuple[int, int], today: datetime) -> datetime:
    """The last time it was that late."""
    at = _at(today, *clock)
    return at if at <= today else at - timedelta(days=1)


def _ago(count: str, unit: str, now: datetime) -> datetime | None:
    amount = {"半": 0.5, "一个半": 1.5}.get(count) or number(count) or 0
    if not amount:
        return None
    if unit in _SHORT_UNITS:
        return (now - timedelta(hours=amount if unit != "分钟" else amount / 60)).replace(second=0, microsecond=0)
    days = {"天": 1, "星期": 7, "礼拜": 7, "周": 7, "月": 30, "年": 365}[unit] * amount
    if unit in ("月", "年") and amount >= 1:
        return _at(_months_back(now, int(amount) * (12 if unit == "年" else 1)))
    return _at(now - timedelta(days=int(days)))


def _months_back(day: datetime, months: int) -> datetime:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return next(found for back in range(4) if (found := _date(day, year, month + 1, day.day - back)))


def _day_of(words: str, today: datetime) -> datetime | None:
    for word, back in _DAYS_BACK:
        if word in words:
            return today - timedelta(days=back)
    for read in (_numeric_date, _festival, _in_month, _said_date, _in_week, _day_alone, _year):
        day = read(words, today)
        if day is not None:
            return day
    return None


def _numeric_date(words: str, today: datetime) -> datetime | None:
    found = _NUMERIC.search(words)
    if not found:
        return None
    year, month, day = [part for part in found.groups() if part is not None]
    return _date(today, int(year), int(month), int(day)) if year else _recent(today, int(month), int(day))


def _festival(words: str, today: datetime) -> datetime | None:
    name = next((name for name in _FESTIVALS if name in words), None)
    if name is None or (name == "十一" and not re.search("放假|假期|长假|期间", words)):
        return None
    said = next((today.year - back for word, back in _YEARS_BACK.items() if word in words), None)
    for year in (said,) if said else (today.year, today.year - 1):
        begins = _begins(_FESTIVALS[name], year)
        if begins is None and name in _SAME_DAY_EVERY_YEAR:
            begins = date(year, *_SAME_DAY_EVERY_YEAR[name])
        if begins is not None and (said or begins <= today.date()):
            return _date(today, begins.year, begins.month, begins.day)
    return None


@lru_cache(maxsize=64)
def _begins(name: str, year: int) -> date | None:
    """The first day off of a festival, as announced; a new year's holiday may begin in the old year."""
    days = [special.day for special in _holidays() if name in special.name and special.day.year == year]
    return min(days, default=None)


@lru_cache(maxsize=1)
def _holidays() -> tuple[SpecialDay, ...]:
    return tuple(special for special in announced_days(_FIRST_YEAR) if special.kind is DayKind.HOLIDAY)


def _in_month(words: str, today: datetime) -> datetime | None:
    found = _MONTH.search(words)
    edge = _MONTH_EDGE.search(words)
    if found:
        back = {"上上": 2, "上": 1}.get(found.group(1), 0)
        first = _months_back(today.replace(day=1), back)
        day = number(found.group(2)) if found.group(2) else _THIRDS.get(found.group(3) or "初", 1)
        return _date(today, first.year, first.month, day or 0)
    if edge:
        day = _THIRDS[edge.group(1)]
        first = today.replace(day=1) if day <= today.day else _months_back(today.replace(day=1), 1)
        return first.replace(day=day)
    return None


def _said_date(words: str, today: datetime) -> datetime | None:
    found = _DATE.search(words)
    month = number(found.group(3)) if found else None
    if not found or not month or month > 12:
        return None
    day = number(found.group(4)) if found.group(4) else _THIRDS.get(found.group(5) or "初", 1)
    if found.group(1) or found.group(2):
        year = today.year - _YEARS_BACK[found.group(1)] if found.group(1) else int(found.group(2))
        return _date(today, year, month, day or 0)
    return _recent(today, month, day or 0)


def _in_week(words: str, today: datetime) -> datetime | None:
    found = _WEEK.search(words)
    if not found or not (found.group(1) or found.group(2)):
        return None
    weekday, back = _WEEKDAYS[found.group(2) or "一"], {"上上": 2, "上": 1}.get(found.group(1) or "", 0)
    day = today - timedelta(days=today.weekday() - weekday + 7 * back)
    return day if day.date() <= today.date() else day - timedelta(days=7)


def _day_alone(words: str, today: datetime) -> datetime | None:
    found = _DAY_ALONE.search(words)
    day = number(found.group(1)) if found and "月" not in words else None  # 2月30号 is no day at all
    if not day:
        return None
    first = today.replace(day=1)
    this = _date(today, first.year, first.month, day)
    if this is not None and this.date() <= today.date():
        return this
    before = _months_back(first, 1)
    return _date(today, before.year, before.month, day)


def _year(words: str, today: datetime) -> datetime | None:
    found = _YEAR.search(words)
    if not found or "岁" in words or re.search("[春夏秋冬]|半年", words):
        return None
    return _date(today, today.year - _YEARS_BACK[found.group(1)], 12 if found.group(2) == "底" else 1, 1)


def _clock_of(words: str) -> tuple[int, int] | None:
    found = _CLOCK.search(words)
    if not found:
        return None
    if found.group(1):
        hour, minute = int(found.group(1)), int(found.group(2))
    else:
        hour = number(_EITHER.sub(r"\1", found.group(3))) or 0
        said = found.group(4)
        minute = _MINUTES.get(said) or number(said) or 0 if said else 0
    if hour < 12 and _AFTERNOON.search(words) and not (hour < _SMALL_HOURS and _NIGHT.search(words)):
        hour += 12
    return (hour, minute) if hour < 24 and minute < 60 else None


def _recent(today: datetime, month: int, day: int) -> datetime | None:
    """The last such date that is not in the future."""
    found = _date(today, today.year, month, day)
    if found is not None and found.date() > today.date():
        return _date(today, today.year - 1, month, day)
    return found


def _date(today: datetime, year: int, month: int, day: int) -> datetime | None:
    try:
        return today.replace(year=year, month=month, day=day)
    except ValueError:
        return None
