"""Taking an order down: the form's validation, its questions, and the steps around it (B4)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.intake import CONFIRM, PATIENCE, Advance, Situation
from bot.plan import KIND_OF_INTENT, Field
from core.messages import QuickReply, Reply

INTAKE_FORM = "intake_form"
REQUESTED = "requested_slot"
FIELDS = ("content", "target", "address", "time", "confidential", "name", "phone", CONFIRM)
_EMPTY: dict[str, Any] = dict.fromkeys(
    (*FIELDS, "kind", "category", "photos", "asked", "doubted", "tries", "question", "offer")
)


def situation(turn: Turn, action: HotlineAction) -> Situation:
    """Where the intake of this turn stands."""
    return Situation(
        kind=Kind(turn.slot("kind") or Kind.COMPLAIN),
        category=turn.slot("category"),
        values={name: turn.slot(name) for name in FIELDS},
        requested=turn.slot(REQUESTED),
        tries=turn.slot("tries") or 0,
        now=action.services.now(),
        sender_phone=turn.metadata.get("sender_phone"),
    )


class StartIntake(HotlineAction):
    """Begins an intake with everything the first message already tells."""

    action_name = "action_start_intake"

    async def act(self, turn: Turn) -> list[Event]:
        """Clears the last intake's values and reads the message."""
        said = turn.utterance
        kind = KIND_OF_INTENT.get(said.intent, Kind.COMPLAIN)
        values = self.services.reader.begin(said, self.services.now(), turn.metadata.get("sender_phone"))
        asked_before = turn.slot("question")
        if said.intent == "request_order" and asked_before and "content" not in values:
            kind, values["content"] = Kind.CONSULT, asked_before
        fresh = {**_EMPTY, **values, "kind": kind.value, "photos": turn.slot("photos")}
        if values.get("content"):
            fresh["category"] = self.services.category_of(values["content"])
        fresh["intake"] = (turn.slot("intake") or 0) + 1
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(fresh), FollowupAction(INTAKE_FORM)]


class ValidateIntake(HotlineAction):
    """The form's mind: reads the answer, decides what is asked next, or hands the message to the rules."""

    action_name = "validate_intake_form"

    async def act(self, turn: Turn) -> list[Event]:
        """Slot events, the next ``requested_slot`` among them; or a rejection."""
        now = situation(turn, self)
        if now.requested is None or not turn.freshly_said(INTAKE_FORM):
            return self._ask_next(now, {})
        step = self.services.reader.advance(now, turn.utterance)
        if step.leaves:
            return [ActionExecutionRejected(INTAKE_FORM)]
        return self._apply(turn, now, step)

    def _apply(self, turn: Turn, now: Situation, step: Advance) -> list[Event]:
        values = dict(step.values)
        if step.problem:
            tries = now.tries + 1
            if tries >= PATIENCE:
                return [ActionExecutionRejected(INTAKE_FORM), FollowupAction("action_hand_over")]
            turn.say(Reply(step.problem))
            return [*self._ask_next(now, values), SlotSet("tries", tries)]
        if values.get("content"):
            values["category"] = self.services.category_of(values["content"])
        if values.get(CONFIRM) is None and any(name in FIELDS for name in values):
            values[CONFIRM] = None  # what was agreed to has changed
        return [*self._ask_next(now, values), SlotSet("tries", 0), SlotSet("doubted", step.doubted or None)]

    def _ask_next(self, now: Situation, values: dict[str, Any]) -> list[Event]:
        later = Situation(
            kind=now.kind,
            category=values.get("category", now.category),
            values={**now.values, **{name: value for name, value in values.items() if name in FIELDS}},
            requested=now.requested,
            tries=now.tries,
            now=now.now,
            sender_phone=now.sender_phone,
        )
        return [*set_slots(values), SlotSet(REQUESTED, self.services.reader.next_field(later))]


class AskField(HotlineAction):
    """Asks for one field of the intake."""

    def __init__(self, services: Any, field: str) -> None:
        """``field``: its name in ``intake.yml``."""
        super().__init__(services)
        self.field = field
        self.action_name = f"action_ask_{INTAKE_FORM}_{field}"

    async def act(self, turn: Turn) -> list[Event]:
        """The question, with a way round it where there is one."""
        kind = Kind(turn.slot("kind") or Kind.COMPLAIN)
        field = self.services.reader.plan.fields[self.field]
        asked = [name for name in turn.slot("asked") or () if name != self.field]
        replies = self._quick_replies(field, turn.slot("tries") or 0)
        turn.say(Reply(field.question(kind), quick_replies=replies, asks=self.field))
        return [SlotSet("asked", [*asked, self.field])]

    @staticmethod
    def _quick_replies(field: Field, tries: int) -> tuple[QuickReply, ...]:
        titles = [*field.quick_replies, *([field.skip] if field.skip else [])]
        return (*(QuickReply(title) for title in titles), *([HUMAN] if tries else []))


class AskConfirm(HotlineAction):
    """Reads everything back and asks for a yes, or asks which part is wrong."""

    action_name = f"action_ask_{INTAKE_FORM}_{CONFIRM}"

    async def act(self, turn: Turn) -> list[Event]:
        """The summary card."""
        reader, now = self.services.reader, situation(turn, self)
        plan = reader.plan
        names = [name for name in reader.required(now) if name != CONFIRM]
        names += [name for name in FIELDS if name not in (*names, CONFIRM) and plan.was_given(name, now.values[name])]
        rows = [{"field": name, "label": plan.fields[name].label, "value": _spoken(now.values[name])} for name in names]
        if turn.slot("doubted"):
            changes = tuple(QuickReply(f"修改{row['label']}") for row in rows)
            turn.say(Reply("请问哪一项需要修改？直接说正确的内容也可以。", quick_replies=changes, asks=CONFIRM))
            return []
        title = f"{now.kind.label}登记"
        lines = "\n".join(f"{row['label']}：{row['value']}" for row in rows)
        turn.say(
            Reply(
                f"{title}，请您核对：\n{lines}\n没有问题请说“确认”，哪一项不对就直接说，不想登记了请说“取消”。",
                card={"kind": "summary", "title": title, "fields": rows},
                quick_replies=(QuickReply("确认提交", "确认"), QuickReply("修改"), QuickReply("取消")),
                asks=CONFIRM,
            )
        )
        return []


class GoBack(HotlineAction):
    """上一步: the question before the present one is asked again."""

    action_name = "action_go_back"

    async def act(self, turn: Turn) -> list[Event]:
        """Forgets the answer to the last question."""
        if turn.tracker.active_loop_name != INTAKE_FORM:
            turn.respond("utter_nothing_to_repeat")
            return []
        present = turn.slot(REQUESTED)
        asked = [name for name in turn.slot("asked") or () if name != present]
        if not asked:
            turn.respond("utter_first_step")
            return []
        return set_slots({asked[-1]: None, "asked": asked[:-1], "tries": 0, "doubted": None})


class StartOver(HotlineAction):
    """重来: the same kind of matter from its first question."""

    action_name = "action_start_over"

    async def act(self, turn: Turn) -> list[Event]:
        """Forgets everything but the kind and the photos."""
        if turn.tracker.active_loop_name != INTAKE_FORM:
            turn.respond("utter_ask_matter")
            return []
        turn.respond("utter_restarted")
        kept = {"kind": turn.slot("kind"), "photos": turn.slot("photos"), "phone": turn.metadata.get("sender_phone")}
        return set_slots({**_EMPTY, **kept})


class Cancel(HotlineAction):
    """取消: nothing is filed."""

    action_name = "action_cancel"

    async def act(self, turn: Turn) -> list[Event]:
        """Ends whatever form runs."""
        if turn.tracker.active_loop_name is None:
            turn.respond("utter_nothing_to_cancel")
            return []
        turn.respond("utter_cancelled")
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(_EMPTY)]


class Repeat(HotlineAction):
    """再说一遍: a running form repeats its question by itself; otherwise there is nothing to repeat."""

    action_name = "action_repeat"

    async def act(self, turn: Turn) -> list[Event]:
        """Speaks only where no form will."""
        if turn.tracker.active_loop_name is None:
            turn.respond("utter_nothing_to_repeat")
        return []


class KeepPhoto(HotlineAction):
    """A photo is kept for the order being taken down, or for the one to come."""

    action_name = "action_keep_photo"

    async def act(self, turn: Turn) -> list[Event]:
        """Adds the message's photos to the intake."""
        photos = [*(turn.slot("photos") or ()), *turn.metadata.get("attachments", ())]
        taking_down = turn.tracker.active_loop_name == INTAKE_FORM
        turn.respond("utter_photo_kept" if taking_down else "utter_photo_alone")
        return [SlotSet("photos", photos)]


class FileOrder(HotlineAction):
    """Files the confirmed intake through the one write door; the same intake is never filed twice."""

    action_name = "action_file_order"

    async def act(self, turn: Turn) -> list[Event]:
        """The order card, and a clean slate."""
        now = situation(turn, self)
        filed = await self.services.file_order(
            now,
            key=f"{turn.conversation_id}:{turn.slot('intake')}",
            conversation_id=turn.conversation_id,
            metadata=turn.metadata,
            photos=turn.slot("photos") or (),
        )
        turn.say(filed.reply)
        return set_slots({**_EMPTY, "last_order": filed.number, "misses": 0})


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "需要保密" if value else "不用保密"
    return str(value) if value is not None else "未说明"
