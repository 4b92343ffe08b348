"""Places: what the city's gazetteer knows, and what looks like an address without being in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_NUMBER = r"[0-9零〇一二两三四五六七八九十百]{1,6}"
_GENERIC_ROAD = r"[\u4e00-\u9fff]{2,5}?(?:大道|大街|胡同|路|街|巷|弄|高速|立交桥|大桥|桥)"
_GENERIC_ESTATE = (
    r"[\u4e00-\u9fff]{2,6}?(?:小区|花园|家园|华庭|公寓|新村|广场|大厦|市场|工业园|产业园|科技园|公园|中学|小学|幼儿园|大学|学校|医院|车站|商场|"
    r"村民小组|社区|宿舍|写字楼|派出所|社会福利院|养老院|(?<![农乡本])村|(?<![城乡])镇)"
)
_NUMBERED = rf"(?:{_NUMBER}(?:-\d+)?(?:号楼|号院|号店|号门|号|弄|巷|组|队|里|公里))"
_UNIT = rf"(?:{_NUMBER}(?:号楼|栋|幢|座|单元(?:\d{{3,4}}(?!\d))?|层|楼|室|户|门)|[A-Za-z]\d{{0,3}}[栋座区幢])"
_TAIL = r"(?:与|和|跟)?(?:交叉口|交汇处|路口|十字路口|附近|门口|旁边|对面|楼下|楼上|里面|东门|西门|南门|北门|正门|后门|门前|大门|地下车库|地下室|停车场|桥下|桥头|站台|入口|出口|东侧|西侧|南侧|北侧|小广场|院内|楼道|后面|前面|边上|隔壁)"
_FILLER = re.compile(
    r"^(?:地址|位置|地点)?(?:就)?(?:是|在|叫|我在|我家|我家在|我住|我住在|住在|位于|发生在|具体(?:地址)?(?:是|在)?|嗯|哦|啊|那个)+"
)
_NOT_PLACE = re.compile(
    r"^(?:我们|我家|这个|那个|你们|他们|整个|全|本|自己|附近的?|旁边的?|每个|哪个|什么|很多|几个|一个|的|在|到|从|是|有|隔壁|楼下|半夜|晚上)*(?:小区|社区|村|学校|医院|公园|市场|广场|路|街|桥|镇|楼下|公寓)$|的那|那条|哪|没有|怎么"
)
_LEADING_NOISE = re.compile(
    r"^(?:我们|我家|我要投诉|我要举报|我要反映|我想反映|我反映|我投诉|投诉|举报|反映|你好|您好|请问|一下|在|到|从|是|有|的|就|住|和|跟|那|这|个|里|去|来|说|下|上|了)+"
)


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
        joiner = r"(?:[的和与跟、,， ]?)"
        self._span = re.compile(rf"{city_part}{part}(?:{joiner}(?:{part}|{_NUMBERED}|{_UNIT}|{_TAIL}))*")

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
        spans = [self._trim(m.group()) for m in self._span.finditer(text)]
        places = [self._place(words) for words in spans if words and not _NOT_PLACE.match(words)]
        if places:
            return max(places, key=lambda place: (place.precise, len(place.words)))
        return self._free(text) if asked else None

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
        return _LEADING_NOISE.sub("", words).strip("，, 的和与跟、")

    def _free(self, text: str) -> Place | None:
        words = _FILLER.sub("", text.strip(" ，。,.!！")).strip()
        if _NOT_PLACE.match(words) or not re.search(rf"{_NUMBERED}|{_UNIT}|{_TAIL}|[村镇乡组屯湾庄寨坪]$", words):
            return None
        return Place(words, None, precise=len(words) >= 4)
