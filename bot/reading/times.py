"""When something happened: 昨晚十点多, 上礼拜三, 3月2号下午, 国庆那几天, 每天半夜.

The words are kept as said; an instant is added where they name one (:mod:`bot.reading.instants`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime

from bot.reading.digits import number
from bot.reading.instants import instant_of
from bot.reading.standing import read_standing

_NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百半几]{1,4}来?)"
_HOUSE = "[路街道巷弄里楼栋院区段第幢座店桥到\\d零〇一二两三四五六七八九十百]"
"""Before a number with 号, what makes it a house number, or one in a line."""
_FESTIVAL = (
    r"(?:(?:去年|今年|前年)的?)?(?:(?:春节|国庆|中秋|端午|清明|元旦|(?<![\d零一二三四五六七八九])五一(?![\d零一二三四五六七八九])|(?<![快要])过年(?![都也回])|元宵|除夕)(?:节)?"
    r"(?:放假|假期|长假)?(?:期间|的时候|那天|当天|前后?|以?后|那几?天)?|十一(?:放假|假期|长假|期间))"
)
_TERM = r"(?:(?:上|这|本)一?个?学期|(?:(?:去年|今年|前年)的?)?[寒暑]假(?!班|作业|工)(?:期间|里|的时候|前|后)?|开学(?:以来|之后|之前|那天|前后?|后))"
"""Times of a school's year."""
_DAY = (
    r"(?:大前天|前天|前儿个?|昨天|昨日|昨儿个?|昨晚|昨夜|今天|今日|今儿个?|今早|今晚|今晨|前几天|前两天|这几天|这两天|这(?:半个?|[一两三几]个?)多?(?:月|星期|礼拜|周|年)|最近|近期|近来|近日|刚才|刚刚|方才|(?:现在|目前|此刻)?正在(?!进行)|现在还在|现在|目前|当天|周末|"
    r"(?:上上?个?|这个?|本)(?:星期|礼拜|周)(?:[一二三四五六日天末])?|(?:星期|礼拜|周)[一二三四五六日天]|"
    rf"(?:上上?个?|这个?|本)月(?:{_NUMBER}[号日]|月?[初中底末]|上旬|中旬|下旬)?|(?<![\d零一二三四五六七八九十年])月[初底末](?!结)|"
    rf"{_FESTIVAL}|{_TERM}|"
    rf"(?:去年|今年|前年)(?:{_NUMBER}月(?:份)?(?:{_NUMBER}[号日]|[初中底末])?|年[初底]|[春夏秋冬][天季]|上半年|下半年)|(?:去年|今年|前年)(?!\S{{1,4}}岁)|年初|年前|年底|"
    rf"(?:农历|阴历)?(?:正月|腊月)(?:初?{_NUMBER})?|"
    rf"(?:{_NUMBER}年)?{_NUMBER}月(?:份)?(?:{_NUMBER}[号日]|初|中旬?|底|末|上旬|下旬)?|"
    rf"(?<!{_HOUSE})(?<!{_HOUSE}\s){_NUMBER}[号日](?!楼|院|线|店|门|车|窗|台|桌|床|馆|桥|码|称|附|栋|单元|房|室|厂|仓|库|铺|摊|柜|井|坑|塔|岗|站|出口|入口|公馆|公寓|小区|地块|高炉|机[组房台]|球场|泵)|"
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?<!\d)20\d{2}[01]\d[0-3]\d(?!\d))"
)
_REPEATING = (
    r"(?:每天|天天|日日|每晚|每个?(?:周|星期|礼拜)[一二三四五六日天末]|每周|每个?月|经常|一直|长期|常年|整天|成天|时时刻刻|三天两头|隔三[差岔]五|从早到晚|一年到头|没日没夜"
    r"|连续(?:好?几|[一二两三四五六七八九十\d]+)(?:天|晚|个?月|周))(?:都这样|如此|都是这样|这样)?"
)
_PART = r"(?:大半夜|后半夜|凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里头?|夜间|半夜|深夜|晚间|白天|午夜|大清早|一大早|大晚上)"
_CLOCK = (
    rf"(?:{_NUMBER}(?:点钟?|时)(?:半|一刻|三刻|{_NUMBER}分?)?|\d{{1,2}}[:：]\d{{2}})(?:多|左右|来钟|前后|以后|之后)?"
)
_UNTIL = rf"(?:\s*(?:到|至|-|—|~)\s*(?:第二天|次日)?{_PART}?{_CLOCK})?"
_AGO = (
    rf"(?:大概|大约|差不多|有)?(?:一个半|{_NUMBER}|个把|好几个?)(?:多)?(?:个?小时|个?钟头|分钟|天|个?星期|个?礼拜|周|个?月|年)(?:多)?(?:以?前|之前|了)|好几天了?|很久了|好久了"
    r"|(?:一整?|整整?一?)个?(?:上午|下午|早上|晚上|白天|夜|宿)了?"
    r"|半个?(?:多)?(?:小时|钟头)(?:以?前|之前|了)|半个?(?:多)?月(?:以?前|之前|了)?|[大小]?半年(?:多)?(?:了|前)?|快一?年了?"
)
_TIME = re.compile(
    rf"(?:从)?(?:{_REPEATING}的?{_PART}?{_CLOCK}{_UNTIL}|{_REPEATING}的?{_PART}|{_DAY}的?\s?{_PART}?\s?(?:{_CLOCK}{_UNTIL})?"
    rf"|{_PART}(?:{_CLOCK}{_UNTIL})?|{_CLOCK}{_UNTIL}|{_AGO}|{_REPEATING})"
    rf"(?:{_PART})?(?:{_CLOCK})?(?:就?开始|起)?"
)
_WEAK = re.compile(rf"^(?:一直|经常|现在|目前|白天|{_NUMBER}(?:点|时))$")
"""Words of time that nearly always mean something else where no time was asked for: 声音小一点, 一直没人管."""
_WEAKER = re.compile(r"^(?:天天|日日|每天|每个?月|整天|成天|常年|长期|最近|近期|近来|现在|今年|去年|前年|正在)$")
"""Words that count unasked only where there are no others: 天天."""
_SPAN = re.compile(
    rf"(?:大概|差不多|有)?(?:{_NUMBER}|个把|好几|半)多?个?多?(?:小时|钟头|天|星期|礼拜|周|月|年|晚上|半月)(?:多)?(?:了|来|内|里|以来)?"
)
"""A length of time: counts where a time was asked for, and beside other words of time."""
_A_WHILE = re.compile(
    rf"(?:^|(?<=[\s,，。;；]))(?:已经?|有|都)?{_NUMBER}多?(?:天|个?星期|个?礼拜|周|个?月|年)多?(?=$|[\s,，。;；])"
)
"""A length of time between two commas: 路灯坏，友谊路，3天."""
_LASTS = re.compile(
    r"(?:坏|停|断|堵|漏|渗|冒|溢|淹|泡|黑|灭|不亮|臭|脏|堆|积|吵|闹|响|塌|裂|倒|掉|没水|没电|没气|没人管|没人修)掉?(?:了|着)?(?:已经?|都|快|有|整整|大概|差不多|将近)?$"
)
"""Before a length of time, what makes it the time of a trouble: 坏了一个星期."""
_OF_WHAT = re.compile(r"^的?(?:工资|工钱|薪|钱|租|费|款|假)")
_OF_A_LIFE = re.compile(r"(?:住|结婚|工作|退休|上班|过期|超期|怀孕|住院|晚点|迟到)了?(?:都|有|快|将近)?$")
"""Before a length of time, what makes it no time of the matter: 住了十几年了."""
_LOOSE_END = re.compile(r"(?<=.)(?:一直|就|都|的|\s)$")
_BETWEEN = re.compile(r"^(?:[的,，、\s]{0,2}|从|就|都|每|到|至|到了|一直|一直到|又|是)$")
"""What may stand between two words of time that belong together."""
_ASKING = re.compile(r"(?<!十)几(?:点|时|号|月)|什么时候")
_DAY_NUMBER = re.compile(rf"(?<!月)({_NUMBER})[号日]")
_DAYS_IN_A_MONTH = 31
_DAY_OF_A_MONTH = re.compile(
    r"(?<![\d零〇一二两三四五六七八九十])(\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份)?(\d{1,2}|[零〇一二三四五六七八九十]{1,3})[号日]"
)
_LONGEST = {month: monthrange(2024, month)[1] for month in range(1, 13)}
"""Days of each month in a leap year."""


@dataclass(frozen=True)
class TimeReading:
    """When, as said and as far as it can be told."""

    words: str
    instant: datetime | None
    """Zone-aware, where the time begins; None for repeated or vague times."""


def read_time(text: str, now: datetime, *, asked: bool = False) -> TimeReading | None:
    """The time in ``text``, relative to ``now``. ``asked``: vague words such as 一直 count too."""
    words = time_words(text, asked=asked)
    return TimeReading(words, instant_of(words, now)) if words else None


def time_words(text: str, *, asked: bool = False) -> str | None:
    """The fullest words of time in ``text``, without asking what instant they name."""
    return read_standing(lambda said: _words(said, asked), text)


def _words(text: str, asked: bool) -> str | None:
    found = [words for words in _phrases(text) if _is_a_time(words) and (asked or not _WEAK.match(words))]
    if not found:
        found = [span.group() for span in (_SPAN if asked else _A_WHILE).finditer(text)]
    telling = [words for words in found if not _WEAKER.match(words)] or found
    return max(telling, key=len) if telling else None


def names_no_day(text: str) -> bool:
    """Whether ``text`` names a day that no year has: 2月30号, 13月5日."""
    for month, day in ((number(m), number(d)) for m, d in _DAY_OF_A_MONTH.findall(text)):
        if month is not None and day is not None and not 1 <= day <= _LONGEST.get(month, 0):
            return True
    return False


def _is_a_time(words: str) -> bool:
    """Not what asks for one (几点到几点), nor a number no month has (一百零八号), nor a day there is not."""
    if _ASKING.search(words) or names_no_day(words):
        return False
    day = _DAY_NUMBER.search(words)
    return day is None or not (number(day.group(1)) or 0) > _DAYS_IN_A_MONTH


def _phrases(text: str) -> list[str]:
    """Words of time, those that belong together joined: 最近一个月每天晚上 is one."""
    spans = [m.span() for m in _TIME.finditer(text) if not _OF_A_LIFE.search(text[: m.start()])]
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
            lasts = _LASTS.search(text[:start]) and not _OF_WHAT.match(text[end:])
            if start not in covered and not lasts:
                lonely.add(start)  # a length of time by itself tells no time: 修了三天
    return [_LOOSE_END.sub("", text[start:end]) for start, end in joined if start not in lonely]
