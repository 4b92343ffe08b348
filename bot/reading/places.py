"""Places: what the city's gazetteer knows, and what looks like an address without being in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

_NUMBER = r"[0-9零〇一二两三四五六七八九十百]{1,6}"
_LETTER = r"(?:(?![的了着过在有没是和与跟到从去来把被给让就都也还很太我你他她它这那哪某们说想要请叫问条些每整各本条座所号不没封])[\u4e00-\u9fff])"
"""A character that the names of places gazetteers do not know may hold: none of the little words of a sentence."""
_GENERIC_ROAD = (
    rf"{_LETTER}{{1,5}}?(?:大道|大街|胡同|(?<![马公铁道线电思网走修让问迷同半上下小学开铺筑过])路(?![灯面人过费障况程基途径标线由牌况])|"
    r"(?<!逛)街(?![道坊上头])|(?<!小)巷|弄(?![得坏脏丢错成]))|"
    rf"{_LETTER}{{2,5}}?(?:高速|立交桥|大桥|(?<![天立])桥)"
)
_GENERIC_ESTATE = (
    rf"{_LETTER}{{2,6}}?(?:小区|花园|家园|华庭|公寓|新村|广场|大厦|市场|工业园|产业园|科技园|公园|中学|小学|幼儿园|大学|学校|医院|车站|商场|"
    r"村民小组|社区|宿舍|写字楼|派出所|社会福利院|养老院|(?<![农乡本])村(?![里民委口干])|(?<![城乡])镇(?![上里政]))"
)
_NUMBERED = rf"(?:{_NUMBER}(?:-\d+)?(?:号楼|号院|号店|号门|号|弄|巷|组|队|里|公里))"
_UNIT = rf"(?:{_NUMBER}(?:号楼|栋|幢|座|单元(?:\d{{3,4}}(?!\d))?|层|楼|室|户|门)|[A-Za-z]\d{{0,3}}[栋座区幢](?:\d{{3,4}}(?!\d))?|\d{{1,3}}(?:-\d{{1,4}}){{1,3}}|[一二三四五六1-6]期)"
_TAIL = r"(?:与|和|跟)?(?:交叉口|交汇处|路口|十字路口|附近|门口|旁边|对面|楼下|楼上|里面|东门|西门|南门|北门|正门|后门|门前|大门|地下车库|地下室|停车场|桥下|桥头|站台|入口|出口|东侧|西侧|南侧|北侧|东头|西头|南头|北头|中段|小广场|院内|楼道|后面|前面|后头|前头|边上|隔壁|(?<=[路街巷])口)"
_FILLER = re.compile(
    r"^(?:地址|位置|地点)?(?:就)?(?:是|在|叫|我在|我家|我家在|我住|我住在|住在|位于|发生在|具体(?:地址)?(?:是|在)?|嗯|哦|啊|那个)+"
)
_KIND_OF_PLACE = "小区|社区|村|学校|小学|中学|幼儿园|医院|公园|市场|菜市场|公交站|地铁站|广场|路|街|桥|镇|楼下|公寓|车站|商场|宿舍|写字楼|派出所|养老院|大厦|花园|工业园"
_NOBODYS = (
    "我们|我家|你们|他们|咱们|附近|旁边|隔壁|楼下|楼上|对面|外面|里面|后面|前面|门口|家门口|半夜|晚上|早上|老旧|老|新|新建|旧|好多|很多|许多|几个|两个|一个|"
    "一所|一家|全市|全|整个|自己|孩子|小孩|儿子|女儿|我妈|我爸|老人|公办|民办|私立|公立|重点|普通|乡镇|农村|城市|大型|封闭|高档|人家|户外|"
    "因为|所以|但是|如果|建议|希望|关于|投诉|举报|反映|表扬|感谢|施工|修路|建设|进出|进入|离开|别人|外来|改造|回迁|安置|拆迁|商业|住宅|高层|无名|天"
)
_NOT_PLACE = re.compile(
    rf"^(?:{_NOBODYS}|的|在|到|从|是|有|去|离|里|住|这个|那个)*(?:{_KIND_OF_PLACE})?(?:{_NUMBERED}|{_UNIT}|{_TAIL}|的)*$|的那|那条|哪|没有|怎么"
)
"""What names no place in particular: 我们小区门口, 三号楼楼下."""
_FREE = re.compile(
    rf"^.{{0,20}}?(?:{_NUMBERED}|{_UNIT}|{_TAIL}|[村镇乡组屯湾庄寨坪苑]|(?:店|超市|酒店|宾馆|工地|厂|公司|银行|网吧|KTV|加油站|诊所|酒吧|棋牌室|驿站|学校|医院))+(?=$|[那的一\d]|[,，。 ])"
)
"""What looks like a place although the gazetteer does not know it."""
_LEADING_NOISE = re.compile(
    r"^(?:我们|我家|我要投诉|我要举报|我要反映|我想反映|我反映|我投诉|投诉|举报|反映|表扬|感谢|建议|咨询|你好|您好|请问|一下|由于|关于|对于|位于|住在|家住|发生|在|到|从|是|有|的|就|住|跟|那|这|个|里|去|来|说|下|上|了)+"
)
_SHORTEST_FREE = 4
"""Characters an unknown place must have to be found."""
_RESIDENCE = re.compile(r"(?:家住|我住|住在|我家在|我家|我是|家在)(?:在)?(?:云州市?)?$")
"""Before a place, what makes it where somebody lives rather than where something happened."""


@dataclass(frozen=True)
class Place:
    """A place in a text."""

    words: str
    """As said, without the words around it."""
    district: str | None
    """Code of the district, where the gazetteer knows it."""
    precise: bool
    """Whether somebody could go there: an estate, a landmark, a road, a village; not a district alone."""


class Gazetteer:
    """The city's names of places."""

    def __init__(self, districts: Iterable[Mapping[str, Any]], city: str = "", area_code: str = "") -> None:
        """``districts``: entries of ``gazetteer.yml``."""
        self.city, self.area_code = city, area_code
        self._district_of: dict[str, str] = {}
        self._precise: set[str] = set()
        self.words: list[str] = []
        for district in districts:
            for name in (district["name"], *district.get("aliases", ())):
                self._add(name, district["code"], precise=False)
            for street in district.get("streets", ()):
                self._add(street["name"] if isinstance(street, Mapping) else street, district["code"], precise=True)
            for group in ("roads", "estates", "landmarks", "villages", "parks", "markets", "schools", "hospitals"):
                for name in district.get(group, ()):
                    self._add(name, district["code"], precise=True)
        known = "|".join(re.escape(name) for name in sorted(self.words, key=len, reverse=True)) or r"(?!)"
        part = rf"(?:{known}|{_GENERIC_ROAD}|{_GENERIC_ESTATE})"
        city_part = rf"(?:{re.escape(city)}|{re.escape(city.removesuffix('市'))}市?)?" if city else ""
        self._known = re.compile(known)
        detail = rf"(?:{_NUMBERED}|{_UNIT}|{_TAIL})"
        self._span = re.compile(rf"{city_part}{part}(?:[的和与跟、 ]?(?:{part}|{detail})|[,，]{detail})*")

    @classmethod
    def load(cls, city_dir: Path) -> Gazetteer:
        """Reads ``gazetteer.yml`` of a city pack."""
        content = yaml.safe_load((city_dir / "gazetteer.yml").read_text(encoding="utf-8"))
        return cls(content["districts"], content.get("city", ""), content.get("area_code", ""))

    def _add(self, name: str, district: str, *, precise: bool) -> None:
        self.words.append(name)
        self._district_of.setdefault(name, district)
        if precise:
            self._precise.add(name)

    def read(self, text: str, *, asked: bool = False) -> Place | None:
        """The place in ``text``; the longest where there are several.

        ``asked``: a place was asked for, so words the gazetteer does not know count if they look like an address.
        """
        lived_in: list[Place] = []
        others: list[Place] = []
        for span in self._span.finditer(text):
            words = self._trim(span.group())
            if words and not _NOT_PLACE.search(words):
                start = span.start() + span.group().index(words)
                (lived_in if _RESIDENCE.search(text[:start]) else others).append(self._place(words))
        place = _most_telling(others) or _most_telling(lived_in)
        if place is not None and place.precise:
            return place
        return (self._free(text) if asked else None) or place

    def districts_in(self, text: str) -> list[str]:
        """Codes of the districts that names in ``text`` belong to, in order, each once."""
        return list(dict.fromkeys(self._district_of[m.group()] for m in self._known.finditer(text)))

    def _place(self, words: str) -> Place:
        names = self._known.findall(words)
        districts = self.districts_in(words)
        unknown_precise = bool(re.search(rf"{_GENERIC_ROAD}|{_GENERIC_ESTATE}", self._known.sub("", words)))
        precise = unknown_precise or any(name in self._precise for name in names)
        return Place(words, districts[0] if districts else None, precise)

    def _trim(self, words: str) -> str:
        first = self._known.search(words)
        if first and not re.match(rf"{_GENERIC_ROAD}|{_GENERIC_ESTATE}", words[: first.start()]):
            start = words.rfind(self.city, 0, first.start()) if self.city else -1
            words = words[start if start >= 0 else first.start() :]
        if not self._known.match(words):  # 和平路 begins with its name, not with a little word
            words = _LEADING_NOISE.sub("", words).lstrip("，, 的和与跟、")
        return words.rstrip("，, 的和与跟、")

    def _free(self, text: str) -> Place | None:
        words = _FILLER.sub("", text.strip(" ，。,.!！")).strip()
        found = _FREE.match(words)
        if found is None or _NOT_PLACE.search(found.group()):
            return None
        return Place(found.group(), None, precise=len(found.group()) >= _SHORTEST_FREE)


def _most_telling(places: list[Place]) -> Place | None:
    """The longest precise place, after the district named beside it; a district alone where there is no other."""
    best = max(places, key=lambda place: (place.precise, len(place.words)), default=None)
    if best is None or not best.precise:
        return best
    district = next((place for place in places if not place.precise), None)
    if district is None or district.words in best.words:
        return best
    return replace(best, words=f"{district.words}{best.words}", district=district.district)
