"""Names of persons: 我叫王小明, 免贵姓王, 王女士, or the bare name when a name was asked for."""

from __future__ import annotations

import re

_COMPOUND = "欧阳|上官|司马|诸葛|皇甫|令狐|司徒|慕容|东方|夏侯|公孙|尉迟|长孙|宇文|端木|百里|南宫"
_SINGLE = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安"
    "颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成"
    "游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全"
)
_SURNAME = f"(?:{_COMPOUND}|[{_SINGLE}])"
_TITLE = "先生|女士|小姐|师傅|阿姨|大爷|大妈|大娘|叔叔|老师"
_NAME = rf"{_SURNAME}(?:[\u4e00-\u9fff]{{1,2}}?|[·•][\u4e00-\u9fff]{{1,6}})"
_END = r"(?=$|[\s,，。.!！;；、：:]|电话|手机|住|在|的电话|联系|号码|\d|幺|吧|啊|呀|哈|呢)"
_INTRODUCED = re.compile(
    rf"(?:我(?:的)?(?:名字|姓名)?(?:叫|是)|名字(?:叫|是)?|姓名(?:是|叫)?|联系人(?:是|叫)?|叫我|叫|本人)[:： ]*({_NAME}|{_SURNAME}(?:{_TITLE}))"
    rf"(?:{_TITLE})?{_END}"
)
_SURNAME_ONLY = re.compile(rf"(?:免贵|我|本人|鄙人)?姓({_SURNAME})(?:[,，。 ]*(?:叫|名)([\u4e00-\u9fff]{{1,3}}))?")
_TITLED = re.compile(rf"({_SURNAME}[\u4e00-\u9fff]{{0,2}}?(?:{_TITLE}))")
_BARE = re.compile(rf"^(?:是|就|嗯|哦|叫|我)?({_NAME})(?:{_TITLE})?(?:吧|啊|呀|哈|呢)?$")
_FOREIGN = re.compile(r"^[A-Za-z][A-Za-z .'-]{1,39}$")
_NOT_NAMES = re.compile(
    r"施工|小区|噪音|没有|不是|不要|路|投诉|反映|问题|什么|怎么|住户|业主|居民|市民|老板|知道|清楚|方便|安全|时候|常常|经常|一直|马上|金额"
)


def read_name(text: str, *, asked: bool = False) -> str | None:
    """The name in ``text``. ``asked``: a name was asked for, so a bare one counts too."""
    text = text.strip()
    introduced = _INTRODUCED.search(text)
    if introduced and not _NOT_NAMES.search(introduced.group(1)):
        return introduced.group(1)
    surname = _SURNAME_ONLY.search(text)
    if surname:
        given = surname.group(2) or ""
        return given if given.startswith(surname.group(1)) else surname.group(1) + (given or _title_in(text))
    if not asked:
        return None
    return _bare_name(text.strip("，。,.!！ "))


def _bare_name(text: str) -> str | None:
    titled = _TITLED.search(text)
    if titled:
        return titled.group(1)
    bare = _BARE.match(text)
    if bare and not _NOT_NAMES.search(text):
        return bare.group(1)
    return text if _FOREIGN.match(text) else None


def _title_in(text: str) -> str:
    title = re.search(_TITLE, text)
    return title.group() if title else ""
