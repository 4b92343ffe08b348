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
    r"^.*?(?:我要?|想|来)?(?:投诉|举报|反映|表扬|感谢|点赞|控告|告)(?:一下|的是|了|个)?"
    r"|^.*?(?:有人在|就在|位于|发生在)"
    r"|^(?:就是|是|叫|那家|那个|这家|这个|对象是|名字叫|被投诉的是|一家|一个|有一家|有个|有家|某|在|有|和|跟|的|了|我们?|他们?|你们|把|被|因为|请问|你好|您好|嗯|哦|那|这|我?说|就说|就)+"
)
_PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]·?[A-HJ-NP-Z0-9]{5,6}")
_ROUTE_DRIVER = re.compile(
    r"(?:[0-9一二三四五六七八九十百]{1,4}路|[\u4e00-\u9fff]{1,4}号线)(?:公交车?|地铁)?(?:的)?(?:司机|售票员|乘务员)?"
)
_OFFICES = "环卫工人|窗口工作人员|工作人员|民警|警察|城管队员|保安|保洁|网格员|医生|大夫|护士|老师|校长|书记|主任|司机|队长|经理|店员|服务员|师傅"
_PERSON_IN_OFFICE = re.compile(rf"(?:公交|出租车|网约车|地铁)司机|(?:{_OFFICES})")
_NAMED_IN_OFFICE = re.compile(rf"[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董](?:{_OFFICES})")
_OF_THEIRS = re.compile(
    rf"^(?:[\u4e00-\u9fff]{{0,4}}?[的科部组]){{0,2}}(?:那个|一个|一位|姓)?[\u4e00-\u9fff]{{0,2}}?(?:{_OFFICES})"
)
"""Somebody of an organisation, right after its name: …急诊科的李护士."""
_BARE_FILLER = re.compile(
    r"^(?:就是|是|叫|那家|那个|这家|这个|他们|对象是|名字叫|嗯|哦|应该是|好像是|大概是)+|(?:吧|啊|呀|呢|的|了|这家)+$"
)
_NOT_TARGETS = re.compile(
    r"不知道|不清楚|不记得|没看清|不认识|不确定|没有了|不了解|说不上|随便|没有$|登记|确认|取消|投诉|举报"
)
_SENTENCE = re.compile(r"[\s卖丢往骗打骂不没了把被给让就都也还很太吗呢么怎啥]|什么|哪|[,，。;；！!？?]")
"""What a name does not hold: a longer answer with any of it is a sentence about somebody."""
_SHORTEST = 2
_BARE_LENGTH = 16
"""Longer answers are sentences: nobody's name."""
_SURE_NAME = 6
"""Bare answers of up to so many characters count whatever is in them: 不倒翁饭馆."""
_GENERIC = re.compile(
    rf"^(?:一家|一个|有家|某|黑|小|无证|没证|无照|假|旁边|隔壁|楼下|楼上|对面|门口|附近|我家|我们|你们|他们|人家|自己|小区|本地|老|新|大|路边|街边|村里|镇上|县里|市里|"
    rf"这家|那家|这个|那个|几家|多家|好多|有些|很多|私人|公立|民办|的|里|家)*(?:{_KINDS})$"
)


def read_target(text: str, *, asked: bool = False) -> str | None:
    """The party a matter is about. ``asked``: a description and a bare answer count, too: 隔壁的黑诊所."""
    plate = _PLATE.search(text)
    if plate:
        return plate.group()
    bare = _bare(text) if asked and not _NOT_TARGETS.search(text) else None
    return bare or _named(text, asked=asked) or _in_office(text, asked=asked)


def _named(text: str, *, asked: bool) -> str | None:
    for named in _NAMED.finditer(text):
        words = _without_lead(named.group(1))
        if len(words) >= _SHORTEST and (asked or not _GENERIC.match(words)) and not _SENTENCE.search(words):
            person = _OF_THEIRS.match(text[named.end(1) :])
            return words + person.group() if person else words
    return None


def _in_office(text: str, *, asked: bool) -> str | None:
    driver = _ROUTE_DRIVER.search(text)
    if driver and (asked or driver.group()[-1] in "机员"):
        return driver.group()
    person = (_PERSON_IN_OFFICE if asked else _NAMED_IN_OFFICE).search(text)
    return person.group() if person else None


def _without_lead(words: str) -> str:
    while True:
        shorter = _LEAD.sub("", words)
        if shorter == words or len(shorter) < _SHORTEST:
            return words
        words = shorter


def _bare(text: str) -> str | None:
    bare = _BARE_FILLER.sub("", text.strip(" ，。,.!！")).strip()
    if len(bare) < _SHORTEST or len(bare) > _BARE_LENGTH:
        return None
    return bare if len(bare) <= _SURE_NAME or not _SENTENCE.search(bare) else None
