"""Names in an address that no gazetteer lists: what is left of it without numbers, small words and known names. Pure.

An address is what an intake or a person took down as one, so what it names is a place, whatever it looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CUT = re.compile(
    r"(?:\d+|[零〇一二两三四五六七八九十百]+)(?:期|栋|幢|座|号楼|号院|号|单元|层|楼|室|弄|组|队|米|公里|户)"
    r"|[^\u4e00-\u9fff]+"
    r"|[东南西北](?=[门侧边面口])|[东南西北大正前后侧院]?(?:大门|门口|门)(?:外|前|口)?"
    r"|(?:十字|丁字|三岔)?(?:交叉|交汇|交界|交接)?(?:路口|叉口|处)|[出入]口|附近|周边|周围|旁边|边上|隔壁|对面|对过|背后|后面|前面|中间|之间|里面|外面|靠近"
    r"|楼[下上道顶前后]|中段|[东南西北]段|路段|[那这][边里个条段]|[东南西北]侧|地下车库|停车场|电梯间?|消防通道|小区[内里]|(?<=[路街巷村园])[上里内]$"
    r"|和(?![平谐睦美顺])|[与跟到的、在]"
)
_ROAD = re.compile(r"[\u4e00-\u9fff]{1,6}?(?:大道|大街|胡同|路|街(?!道)|巷|高速)")
_AREA = re.compile(
    r"^[\u4e00-\u9fff]{1,6}?(?:省|自治区|(?<![超菜门夜早集])市(?![场民政]))|^[\u4e00-\u9fff]{1,3}?(?:(?<![小社园校景新])区|县|街道)"
)
_KIND = re.compile(r"(?:小区|社区)$")
_OF_ANY = re.compile(
    r"^(?:我|你|他|她|们|咱|自|己|家|本|该|那|这|个|条|里|外|口|边|楼|院|门|路|街|巷|道|村|镇|小区|社区|学校|公司|单位|菜市场|市场|公园|医院|超市|工地|广场|商场|车站|"
    r"公交|地铁|站|幼儿园|小学|中学|派出所|马路|大街|老家|城区|市区|郊区|农村|人行|高架|桥|河|湖|山|全市|全城|到处|不|清楚|知道|说明|未|具体|地点)+$"
)
_SHORTEST = 2
_LEVELS = 3


@dataclass(frozen=True)
class Unlisted:
    """Names an address tells beside those of the gazetteer."""

    sites: frozenset[str] = frozenset()
    """Estates, villages, shops: what has a name and is no road. Without 小区, which one says and another does not."""
    roads: frozenset[str] = frozenset()


def unlisted_names(address: str) -> Unlisted:
    """The names in ``address``, in which those of the gazetteer have been blotted out by marks."""
    sites: set[str] = set()
    roads: set[str] = set()
    for piece in _CUT.split(address):
        rest = piece
        for _ in range(_LEVELS):
            rest = _AREA.sub("", rest)
        for road in _ROAD.findall(rest):
            roads |= {road} if not _OF_ANY.match(road) else set()
        for name in _ROAD.split(rest):
            bare = _KIND.sub("", name)
            if len(bare) >= _SHORTEST and not _OF_ANY.match(bare):
                sites.add(bare)
    return Unlisted(frozenset(sites), frozenset(roads))
