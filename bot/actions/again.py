"""Trouble that was told before and is still there: the citizen's own order is hurried up instead of filed anew (B6)."""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk.events import ActiveLoop, FollowupAction

from backoffice.own_orders import OwnOrder
from backoffice.refusals import Refused
from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.actions.intake_slots import photos_so_far
from bot.actions.several import matters_of
from bot.asides import QUESTIONS
from bot.case_words import SHORTEST_ADDITION, addition_in
from bot.reading.corrections import FIELD_WORDS
from bot.reading.cues import is_a_question
from bot.services import Services
from bot.wording import A_WORD, gist_of, shares_words
from core.messages import QuickReply

_ANOTHER = QuickReply("是另一件事", "请帮我登记下来")
_OF_TROUBLE = frozenset({"complain", "request_help"})
_TELLS_MORE = 12
"""Characters from which more is told than that it is still so."""
_SAME_MATTER = 3
"""Characters in a row that an order of another category has in common with what is told of it: 下水道; not 小区."""
_CLAUSE = re.compile(r"[\s,，。;；!！?？…]+")
_STILL = re.compile(
    r"(?:那个|这个|上次|上回|之前|前几天|反映|说|报|登记).{0,14}(?:还是?[没不在]|仍然?[没不在]|一直[没不在]|又[坏漏堵停冒])"
    r"|(?:都|已经?|这都|过去|等了).{0,4}(?:天|星期|礼拜|周|月|久).{0,10}(?:还|仍|一直|[没不]见)"
)
"""How somebody speaks of trouble they have told of before: 那个路灯还是没修啊."""
_SAID_TO_BE_DONE = re.compile(
    r"(?:你们|短信|工单|^\W*(?:回复|答复|反馈)).{0,12}(?:处理|解决|办结|办好|办完|修|整改|清理|完成|弄)(?:好|完|过|妥)?了"
    r".{0,10}(?:根本|压根|哪有|其实|实际|结果|(?:可是|但是?|还是).{0,4}[没不坏堵漏臭黑]|没[人见有来去管修动]|一点没|骗|糊弄|忽悠|假的|睁眼说瞎话)"
)
"""How somebody speaks of an answer that is not true: 你们回复说处理了，根本没人来过."""
_FORGOTTEN = re.compile(
    r"^\W*(?:对了|哦|噢|还有|等等|等一下|那个|刚才|刚刚|我)*\W*(?:刚才|刚刚|我)?(?:忘了?记?了?(?:说|讲|告诉|提|还有)|漏了(?:说|讲|一)|少说了|再?补充(?:一|个|几|两)|再加(?:一|上))"
)
"""How somebody begins who adds to what they have just had taken down: 对了忘了说…."""
_ONE_MORE = re.compile(r"再(?:加|补充)(?:一|上)")
"""…and may mean another matter: 再加一个，楼下烧烤店油烟太大."""
_TELLS_ANEW = re.compile(
    rf"(?:应该是|应当是|改成|改为|换成).{{2,}}|(?:{'|'.join(FIELD_WORDS.values())}).{{0,12}}是.{{2,}}"
)
"""How somebody says that something of the order just filed is wrong: 电话留错了，应该是139…."""
_NAMES_ONE = re.compile(r"^.{2,14}(?:那个|那件|那单|那回|那次|的事|那事)(?:事情?)?[呀啊呢嘛哦\W]*$")
"""How somebody says which order they speak of, of which something was just told: 康乐小区化粪池那个."""


async def urged(action: HotlineAction, turn: Turn) -> list[Event] | None:
    """Hurries up the citizen's one order of the same category or words, where they name no other place and say that
    nothing has been done, or adds what more they tell, or that what was answered is not so; tells how far it is where
    they only name it. None where they may speak of something new, which can still be filed."""
    said, services = turn.utterance, action.services
    forgotten = await _added_to_the_last(action, turn)
    if forgotten is not None:
        return forgotten
    denied = _SAID_TO_BE_DONE.search(said.text) is not None
    named = bool(turn.slot("served")) and _NAMES_ONE.search(said.text) is not None
    if (said.entities.get("address") and not named) or len(matters_of(said, services)) > 1:
        return None
    if not denied and not named and not (said.intent in _OF_TROUBLE | QUESTIONS and _STILL.search(said.text)):
        return None
    contact = turn.metadata.get("contact_id")
    meant = await services.orders_meant(contact)
    own = [each for each in meant if (denied and len(meant) == 1) or is_about(said.text, each, services)]
    if len(own) != 1:
        return None
    number = own[0].number
    adds = bool(photos_so_far(turn)) or denied or (tells_more(said.text) and not named)
    service = "supplement" if adds else "progress" if named else "urge"
    return await _served(action, turn, service, number)


async def _added_to_the_last(action: HotlineAction, turn: Turn) -> list[Event] | None:
    """What was forgotten in the order just filed is added to it; None where there is none."""
    said, number, services = turn.utterance, turn.slot("last_order"), action.services
    adds = _FORGOTTEN.search(said.text) or (said.intent == "correct" and _TELLS_ANEW.search(said.text))
    tells = len(addition_in(_FORGOTTEN.sub("", said.text))) >= SHORTEST_ADDITION
    if number is None or is_a_question(said.text) or not adds or not tells:
        return None
    if _ONE_MORE.search(said.text):
        orders = await services.orders_meant(turn.metadata.get("contact_id"))
        if any(each.number == number and not is_about(said.text, each, services) for each in orders):
            return None
    return await _served(action, turn, "supplement", number)


async def _served(action: HotlineAction, turn: Turn, service: str, number: str) -> list[Event] | None:
    """Does it with an order of the citizen's, who can still have their words filed by themselves; None: refused."""
    said, services, contact = turn.utterance, action.services, turn.metadata.get("contact_id")
    photos, addition = photos_so_far(turn) or (), said.text if service == "supplement" else None
    key = f"{turn.conversation_id}:{turn.metadata.get('message_id')}"
    try:
        reply = await services.serve_order(service, number, None, contact, addition=addition, photos=photos, key=key)
    except Refused:
        return None
    turn.say(replace(reply, quick_replies=(_ANOTHER, HUMAN)))
    slots = {
        "requested_slot": None,
        "offer": None,
        "question": said.text,
        "misses": 0,
        "served": [number, None],
        "photos": None,
    }
    return [ActiveLoop(None), *set_slots(slots), FollowupAction("action_listen")]


def is_about(text: str, order: OwnOrder, services: Services) -> bool:
    """Whether ``text`` tells of what an order is about: by its category, or in its words."""
    category = services.category_of(text)
    return (category is not None and order.category == category) or shares_words(
        text, order.title, characters=_SAME_MATTER
    )


def tells_more(text: str) -> bool:
    """Whether ``text`` tells more than that it is still so, beside what it asks: …一直没修，我妈摔了，怎么办."""
    if not is_a_question(text):
        return len(gist_of(text)) > _TELLS_MORE
    told = "，".join(clause for clause in _CLAUSE.split(text) if not is_a_question(clause))
    return len(gist_of(_STILL.sub("", told))) > A_WORD
