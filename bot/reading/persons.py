"""Names of persons: 我叫王小明, 免贵姓王, 弓长张建设的建, 王女士, 老周, or the bare name when a name was asked for.

Unasked, a name counts only when somebody introduces themselves with it: 老板叫王强 names another.
"""

from __future__ import annotations

import re

from bot.reading.standing import read_standing, versions

_COMPOUND = "欧阳|上官|司马|诸葛|皇甫|令狐|司徒|慕容|东方|夏侯|公孙|尉迟|长孙|宇文|端木|百里|南宫"
_SINGLE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安"
    "颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成"
    "游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全肖闫付代"
    "佟符蒙褚计骆穆佘敖冼谌晏郁喻邝邸郜巩鞠麦缪卿裘尚屠闻奚荀虞湛竺卓荣仇"
)
SURNAME = f"(?:{_COMPOUND}|[{_SINGLE}])"
"""Pattern of a surname."""
_TITLE = "先生|女士|小姐|师傅|阿姨|大爷|大妈|大娘|大叔|大姐|大哥|叔叔|老师|奶奶|爷爷|婆婆|妈妈|爸爸"
_AS_KIN = "姐|哥|嫂子?|婶|叔"
"""Right after a surname only: 刘姐; 尤二姐 is a whole name."""
_GIVEN = r"(?:(?![的了是在我你他她它们这那有没不很都也就还要会能去到过着吗呢吧啊呀说什怎您])[\u4e00-\u9fff])"
_NAME = rf"{SURNAME}(?:{_GIVEN}(?:(?!就)[\u4e00-\u9fff])??|[·•][\u4e00-\u9fff]{{1,6}})"
_SURE_GIVEN = r"(?:(?![的了是我你他她它们这那没很都还太不着吗呢吧啊呀么说什怎您])[\u4e00-\u9fff])"
"""Where nothing but a name can stand, given names also have words of sentences in them: 王有才, 李会来, 赵能."""
_SURE_NAME = rf"(?!车){SURNAME}{_SURE_GIVEN}{{1,2}}"
SURNAMED = rf"{SURNAME}{_GIVEN}{{1,2}}?"
"""Pattern of a full name."""
_LONG_NAME = r"[\u4e00-\u9fff]{2,8}[·•][\u4e00-\u9fff]{2,8}"
_END = r"(?=$|[\s,，。.!！;；、：:？?]|电话|手机|住|在|家|今年|的电话|的名字|联系|号码|\d|幺|吧|啊|呀|哈|呢|我|就(?=行|好|可以|这)|反映|投诉|举报|要|想|昨|今天|之前)"
_CLAUSE = r"(?:^|(?<=[\s,，。.!！;；、：:]))(?:嗯|呃|额|哎|诶|啊|哦|那个|你好|您好|喂)*"
_AT_HOME = "业主|住户|居民|村民|租户|租客|家长|职工|员工|工人|店主|学生"
_OF_KIN = "儿子|女儿|老公|老婆|爱人|妻子|丈夫|妈妈|爸爸|母亲|父亲|家属|女婿|儿媳|孙子|孙女"
_INTRODUCED = re.compile(
    rf"(?:[我俺](?:的)?(?:名字|姓名)?(?:叫(?:个(?![车司高常人]))?|是)|[我俺]是[^，。\s]{{0,14}}?(?:{_AT_HOME})|我是[他她][^，。\s]{{0,3}}?(?:{_OF_KIN})"
    rf"|{_CLAUSE}(?:名字|姓名|联系人)(?:叫|是|改成|改为|[:：\s]|写)?|联系人[^，。\s]{{0,8}}名字|{_CLAUSE}叫我?|[的人]\s叫|[我俺]是[^，。\s]{{0,12}}?的(?:人|[,，])?我?叫|(?:本人|鄙人)(?:叫|是|姓名|名叫)?)[:：\s]*(?:那个)?"
    rf"({_NAME}|{_LONG_NAME}|{SURNAME}(?:{_TITLE}|{_AS_KIN})|[老小]{SURNAME}(?!家))(?:{_TITLE})?{_END}"
)
_CALLED_PLAINLY = re.compile(rf"{_CLAUSE}(?:[我俺](?:的?名字)?)?叫({_SURE_NAME}){_END}")
_ONE_OF_US = re.compile(rf"[我俺]是[^，。\s]{{1,10}}的([老小]{SURNAME}){_END}")
_FROM_A_PLACE = re.compile(
    rf"[我俺]是[^，。\s]{{0,14}}?[栋楼幢座元室号村组屯区园苑庭院街路巷弄湾府寓]的({_NAME}|{SURNAME}(?:{_TITLE}|{_AS_KIN})){_END}"
)
"""我是紫荆花园8栋的王秀兰手机…: who lives where."""
_AT_THE_HEAD = re.compile(
    rf"^({_NAME}|{SURNAME}(?:{_TITLE}))[\s,，]*(?:[男女][\s,，]+)?(?=电话|手机|联系电话|1[3-9]\d(?:\d{{8}}|[\s-]|[零幺一二三四五六七八九])|[幺一][三四五六七八九][零幺一二三四五六七八九]{{2}})"
)
"""王芳，女，电话…: a message that begins as a form does."""
_SIGNED = re.compile(
    rf"(?:(?:^|[\s,，。.;；!！])(?:市民|群众|网友|旅客|乘客|反映人|来信人|来电人|联系人|{_AT_HOME})[:：\s]*|[。！!\n]\s*)({_NAME})[\s。.!！]*$"
)
"""A message that ends as a letter does: …请处理。李明; … 市民肖红."""
_BESIDE_NUMBER = re.compile(
    rf"(?:^|[\s,，。;；!！])({_NAME}|{SURNAME})[\s,，:：]*(?:联系)?(?:电话|手机)?[\s:：]*1\d{{10}}(?!\d)|(?<!\d)1\d{{10}}[\s,，]+({_NAME})(?=$|[\s,，。])"
)
"""李明,13500009999, and the other way about: how text messages tell who writes them."""
_CALLED = re.compile(rf"(?:免贵|[我俺]|本人|鄙人|{_CLAUSE})姓({SURNAME})(?!的)")
_DESCRIBED = {
    "弓长": "张", "立早": "章", "木子": "李", "双人": "徐", "言午": "许", "耳东": "陈", "草头": "黄", "口天": "吴", "古月": "胡",
    "三横": "王", "走肖": "赵", "双口": "吕", "人可": "何", "美女": "姜", "禾呈": "程", "木土": "杜", "马字旁": "冯",
    "西早": "覃", "文刀": "刘", "干勾": "于", "两点水": "冯", "双木": "林",
}  # fmt: skip
"""How surnames that sound like others are told apart."""
_DESCRIPTION = re.compile(rf"({'|'.join(_DESCRIBED)})(?:一个)?[\u4e00-\u9fff]?({SURNAME})")
_SPELT = re.compile(r"([\u4e00-\u9fff]{2,6})的([\u4e00-\u9fff])(?:那个\1)?(?=$|[\s,，。]|[\u4e00-\u9fff]{2,4}的)")
"""建设的建: a character told by a word it is in."""
_GIVEN_NAME = re.compile(
    rf"(?:叫(?:做)?|名(?:字)?(?:是|叫)?|单名(?:一个|是)?)\s*(?!叫)({_SURE_GIVEN}{{1,3}}?)(?:字)?(?=$|[\s,，。]|吧|啊)"
)
_TITLED = re.compile(rf"({SURNAME}[\u4e00-\u9fff]{{0,2}}?(?:{_TITLE})|{SURNAME}(?:{_AS_KIN})(?![\u4e00-\u9fff]))")
_FAMILIAR = re.compile(rf"([老小]{SURNAME})(?=$|[吧啊呀哈呢,，。 ]|就行|就好)")
_ROLE = rf"(?:市民|群众|网友|旅客|乘客|游客|顾客|患者|司机|{_AT_HOME}|{_OF_KIN})"
_BARE = re.compile(rf"^(?:是|就|说|嗯|哦|叫|[我俺]|那个)*{_ROLE}?({_NAME}|{SURNAME})(?:{_TITLE})?(?:吧|啊|呀|哈|呢)?$")
_BARE_AND_SURE = re.compile(
    rf"^(?:是|就|叫)*({_SURE_NAME})(?:{_TITLE}|吧|啊|呀|哈)?(?=$|[\s,，]*(?:电话|手机)?[\s:：]*\d)"
)
_ONE_OF_SEVERAL = re.compile(rf"(?:^|(?<=[\s,，。;；、]))({_NAME})(?=[吧啊呀哈呢]*(?:$|[\s,，。;；、\d])|的?电话|手机)")
_FOREIGN = re.compile(r"^[A-Za-z][A-Za-z .'-]{1,39}$")
_TRANSLITERATED = re.compile(
    r"^[阿巴依古丽买提木热尔力江孜卓玛扎西格桑次仁旦增多吉尼娜吾艾山合努哈别克乌兰布和图雅苏日斯琴拉措央金顿珠罗曲达娃帕]{3,7}$"
)
_NAMES_A_NAME = re.compile("名字|姓名|称呼")
_NOT_NAMES = re.compile(
    r"施工|小区|噪音|没有|不是|不要|马路|路灯|道路|投诉|反映|问题|什么|怎么|住户|业主|居民|市民|老板|知道|清楚|方便|安全|时候|常常|经常|一直|马上|金额|"
    r"单位|房东|全部|车位|车库|高兴|安静|于是|何必|方案|成年|温度|康复|高速|公司|物业|公交|费用|包括|任何|时间|向来|关于|关闭|有人|随便|谢谢|方面|"
    r"白天|周末|周[一二三四五六日天]|万一|常见|强制|解决|管理|管道|江边|石头|雷雨|夏天|秋天|冬天|文件|文明|易燃|左右|舒服|代办|付款|符合|计划|计算|计较|尚未|光荣|卓越|蒙骗|麦当劳|房主|房客|司机|钟点工|查一下|查下|"
    r"车主|包工|高中|单身|单亲|管家|安保|水电工|随意"
)


def read_name(text: str, *, asked: bool = False) -> str | None:
    """The name in ``text``. ``asked``: a name was asked for, so a bare one counts too."""
    of_a_name = asked or (len(versions(text)) > 1 and bool(_NAMES_A_NAME.search(text)))
    return read_standing(lambda said: _read(said.strip(), of_a_name), text)


def read_signature(text: str) -> str | None:
    """The name a message is signed with, beside a number or at its end."""
    for pattern in (_BESIDE_NUMBER, _SIGNED):
        found = pattern.search(text)
        name: str | None = next(filter(None, found.groups()), None) if found else None
        if name and not _NOT_NAMES.search(name):
            return name
    return None


def _read(text: str, asked: bool) -> str | None:
    spelt = [found.group(2) for found in _SPELT.finditer(text) if found.group(2) in found.group(1)]
    for pattern in (_INTRODUCED, _CALLED_PLAINLY, _ONE_OF_US, _FROM_A_PLACE, _AT_THE_HEAD):
        introduced = pattern.search(text)
        if introduced and (not _NOT_NAMES.search(introduced.group(1)) or list(introduced.group(1)) == spelt):
            return introduced.group(1)
    surname = _surname(text)
    if surname:
        return _with_given_name(surname, spelt, text, asked)
    return _asked_name(text.strip("，。,.!！ ")) if asked else None


def _surname(text: str) -> str | None:
    called = _CALLED.search(text)
    if called:
        return called.group(1)
    described = next((d for d in _DESCRIPTION.finditer(text) if _DESCRIBED[d.group(1)] == d.group(2)), None)
    return described.group(2) if described else None


def _with_given_name(surname: str, spelt: list[str], text: str, asked: bool) -> str:
    """姓赵 叫赵志强, 姓唐 单名磊, 弓长张 建设的建 国家的国 → the full name; 姓王 … 王女士 → 王女士; 姓周 → 周."""
    full = re.search(rf"(?:^|[\s,，。叫]|姓{surname})({surname}{_GIVEN}{{1,2}})(?=$|[\s,，。])", text)
    if full and not _NOT_NAMES.search(full.group(1)) and not _DESCRIPTION.search(full.group(1)):
        return full.group(1)
    given = _GIVEN_NAME.search(text)
    if given:
        return given.group(1) if given.group(1).startswith(surname) else surname + given.group(1)
    characters = [character for character in spelt if character != surname]
    if asked and characters:
        return surname + "".join(characters[:2])
    title = re.search(rf"{surname}({_TITLE})", text)
    return surname + title.group(1) if title else surname


def _asked_name(text: str) -> str | None:
    names: list[str] = _ONE_OF_SEVERAL.findall(text)
    full = next((name for name in names if not _NOT_NAMES.search(name) and not _TITLED.fullmatch(name)), None)
    if full:
        return full
    for pattern in (_TITLED, _FAMILIAR, _BARE, _BARE_AND_SURE):
        found = pattern.search(text)
        if found and not _NOT_NAMES.search(found.group(1)):
            return found.group(1)
    return text if _FOREIGN.match(text) or _TRANSLITERATED.match(text) else None
