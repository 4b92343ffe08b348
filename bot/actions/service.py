"""Service to orders already filed: progress, urging, adding, withdrawing (B6), after proof of whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet

from backoffice.refusals import Refused
from bot.actions.again import is_about, urged
from bot.actions.base import HUMAN, Event, HotlineAction, Turn, lead_on, set_slots
from bot.actions.consult import Answer
from bot.actions.consulting import asked_of, served_of
from bot.actions.following import Following
from bot.actions.intake_slots import INTAKE_FORM, RESUME, photos_so_far
from bot.actions.several import several
from bot.asides import (
    CERTAIN,
    LIKELY,
    OF_A_CASE,
    QUESTIONS,
    SAID_SO,
    SMALL_TALK,
    SURE,
    speaks_of_a_case,
    speaks_of_an_order,
)
from bot.case_words import (
    SHORTEST_ADDITION,
    addition_in,
    beside_number_and_code,
    code_in,
    has_none,
    leaves_it,
    says_yes_to_withdrawal,
    stays,
    still_wants_to,
    wanted_instead,
)
from bot.intake import LEAVES, PATIENCE
from bot.nlu.constants import ALARMED
from bot.plan import MATTER_INTENTS
from bot.reading.choices import NONE_OF_THEM, named_by_a_word, read_choice
from bot.reading.cues import is_a_question
from bot.reading.digits import read_receipt
from bot.wording import declines, gist_of
from core.channels import TELEPHONE
from core.clock import china_time
from core.messages import QuickReply, Reply

RECEIPT_FORM = "receipt_form"
REQUESTED = "requested_slot"
SERVICE_OF_INTENT = {
    "query_progress": "progress",
    "urge": "urge",
    "supplement": "supplement",
    "withdraw": "withdraw",
    "cancel": "withdraw",
}
NEEDS = {
    "progress": ("receipt", "query_code"),
    "urge": ("receipt", "query_code"),
    "supplement": ("receipt", "query_code", "supplement"),
    "withdraw": ("receipt", "query_code", "confirm"),
}
OWN = "own"
"""Stands in the ``query_code`` slot when the order belongs to the contact: no code is needed."""
OFFERED = "offered_orders"
"""Slot: number, matter and day of each of the citizen's open orders, where it is not told which is meant."""
_EMPTY: dict[str, Any] = dict.fromkeys(
    ("service", "receipt", "query_code", "supplement", "confirm", "tries", "asked", "choices", OFFERED)
)
_INTERRUPTS = QUESTIONS | OF_A_CASE | SMALL_TALK


class StartService(Following):
    """Begins a service: the number from the message, or the citizen's only open order."""

    action_name = "action_start_service"

    async def act(self, turn: Turn) -> list[Event]:
        """Fills what is known."""
        said = turn.utterance
        instead = await self._instead(turn)
        if instead is not None:
            return instead
        together = several(turn, self.services)
        asked = {} if all(map(speaks_of_an_order, together.asked.values())) else together.asked
        if asked:
            self._all_answered(turn, together)
        service = SERVICE_OF_INTENT.get(said.intent, "progress")
        receipt, offered = said.entities.get("number"), None
        if not receipt:
            receipt, offered = await self._likely_order(turn)
        values = {**_EMPTY, "service": service, "receipt": receipt, "asked_of": asked_of(turn, asked)}
        values |= {OFFERED: offered, ALARMED: None}
        if receipt:
            known_by_code = served_of(turn)[1] if receipt == served_of(turn)[0] else None
            values["query_code"] = await _own(self, turn, receipt) or known_by_code
        addition = addition_in(said.text)
        if service == "supplement" and len(addition) >= SHORTEST_ADDITION:
            values["supplement"] = addition
        values["query_code"] = values.get("query_code") or code_in(said.text)
        if turn.tracker.active_loop_name == INTAKE_FORM:
            values["offer"] = RESUME
        led_here = [FollowupAction(RECEIPT_FORM)] if said.intent == "cancel" else []
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(values), *led_here]

    async def _instead(self, turn: Turn) -> list[Event] | None:
        """What becomes of words that only sound like a wish for a service; None where they are one."""
        told_again = await urged(self, turn) if turn.tracker.active_loop_name is None else None
        if told_again is not None:
            return told_again
        said = turn.utterance
        if said.intent == "withdraw" and stays(said.text):
            turn.respond("utter_service_left")
            return [turn.going_back()]
        known = said.entities.get("number") or turn.slot("served")
        guessed = is_a_question(said.text) or said.confidence < CERTAIN
        commanded = known or turn.slot("last_order") or said.confidence >= SAID_SO
        within = None if commanded else self._rather_of_the_topic(turn)
        if within is not None:
            return [*within, turn.going_back()]
        if not known and guessed and not speaks_of_a_case(said):
            events = await Answer(self.services).act(turn)  # 急着用怎么办: a question, whatever it sounds like
            return events if lead_on(events) else [*events, turn.going_back()]
        return None

    async def _likely_order(self, turn: Turn) -> tuple[str | None, list[list[str]] | None]:
        """The order meant by who tells no number: the one spoken of last, or the only one; or those to choose from."""
        last = served_of(turn)[0] or turn.slot("last_order")
        if last:
            return last, None
        own = await self.services.orders_meant(turn.metadata.get("contact_id"))
        own = [each for each in own if is_about(turn.utterance.text, each, self.services)] or own
        if len(own) == 1:
            return own[0].number, None
        return None, [[each.number, each.title, _day(each.created_at)] for each in own] or None


async def _own(action: HotlineAction, turn: Turn, receipt: str) -> str | None:
    """The mark that ``receipt`` belongs to the contact the channel vouches for."""
    return OWN if await action.services.is_own_order(receipt, turn.metadata.get("contact_id")) else None


def _day(at: datetime) -> str:
    local = china_time(at)
    return f"{local.month}月{local.day}日"


class ValidateReceipt(HotlineAction):
    """Reads number, code, addition and yes."""

    action_name = "validate_receipt_form"

    async def act(self, turn: Turn) -> list[Event]:
        """Slot events with the next question, or a rejection."""
        requested = turn.slot(REQUESTED)
        if requested is None or not turn.freshly_said(RECEIPT_FORM):
            return self._ask_next(turn, {})
        said = turn.utterance
        withdraws = requested == "confirm" and says_yes_to_withdrawal(said.text)
        if said.intent in LEAVES and said.confidence >= SURE and not withdraws:
            return [ActionExecutionRejected(RECEIPT_FORM)]
        if requested in {"receipt", "query_code"} and has_none(said.text):
            return self._without_them(turn)
        if requested == "receipt" and turn.slot(OFFERED) and self._chosen(turn) == NONE_OF_THEM:
            return [*self._ask_next(turn, {OFFERED: None}), SlotSet("tries", 0)]
        values = await self._read(turn, requested)
        if values.get(requested) is not None or (values and not gist_of(beside_number_and_code(said.text))):
            return [*self._ask_next(turn, values), SlotSet("tries", 0)]  # a code told though nobody asked is no answer
        if requested == "confirm" and (said.intent == "deny" or leaves_it(said.text)):
            turn.respond("utter_service_left")
            return [SlotSet(REQUESTED, None), ActiveLoop(None), *set_slots(_EMPTY)]
        other_matter = said.intent in MATTER_INTENTS | {"request_order"}
        if (said.intent in _INTERRUPTS or other_matter) and said.confidence >= LIKELY:
            return [ActionExecutionRejected(RECEIPT_FORM)]
        return self._try_again(turn, requested, values)

    async def _read(self, turn: Turn, requested: str) -> dict[str, Any]:
        text = turn.utterance.text
        values: dict[str, Any] = {}
        receipt, nothing_else = read_receipt(text), not gist_of(beside_number_and_code(text))
        chosen = self._chosen(turn) if requested == "receipt" else None
        if not receipt and chosen is not None and len(chosen) == 1:
            receipt = turn.slot(OFFERED)[chosen[0]][0]
        if receipt and (requested in {"receipt", "query_code"} or nothing_else):
            values["receipt"] = receipt
            values["query_code"] = await _own(self, turn, receipt)
            if requested == "receipt" and turn.slot("service") == "progress":
                values["service"] = wanted_instead(text)
        code = code_in(text)
        proven = values.get("query_code") or (turn.slot("query_code") == OWN and not receipt)
        if code and (requested in {"receipt", "query_code"} or nothing_else) and not proven:
            values["query_code"] = code
        elif code and nothing_else:
            values["query_code"] = values.get("query_code") or OWN
        if requested == "supplement" and len(beside_number_and_code(text)) >= SHORTEST_ADDITION:
            values["supplement"] = text.strip()
        if requested == "confirm" and still_wants_to(turn.utterance):
            values["confirm"] = True
        return {name: value for name, value in values.items() if value is not None}

    @staticmethod
    def _chosen(turn: Turn) -> tuple[int, ...] | None:
        """The places of those of the orders offered that are meant; None where none is named."""
        offered, text = turn.slot(OFFERED) or [], turn.utterance.text
        if not offered:
            return None
        places = read_choice(text, len(offered))
        named = named_by_a_word(text, [title for _, title, _ in offered]) if places is None else None
        return (named,) if named is not None else places

    def _try_again(self, turn: Turn, requested: str, values: dict[str, Any]) -> list[Event]:
        tries = (turn.slot("tries") or 0) + 1
        gives_up = requested in {"receipt", "query_code"} and declines(turn.utterance)
        if tries >= PATIENCE or gives_up:
            return self._without_them(turn)
        if not (requested == "receipt" and turn.slot(OFFERED)):  # asked again, the list says all there is to say
            turn.say(Reply(self.services.reader.plan.fields[requested].again))
        return [*self._ask_next(turn, values), SlotSet("tries", tries)]

    @staticmethod
    def _without_them(turn: Turn) -> list[Event]:
        """Ends what cannot be done for somebody who has neither number nor code."""
        words = "没有编号和查询码，我没法替您查。您可以找到登记时的回执再来，也可以转人工。"
        turn.say(Reply(words, quick_replies=(HUMAN,)))
        if turn.slot("offer") == RESUME:
            turn.respond("utter_resume")
        return [SlotSet(REQUESTED, None), ActiveLoop(None), *set_slots(_EMPTY)]

    def _ask_next(self, turn: Turn, values: dict[str, Any]) -> list[Event]:
        known = {name: turn.slot(name) for name in _EMPTY} | values
        needs = NEEDS[known["service"] or "progress"]
        missing = next((name for name in needs if known.get(name) is None), None)
        return [*set_slots(values), SlotSet(REQUESTED, missing)]


class AskReceiptField(HotlineAction):
    """Asks for one thing a service needs."""

    def __init__(self, services: Any, field: str) -> None:
        """``field``: receipt, query_code, supplement or confirm."""
        super().__init__(services)
        self.field = field
        self.action_name = f"action_ask_{RECEIPT_FORM}_{field}"

    async def act(self, turn: Turn) -> list[Event]:
        """The question."""
        if self.field == "confirm":
            text = f"确定要撤回工单 {turn.slot('receipt')} 吗？撤回后不再办理。"
            turn.say(
                Reply(
                    text, quick_replies=(QuickReply("确定撤回", "确定"), QuickReply("不撤回", "取消")), asks="confirm"
                )
            )
            return []
        if self.field == "receipt" and turn.slot(OFFERED):
            turn.say(_which_of(turn.slot(OFFERED)))
            return []
        replies = (HUMAN,) if turn.slot("tries") else ()
        turn.say(
            Reply(self.services.reader.plan.fields[self.field].question_plain, quick_replies=replies, asks=self.field)
        )
        return []


class ServeOrder(HotlineAction):
    """Does what was asked for, through the order door."""

    action_name = "action_serve_order"

    async def act(self, turn: Turn) -> list[Event]:
        """Progress card, or a word that it is done."""
        service, receipt, code = turn.slot("service"), turn.slot("receipt"), turn.slot("query_code")
        if not receipt or not code:
            return set_slots(_EMPTY)
        done: Event | None = None
        try:
            reply = await self.services.serve_order(
                service,
                receipt,
                None if code == OWN else code,
                turn.metadata.get("contact_id"),
                addition=turn.slot("supplement"),
                photos=photos_so_far(turn) or (),
                key=f"{turn.conversation_id}:{turn.metadata.get('message_id')}",
                keyed=turn.metadata.get("channel") == TELEPHONE,
            )
        except Refused as refused:
            reply = Reply(refused.reason, quick_replies=(HUMAN,), details={"refused": refused.code})
        else:
            done = SlotSet("served", None if service == "withdraw" else [receipt, None if code == OWN else code])
        turn.say(reply)
        if turn.slot("offer") == RESUME:
            turn.respond("utter_resume")
        kept = [done] if done else []
        return kept + set_slots(
            {**_EMPTY, "misses": 0, "photos": None if service == "supplement" else turn.slot("photos")}
        )


def _which_of(offered: list[list[str]]) -> Reply:
    """The citizen's open orders to choose from."""
    listed = "\n".join(f"{at}. {number}，{title}（{day}登记）" for at, (number, title, day) in enumerate(offered, 1))
    words = f"您有 {len(offered)} 件还在办理的工单：\n{listed}\n请问是哪一件？说第几个或者受理编号就行。"
    choices = [QuickReply(f"第{at}个") for at in range(1, len(offered) + 1)]
    return Reply(words, quick_replies=(*choices, QuickReply("都不是")), asks="receipt")
