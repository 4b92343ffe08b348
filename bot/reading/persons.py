"""Names of persons: 我叫王小明, 免贵姓王, 王女士, 老周, or the bare name when a name was asked for.

Unasked, a name counts only when somebody introduces themselves with it: 老板叫王强 names another.
"""

from __future__ import annotations

import re

_COMPOUND = "欧阳|上官|司马|诸葛|皇甫|令狐|司徒|慕容|东方|夏侯|公孙|尉迟|长孙|宇文|端木|百里|南宫"
_SINGLE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安"
    "颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成"
    "游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全肖闫付代"
)
_SURNAME = f"(?:{_COMPOUND}|[{_SINGLE}])"
_TITLE = "先生|女士|小姐|师傅|阿姨|大爷|大妈|大娘|大叔|大姐|大哥|叔叔|老师|奶奶|爷爷|婆婆"
_NAME = rf"{_SURNAME}(?:[\u4e00-\u9fff]{{1,2}}?|[·•][\u4e00-\u9fff]{{1,6}})"
_END = r"(?=$|[\s,，。.!！;；、：:？?]|电话|手机|住|在|家|今年|的电话|的名字|联系|号码|\d|幺|吧|啊|呀|哈|呢)"
_CLAUSE = r"(?:^|(?<=[\s,，。.!！;；、：:]))(?:嗯|哦|那个|你好|您好|喂)*"
_INTRODUCED = re.compile(
    rf"(?:我(?:的)?(?:名字|姓名)?(?:叫|是)|(?:{_CLAUSE}(?:名字|姓名|联系人)(?:叫|是)?)|{_CLAUSE}叫我?|本人(?:叫|是|姓名|名叫)?)[:： ]*(?:那个)?"
    rf"({_NAME}|{_SURNAME}(?:{_TITLE})|[老小]{_SURNAME})(?:{_TITLE})?{_END}"
)
_SURNAME_ONLY = re.compile(
    rf"(?:免贵|我|本人|鄙人|{_CLAUSE})姓({_SURNAME})(?!的)"
    rf"(?:[,，。 ]*(?:叫|名)(?:做|是)?([\u4e00-\u9fff]{{1,3}})|[,，。 ]+(\1[\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff]))?"
)
_TITLED = re.compile(rf"({_SURNAME}[\u4e00-\u9fff]{{0,2}}?(?:{_TITLE}))")
_FAMILIAR = re.compile(rf"([老小]{_SURNAME})(?=$|[吧啊呀哈呢,，。 ]|就行|就好)")
_BARE = re.compile(rf"^(?:是|就|嗯|哦|叫|我|那个)*({_NAME}|{_SURNAME})(?:{_TITLE})?(?:吧|啊|呀|哈|呢)?$")
_ONE_OF_SEVERAL = re.compile(rf"(?:^|(?<=[\s,，。;；、]))({_NAME})(?=[吧啊呀哈呢]*(?:$|[\s,，。;；、\d])|的?电话|手机)")
_SPELT = re.compile(rf"({_SURNAME})[,，。 ]*单名(?:一个|是)?([\u4e00-\u9fff])字?")
_FOREIGN = re.compile(r"^[A-Za-z][A-Za-z .'-]{1,39}$")
_TRANSLITERATED = re.compile(
    r"^[阿巴依古丽买提木热尔力江孜卓玛扎西格桑次仁旦增多吉尼娜吾艾山合努哈别克乌兰布和图雅苏日斯琴拉措央金顿珠罗曲达娃帕]{3,7}$"
)
_NOT_NAMES = re.compile(
    r"施工|小区|噪音|没有|不是|不要|马路|路灯|道路|投诉|反映|问题|什么|怎么|住户|业主|居民|市民|老板|知道|清楚|方便|安全|时候|常常|经常|一直|马上|金额|"
    r"单位|房东|全部|车位|车库|高兴|安静|于是|何必|方案|成年|温度|康复|高速|公司|物业|公交|费用|包括|任何|时间|向来|关于|关闭|有人|随便|谢谢|方面|"
    r"白天|周末|周[一二三四五六日天]|万一|常见|强制|解决|管理|管道|江边|石头|雷雨|夏天|秋天|冬天|文件|文明|易燃|左右|舒服|代办|付款"
)


def read_name(text: str, *, asked: bool = False) -> str | None:
    """The name in ``text``. ``asked``: a name was asked for, so a bare one counts too."""
    text = text.strip()
    introduced = _INTRODUCED.search(text)
    if introduced and not _NOT_NAMES.search(introduced.group(1)):
        return introduced.group(1)
    surname = _SURNAME_ONLY.search(text)
    if surname:
        return _with_given_name(surname.group(1), surname.group(2) or surname.group(3) or "", text)
    return _asked_name(text.strip("，。,.!！ ")) if asked else None


def _with_given_name(surname: str, given: str, text: str) -> str:
    """姓赵 叫赵志强 → 赵志强; 姓唐 单名磊 → 唐磊; 姓王 … 王女士 → 王女士; 姓周 → 周."""
    if not given:
        return surname + _title_in(text)
    return given if given.startswith(surname) else surname + given


def _asked_name(text: str) -> str | None:
    spelt = _SPELT.search(text)
    if spelt:
        return spelt.group(1) + spelt.group(2)
    for pattern in (_ONE_OF_SEVERAL, _TITLED, _FAMILIAR, _BARE):
        found = pattern.search(text)
        if found and not _NOT_NAMES.search(found.group(1)):
            return found.group(1)
    return text if _FOREIGN.match(text) or _TRANSLITERATED.match(text) else None


def _title_in(text: str) -> str:
    title = re.search(_TITLE, text)
    return title.group() if title else ""
