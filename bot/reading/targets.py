"""Whom a matter is about: a company, a shop, a property firm, a department, a person in office."""

from __future__ import annotations

import re

_KINDS = (
    "有限责任公司|股份有限公司|有限公司|集团公司|分公司|公司|集团|物业服务中心|物业管理处|物业|工程队|施工队|施工单位|施工方|项目部|工地|开发商|建筑队|"
    "超市|商场|酒店|宾馆|饭店|餐馆|餐厅|火锅店|烧烤店|烧烤摊|早餐店|水果店|便利店|药店|理发店|美容院|美容店|健身房|网吧|酒吧|歌厅|KTV|棋牌室|麻将馆|门店|专卖店|"
    "培训机构|培训班|培训学校|辅导班|驾校|幼儿园|中学|小学|学校|医院|诊所|卫生院|养老院|银行|快递站|驿站|加油站|修理厂|洗车店|工厂|厂|作坊|养殖场|屠宰场|"
    "派出所|居委会|社区居委会|村委会|街道办|税务局|公安局|城管局|教育局|民政局|住建局|市场监管局|交警队|政务大厅|窗口|中介|房东|房产中介|饭馆|小吃店|商店|书店|奶茶店|洗浴中心|烟酒店|菜店|店"
)
_NAMED = re.compile(rf"([\u4e00-\u9fffA-Za-z0-9]{{1,14}}?(?:{_KINDS}))(?!门口|附近|旁边|对面|楼下)")
_LEAD = re.compile(
    r"^.*?(?:我要?|想|来)?(?:投诉|举报|反映|表扬|感谢|控告|告)(?:一下|的是|了)?|^(?:就是|是|叫|那家|那个|这家|这个|对象是|名字叫|被投诉的是|一家|有一家|有家|某|在|有|和|跟|的|了)+"
)
_PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9·]{5,7}")
_ROUTE_DRIVER = re.compile(
    r"(?:[0-9一二三四五六七八九十百]{1,4}路|[\u4e00-\u9fff]{1,4}号线)(?:公交车?|地铁)?(?:的)?(?:司机|售票员|乘务员)?"
)
_PERSON_IN_OFFICE = re.compile(
    r"(?:公交|出租车|网约车|地铁)司机|(?:环卫工人|窗口工作人员|工作人员|民警|城管队员|保安|网格员|医生|护士|老师|校长|书记|主任)[\u4e00-\u9fff]{0,3}"
)
_BARE_FILLER = re.compile(
    r"^(?:就是|是|叫|那家|那个|这家|这个|他们|对象是|名字叫|嗯|哦|应该是|好像是|大概是)+|(?:吧|啊|呀|呢|的|了|这家)+$"
)
_NOT_TARGETS = re.compile(r"不知道|不清楚|不记得|没看清|不认识|不确定|没有了|不了解|说不上|随便|没有$")
_BARE_LENGTH = 16
"""Longer answers are sentences: nobody's name."""
_GENERIC = frozenset(_KINDS.split("|"))


def read_target(text: str, *, asked: bool = False) -> str | None:
    """The party a matter is about. ``asked``: the whole answer counts when nothing in it looks like one."""
    plate = _PLATE.search(text)
    if plate:
        return plate.group()
    for named in _NAMED.finditer(text):
        words = _LEAD.sub("", named.group(1))
        if words and (asked or words not in _GENERIC) and len(words) >= 2:
            return words
    for pattern in (_ROUTE_DRIVER, _PERSON_IN_OFFICE):
        found = pattern.search(text)
        if found and (asked or pattern is _PERSON_IN_OFFICE or found.group()[-1] in "机员"):
            return found.group()
    if not asked or _NOT_TARGETS.search(text):
        return None
    if len(text) > _BARE_LENGTH or re.search("[,，。;；]", text.strip(" ，。,.")):
        return None  # a sentence, not a name
    bare = _BARE_FILLER.sub("", text.strip(" ，。,.!！")).strip()
    return bare if len(bare) >= 2 else None
