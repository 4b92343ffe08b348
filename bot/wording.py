"""Turns of phrase the intake listens for: not willing, not knowing, secret, agreed. Pure; asked of one message each."""

from __future__ import annotations

import re
from typing import Any

from bot.plan import MATTER_INTENTS
from bot.reading.corrections import without_no_mistake
from bot.situation import Utterance

DECLINES = frozenset({"dont_know", "stay_anonymous", "deny"})
"""Intents of somebody who does not give what was asked for."""
TELLS = MATTER_INTENTS | {"supplement"}
"""Intents of somebody who tells what happened."""

_LEAD = re.compile(
    r"^(?:(?:你好|您好|喂|嗯|呃|那个|就是说?|请问|麻烦|同志|师傅|老师|我是|我们是|[\s,，。:：!！、])*"
    r"(?:我(?:们)?|俺)?(?:就?是)?(?:要|想|来|想要|得|需要)?(?:实名|匿名)?(?:跟|向|给|和)?(?:你们|您|政府|有关部门)?"
    r"(?:投诉|举报|反映|反应|求助|建议|表扬|感谢|咨询|登记|提|报)"
    r"(?:一?个|一下|一件事情?|一?个?问题|建议|情况|意见|点意见)*(?:[\s,，。:：!！]|$)*)+"
)
_CHATTER = re.compile(
    r"嗯|啊|呃|哎|那个|就是说?|然后|你好|您好|喂|我们?|的|电话|手机号?|号码|地址|地点|时间|名字|姓名|联系|是|在|叫|姓|住|从|开始|到|个|呗|嘛|哈"
    r"|大概|差不多|左右|这个|那边|这里|那里|吧|呢|呀|哦|了|就|都|也|有|先生|女士|可以|没有|保密|匿名|谢谢|麻烦|请"
)
_NOT_WORDS = re.compile(r"[\s\W_]+")
_NOT_TO = "别|不要|不能|不想|不愿意?|千万别"
_NOT_SHOWN = rf"(?:{_NOT_TO}|不)(?:透露|公开|泄露)"
_SECRET = re.compile(
    r"(?<![不别])(?<!不用)(?<!不需要)(?<!不必)(?<!无需)(?<!没必要)(?:保密|匿名|不(?:想|愿意?)?留名|不(?:想|要|愿意?)?实名)"
    rf"|(?:{_NOT_TO})(?:告诉|让(?:他们|人|别人|对方|我[^\s,，。]{{0,4}})知道|让[^\s,，。]{{1,6}}知道(?:是?我|是[谁哪])|写我|(?:说|讲)(?:出去|是我))"
    rf"|{_NOT_SHOWN}(?:出去)?(?:是?我|俺|本人|姓名|名字|身份|电话|号码|个人|隐私)"
    rf"|(?:^|[\s,，。;；!！请我])(?:最好|希望|也|就)?{_NOT_SHOWN}(?=$|[\s,，。;；!！吧啊呀哈])"
)
"""物业不公开账目 hides somebody else's affairs, not who reports them."""
_WITHHELD_AT_ONCE = {
    "name": re.compile(
        r"不(?:想|愿意?|方便|打算)?(?:留|报|写|透露)(?:我的?|真实)?(?:姓名|名字?|身份)(?:和|跟|、)?|匿名(?:举报|投诉|反映)"
    ),
    "phone": re.compile(r"不(?:想|愿意?|方便|打算)?留(?:姓名|名字?|身份)?(?:和|跟|、|或)?(?:电话|手机|号码|联系方式)"),
}
_NEEDS_NO_SECRECY = re.compile(r"(?:不用|不需要|不必|无需|没必要|用不着)(?:匿名|保密)")
_NOT_SECRET = re.compile(
    r"(?:不用|不需要|不必|无需|没必要|用不着|不)(?:匿名|保密)|可以公开|公开(?:没事|吧|就行)|^公开$"
    "|(?<!不)(?<!不想)(?<!不要)(?<!不愿)(?<!不愿意)实名"
)
_DECLINED = re.compile(
    r"^算了吧$|(?:没[有得]?|无)(?:手机|电话|座机|固话)"
    r"|(?:别|不用|甭|不要|少|你)管我?(?:是谁|姓什么|姓啥|叫什么|叫啥)|(?:不用|不必|别|甭)(?:给我|跟我)?(?:回|打|联系)(?!单|原)"
    r"|(?:不想|不愿意?|不方便|不便|不用|不需要|不能|拒绝|懒得)(?:再)?(?:说|留|讲|透露|给|告诉|提供|写)?"
    r"(?:$|[,，。了吧啊 ]|名|电话|姓)"
    r"|不(?:说|留|给|写)(?:行|可以|了|吧|电话|姓名|名|$)|(?:说|留)不了|保密|匿名"
    r"|不?知道叫|不(?:知道|清楚|了解|记得|晓得|确定|认识)|记不|忘(?:了|记)|说不(?:上|清|好|准|出)"
    r"|^(?:你|我)?(?:去|就)?(?:问你(?:自己|[爹妈爸娘])|自己(?:不会)?去?[查猜]|你?猜|关你(?:什么|啥|屁)?事|(?:你)?管得着吗?)"
    r"[去呗啊吧呀嘛\s,，。.!！?？]*$"
    r"|^(?:就|都|也|还是)*免了?(?:吧|了)*$|没(?:看清|注意|留意|记住|问)|无可奉告|想不起|搞不清|弄不清"
)
_TAKES_BACK = re.compile(
    r"(?<![不没别甭])(?<![不别甭][要想用必给])(?<![不别甭]给我)(?<!先[别不])(?<!是不是给我)撤(?!过)"
)
_WITHHOLDS = re.compile(
    r"^算了吧$|(?:别|不用|甭|不要|少|你)管我?(?:是谁|姓什么|姓啥|叫什么|叫啥)|^(?:就|都|也|还是|算了?)*免了?(?:吧|了)*$|不(?:说|讲|透露|告诉你们?|留|填|写|给)了?[吧啊呀哈]*$"
)
_AGREED = re.compile(
    r"^(?:嗯|哦|啊|那|就)*(?:好|行|可以|对|是的?|没错|没有错|没问题|没有问题|没毛病|正确|无误|确认|确定|提交|同意|中|成|ok|OK|登记|都对)"
)
_KEY_FOR_YES = re.compile(r"[1１][。.!！]?")
"""What menus have taught people to send for yes."""
_NOT_AGREED = re.compile(r"不对|错(?!误?了?没)|改|不行|别|先|等|不是|但|可是|只是|还有|补充|加")
A_WORD = 6
"""Characters of a message that only names a subject: 养老保险."""
_AGREED_LENGTH = 12
_NOTHING_MORE = re.compile(
    r"^(?:嗯|那|啊)*没[有得]?(?:了|别的|其他|其它|什么|要?补充|要说|要改|问题)+(?:的|了|吧|啊|呀|哈)*[\s，。,.!！]*$"
)
_THINKING = re.compile(
    r"(?:先|再|让|容|等|给)*[我俺]?(?:先|再)?(?:想|捋|理|找|看|查|瞅|翻|问|组织)(?:一?[想捋理找看查瞅翻问]|一?下|一?会儿?)+(?:语言|思路|再说|电话|手机|号码|地址|门牌|名字)?"
    r"|[我俺]?(?:也|还)?(?:不知道|不晓得)?(?:该|要)?(?:怎么|咋)(?:说|讲)(?:呢|好|才好|啊)*|(?:不知道)?从(?:哪|何)[里儿]?(?:说|讲)起"
    r"|稍(?:等|候)|等(?:一?下|等|一?会儿?|[我俺])+|[别莫]急|慢[慢点着]+|一?时半会儿?(?:也)?(?:说|讲)不清楚?|说来话长|马上"
)
_SAID_BEFORE = re.compile(
    r"(?:刚|刚才|上面|前面|开头|不是|早就?|都|已经|一开始)[^，。没]{0,6}(?:说|讲|告诉|写|报|填)(?:你们?|您)?(?:过|了)(?!警|案|火警)"
    r"|(?:又|还|咋又|怎么又|怎么还)问(?!题)|问[几多好]遍|[说讲]了?[几多好两三八]+(?:遍|次)"
)
_WHERE_THEN = re.compile(
    r"^(?:那|这|好吧?|哦|你们?|都|我们?|到底|究竟|总得|该|要|应该|能|可以|又|还|就|咱|\W)*"
    r"(?:(?:不管|不受理|管不了)\W*(?:那|我|该|要|到底)*(?:谁|哪[里儿]?|找谁|去哪).{0,4}|(?:去|到|上)?(?:找|问)?(?:谁|哪[里儿个]?(?:部门|单位|地方)?)"
    r"(?:去|说|反映|管|问|办|告|找|投诉|举报|求助|解决|说理)*|(?:怎么|咋)(?:办|整|弄|搞)|(?:归|是)?(?:谁|哪[里儿个](?:部门|单位)?)管)[呢啊呀吗嘛了\W]*$"
)
_SAME_NUMBER = re.compile(
    r"(?:就)?(?:是|用|打)?(?:这个|本机|现在的?|当前|我的|来电|这支)(?:号码?|手机号?|电话|机子)|本机|就(?:是)?这个|打这个"
)


def gist_of(text: str, *values: Any) -> str:
    """What ``text`` says besides ``values`` and the small words around them."""
    for value in values:
        text = text.replace(str(value), "") if value else text
    return _CHATTER.sub("", _NOT_WORDS.sub("", text))


def shares_words(text: str, other: str, *, characters: int = 2) -> bool:
    """Whether two texts have so many ``characters`` in a row in common, small words apart."""
    gist, others = gist_of(text), gist_of(other)
    return any(gist[at : at + characters] in others for at in range(len(gist) - characters + 1))


def strip_lead(text: str) -> str:
    """The matter itself, without 你好我要投诉."""
    return _LEAD.sub("", text.strip()).strip(" ，。,.!！")


def wants_secrecy(text: str) -> bool:
    """别告诉物业是我说的, 匿名; also beside what may be known: 实名举报, 请保密."""
    return words_of_secrecy(text) is not None


def words_of_secrecy(text: str) -> str | None:
    """The words by which somebody wants to stay unknown; None when they do not."""
    found = _SECRET.search(_NOT_SECRET.sub("", text))
    return found.group() if found else None


def waives_secrecy(text: str) -> bool:
    """不用保密, 可以公开."""
    return bool(_NOT_SECRET.search(text))


def withholds_at_once(text: str) -> tuple[str, ...]:
    """The fields that somebody says unasked they will not tell: 我不想留名."""
    return tuple(name for name, pattern in _WITHHELD_AT_ONCE.items() if pattern.search(text))


def needs_no_secrecy(text: str) -> bool:
    """不用保密, said in so many words: 实名 alone does not say it."""
    return bool(_NEEDS_NO_SECRECY.search(text)) and not wants_secrecy(text)


def declines(utterance: Utterance) -> bool:
    """Whether somebody does not know, or does not want to tell."""
    return utterance.intent in DECLINES or bool(_DECLINED.search(utterance.text))


def withholds(text: str) -> bool:
    """算了不说, said to a question for a name: that only, not the whole matter, is given up."""
    return bool(_WITHHOLDS.search(text.strip(" ，。,.!！")))


def takes_back(text: str) -> bool:
    """Whether ``text`` wants an order taken back: 撤了吧, and not 不用撤了."""
    return _TAKES_BACK.search(text) is not None


def agrees(utterance: Utterance) -> bool:
    """Whether somebody says yes to what was read back, and nothing else."""
    text = utterance.text.strip()
    if _KEY_FOR_YES.fullmatch(text):
        return True
    if utterance.intent in {"affirm", "request_order"}:
        return not _NOT_AGREED.search(without_no_mistake(text))
    if len(text) > _AGREED_LENGTH or not (_AGREED.match(text) or without_no_mistake(text) != text):
        return False
    return not _NOT_AGREED.search(without_no_mistake(text))


def has_nothing_to_add(text: str) -> bool:
    """没有了, 没有别的了: to what was read back, nothing that is wrong or wanting."""
    return bool(_NOTHING_MORE.match(text.strip()))


def hesitates(text: str) -> bool:
    """等一下, 我想想怎么说: nothing is told yet, and nothing else is wanted."""
    rest = _THINKING.sub("", text)
    return rest != text and len(gist_of(rest)) <= 1


def has_said_it(text: str) -> bool:
    """上面都说了, 刚不是说过吗: what was asked for has been told, the citizen says."""
    return _SAID_BEFORE.search(text) is not None


def asks_where_then(text: str) -> bool:
    """那我找谁, 你们不管谁管: whom to turn to, and nothing of what."""
    return _WHERE_THEN.match(text) is not None


def means_this_phone(text: str) -> bool:
    """就是现在打的这个号码."""
    return bool(_SAME_NUMBER.search(text))
