"""Invented matters of an invented city: enough to learn from, made of parts."""

from __future__ import annotations

import itertools

PLACES = ("青禾路", "望江苑", "东风桥头", "云锦小区", "梧桐里", "码头广场", "三元村口", "柳岸花园")
MATTERS = {
    "城管局": ("夜里工地施工太吵", "商贩占道摆摊", "垃圾桶满了没人清运", "违章搭建挡住通道", "广告牌快掉下来了"),
    "水务集团": ("自来水停了一整天", "水管爆裂到处是水", "水压太低洗不了澡", "水表走得太快", "自来水发黄有异味"),
    "公交集团": ("公交车等了一个小时不来", "公交司机甩站不停", "希望增加公交班次", "公交站牌被撞歪", "公交卡刷不上"),
    "交警支队": ("路口红绿灯坏了", "货车违停堵住路口", "上下班天天堵车", "电动车逆行没人管", "车牌被偷了怎么补办"),
}
BEFORE = ("", "您好，我想反映，", "昨天晚上", "最近一个星期")
UNSEEN = (
    ("云锦小区旁边的工地半夜还在施工，吵得睡不着", "城管局"),
    ("家里自来水又停了，什么时候来水", "水务集团"),
    ("公交车半天不来一辆，班次太少", "公交集团"),
    ("青禾路口的红绿灯一直不亮，很危险", "交警支队"),
    ("小商贩把人行道占了，没法走路", "城管局"),
    ("楼下水管爆了，水一直流", "水务集团"),
)


def labelled() -> tuple[list[str], list[str]]:
    """Texts and their departments."""
    rows = [
        (f"{before}{place}{matter}", department)
        for (department, matters), before in itertools.product(MATTERS.items(), BEFORE)
        for matter, place in itertools.product(matters, PLACES[:4] if before else PLACES[4:])
    ]
    return [text for text, _ in rows], [department for _, department in rows]
