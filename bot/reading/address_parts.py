"""The parts of an address as people say them: roads and estates by name or by the look of a name, house numbers,
buildings, entrances, floors, flats, and where beside all these. Pure.

Each part has a normal form: figures for spoken numbers (八十八号 → 88号, 一杠二杠三三零二 → 1-2-3302), the gazetteer's
name for one that only sounds like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from backoffice.gazetteer import Gazetteer, Mention, PlaceKind
from bot.reading.digits import NUMBER, in_figures
from knowledge.places import names_of_city


class PartKind(str, Enum):
    """What a part of an address is."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ROAD = "road"
    PLACE = "place"
    """An estate, a landmark, a village, a school: whatever has a name and is no road."""
    NUMBER = "number"
    """A house number, a lane, a village group."""
    SECTION = "section"
    """A phase or a part of an estate: 二期, A区."""
    BUILDING = "building"
    UNIT = "unit"
    FLOOR = "floor"
    ROOM = "room"
    WHERE = "where"
    """Beside, opposite, at the crossing, at the gate."""


NAMED = frozenset(
    {PartKind.CITY, PartKind.DISTRICT, PartKind.STREET, PartKind.COMMUNITY, PartKind.ROAD, PartKind.PLACE}
)
INSIDE = frozenset({PartKind.BUILDING, PartKind.UNIT, PartKind.FLOOR, PartKind.ROOM})
"""Parts within a house."""


@dataclass(frozen=True)
class Part:
    """One part of an address in a text."""

    kind: PartKind
    start: int
    end: int
    normal: str
    mention: Mention | None = None
    """What the gazetteer knows of it."""


_KIND_OF = {
    PlaceKind.STREET: PartKind.STREET,
    PlaceKind.COMMUNITY: PartKind.COMMUNITY,
    PlaceKind.DISTRICT: PartKind.DISTRICT,
    PlaceKind.ROAD: PartKind.ROAD,
    PlaceKind.ESTATE: PartKind.PLACE,
    PlaceKind.LANDMARK: PartKind.PLACE,
}

# ------------------------------------------------------------------------------------- names unknown to the gazetteer

_LETTER = r"(?:(?![的了着过在有没是与跟到从去来把被给让就都也还很太我你他她它这那哪啥咋谁某们说想要请叫问条些每整各本座所号不没封两乱卖么]|什(?=么)|能(?=[不够进给办])|和(?!平(?!安)|[谐睦美顺]))[\u4e00-\u9fff])"
"""A character that the names of places gazetteers do not know may hold: none of the little words of a sentence."""
_ROAD = (
    rf"{_LETTER}{{1,5}}?(?:大道|大街|胡同|(?<![半马公铁道线电思网走修让问迷铺筑过跑绕带赶拦堵引挡])路(?![灯面人过费障况程基途径标线由牌况子])|"
    r"(?<!逛)街(?![道坊上头])|(?<![小边面头])巷(?!子)|(?<![糊捉戏玩摆愚卖搞嘲能会要得怎咋忘没])弄(?=[\d口里内]))|"
    rf"(?:国道|省道|县道|乡道){NUMBER}线?|"
    rf"{_LETTER}{{2,5}}?(?:高速|立交桥|大桥|(?<![天立架])桥)"
)
_PLACE = (
    rf"{_LETTER}{{2,6}}?(?:小区|花园|家园|华庭|公寓|新村|广场|大厦|市场|工业园|产业园|科技园|公园|中学|小学|幼儿园|大学|学校|医院|车站|商场|"
    r"社区|宿舍|家属[院楼区]|生活区|大院|安置区|(?<![迁分住买])安置房|写字楼|派出所|社会福利院|养老院|大酒店|百货大楼|书店|(?<![农乡本])村(?![里民委口干])|(?<![城乡])镇(?![上里政]))"
)
UNKNOWN_NAME = re.compile(rf"(?P<road>{_ROAD})|(?P<place>{_PLACE})")
"""What looks like the name of a road or a place."""

_ANY_NAME = re.compile(
    r"(?:(?![的了着在有没是我你他她它这那哪说想要请问吗呢吧啊嘛个不])[\u4e00-\u9fff]|[A-Za-z0-9](?=[A-Za-z0-9]*[\u4e00-\u9fff])){2,10}"
)
"""Beside parts of an address, what may be a name whatever it looks like: 胜利西路*沃尔玛超市*门口, *翡翠湾*16栋."""
_LOOKS_LIKE_A_PLACE = re.compile(
    r"(?:[超菜]市场?|菜?场|饭店|酒店|宾馆|餐[馆厅]|[药商书小]店|店|馆|行|银行|网吧|KTV|公司|厂|局|所|站|院|中心|大楼|景区|营业厅|大厅|厅|食堂"
    r"|[湾园苑府居邸城郡轩阁庭堡堂坊坪岭岙坝庄寨屯塘里院楼场村组湖山])$"
)

# ------------------------------------------------------------------------------------------------------ numbered parts

_LETTERS = "A-Za-z甲乙丙丁"
_SMALL = "一二三四五六七八九十1-9"
_DETAILS = {
    "dashed": rf"[A-Za-z]?{NUMBER}(?:\s*(?:[-－—–#/]|杠|横|之)\s*{NUMBER}){{1,3}}(?:[号室](?![楼院]))?",
    "section": rf"(?:{NUMBER}|[{_SMALL}])期|[东南西北中A-Ha-h]区|[{_SMALL}]区(?![别域分])",
    "building": rf"(?:{NUMBER}|[{_LETTERS}东南西北主副]\d{{0,2}})(?:号楼|栋(?:楼(?![下上后前底道顶]))?|幢|座(?![机位谈]))|[A-Za-z]\d?区\d{{1,2}}号楼",
    "unit": rf"(?:{NUMBER}|[东南西北中A-Za-z])单元",
    "floor": rf"(?:负|地下|B)?{NUMBER}(?:层楼?|楼(?![上下道梯顶房长盘宇]))|顶楼|顶层|底楼|底层",
    "room": rf"{NUMBER}(?:号?室|户(?!人)|房(?![子产屋东租价间型]))",
    "number": rf"(?:附|[甲乙丙丁]|第)?{NUMBER}(?:号院内?|号店|号门(?!口)|号(?:厂房|仓库?|库房?|车间|商铺|铺位?|门面|摊位?|档口|地块|出口|公馆|井)|号(?!窗|柜|线|床|桌)(?:附{NUMBER}号)?|弄|巷(?!子)|村民小组|组(?![织成])|社(?!区)|队(?!长))(?:之{NUMBER})?",
}
"""In the order in which they are tried at one place."""
_NUMBERED = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _DETAILS.items()))
_BARE_ROOM = re.compile(
    rf"[,，\s]*(?P<room>{NUMBER.replace('{1,8}', '{3,5}')})(?![{NUMBER[1:-6]}元块点年月日米个人号次多万室户房栋幢层楼]|天(?!天))"
)
"""A flat told by its number alone, after a building, an entrance or a floor."""
_DOWNSTAIRS = re.compile("楼[下上后前]")
_LANE = re.compile(rf"{NUMBER}(?=弄)")
_FIGURES = re.compile(NUMBER)
_COUNTED_PART = re.compile(rf"{NUMBER}(?=号|栋|幢|座|单元|层|楼|室|户|组|社|队|弄)")
_DASHES = re.compile(r"\s*(?:[-－—–#/]|杠|横|之)\s*")
_KIND_OF_DETAIL = {"dashed": PartKind.BUILDING, **{kind.value: kind for kind in PartKind}}

_WHERE = re.compile(
    r"(?:的)?(?:那个|这个)?(?:"
    r"(?:十字|丁字|三岔)路口|交叉?路?口|交汇处|交界处|交接处|路口|道口|拐角处?|转角处?|之间(?!的关系)|中间|"
    rf"(?:进(?:去|门|来)(?:以后|之后|后)?)?(?:往|靠|向)?[左右](?:手边?|拐|转|边)(?:第?{NUMBER}(?:家|户|间|个(?:门面|店面?|铺子|门))(?:店|门面)?)?|"
    rf"第{NUMBER}(?:家|间|户)(?:店|门面)?|(?:那|这)一?[段截片](?=$|[\s,，。;；])|"
    rf"(?:往|向)[东南西北前后左右](?:边|侧)?(?:走|约)?{NUMBER}米(?:处|左右)?|第{NUMBER}个(?:红绿灯|路口)(?:[左右]转)?|{NUMBER}(?:公里|米)处|"
    r"[东南西北]侧(?:围墙外?)?|[东南西北](?:大)?门(?:口|外面?)?|[东西南北][头边](?!界)|(?:大|正|前|后|侧|校|院|店|家)门(?:口|外面?)?|门(?:口|前|外面?)|村口|巷口|大?桥(?:下面|底下|[头下底])|"
    r"(?:斜)?对面|对过|旁边?|边上|附近|周边|周围|隔壁|背后|[前后](?:面|头|边)|楼[下上后前](?!的)|里[面头边]|外[面头边]|以[东南西北]|"
    r"地下(?:停车场|车库|室|通道)|停车场|车库|消防通道|楼道(?:里|内)?|电梯(?:间|里|口)|天台|楼顶|院内|围墙外|中段|[东南西北]段|路段|那段路|那条(?:路|街|巷子)|"
    r"高架桥?(?:下面?|上)?|天桥|人行道|绿化带|站台|(?:公交|地铁)?站(?=$|[\s,，。;；]|等车|[上下]车)|出口|入口|[A-Da-d]\d?(?:出)?口|小广场|靠近|挨着|紧邻|"
    r"(?<=村)(?:村)?委会|村委会|居委会|社区居委会|派出所|小区(?:内|里)?|社区|公交车?站牌?|地铁站|菜市场|加油站|收费站|卫生院|"
    r"(?<=[路街道])(?:小学|中学|大学城|幼儿园|医院|公园|广场|市场|学校|车站)(?:那一?[段边块]|一带)?|"
    r"(?:旁边|后面|后头|前面|对面|隔壁)?的?(?:一条)?小?巷子(?:里[头面]?|口)?|(?<=[路街城区园场])那一?[段边头](?=$|[\s,，。;；车路])|"
    r"住院部|门诊楼?|门诊部|急诊科?|教学楼|宿舍楼?|食堂|(?<=[路街巷])口|(?<=[路街巷村区园])[里内上](?=$|[有一那的卖])"
    r")"
)
_ONLY_WHERE = re.compile(rf"(?:{_WHERE.pattern})+(?=$|[,，。;；!！])")
_OF_TIME = re.compile("[天早晚午夜晨]|[今明昨]日|周|星期|礼拜")
_JOINT = re.compile(r"^\s*(?:[和与跟同到至、]|靠近|挨着|紧邻)\s*$")
"""What stands between two names that are told together."""


def names_in(text: str, gazetteer: Gazetteer) -> list[Part]:
    """The names of places in ``text``: those the gazetteer knows, and what looks like one between them."""
    known = [_known(mention) for mention in gazetteer.mentions(text) if not _ends_a_name(text, mention)]
    found = list(known)
    begin = 0
    for part in [*known, Part(PartKind.PLACE, len(text), len(text), "")]:
        found += _unknown(text, begin, part.start)
        begin = part.end
    found += _city(text, gazetteer.city)
    return sorted(found, key=lambda part: part.start)


def _ends_a_name(text: str, mention: Mention) -> bool:
    """农贸市场 of 城西农贸市场: a kind of place that is the end of a name the gazetteer does not know."""
    names = UNKNOWN_NAME.finditer(text, 0, mention.end) if mention.named_after_nothing else ()
    fronts = (text[name.start() : mention.start] for name in names if name.end() == mention.end)
    return any(front and not _OF_TIME.search(front) for front in fronts)


def details_in(text: str, names: list[Part]) -> Iterator[Part]:
    """Numbered parts and words of where, in the gaps that ``names`` leave."""
    begin = 0
    for name in [*names, Part(PartKind.PLACE, len(text), len(text), "")]:
        position = begin
        while position < name.start:
            part = _detail(text, position, name.start)
            if part is not None and begin and position == begin:
                part = _of_a_road(text, part, names)
            if part is not None:
                yield part
            position = part.end if part else position + 1
        begin = max(begin, name.end)


def _of_a_road(text: str, part: Part, names: Sequence[Part]) -> Part:
    """26号 of 和平路26号楼下: right behind a road it is the number of the house, and 楼下 is where."""
    behind_a_road = any(name.end == part.start and name.kind is PartKind.ROAD for name in names)
    if not behind_a_road or not _DOWNSTAIRS.match(text, part.end - 1) or not part.normal.endswith("号楼"):
        return part
    return Part(PartKind.NUMBER, part.start, part.end - 1, part.normal.removesuffix("楼"))


def unknown_between(text: str, parts: Sequence[Part], *, asked: bool) -> Iterator[Part]:
    """Names of whatever look in the gaps that ``parts`` leave, where the parts beside them make them names.

    ``asked``: the text is an answer to where; otherwise only what looks like a place counts, right behind a name.
    """
    edges = [Part(PartKind.WHERE, 0, 0, ""), *parts, Part(PartKind.WHERE, len(text), len(text), "")]
    for before, after in pairwise(edges):
        for found in _ANY_NAME.finditer(text, before.end, after.start):
            name = Part(PartKind.PLACE, found.start(), found.end(), found.group())
            goes_on = text[before.end : found.start()] in {"", "的"}
            follows = before.kind in NAMED and goes_on
            leads = found.end() == after.start and after.normal != ""
            alike = _LOOKS_LIKE_A_PLACE.search(found.group()) is not None
            if (leads and (asked or (follows and alike))) or (asked and alike and _is_a_clause(text, name, goes_on)):
                yield name


def _is_a_clause(text: str, name: Part, goes_on: bool) -> bool:
    """Whether ``name`` begins an answer or goes on from the part before it, and nothing comes after it."""
    ends = name.end == len(text) or text[name.end] in " ,，。.吧啊嘛呢"
    return ends and (goes_on or not re.search(r"[\u4e00-\u9fff]{3}$", text[: name.start]))


def tells_only_where(text: str, begin: int) -> bool:
    """Whether the clause that begins there says where and nothing else: 文化路88号，*后面那一段*，二楼."""
    return _ONLY_WHERE.match(text, begin) is not None


def joint(between: str) -> str | None:
    """The word that joins two names, if ``between`` is one: 人民路*和*中山路."""
    return between.strip() if _JOINT.match(between) else None


def _known(mention: Mention) -> Part:
    kind = _KIND_OF[min((place.kind for place in mention.places), key=list(PlaceKind).index)]
    return Part(kind, mention.start, mention.end, mention.name, mention)


def _unknown(text: str, begin: int, end: int) -> Iterator[Part]:
    for found in UNKNOWN_NAME.finditer(text, begin, end):
        kind = PartKind.ROAD if found.lastgroup == "road" else PartKind.PLACE
        yield Part(kind, found.start(), found.end(), _LANE.sub(lambda m: in_figures(m.group()), found.group()))


def _city(text: str, city: str) -> Iterator[Part]:
    names = names_of_city(city)
    if names:
        whole = city if len(names) > 1 else f"{city}市"
        for found in re.finditer(re.escape(whole), text):
            yield Part(PartKind.CITY, found.start(), found.end(), city)


def _detail(text: str, begin: int, end: int) -> Part | None:
    numbered = _NUMBERED.match(text, begin, end)
    if numbered:
        kind = _KIND_OF_DETAIL[numbered.lastgroup or ""]
        return Part(kind, begin, numbered.end(), _normal(numbered.group()))
    where = _WHERE.match(text, begin, end)
    return Part(PartKind.WHERE, begin, where.end(), where.group().lstrip("的")) if where else None


def in_normal_form(words: str) -> str:
    """``words`` with the numbers of houses, buildings, floors and flats in figures."""
    return _COUNTED_PART.sub(lambda m: in_figures(m.group()), words)


def bare_room(text: str, after: Part) -> Part | None:
    """The number of a flat right behind a building, an entrance or a floor: 二单元 *五零一*."""
    if after.kind not in INSIDE or after.kind is PartKind.ROOM:
        return None
    found = _BARE_ROOM.match(text, after.end)
    return Part(PartKind.ROOM, found.start("room"), found.end(), in_figures(found.group("room"))) if found else None


def _normal(words: str) -> str:
    return _FIGURES.sub(lambda m: in_figures(m.group()), _DASHES.sub("-", words)).upper()
