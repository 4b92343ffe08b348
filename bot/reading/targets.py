"""Whom a matter is about: a company, a shop, a property firm, a department, a person in office, a car.

A name is what stands before a word for a kind of party (鸿福*棋牌室*), back to the last little word of the sentence.
Unasked, a kind without a name (物业, 公司) is nobody: it is asked for, and then counts as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.reading.persons import SURNAME, SURNAMED
from bot.reading.plates import read_plate

_KINDS = (
    "(?:物业|劳务|装饰|建筑|建设|科技|贸易|商贸|食品|运输)?(?:服务|管理|工程|发展)?(?:股份|集团)?有限(?:责任)?(?:分)?公司|集团公司|分公司|公司|集团|物业服务中心|物业管理处|物业|工程队|施工队|施工单位|施工方|项目部|工地|开发商|建筑队|"
    "超市|商场|生活广场|酒店|宾馆|旅馆|旅社|招待所|饭店|餐馆|菜馆|面馆|餐厅|食堂|包子铺|火锅店|烧烤店|烧烤摊|烧饼摊|水果摊|早餐店|水果店|便利店|药店|大药房|理发店|美容院|美容店|健身房|网吧|网咖|酒吧|歌厅|KTV|ktv|足浴城|足浴店|会所|棋牌室|麻将馆|门店|专卖店|旗舰店|直播间|"
    "培训机构|培训中心|培训班|培训学校|辅导班|驾校|幼儿园|中学|小学|学校|医院|诊所|卫生院|卫生所|卫生室|养老院|银行|快递站|驿站|加油站|修理厂|修理行|汽修厂|汽修店|车行|洗车店|4S店|工厂|厂|作坊|养殖场|屠宰场|搅拌站|砖厂|平台|"
    "消防救援(?:支队|大队|站)|消防[大中支]?队|消防站|城管[大中]?队|环卫所|"
    "派出所|居委会|社区居委会|村委会|业委会|业主委员会|街道办|登记中心|服务中心|管理处|政务大厅|窗口|交警队|[\u4e00-\u9fff]{2,6}局(?![面部势限长])|中介|房东|房产中介|饭馆|小吃店|商店|书店|奶茶店|洗浴中心|烟酒店|菜店|服饰|影楼|影城|旅行社|农家乐|民宿|客运站|店"
)
_KIND = re.compile(
    rf"(?:{_KINDS})(?!门口|附近|旁边|对面|楼下|那儿|那边|费|地下|门诊|住院|前面|后面|外面|[前后东南西北大]门|路|街)"
)
_ENDS_IN_KIND = re.compile(rf"{_KIND.pattern}$")
_SAID_BEFORE = re.compile("说[过了]|好几遍")
_CLAUSE_CALLED = re.compile(r"[\s,，]叫(?:做)?([\u4e00-\u9fffA-Za-z0-9]{2,12})(?=$|[\s,，。])")
_IN_FULL = ("有限公司", "有限责任公司")
"""How a firm's whole name ends: 包工头叫刘大勇公司是宏达建筑劳务有限公司."""
_NAME_BEFORE = re.compile(
    r"(?:(?![的了着在是我你他她它们这那哪说想要请问吗呢吧啊嘛个不被把给让向跟从叫有去么什和与个卖丢骗打骂还]|(?<!解)放)[\u4e00-\u9fffA-Za-z0-9·&]){0,18}$"
)
"""The characters of a name right before the word for its kind."""
_LEAD = re.compile(
    r"^.*(?:投诉|举报|反映|表扬|感谢|点赞|控告|状告|咨询|关于|拖欠|对于|希望|建议)(?:一下|一家)?|^(?:上[面边头]|上游|就|叫|开(?!发)|建|办|进|找|上(?!海)|到|来|由|因为|你好|您好|嗯|哦|老公|老婆|一家|有家|某|家|一下|号|跑(?![步马])|边(?=工地|开发商|公司|物业|店)|人(?=[开办])|(?:一天到晚|天天|每天|老是|总是|整天|经常)(?:接到?|收到|被|去|跑))+"
)
_GENERIC = re.compile(
    rf"^(?:黑|小|[上读念进]|孩子|娃|儿子|女儿|无证|没证|无照|假|旁边|隔壁|楼下|楼上|对面|门口|附近|我家|家|人家|自己|小区|社区|本地|老|新|新开|大|路边|街边|村里|镇上|县里|市里|县|市|区|镇|"
    rf"几家|多家|好多|很多|私人|私立|公立|民办|大型|正规|里|自来水|供电|供水|燃气|电力|各|某|号)*(?P<kind>{_KINDS})(?P=kind)?$"
)
"""A kind of party without a name of its own."""
_DESCRIBED = re.compile(rf"^(?:黑|无证|没证|无照|地下|流动)(?:{_KINDS})$")
_WHERE_I_AM = re.compile("住在?$|家在$|我是$")
_CLAUSE = re.compile(r"[\s,，。;；！!？?]+")
_BRANDS = "美团|饿了么|滴滴|顺丰|圆通|申通|中通|韵达|京东|邮政|菜鸟|百世|极兔|中国移动|中国联通|中国电信"
_OF_A_BRAND = re.compile(
    rf"(?:{_BRANDS})(?:[\u4e00-\u9fff]{{0,4}}分公司|外卖|快递|快车|速递|出行|公司|营业厅)?(?:的)?(?:送餐员|外卖员|骑手|快递员|司机|客服|营业厅|驿站)?"
)
_ENDS_A_NAME = "的|每[天晚个周月到]|天天|白天|[早晚]上|夜里|半夜|凌晨|昨|今[天早晚]|前天|上[个周月]|一直|一到|经常|老是|总是|整天|成天|从|[欠骗]|不[给退让肯]|没[有人给]|拖着|把"
"""With what the sentence goes on after a name, where nothing marks its end: 店叫阿强烧烤每天晚上…."""
_CALLED = re.compile(
    rf"(?:店名|(?:公司|机构|超市|单位|学校|医院|饭店|饭馆|平台|店|厂)(?:的?名字)?叫(?:做|什么)?|(?<!我的)名字叫|一[家个]叫)[是:： ]*((?:(?!{_ENDS_A_NAME})[\u4e00-\u9fffA-Za-z0-9]){{2,16}})"
    r"|(?:公司|机构|超市|单位|学校|医院|饭店|饭馆|平台|店|厂|房|馆)[\s,，]*就是那[个家]((?:(?![的在])[\u4e00-\u9fffA-Za-z0-9]){2,12})(?=$|[\s,，。])"
)
_PERSON_CALLED = re.compile(
    r"(?:对方|老板|房东|包工头|负责人|那人|这人|那个人|司机|[他她])(?:的名字)?叫(?:做|什么)?([\u4e00-\u9fff]{2,4})(?=$|[，,。\s]|电话|手机)"
)
_WHO_OWES = re.compile(
    rf"(?:包工头|工头|老板|房东|中介|店主)({SURNAMED})(?=[欠拖卷跑不赖骗]|一直|还|总共|说|$|[\s,，。])"
)
"""包工头王大勇欠了四个月工资."""
_SURNAMED_PARTY = re.compile(
    rf"(?:老板娘?|房东|包工头|负责人|店主|摊主|户主|队长|经理|司机|那人)(?:好像|应该)?(?:是)?姓{SURNAME}(?:的)?(?=$|[\s,，。、])"
)
"""老板姓佟，没有招牌."""
_OWNERS_SHOP = re.compile(
    rf"(?:[老小阿]{SURNAME}|{SURNAME}(?:记|氏|姐|哥|嫂|妈|胖子|师傅))家?"
    r"(?:烧烤|烤串|烤鱼|烤鸭|麻辣烫|麻辣香锅|火锅|串串|冒菜|米线|米粉|拉面|面条|饺子|包子|馄饨|煎饼|早餐|早点|炸鸡|卤味|卤肉|龙虾|"
    r"大排档|排档|川菜|湘菜|家常菜|水果|蔬菜|海鲜|奶茶|豆腐|汽修|修车|洗车|五金|建材|家电|装修|搬家|开锁|理发|美发|足浴|养生|推拿|干洗)(?:店|摊|铺|馆|坊)?"
)
"""What shops are called after who runs them, though no word for a kind of party is in it: 老王烧烤."""
_ROUTE_DRIVER = re.compile(
    r"(?:[0-9一二三四五六七八九十百]{1,4}路|[\u4e00-\u9fff]{1,4}号线)(?:公交车?|地铁)?(?:的)?(?:司机|售票员|乘务员)?"
)
_FIRM = re.compile(
    r"(?:^|(?<=那[个家])|(?<=[的在叫是]))(?:(?!那[个家])[\u4e00-\u9fffA-Za-z0-9]){2,8}(?:劳务|置业|地产|电器|家电|家居|家具|建材|教育|英语|舞蹈|健身|瑜伽|养生|传媒|物流|快运|宽带|体验馆|生活馆|堂)$"
)
"""What firms are called that leave the word for their kind out: 中天劳务, 启明星英语."""
_OFFICES = "环卫工人|窗口工作人员|工作人员|民警|警察|城管队员|保安|保洁|护工|推销员|业务员|网格员|医生|大夫|护士长|护士|老师|校长|书记|主任|司机|队长|经理|店员|服务员|师傅"
_PERSON_IN_OFFICE = re.compile(rf"(?:公交|出租车|网约车|地铁)司机|(?:(?<![\u4e00-\u9fff]){SURNAME})?(?:{_OFFICES})")
_NAMED_IN_OFFICE = re.compile(
    rf"[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董](?:{_OFFICES})|(?:{_OFFICES})[老小]{SURNAME}"
    rf"|(?:村主任|村支书|村书记|局长|校长|厂长|队长|主任|经理|园长){SURNAMED}(?=$|[\s,，。把将给私贪拿收占不让骗打骂])"
)
_SERVICE = re.compile(
    "(?:市政|路政|环卫|园林|水务|供电|供水|供热|燃气|热力|运管|街道|社区|居委|村委|政府|业委)(?:的?人|上|那边)?"
)
"""Public services as people call them in short."""
_MYSELF = re.compile("我是[^，。,;；]*$")
_OF_THEIRS = re.compile(
    rf"^(?:[\u4e00-\u9fff]{{0,4}}?[的科部组]){{0,2}}(?:那个|一个|一位|姓)?[\u4e00-\u9fff]{{0,2}}?(?:{_OFFICES})(?:[老小]{SURNAME})?|^的小[\u4e00-\u9fff](?=[帮给把\s，。]|$)"
)
"""Somebody of an organisation, right after its name: …急诊科的李护士."""
_BARE_FILLER = re.compile(
    r"^(?:就是|就(?!业)|是个?|叫|那家|那个|这家|这个|他们|(?:大家|人家|我们)?都[叫喊][他她]?|(?:大家|人家)[叫喊][他她]?|对象是|名字叫|[他她]叫|店名|(?:牌子|招牌|门头|门口|平台)上?写的?|写的|嗯|哦|(?:应该|好像|大概)[是叫]?)+|(?:吧|啊|呀|呢|嘛|呗|的|了|这家|还能有谁)+$"
)
_BY_TRADE = re.compile(r"[开卖做修送收干搞](?!发商)|\d+$")
"""Who is told by what they do, or by where they live: 开理发店的, 402的."""
_TELLS_WHO = re.compile(
    rf"{_KIND.pattern}$|\d+的?$|^[开卖做修送收].*的?$|{SURNAME}?(?:{_OFFICES}|先生|女士)$|^[老小阿][\u4e00-\u9fff]$|那[家个]$"
)
"""What tells of somebody, beside what is not known of them: 402的, 张医生, 小唐."""
_NOT_TARGETS = re.compile(
    r"^(?:一直|天天|每天|经常|总是|老是)|不知道|不清楚|不记得|不晓得|没看清|不认识|不确定|没有了|不了解|说不上|随便|没有$|登记|确认|取消|投诉|举报|好几遍|说了|没[记问看]"
)
_SENTENCE = re.compile(r"[\s卖丢往骗打骂不没了把被给让就都也还很太吗呢么怎啥]|什么|哪|[,，。;；！!？?]")
"""What a name does not hold: a longer answer with any of it is a sentence about somebody."""
_WITHOUT_SIGN = re.compile("没有?(?:招牌|执照|营业执照|证|名字|挂牌)")
_SHORTEST = 2
_BARE_LENGTH = 16
"""Longer answers are sentences: nobody's name."""
_SURE_NAME = 6
"""Bare answers of up to so many characters count whatever is in them: 不倒翁饭馆."""


def read_target(text: str, *, asked: bool = False) -> str | None:
    """The party a matter is about. ``asked``: a description and a bare answer count, too: 隔壁的黑诊所."""
    if asked:
        text = _what_is_known(text)
    bare = _bare(text) if asked and not _NOT_TARGETS.search(text) else None
    surnamed = _SURNAMED_PARTY.search(text) if asked and bare is None else None
    return (
        bare
        or (surnamed.group() if surnamed else None)
        or (_clause_that_names(text) or _called_by_name(text) if asked else None)
        or _named(text, asked=asked)
        or _in_office(text, asked=asked)
        or read_plate(text)
    )


def read_described(text: str) -> str | None:
    """Somebody who is told by what they are though not by name: 黑网吧, 无证诊所; None for a mere kind (诊所)."""
    found = (name for clause in _CLAUSE.split(text) for name in _names_in(clause, asked=True))
    return next((name for name in found if _DESCRIBED.match(name)), None)


def _what_is_known(text: str) -> str:
    """402的 of 402的，姓啥不知道: who it is, beside what is not known of them."""
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    unknown = [clause for clause in clauses if _NOT_TARGETS.search(clause)]
    known = [clause for clause in clauses if not _NOT_TARGETS.search(clause)]
    if not all(_SAID_BEFORE.search(clause) for clause in unknown):
        known = [clause for clause in known if _TELLS_WHO.search(_BARE_FILLER.sub("", clause))]
    return " ".join(known) if known and len(known) < len(clauses) else text


def names_an_organisation(name: str) -> bool:
    """Whether ``name`` is an organisation's, and not somebody's: 梅园物业, not 李老师."""
    return _ENDS_IN_KIND.search(name) is not None and not _GENERIC.match(name)


def is_a_kind_of_party(text: str) -> bool:
    """Whether ``text`` is a word for a kind of party and nothing else: 物业, 派出所, 市政."""
    return _KIND.fullmatch(text) is not None or _SERVICE.fullmatch(text) is not None


def _clause_that_names(text: str) -> str | None:
    """佳和物业 of 还能有谁，佳和物业呗: of an answer in several clauses the one that is a name and nothing else."""
    clauses = [_BARE_FILLER.sub("", clause) for clause in _CLAUSE.split(text)]
    return next((c for c in clauses if _ENDS_IN_KIND.search(c) and not _GENERIC.match(c) and _may_be(c)), None)


def _called_by_name(text: str) -> str | None:
    """学府路，叫极速空间: a clause that says how it is called."""
    found = _CLAUSE_CALLED.search(text)
    return (
        found.group(1) if found and len(found.group(1)) > _SHORTEST and not _SENTENCE.search(found.group(1)) else None
    )


def _may_be(name: str) -> bool:
    told = _SHORTEST < len(name) <= _BARE_LENGTH and "那" not in name
    return told and not _SENTENCE.search(name) and not _LEAD.match(name)


def _named(text: str, *, asked: bool) -> str | None:
    brand = _OF_A_BRAND.search(text)
    if brand:
        return brand.group()
    owes = _WHO_OWES.search(text)
    if owes and not names_an_organisation(owes.group(1)):
        return owes.group(1)
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    called = (_called_in(m) for p in (_CALLED, _PERSON_CALLED) for c in (text, *clauses) if (m := p.search(c)))
    found = [name for clause in clauses for name in _names_in(clause, asked=asked)]
    named = sorted((n for n in found if not _GENERIC.match(n)), key=lambda n: not n.endswith(_IN_FULL))
    owners = _OWNERS_SHOP.search(text)
    firms = (m.group() for clause in clauses if asked and (m := _FIRM.search(clause)))
    told = next(iter(named), None) or next(called, None) or (owners.group() if owners else None) or next(firms, None)
    return told or next(iter(found), None)


def _names_in(clause: str, *, asked: bool) -> Iterator[str]:
    for kind in _KIND.finditer(clause):
        name = _NAME_BEFORE.search(clause[: kind.start()])
        before = clause[: name.start()] if name else ""
        words = _LEAD.sub("", (name.group() if name else "") + kind.group())
        if len(words) < _SHORTEST or _WHERE_I_AM.search(before) or (not asked and _GENERIC.match(words)):
            continue
        person = _OF_THEIRS.match(clause[kind.end() :])
        yield words + person.group() if person else words


def _in_office(text: str, *, asked: bool) -> str | None:
    driver = _ROUTE_DRIVER.search(text)
    if driver and (asked or driver.group()[-1] in "机员"):
        return driver.group()
    person = (_PERSON_IN_OFFICE if asked else _NAMED_IN_OFFICE).search(text)
    return person.group() if person and not _MYSELF.search(text[: person.start()]) else None


def _called_in(found: re.Match[str]) -> str:
    """What the party is called, in whichever of its forms it is told."""
    return next(words for words in found.groups() if words)


def _bare(text: str) -> str | None:
    clause = next((_called_in(m) for pattern in (_CALLED, _PERSON_CALLED) if (m := pattern.search(text))), text)
    bare = _BARE_FILLER.sub("", clause.strip(" ，。,.!！")).strip()
    if _BY_TRADE.match(bare) and f"{bare}的" in clause:
        bare += "的"
    if len(bare) < _SHORTEST or len(bare) > _BARE_LENGTH:
        return None
    return bare if len(bare) <= _SURE_NAME or not _SENTENCE.search(_WITHOUT_SIGN.sub("", bare)) else None
