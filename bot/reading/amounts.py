"""Sums of money: 三千块, 2.5万, 一万二, 十五块六, ¥356.80, 一个月工资."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import cn2an

from bot.reading.standing import versions

_DIGITS = "零〇一二两三四五六七八九"
_COUNTED = rf"[{_DIGITS}十百千万亿]+"
_FIGURES = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNIT = r"(?:元|块钱|块(?![地牌石砖玻板广表布肉木儿去])|圆|人民币|大洋)"
_MEASURES = "个年月天次人号点张斤度辆台只条份杯盒瓶袋碗桶平米套本把件节"
_AROUND = "(?:来|多|几)?"
_SUM = re.compile(
    rf"[¥￥]\s*(?P<sign>{_FIGURES})"
    rf"|(?P<said>(?:{_FIGURES})\s*[千万亿]?|{_COUNTED}){_AROUND}(?P<scale>[千万])?(?:多)?{_UNIT}(?P<rest>[{_DIGITS}\d]{{1,2}}(?![{_DIGITS}十百千万\d{_MEASURES}]))?(?P<half>半)?"
    rf"|(?P<wan>(?:{_FIGURES})万(?:[{_DIGITS}\d](?!\d))?|[{_DIGITS}十百千]+万[{_DIGITS}百千]*)(?![人户多个年次步里米平公瓦伏字亿一分])"
    rf"|(?P<vague>[几上好][十百千万]+(?:来|多)?{_UNIT})"
    rf"|(?P<wages>(?:{_COUNTED}|\d+|半)个?(?:月|年|天|星期)的?(?:工资|薪水|工钱|房租|租金|生活费)(?!.{{0,3}}[{_DIGITS}\d]))"
)
_MONEY_BEFORE = re.compile(
    r"(?:押金|定金|订金|学费|房租|租金|工资|工钱|货款|房款|首付|退款|罚款?|欠款?|费用?|花了?|交了?|付了?|存了?|收了?|扣了?|赔偿?|补偿|补贴|价格?|卖|共|总共|一共|骗了?|拖欠|给了?|多收了?|转账|借了?)"
    rf"[^\d{_DIGITS}十百千万，。,;；]{{0,4}}(?P<said>{_COUNTED}|{_FIGURES})(?P<more>多)?(?![{_DIGITS}十百千万\d]*(?:[元块年月日号天点个次人家层楼户栋小岁分斤公平米台张套辆条件名位期步]|多[块个天年]))"
)
_EITHER = re.compile(rf"^([{_DIGITS}])[{_DIGITS}](?=[十百千万])")
_ROUND_TAIL = re.compile(rf"^(.*([百千万]))([{_DIGITS}\d])$")
_BELOW = {"百": 10, "千": 100, "万": 1000}
_TOGETHER = re.compile("一块(?!钱)")
"""一块去办的: together, unless a sum goes on."""
_LEAST_UNNAMED = 100
"""Yuan from which a number counts as money by the word before it alone: 花了一千五, but not 交了三次."""


@dataclass(frozen=True)
class Amount:
    """A sum of money as said."""

    words: str
    yuan: Decimal | None
    """None where no number tells it: 几百块钱, 一个月工资."""


def read_amounts(text: str) -> tuple[Amount, ...]:
    """The sums in ``text`` in their order; those taken back are left out."""
    for said in versions(text):
        found = tuple(amount for _, amount in sorted(_read(said), key=lambda each: each[0]))
        if found:
            return found
    return ()


def _read(text: str) -> Iterator[tuple[int, Amount]]:
    taken: list[range] = []
    for found in _SUM.finditer(text):
        amount = _amount(found)
        if amount is not None:
            taken.append(range(*found.span()))
            yield found.start(), amount
    for found in _MONEY_BEFORE.finditer(text):
        yuan = _yuan(found.group("said"))
        start = found.start("said")
        if yuan is not None and yuan >= _LEAST_UNNAMED and not any(start in span for span in taken):
            yield start, Amount(found.group("said"), yuan)


def _amount(found: re.Match[str]) -> Amount | None:
    if found.lastgroup in {"vague", "wages"}:
        return Amount(found.group(), None)
    yuan = _yuan((found.group("sign") or found.group("said") or found.group("wan")) + (found.group("scale") or ""))
    if yuan is None:
        return None
    rest = found.group("rest")
    if _TOGETHER.fullmatch(found.group()):
        return None
    if rest:
        tenths = _yuan(rest)
        yuan += (tenths or 0) / (Decimal(10) if len(rest) == 1 else Decimal(100))
    return Amount(found.group(), yuan + Decimal("0.5") if found.group("half") else yuan)


def _yuan(words: str) -> Decimal | None:
    """十八万六 → 186000, 2.5万 → 25000, 3万5 → 35000, 两三千 → 2000."""
    plain = _EITHER.sub(r"\1", words.replace(",", "").replace(" ", ""))
    tail = _ROUND_TAIL.match(plain)
    if tail:
        head, last = _yuan(tail.group(1)), _yuan(tail.group(3))
        return None if head is None or last is None else head + last * _BELOW[tail.group(2)]
    try:
        return Decimal(plain)
    except InvalidOperation:
        pass
    scaled = re.fullmatch(r"(\d+(?:\.\d+)?)([千万亿])", plain)
    if scaled:
        return Decimal(scaled.group(1)) * {"千": 1000, "万": 10_000, "亿": 100_000_000}[scaled.group(2)]
    try:
        return Decimal(str(cn2an.cn2an(plain.replace("两", "二").replace("〇", "零"), "smart")))
    except (ValueError, InvalidOperation):
        return None
