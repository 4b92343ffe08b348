"""How an answer to each field of an intake is read. Pure: one function per field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.asides import CERTAIN, NOTHING_ELSE, is_no_data
from bot.plan import IntakePlan
from bot.reading.corrections import without_no_mistake
from bot.reading.cues import is_a_question
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import PlaceReader
from bot.reading.targets import is_a_kind_of_party, read_described, read_target
from bot.reading.times import names_no_day, read_time
from bot.situation import CONFIRM, DISTRICT, DUPLICATE, Situation, Utterance
from bot.wording import (
    DECLINES,
    agrees,
    declines,
    gist_of,
    has_nothing_to_add,
    means_this_phone,
    strip_lead,
    waives_secrecy,
    words_of_secrecy,
)

SHORTEST_CONTENT = 4
"""Characters a matter has at least: 停水了吗."""
_TIMEISH = re.compile(
    r"[天月年点时周晚早夜午]|下[雨雪]|刮风|日日|入[春夏秋冬职]|平[时日]|最近|刚|常|放学|[上下]班|高峰|饭[点后]|[假节]|随时|不定"
)
_BARE_NAME = re.compile(r"^(?![啊哦嗯呃额哈嘿唉哎喂嘛吧呢呀噢诶唔对不没有无])[\u4e00-\u9fff]{1,3}$")
_PERHAPS_A_NAME = frozenset({"inform", "nlu_fallback", "chitchat"})
"""Intents of up to three characters that a question for the name makes a name, though the surname is a rare one."""
_AS_ONE_OF_MANY = re.compile(
    r"^(?:我?就?(?:是|写|叫|说|填|留)?)?(?:一?[个名位])?(?P<who>[\u4e00-\u9fff]{0,5}?(?:老人|老太婆|老太太|老头子?|老汉|妈妈|爸爸|家属|业主|居民|市民|群众|家长|住户|村民|租户|租客|员工|职工|工人|女工|学生|乘客|顾客|网友|路人|商户|司机))(?:吧|啊|呀|就行|就好|就可以)*$"
)
"""How some who give no name call themselves: 一个业主, 热心市民."""
_BY_WHAT_THEY_DO = re.compile("路过|过路|[卖开住做种跑送打]")
"""How some call themselves instead of a name: 路过的, 卖菜的."""
_SHORT = 12
_OF_A_PARTY = re.compile(r"(?:物业|老板|公司|店|对方|[他她]们?|司机|施工队)[^，。不没]{0,4}(?:叫|姓(?!名)|是谁)")
"""Who does not know how another is called has said nothing of themselves: 物业叫啥我不清楚."""
_NO_NAME = re.compile(r"[的了着在不没是有要把被给说就叫吗么什哪]|\d{3}")
"""What no name holds, however often it is said: 房子在成都."""
_WHAT_IT_IS_CALLED = re.compile(r"叫(?:什么|啥|个啥)|(?:什么|啥|哪[条个])(?:路|街|小区|地方|名)|路名|地名")
"""Who does not know how a place is called may tell what is beside it: 我不知道叫什么路."""
_FACES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u200d\ufe0f]")
_UNSURE = re.compile(r"不(?:知道|确定|清楚|晓得|记得|好说)|说不(?:准|好|清)|(?<!不)是不是|算不算|[吗么]\W*$")
_ANOTHER_MATTER = re.compile(
    r"(?:别|不要?)合?并|(?<!是)不(?:是|对|同|像|用|要|想|需要)|不(?:太|大|完全|怎么)?一样|^\W*不\W*$|另[外一]|别的|两码事|新的|没有|单独|分开|重新"
)
_THE_SAME = re.compile(
    r"同一|一样|一回事|就是(?:[这那它]|了|啊|的|$)|是[这那][件个]|并入|合并|加[上进入]|一起|一块|我也(?:是|要|反映)"
)
_WHO = re.compile(
    r"(?:是?谁|哪位|哪个人|什么人|哪家)(?:[^，。]{0,4})(?:反映|投诉|举报|说|报)|(?:反映|投诉|举报|报)的?人?是(?:谁|哪)"
)
REPORTER_NOT_TOLD = "是谁反映的要为人家保密，不能告诉您。"
_ANY_WAY = re.compile(
    r"^\W*(?:我|这个|那就?|怎么|怎样)*(?:随便|随意|无所谓|都行|都可以|看你们|你们看)"
    r"(?:着?[办写叫填]|[了吧啊呀嘛的]|你们?|一个|都行)*\W*$"
)
"""Nothing else: who says 都可以，怕他报复 waives nothing."""
_WANTED = re.compile(r"^\W*(?:那|当然|肯定|最好|必须|还是)*(?:要|得|需要|当然)(?![是不什么])(?:的|啊|吧|呀|保|$|\W)")
"""要，孩子还在里面上学: yes, and why."""
_CLAUSE_END = re.compile(r"[\s,，。;；!！、]+")
_YES = re.compile(r"^(?=.*[对是嗯])[\s\W]*(?:嗯|哦|啊|对|是|没错|应该|好像|可能|的|吧|呀|呢|了)+[\s\W]*$")
_NOT_DIGITS = re.compile(r"[^0-9零〇洞幺一二两三四五六七拐八九勾]")
_LONGEST_AS_SAID = {"address": 40, "target": 30, "time": 20, "name": 8}
"""Characters up to which an answer that could not be read is believed when it is given a second time."""
_SETTLES = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in (_ANOTHER_MATTER, _THE_SAME, _YES)))


@dataclass(frozen=True)
class Answer:
    """What one field's reader makes of a message."""

    value: Any = None
    problem: str | None = None
    """What to tell the citizen about an answer that cannot be taken."""
    part: str | None = None
    """The part of an address that is not enough by itself."""
    said: str | None = None
    """The words it was read from, where the value is not those: 八十八号 for 88号."""
    beyond: str | None = None
    """What else the message tells of the matter, the answer taken out of it."""


@dataclass(frozen=True)
class Reading:
    """A message to be read as an answer, and what it is read with."""

    plan: IntakePlan
    places: PlaceReader
    situation: Situation
    utterance: Utterance

    @property
    def text(self) -> str:
        """What was said, without the faces people put beside it."""
        return _FACES.sub("", self.utterance.text).strip() or self.utterance.text

    def is_bare_data(self) -> bool:
        """Whether the message is nothing but a time or a phone number, which answers another question."""
        phone = read_phone(self.text, self.places.area_code)
        if phone is not None:
            return len(gist_of(self.text)) - len(_NOT_DIGITS.sub("", self.text)) <= 0
        time = read_time(self.text, self.situation.now, asked=True)
        return time is not None and not gist_of(self.text, time.words)

    def was_told(self, words: str) -> bool:
        """Whether ``words`` stand in the matter as it was told."""
        return words in str(self.situation.values.get("content") or "")

    def declined(self, field: str) -> Answer:
        """The mark for "not told", where the citizen declines and the field may be left out."""
        return Answer(self.plan.not_given.get(field) if declines(self.utterance) else None)

    def as_said(self, field: str) -> Answer:
        """The words themselves, the second time: no reader knows every place, firm and name there is."""
        words = self.text.strip(" ，。,.!！")
        again = self.situation.tries > 0 or self.situation.repeated
        says_yes = self.utterance.intent == "affirm" and self.utterance.confidence >= CERTAIN
        if says_yes:
            return Answer()  # 是的 names nobody and no place, however often it is said
        if not again or len(words) > _LONGEST_AS_SAID[field] or (field == "name" and _NO_NAME.search(words)):
            return Answer()
        if not self.situation.repeated and (is_no_data(self.utterance) or is_a_question(words)):
            return Answer()
        return Answer(words if re.search(r"[\u4e00-\u9fffA-Za-z]", words) else None)


def read_answer(field: str, reading: Reading) -> Answer:
    """The answer to ``field`` in a message; an empty one when it holds none."""
    return _READERS[field](reading)


def _content(reading: Reading) -> Answer:
    utterance = reading.utterance
    if utterance.intent == "insult" or len(strip_lead(utterance.text)) < SHORTEST_CONTENT or reading.is_bare_data():
        return Answer()
    if len(utterance.text) <= _SHORT and utterance.intent in DECLINES:
        return Answer()
    return Answer(utterance.text.strip())


def _address(reading: Reading) -> Answer:
    place = reading.places.read(reading.text, asked=True)
    known = reading.situation.values.get(DISTRICT)
    if place is not None and place.precise:
        normal = f"{known}{place.normal}" if known and known not in place.normal else place.normal
        return Answer(normal, said=place.words)
    if place is not None:
        if known == place.normal or declines(reading.utterance) or reading.situation.tries:
            return Answer(place.normal, said=place.words)
        return Answer(problem=f"{place.normal}的具体位置是哪里呢？请说一下路名、小区名或者村名。", part=place.normal)
    declined = reading.declined("address")
    if declined.value is not None and known:
        return Answer(known)
    if declined.value is not None and _WHAT_IT_IS_CALLED.search(reading.text) and not reading.situation.tries:
        return Answer()
    if declined.value is not None or reading.is_bare_data():
        return declined  # 上周五 is no place, however often it is said
    return reading.as_said("address")


def _time(reading: Reading) -> Answer:
    if names_no_day(reading.text):
        return Answer(problem="没有这一天，请您再看一下是几月几号。")
    found = read_time(reading.text, reading.situation.now, asked=True)
    if found is not None:
        if found.instant is not None and found.instant > reading.situation.now and not reading.situation.tries:
            return Answer(problem="这个时间还没有到，请问事情是什么时候发生的？")
        return Answer(found.words)
    declined = reading.declined("time")
    if declined.value is not None:
        return declined
    if len(reading.text) <= _SHORT and _TIMEISH.search(reading.text) and not is_no_data(reading.utterance):
        return Answer(reading.text.strip())
    if read_name(reading.text, asked=True) is not None:
        return Answer()  # who, however often it is said, is not when
    return reading.as_said("time")


def _target(reading: Reading) -> Answer:
    own = read_name(reading.text)
    if own is not None and not gist_of(reading.text, own):
        return Answer()  # 我叫刘建军 is who complains
    target = None if reading.is_bare_data() else read_target(reading.text, asked=True)
    if target and reading.was_told(target):
        return Answer(target)  # 启明星英语, which sounds like small talk, stands in the matter already
    declined = reading.declined("target")
    in_short = reading.utterance.intent in {"dont_know", "deny"} or len(reading.text) <= _SHORT
    place = reading.places.read(reading.text) if target else None
    if place is not None and place.precise and not gist_of(reading.text, place.words):
        return Answer()  # 锦绣华庭3栋 is where
    if declined.value is not None and in_short:
        return Answer(target) if target and _CLAUSE_END.search(reading.text.strip()) else _described(reading, declined)
    if reading.is_bare_data() or (is_no_data(reading.utterance) and not reading.situation.repeated):
        return Answer()
    return Answer(target) if target else reading.as_said("target")


def _described(reading: Reading, declined: Answer) -> Answer:
    """黑网吧 of the matter, where it is not known what it is called."""
    described = read_described(str(reading.situation.values.get("content") or ""))
    return Answer(described) if described else declined


def _confidential(reading: Reading) -> Answer:
    if waives_secrecy(reading.text):
        return Answer(False)
    words = words_of_secrecy(reading.text)
    wanted = agrees(reading.utterance) or _WANTED.match(reading.text) is not None
    if words is not None or reading.utterance.intent == "stay_anonymous" or wanted:
        return Answer(True, said=words)
    if reading.utterance.intent == "deny" or _ANY_WAY.search(reading.text):
        return Answer(False)  # words first: an intent is a guess
    return Answer(True if declines(reading.utterance) else None)  # who does not know is kept safe


def _name(reading: Reading) -> Answer:
    if reading.is_bare_data():
        return Answer()
    name = read_name(reading.text, asked=True)
    place = reading.places.read(reading.text) if name else None
    if name and (place is None or name not in place.words):
        return Answer(name)
    declined = Answer() if _OF_A_PARTY.search(reading.text) else reading.declined("name")
    if declined.value is not None or place is not None:
        return declined
    if _ANY_WAY.search(reading.text):
        return Answer(reading.plan.not_given["name"])
    if may_be_a_name(reading.utterance):
        return Answer(_bare(reading.text))
    one_of_many = _AS_ONE_OF_MANY.match(_bare(reading.text))
    if one_of_many:
        return Answer(one_of_many["who"])
    if tells_whose(reading.utterance) and not reading.situation.repeated:
        return Answer()
    return reading.as_said("name")


def may_be_a_name(utterance: Utterance) -> bool:
    """Whether up to three characters, said to a question for the name, are one, though the surname is a rare one."""
    bare = _BARE_NAME.match(_bare(utterance.text))
    if bare is None or is_a_question(bare.group()) or tells_whose(utterance):
        return False
    return utterance.intent in _PERHAPS_A_NAME or utterance.confidence < NOTHING_ELSE


def tells_whose(utterance: Utterance) -> bool:
    """Whether a bare word names whose matter it is rather than a person: 市政, 物业, 中建的."""
    bare = _bare(utterance.text)
    return (
        (bare.endswith("的") and not _BY_WHAT_THEY_DO.match(bare))
        or is_a_kind_of_party(bare)
        or utterance.entities.get("department") is not None
    )


def _bare(text: str) -> str:
    return text.strip(" ，。,.!！")


def _phone(reading: Reading) -> Answer:
    found = read_phone(reading.text, reading.places.area_code, asked=True)
    if reading.situation.tries and not (found and found.number):
        whole = read_phone(f"{reading.situation.before} {reading.text}", reading.places.area_code, asked=True)
        found = whole if whole and whole.number else found  # told in two messages
    if found is not None:
        return Answer(found.number, f"{found.problem}，请您核对后再说一遍。" if found.problem else None)
    sender_phone = reading.situation.sender_phone
    if means_this_phone(reading.text) or (sender_phone and reading.utterance.intent == "affirm"):
        return Answer(sender_phone, None if sender_phone else "这里看不到您的号码，请您说一下。")
    return reading.declined("phone")


def _duplicate(reading: Reading) -> Answer:
    """Whether it is the same matter. 确认 and 提交 do not say so: who wants to file must not join by mistake. Whoever
    does not say so clearly, the second time, has reported another matter, and nothing is lost."""
    text = without_no_mistake(reading.text)
    if _WHO.search(text):
        return Answer(problem=REPORTER_NOT_TOLD)
    if _UNSURE.search(text):
        return Answer(False) if reading.situation.tries else Answer()
    if _ANOTHER_MATTER.search(text) or reading.utterance.intent == "deny":
        return Answer(False, beyond=_beyond(reading.text))
    if _THE_SAME.search(text) or _YES.match(reading.text):
        return Answer(True, beyond=_beyond(reading.text))
    return Answer(False) if reading.situation.tries else reading.declined(DUPLICATE)


def _beyond(text: str) -> str | None:
    """What is said beside that it is the same, or another: 对，就是那儿，昨晚又到三点."""
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause and not _SETTLES.search(clause)]
    told = "，".join(clauses)
    return told if len(gist_of(told)) >= SHORTEST_CONTENT else None


def _confirm(reading: Reading) -> Answer:
    agreed = (agrees(reading.utterance) or has_nothing_to_add(reading.text)) and not reading.situation.doubted
    return Answer(True if agreed else None)


_READERS: dict[str, Callable[[Reading], Answer]] = {
    "content": _content,
    "address": _address,
    "time": _time,
    "target": _target,
    "confidential": _confidential,
    "name": _name,
    "phone": _phone,
    DUPLICATE: _duplicate,
    CONFIRM: _confirm,
}
