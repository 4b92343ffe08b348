"""What a citizen says is wrong, and what is right instead: 电话错了, 不是3栋是5栋, 最后一位是九. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.reading.digits import in_figures, spoken_to_digits

FIELD_WORDS = {
    "phone": "电话|手机|号码|联系方式|座机|尾号|最?后[一两二三四几1-4]位|最后位",
    "address": "地址|地点|位置|地方|小区名|路名|门牌|楼号|单元|楼层",
    "time": "时间|日期|几点|哪天",
    "name": "姓名|名字|称呼|我姓|我叫|联系人|我不叫",
    "target": "对象|单位|公司|店名|车牌|被投诉|被举报|对方",
    "confidential": "保密|匿名",
    "content": "内容|情况|描述|事情",
}
_NO_MISTAKE = re.compile(r"没有?错|没有?问题|都对|没毛病|没有?不对|不用改|无误")
_CHANGES = re.compile(
    r"错了|错误|不对(?!劲|头|味|称|等)|有误|有错|(?:写|说|记|弄|听|报|搞|填|打|念|整)(?:得)?(?:有点)?(?:错|串|岔|反)|改一?下|改改|改掉|修改|更正|更改|改成|改为|改到|换成|换个|换一个|"
    r"要改|得改|重新(?:说|报|留|填)|不准确|少了?[一二两1-3]位|多了?[一二两1-3]位|漏了|不是.{1,20}是|是.{1,20}不是|我说的是"
    rf"|^(?:我?[要想])?改(?:{'|'.join(FIELD_WORDS.values())})"
)
_NEW_VALUE = re.compile(
    r"(?:应该是|应当是|改成|改为|改到|换成|换|更正为|正确的是|我说的是|重新[报说留]一?个?[:：,， ]*|[是叫用])(?!错|不对|写错|不是)(.+)$"
)
_REMAINDER = re.compile(rf"^.*?(?:{_CHANGES.pattern})[了的吧啊啦呀]*[\s,，。:：;；!！]*(.*)$")
_NOT_THIS_BUT_THAT = re.compile(
    r"(?:不是|不叫)([^,，。;；\s是]{1,12}?)[,，。\s]*(?:而|应该|应当|我说的|它)?[是叫](.{1,30})$"
)
_THAT_AND_NOT_THIS = re.compile(r"(?:改成|应该是|是)([^,，。;；\s不]{1,20})[,，。\s]*(?:而)?不是(.{1,12})$")
_PARTICLES = re.compile(
    r"[\s,，]+[我你刚才是]*(?:打|写|说|记|弄|报|填)错了?.*$|^(?:在|那个|一个|个)|(?:[的了吧啊呀哈呢]|那里|这里|才对)+$|[,，。;；].*$|\s+\S{2}[\u4e00-\u9fff]$"
)
_ONLY_NAMES_FIELDS = re.compile(
    rf"^(?:{'|'.join(FIELD_WORDS.values())}|联系|涉及|反映|发生|身份|具体|这个|那个|一下|的|和|跟|我)+$"
)
_SPELT = re.compile(r"^([\u4e00-\u9fff]{2,6})的([\u4e00-\u9fff])$")
_CLAUSE_END = re.compile(
    rf"[\s,，。;；!！?？]+(?:(?:还有|另外|然后|以及|和)(?=(?:我的?)?(?:{'|'.join(FIELD_WORDS.values())})))?"
)
_LAST = re.compile(r"最后|末|尾|后面|后[一两二三四1-4几]位")
_DIGIT = "[0-9零〇一二两三四五六七八九十百]"
_COUNT = f"{_DIGIT}+"
_UNIT = re.compile(rf"({_COUNT})(号楼|栋|幢|座|单元|层|楼|室|期|号)")
_BARE_UNITS = re.compile(rf"^(?:{_UNIT.pattern}\s*)+\d{{0,4}}$")
_BARE_FLAT = re.compile(r"^(?:应该|就)?是?(\d{3,4})$")
_FLAT_AT_END = re.compile(r"(?<=[栋幢座楼层元号区期-])\d{3,4}(?=室?$)")


def without_no_mistake(text: str) -> str:
    """The text without 没错, 没问题: words that hold 错 or 问题 and mean the opposite."""
    return _NO_MISTAKE.sub("", text)


@dataclass(frozen=True)
class Correction:
    """One correction as said."""

    fields: tuple[str, ...]
    """The fields it names."""
    right: str
    """The words of the new value; empty when none are given."""
    wrong: str | None = None
    """The words that are to be replaced by ``right``."""


def read_correction(text: str) -> Correction | None:
    """The correction in ``text``; None when it says nothing of the kind."""
    plain = without_no_mistake(text.strip())
    changes = _CHANGES.search(plain) is not None
    fields = tuple(name for name, words in FIELD_WORDS.items() if re.search(words, plain))
    instead = _NOT_THIS_BUT_THAT.search(plain)
    if instead:
        return Correction(fields, _bare(instead.group(2)), _bare(instead.group(1)))
    instead = _THAT_AND_NOT_THIS.search(plain)
    if instead:
        return Correction(fields, _bare(instead.group(1)), _bare(instead.group(2)))
    if not changes and not (fields and _NEW_VALUE.search(plain)):
        return None
    return Correction(fields, _new_value(plain))


def corrections_apart(text: str) -> list[str]:
    """The corrections of a message, each with what is right: 时间不对，是上周一，电话尾号是7778 are two.

    Each begins with the clause that names a field none before it has named; what names none belongs to the one before.
    """
    apart, named = [""], set[str]()
    for clause in filter(None, _CLAUSE_END.split(text)):
        fields = {name for name, words in FIELD_WORDS.items() if re.search(words, clause)}
        tells = _NEW_VALUE.search(clause) is not None or _CHANGES.search(clause) is not None
        if named and tells and fields and fields.isdisjoint(named):
            apart.append(clause)
        else:
            apart[-1] = f"{apart[-1]}，{clause}" if apart[-1] else clause
        named |= fields
    return apart


def begins_with_a_change(text: str) -> bool:
    """Whether ``text`` takes back what was said before it says anything else: 不对，是402."""
    return re.match(rf"\W*(?:{_CHANGES.pattern})", without_no_mistake(text)) is not None


def names_a_change(text: str) -> bool:
    """Whether ``text`` itself speaks of a mistake or a change, not only of a field."""
    return _CHANGES.search(without_no_mistake(text)) is not None


def swapped(values: Mapping[str, Any], correction: Correction, text: str) -> dict[str, Any]:
    """``values`` that hold the wrong words, with the right ones in their place; only those that change."""
    if not correction.wrong or not correction.right:
        return {}
    changed: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        if name == "phone":
            new = _with_digits_swapped(value, correction, at_end=bool(_LAST.search(text)))
        else:
            long_enough = len(correction.wrong) > 1 or name in correction.fields
            new = _with_words_swapped(value, correction.wrong, correction.right) if long_enough else value
        if new != value:
            changed[name] = new
    return changed


def mended_phone(old: str, text: str) -> str | None:
    """``old`` with its last digits as said: 最后一位是九; None when that is not what was said."""
    new = _NEW_VALUE.search(text)
    digits = spoken_to_digits(new.group(1)) if new else ""
    found = re.match(r"\d{1,4}", digits.strip())
    if not _LAST.search(text) or found is None or len(found.group()) >= len(old):
        return None
    return old[: -len(found.group())] + found.group()


def with_units(address: str, said: str) -> str | None:
    """``address`` with the house, entrance or flat that ``said`` names: 幸福小区3栋 and 5栋 → 幸福小区5栋.

    None when ``said`` is more than that.
    """
    bare = said.strip(" ，。,.的吧")
    if not _BARE_UNITS.match(bare):
        return None
    for number, unit in _UNIT.findall(bare):
        same = re.search(rf"{_COUNT}(?={unit})", address)
        if same:
            address = address[: same.start()] + in_figures(number) + address[same.end() :]
        else:
            address += in_figures(number) + unit
    flat = re.search(r"\d{3,4}$", bare)
    return address + flat.group() if flat and not address.endswith(flat.group()) else address


def with_flat(address: str, said: str) -> str | None:
    """``address`` with the number of the flat that ``said`` is: 3栋401 and 402 → 3栋402; None when either has none."""
    flat = _BARE_FLAT.match(spoken_to_digits(said.strip(" ，。,.的吧室")))
    return _FLAT_AT_END.sub(flat.group(1), address) if flat and _FLAT_AT_END.search(address) else None


def _with_words_swapped(value: str, wrong: str, right: str) -> str:
    """三栋 is found where 3栋 is written, 2栋 not in 12栋."""
    told = _whole(wrong)
    if told.search(value):
        return told.sub(lambda found: _before(found, right), value)
    return _whole(_in_figures(wrong)).sub(lambda found: _before(found, _in_figures(right)), value)


def _before(found: re.Match[str], right: str) -> str:
    """``right`` without its end where the words after ``found`` repeat it: 翠湖社区门口, in the place of 翠湖花园 in
    翠湖花园门口."""
    after = found.string[found.end() :]
    ends = (right[at:] for at in range(1, len(right)))
    return right.removesuffix(next((end for end in ends if after.startswith(end)), ""))


def _whole(words: str) -> re.Pattern[str]:
    """``words``, and where they begin or end with a number, no part of a longer one."""
    begins = rf"(?<!{_DIGIT})" if re.match(_DIGIT, words) else ""
    ends = rf"(?!{_DIGIT})" if re.search(rf"{_DIGIT}$", words) else ""
    return re.compile(begins + re.escape(words) + ends)


def _in_figures(words: str) -> str:
    return _UNIT.sub(lambda m: in_figures(m.group(1)) + m.group(2), words)


def _new_value(text: str) -> str:
    found = _NEW_VALUE.search(text)
    if found:
        return _bare(found.group(1))
    rest = _REMAINDER.match(text)
    return _bare(rest.group(1)) if rest else ""


def _bare(words: str) -> str:
    bare = _PARTICLES.sub("", words.strip()).strip(" ，。,.!！:：")
    spelt = _SPELT.match(bare)
    if spelt and spelt.group(2) in spelt.group(1):
        return spelt.group(2)  # 雪梅的雪 names a character
    return "" if _ONLY_NAMES_FIELDS.match(bare) else bare


def _with_digits_swapped(phone: str, correction: Correction, *, at_end: bool) -> str:
    wrong, right = spoken_to_digits(correction.wrong or ""), spoken_to_digits(correction.right)
    if not wrong.isdigit() or not right.isdigit():
        return phone
    if len(wrong) < 2 and not at_end:  # one digit is nearly everywhere
        return phone
    start = phone.rfind(wrong) if at_end else phone.find(wrong)
    return phone if start < 0 else phone[:start] + right + phone[start + len(wrong) :]
