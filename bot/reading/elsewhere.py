"""Another place than the city's, in which somebody says a matter lies: 北京朝阳区的小区. Pure but for its list of names.

A name alone says little: 北京路 is a road, 北京牌照 a plate, 兰州拉面 a dish. It tells where only with a place's word
before or after it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml
from knowledge.places import names_of_city

_FILE = Path(__file__).parent.parent / "data" / "elsewhere.yml"
_AT = r"(?:位于|地址是?|住|[人家]在|我在|(?:房子|工地|学校|地点|地方|东西)(?:就|是)?在|我们?(?:这儿?)?是|老家在?)"
"""What stands after it is where somebody or something is."""
_ABOUT = r"(?:反映|投诉|举报|举报的?是|(?<!不)是|有个)"
"""What stands after it is what somebody means: a place, or 广东移动, 重庆小面, 上海城."""
_THING = (
    r"(?:小区|物业|工地|公司|工厂|厂|楼下|楼上|饭店|餐馆|学校|医院|公交|地铁|店|超市|商场|酒店"
    r"|单位|老板|房东|房子|邻居|村|街道|路|派出所|社保局|城管|窗口|政府)"
)
_PUBLIC = r"(?:地铁|公交|高铁站|火车站|机场|城管|政府|社保局|交警|派出所|小区|物业|工地|农村|乡下|郊区)"
"""Of which each place has its own."""
_AFTER = (
    rf"(?:省|市|自治区)?(?:[\u4e00-\u9fff]{{0,3}}(?:这边|那边)|这里|那里|这儿|那儿|本地|当地|的?(?:一个|一家|某个?|有个|有家|有人|我家|我们|老家)"
    rf"|的{_THING}|的[\u4e00-\u9fff]{{1,4}}{_THING}|(?!市?[东西南北中]?路)[\u4e00-\u9fff]{{1,3}}(?:(?<![小社园校景])区|县|镇|(?<!老)乡)(?!别|域|分|划)"
    rf"|(?:省|市)[\u4e00-\u9fff]{{1,6}}{_THING})"
)
_NO_PLACE = (
    r"(?!(?:省|市)?(?:[东西南北中]?(?:路|街|大道|巷|桥)|岛|牌照|牌|的?车|小吃|拉面|烤鸭|火锅|米粉|菜|银行|户口|户籍|医保|社保|公积金|养老|身份证|驾照|手机|号码"
    r"|航空|社区|[那这]?边?(?:过来|来的)|大学|人|制造|产的?|时间|大厦|花园|广场|宾馆))"
)
_AREA = r"(?:省|市(?!场|民)|自治区)|(?:这|那|有|在)|的|$"
"""By which the name of a place is one, and not the beginning of a firm's or a dish's."""
_COMES_HERE = re.compile(
    r"转(?:到|来|回|入|过来|移)|迁(?:到|来|回|入)|落户|备案|回来|报销|接续|寄(?:到|来)|发货|网上|网购|快递|火车|高铁|航班|飞机"
)


def province_of(own: frozenset[str]) -> str:
    """The province in which a city with one of these names is known to lie; empty where none is."""
    return next((whole for whole, parts in _listed().items() if own & {whole, *parts}), "")


@lru_cache(maxsize=1)
def _listed() -> dict[str, list[str]]:
    provinces: dict[str, list[str]] = read_yaml(_FILE)["provinces"]
    return provinces


class ElsewhereReader:
    """Knows the names of all places but the city's own."""

    def __init__(self, own: frozenset[str], province: str = "") -> None:
        """``own``: every name the city uses for itself and within itself. ``province``: where it lies, if told."""
        names = [name for whole, parts in _listed().items() for name in (whole, *parts)]
        home = {province_of(own), province, province.removesuffix("省")} - {""}
        names = [name for name in names if not any(name in mine for mine in own | home)]
        either = "|".join(sorted(names, key=len, reverse=True))
        self._place = re.compile(
            rf"{_AT}(?:{either}){_NO_PLACE}|(?:{either}){_NO_PLACE}{_AFTER}"
            rf"|{_ABOUT}(?:{either}){_NO_PLACE}(?:{_AREA}|{_PUBLIC}|{either})"
        )
        self._own = own
        here = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))
        self._from_here = re.compile(rf"(?:户口|户籍|老家|身份证|本人)[也还]?(?:是|在)(?:{here})市?(?:的|人)?")
        ours = "|".join(map(re.escape, sorted(own | home, key=len, reverse=True)))
        self._home = re.compile(rf"(?<!不是)(?<!不在)(?<!不归)(?<!不是你们)(?<!不在你们)(?<!不归你们)(?:{ours})")

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, city_dir: str) -> ElsewhereReader:
        """The reader beside the gazetteer in ``city_dir``."""
        gazetteer = read_yaml(Path(city_dir) / "gazetteer.yml")
        city = str(gazetteer["city"])
        districts = (str(district["name"]) for district in gazetteer["districts"])
        own = frozenset({*names_of_city(city), *districts})
        return cls(own, str(gazetteer.get("province", "")))

    def is_home(self, text: str) -> bool:
        """Whether ``text`` names the city, a district or the province it lies in, and tells of no place elsewhere."""
        return self._home.search(text) is not None and self._place.search(text) is None

    def read(self, text: str) -> bool:
        """Whether ``text`` tells of a place elsewhere and of nothing that comes from there to here."""
        text = self._from_here.sub("", text)  # 户口是云州的 tells of the citizen
        if any(name in text for name in self._own) or _COMES_HERE.search(text):
            return False
        return self._place.search(text) is not None
