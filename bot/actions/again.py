"""Trouble that was told before and is still there: the citizen's own order is hurried up instead of filed anew (B6)."""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk.events import ActiveLoop, FollowupAction

from backoffice.refusals import Refused
from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.actions.intake_slots import photos_so_far
from bot.actions.several import matters_of
from bot.asides import QUESTIONS
from bot.reading.cues import is_a_question
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


async def urged(action: HotlineAction, turn: Turn) -> list[Event] | None:
    """Hurries up the citizen's one order of the same category or words, where they name no other place and say that
    nothing has been done, or adds what more they tell; None where they may speak of something new, which can still be
    filed."""
    said, services = turn.utterance, action.services
    if said.intent not in _OF_TROUBLE | QUESTIONS or said.entities.get("address"):
        return None
    if not _STILL.search(said.text) or len(matters_of(said, services)) > 1:
        return None
    contact, category = turn.metadata.get("contact_id"), services.category_of(said.text)
    own = [
        each
        for each in await services.orders_meant(contact)
        if (category and each.category == category) or shares_words(said.text, each.title, characters=_SAME_MATTER)
    ]
    if len(own) != 1:
        return None
    key = f"{turn.conversation_id}:{turn.metadata.get('message_id')}"
    photos, number = photos_so_far(turn) or (), own[0].number
    adds = bool(photos) or tells_more(said.text)
    service, addition = ("supplement", said.text) if adds else ("urge", None)
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


def tells_more(text: str) -> bool:
    """Whether ``text`` tells more than that it is still so, beside what it asks: …一直没修，我妈摔了，怎么办."""
    if not is_a_question(text):
        return len(gist_of(text)) > _TELLS_MORE
    told = "，".join(clause for clause in _CLAUSE.split(text) if not is_a_question(clause))
    return len(gist_of(_STILL.sub("", told))) > A_WORD
