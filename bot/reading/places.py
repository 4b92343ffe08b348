"""Where something is: the address in what a citizen says, in its normal form, with the area the gazetteer tells (B4).

Parts that stand side by side make an address (:mod:`bot.reading.address_parts`); of several addresses in a message the
most telling counts, and one where somebody only lives counts last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from backoffice.city_pack import read_gazetteer
from backoffice.gazetteer import Gazetteer, Location
from bot.reading.address_parts import (
    INSIDE,
    NAMED,
    Part,
    PartKind,
    bare_room,
    details_in,
    in_normal_form,
    joint,
    names_in,
    tells_only_where,
    unknown_between,
)
from bot.reading.digits import NUMBER
from bot.reading.positions import read_position
from bot.reading.standing import versions

if TYPE_CHECKING:
    from bot.addresses.model import ElementModel

_GAP = re.compile(r"^(?:[的,，、\s]|那个|这个|嗯|呃|啊|然后|就是|嘛|对|在)*$")
"""What may stand between two parts of one address without belonging to it."""
_PAUSE = re.compile(r"[,，、\s]")
_LEADING_NOISE = re.compile(
    r"^(?:我们|我家|我要投诉|我要举报|我要反映|我想反映|我反映|我投诉|投诉|举报|反映|表扬|感谢|建议|咨询|你好|您好|请问|一下|由于|关于|对于|位于|住在|家住|发生|地址|在|到|从|是|有|的|就|住|跟|那|这|个|里|去|来|说|下|上|了|靠近)+"
)
_LEADING_TIME = re.compile(
    r"^(?:(?:大前|今|昨|前|当)天|昨日|[今昨当]晚|上个?(?:周|星期|礼拜)[一二三四五六日天]?|早上|清晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|凌晨)+"
)
"""When, before where: 昨天下午火车站."""
_NOBODYS = (
    "我们|我家|阿拉|[我俺咱]们?|俺家|我哋|屋企|你们|他们|咱们|附近|旁边|隔壁|楼下|楼上|对面|外面|里面|后面|前面|门口|家门口|半夜|晚上|早上|老旧|老|新|新建|旧|好多|很多|许多|几个|两个|一个|"
    "一所|一家|全市|全|整个|自己|孩子|小孩|儿子|女儿|我妈|我爸|老人|公办|民办|私立|公立|重点|普通|乡镇|农村|城市|大型|封闭|高档|人家|户外|"
    "因为|所以|但是|如果|建议|希望|关于|投诉|举报|反映|表扬|感谢|施工|修路|建设|进出|进入|离开|别人|外来|改造|回迁|安置|拆迁|商业|住宅|高层|无名|天|业主|物业"
)
_KINDS = "小区|社区|村|学校|小学|中学|大学|幼儿园|医院|公园|市场|菜市场|公交站|地铁站|广场|路|街|桥|镇|公寓|车站|商场|宿舍|写字楼|派出所|养老院|大厦|花园|工业园|书店"
_NO_NAME = re.compile(
    rf"^(?:{_NOBODYS}|的|在|到|从|是|有|去|离|里|住|[上读念进]|这个|那个)*(?:(?:{_KINDS})?$|(?:{_KINDS}|单位|校|院)?(?:大?门)?[口前外边]路[上边里]?$)|的那|那条|哪|没有|怎么|[撒洒漏掉滴骂哭吵响丢扔]了?一路$|^[同半上下小学开占规]路$|[上放]学路|回家路"
)
"""What names no place in particular: 我们小区, 整条路, 小区门口路上."""
_FREE = re.compile(
    rf"^.{{0,20}}?(?:{NUMBER}(?:号楼|栋|幢|座|单元|层|楼|室|户|组|社|队|弄|号)|[村镇乡组屯湾庄寨坪苑店厂巷]|超市|酒店|宾馆|工地|公司|银行|网吧|KTV|加油站|诊所|酒吧|棋牌室|驿站|学校|医院"
    r"|大楼|书店|后面那条巷子|门口|楼下|旁边|对面|附近|后面|前面)+(?=$|[那的一\d]|[,，。 ])"
)
"""What looks like a place although the gazetteer does not know it."""
_FILLER = re.compile(
    r"^(?:地址|位置|地点)?(?:就)?(?:是|在|叫|我在|我家在|我住|我住在|住在|位于|发生在|具体(?:地址)?(?:是|在)?|嗯|哦|啊|那个)+"
)
_EDGES = " ，。,.!！吧啊嘛呢"
_LONGEST_ADDRESS = 60
"""Characters of an answer that may be an address and nothing else."""
_BESIDE_THE_ADDRESS = frozenset({"redundant", "person", "otherinfo"})
"""Elements of real addresses that do not tell where."""
_NOT_A_NAME = re.compile("[的了我你他是有没不怎什哪吗]")
_SHORTEST_FREE = 4
"""Characters an unknown place must have to be one somebody could go to."""
_RESIDENCE = re.compile(r"(?:家住|我住|住在|我家在|我家|我是|家在|老家是)(?:在)?$")
"""Before a place, what makes it where somebody lives rather than where something happened."""
_DESTINATION = re.compile(r"(?:[去往回]|开往|送到|拉到)$")
"""Before a place, what makes it where somebody was going: 在火车站打的，去北苑小区."""
_ELSEWHERE = re.compile(r"(?:不在|身份证是|户口在)$")


@dataclass(frozen=True)
class Place:
    """A place in a text."""

    words: str
    """As said."""
    normal: str
    """In normal form: figures for spoken numbers, the gazetteer's names, no fillers."""
    location: Location
    precise: bool
    """Whether somebody could go there: an estate, a landmark, a road, a village; not a district alone."""
    parts: tuple[Part, ...] = ()

    @property
    def district(self) -> str | None:
        """Code of the district, where the gazetteer knows it."""
        return self.location.district


class PlaceReader:
    """Reads places with the city's gazetteer and, where the city has trained one, a model of address elements."""

    def __init__(self, gazetteer: Gazetteer, model: ElementModel | None = None) -> None:
        """``gazetteer`` and ``model`` of the city."""
        self.gazetteer = gazetteer
        self._model = model

    @classmethod
    def load(cls, city_dir: Path, model: Path | None = None) -> PlaceReader:
        """With ``gazetteer.yml`` of a city pack. Raises :class:`bot.addresses.refusals.BadAddressModel`."""
        if model is None:
            return cls(read_gazetteer(city_dir))
        from bot.addresses import model_file  # what a model needs takes a second to import

        return cls(read_gazetteer(city_dir), model_file.load(model))

    @property
    def area_code(self) -> str:
        """Of the city's telephone numbers, with the 0."""
        return self.gazetteer.area_code

    def read(self, text: str, *, asked: bool = False) -> Place | None:
        """The place in ``text``; the most telling where there are several.

        A position a device told stands for a place, or beside one that was named. ``asked``: a place was asked for,
        so numbers without a name, and words the gazetteer does not know, count if they look like an address.
        """
        position = read_position(text)
        if position is None:
            return self._named(text, asked)
        place = self._named(text.replace(position, "，"), asked=False)
        if place is None:
            return Place(position, position, self.gazetteer.located(()), precise=True)
        return replace(place, normal=f"{place.normal}，{position}", precise=True)

    def _named(self, text: str, asked: bool) -> Place | None:
        found = None
        for said in versions(text):
            place = self._read(said, asked)
            if place is not None and place.precise:
                return place
            found = found or place
        return found

    def _read(self, text: str, asked: bool) -> Place | None:
        lived_in: list[Place] = []
        others: list[Place] = []
        for parts in _chains(text, _parts(text, self.gazetteer, asked)):
            before = text[: parts[0].start]
            if not _ELSEWHERE.search(before):
                of_these = lived_in if _RESIDENCE.search(before) or _DESTINATION.search(before) else others
                of_these.append(self._place(text, parts))
        place = _most_telling(others) or _most_telling(lived_in)
        if asked and place is not None and self._model is not None:
            place = _widened(text, place, self._model)
        if place is not None and place.precise:
            return place
        return (_numbers_alone(text) or _free(text) if asked else None) or place

    def _place(self, text: str, parts: Sequence[Part]) -> Place:
        mentions = [part.mention for part in parts if part.mention is not None]
        precise = any(part.kind not in (PartKind.CITY, PartKind.DISTRICT) for part in parts)
        words = text[parts[0].start : parts[-1].end]
        return Place(words, _normal(text, parts), self.gazetteer.located(mentions), precise, tuple(parts))


def _widened(text: str, place: Place, model: ElementModel) -> Place:
    """``place`` with the elements around it that only the model knows for parts of an address."""
    said = _FILLER.sub("", text.strip(_EDGES))
    start = said.find(place.words)
    if start < 0 or len(said) > _LONGEST_ADDRESS:
        return place
    begin, end = start, start + len(place.words)
    elements = [element for element in model.quick_elements(said) if element.kind not in _BESIDE_THE_ADDRESS]
    for element in reversed(elements):
        begin = element.start if element.start < begin <= element.end else begin
    for element in elements:
        end = element.end if element.start <= end < element.end else end
    before, after = said[begin:start], in_normal_form(said[start + len(place.words) : end])
    if not (before or after) or _NOT_A_NAME.search(before + after):
        return place
    return replace(place, words=said[begin:end], normal=f"{before}{place.normal}{after}", precise=True)


def _parts(text: str, gazetteer: Gazetteer, asked: bool) -> list[Part]:
    names = [part for part in map(_trimmed, names_in(text, gazetteer)) if part is not None]
    parts = sorted([*names, *details_in(text, names)], key=lambda part: part.start)
    others = (part for part in map(_trimmed, unknown_between(text, parts, asked=asked)) if part is not None)
    return sorted([*parts, *others], key=lambda part: part.start)


def _trimmed(part: Part) -> Part | None:
    """An unknown name without the little words before it; None when nothing of a name is left."""
    if part.mention is not None or part.kind is PartKind.CITY:
        return part
    told = _LEADING_TIME.sub("", part.normal)  # 上周小区, before 上 is taken for a little word
    bare = _LEADING_NOISE.sub("", _LEADING_TIME.sub("", _LEADING_NOISE.sub("", told)))
    if len(bare) < 3 or _NO_NAME.search(bare):
        return None
    return replace(part, start=part.end - len(bare), normal=bare)


def _chains(text: str, parts: Sequence[Part]) -> list[list[Part]]:
    """The addresses in ``text``: each begins with a name."""
    chains: list[list[Part]] = []
    for part in parts:
        chain = chains[-1] if chains else None
        if chain is not None and _belongs(text, chain, part):
            if part.kind in NAMED and any(part.normal == other.normal for other in chain):
                chains[-1] = [part]  # said again, with more: 在兰花小区，对，兰花小区八栋
            else:
                _with_room(text, chain)
                chain.append(part)
        elif part.kind in NAMED:
            chains.append([part])
    for chain in chains:
        _with_room(text, chain)
    return chains


def _belongs(text: str, chain: Sequence[Part], part: Part) -> bool:
    last = chain[-1]
    if part.start < last.end:
        return False
    between = text[last.end : part.start]
    if part.kind in NAMED and joint(between):
        return True
    if not _GAP.match(between):
        return False
    if part.kind in NAMED and last.kind not in NAMED | {PartKind.WHERE, PartKind.NUMBER, PartKind.SECTION}:
        return False
    return part.kind is not PartKind.WHERE or not _PAUSE.search(between) or tells_only_where(text, part.start)


def _with_room(text: str, chain: list[Part]) -> None:
    room = bare_room(text, chain[-1])
    if room is not None:
        chain.append(room)


def _normal(text: str, parts: Sequence[Part]) -> str:
    words = parts[0].normal
    for before, part in pairwise(parts):
        joined = joint(text[before.end : part.start]) if part.kind in NAMED else None
        words += (joined or "") + part.normal
    return words


def _most_telling(places: Sequence[Place]) -> Place | None:
    """The longest precise place, after the district named beside it; a district alone where there is no other."""
    best = max(places, key=lambda place: (place.precise, len(place.words)), default=None)
    if best is None or not best.precise:
        return best
    district = next((place for place in places if not place.precise), None)
    if district is None or district.normal in best.normal:
        return best
    return replace(best, normal=f"{district.normal}{best.normal}", location=district.location)


def _numbers_alone(text: str) -> Place | None:
    """三栋二单元五零一: no name, but parts of a house from the beginning to the end."""
    parts: list[Part] = []
    for part in details_in(text, []):
        if part.kind is PartKind.WHERE or (parts and not _GAP.match(text[parts[-1].end : part.start])):
            continue
        parts.append(part)
        _with_room(text, parts)
    if not any(part.kind in INSIDE for part in parts):
        return None
    normal = "".join(part.normal for part in parts)
    return Place(text[parts[0].start : parts[-1].end], normal, Location(None), precise=True, parts=tuple(parts))


def _free(text: str) -> Place | None:
    words = _FILLER.sub("", text.strip(" ，。,.!！")).strip()
    found = _FREE.match(words)
    if found is None or _NO_NAME.search(found.group()):
        return None
    normal = in_normal_form(found.group())
    return Place(found.group(), normal, Location(None), precise=len(normal) >= _SHORTEST_FREE)
