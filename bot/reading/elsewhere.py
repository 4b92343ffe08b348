"""Another place than the city's, in which somebody says a matter lies: 北京朝阳区的小区. Pure but for its list of names.

A name alone says little: 北京路 is a road, 北京牌照 a plate, 兰州拉面 a dish. It tells where only with a place's word
before or after it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml

_FILE = Path(__file__).parent.parent / "data" / "elsewhere.yml"
_BEFORE = r"(?:反映|投诉|举报|举报的?是|位于|地址是?|住|[人家]在|我在|我们?这儿?是|老家在?|是|有个)"
_THING = (
    r"(?:小区|物业|工地|公司|工厂|厂|楼下|楼上|饭店|餐馆|学校|医院|公交|地铁|店|超市|商场|酒店"
    r"|单位|老板|房东|房子|邻居|村|街道|路|派出所|社保局|城管|窗口|政府)"
)
_AFTER = (
    rf"(?:省|市|自治区)?(?:[\u4e00-\u9fff]{{0,3}}(?:这边|那边)|这里|那里|这儿|那儿|本地|当地|的?(?:一个|一家|某个?|有个|有家|有人|我家|我们|老家)"
    rf"|的{_THING}|的[\u4e00-\u9fff]{{1,4}}{_THING}|(?!市?[东西南北中]?路)[\u4e00-\u9fff]{{1,3}}(?:区|县|镇|乡)(?!别|域|分|划)"
    rf"|(?:省|市)[\u4e00-\u9fff]{{1,6}}{_THING})"
)
_NO_PLACE = (
    r"(?!(?:省|市)?(?:[东西南北中]?(?:路|街|大道|巷|桥)|岛|牌照|牌|的?车|小吃|拉面|烤鸭|火锅|米粉|菜|银行|户口|户籍|医保|社保|公积金|养老|身份证|驾照|手机|号码"
    r"|航空|社区|[那这]?边?(?:过来|来的)|大学|人|制造|产的?|时间|大厦|花园|广场|宾馆))"
)
_COMES_HERE = re.compile(
    r"转(?:到|来|回|入|过来|移)|迁(?:到|来|回|入)|落户|备案|回来|报销|接续|寄(?:到|来)|发货|网上|网购|快递|火车|高铁|航班|飞机"
)


class ElsewhereReader:
    """Knows the names of all places but the city's own."""

    def __init__(self, own: frozenset[str]) -> None:
        """``own``: every name the city uses for itself and within itself."""
        listed = read_yaml(_FILE)
        names = [name for name in (*listed["provinces"], *listed["cities"]) if not any(name in mine for mine in own)]
        either = "|".join(sorted(names, key=len, reverse=True))
        self._place = re.compile(rf"{_BEFORE}(?:{either}){_NO_PLACE}|(?:{either}){_NO_PLACE}{_AFTER}")
        self._own = own

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, city_dir: str) -> ElsewhereReader:
        """The reader beside the gazetteer in ``city_dir``."""
        gazetteer = read_yaml(Path(city_dir) / "gazetteer.yml")
        city = str(gazetteer["city"])
        districts = (str(district["name"]) for district in gazetteer["districts"])
        return cls(frozenset({city, city.removesuffix("市"), *districts}))

    def read(self, text: str) -> bool:
        """Whether ``text`` tells of a place elsewhere and of nothing that comes from there to here."""
        if any(name in text for name in self._own) or _COMES_HERE.search(text):
            return False
        return self._place.search(text) is not None
