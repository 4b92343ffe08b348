"""The questions of an intake, and the summary that is read back (B4)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from backoffice.kinds import Kind
from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.actions.intake_slots import FIELDS, INTAKE_FORM, LIKELY, situation
from bot.plan import Field
from bot.situation import CONFIRM, DUPLICATE
from bot.speaking import joining_words, likely_words
from core.messages import QuickReply, Reply

_NOT_READ_BACK = (DUPLICATE, CONFIRM)
_CUT = "您说的比较长，工单里登记的是前 {limit} 个字；全文和这次对话一起留着，工作人员看得到。"


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
        return set_slots({"asked": [*asked, self.field], "said": turn.utterance.text})

    @staticmethod
    def _quick_replies(field: Field, tries: int) -> tuple[QuickReply, ...]:
        titles = [*field.quick_replies, *([field.skip] if field.skip else [])]
        return (*(QuickReply(title) for title in titles), *([HUMAN] if tries else []))


class AskDuplicate(HotlineAction):
    """Tells of an order that is likely about the same matter, not who reported it, and asks whether it is (B5)."""

    action_name = f"action_ask_{INTAKE_FORM}_{DUPLICATE}"

    async def act(self, turn: Turn) -> list[Event]:
        """The question. Of somebody else's order it tells kind of matter, place as this citizen named it, and day."""
        field = self.services.reader.plan.fields[DUPLICATE]
        replies = tuple(QuickReply(title) for title in field.quick_replies)
        words = field.question_plain if turn.slot("tries") else likely_words(turn.slot(LIKELY))
        turn.say(Reply(words, quick_replies=replies, asks=DUPLICATE))
        asked = [name for name in turn.slot("asked") or () if name != DUPLICATE]
        return set_slots({"asked": [*asked, DUPLICATE], "said": turn.utterance.text})


class AskConfirm(HotlineAction):
    """Reads everything back and asks for a yes, or asks which part is wrong."""

    action_name = f"action_ask_{INTAKE_FORM}_{CONFIRM}"

    async def act(self, turn: Turn) -> list[Event]:
        """The summary card."""
        reader, now = self.services.reader, situation(turn, self)
        plan = reader.plan
        names = [name for name in reader.required(now) if name not in _NOT_READ_BACK]
        names += [
            name for name in FIELDS if name not in (*names, *_NOT_READ_BACK) and plan.was_given(name, now.values[name])
        ]
        rows = [{"field": name, "label": plan.fields[name].label, "value": _spoken(now.values[name])} for name in names]
        if turn.slot("doubted"):
            changes = tuple(QuickReply(f"修改{row['label']}") for row in rows)
            turn.say(Reply("请问哪一项需要修改？直接说正确的内容也可以。", quick_replies=changes, asks=CONFIRM))
            return []
        if turn.slot("cut"):
            turn.say(Reply(_CUT.format(limit=self.services.runtime.settings.text_limit)))
        title = f"{now.kind.label}登记" + (joining_words(turn.slot(LIKELY)) if now.values[DUPLICATE] else "")
        lines = "\n".join(f"{row['label']}：{row['value']}" for row in rows)
        turn.say(
            Reply(
                f"{title}，请您核对：\n{lines}\n没有问题请说“确认”，哪一项不对就直接说，不想登记了请说“取消”。",
                card={"kind": "summary", "title": title, "fields": rows},
                quick_replies=(QuickReply("确认提交", "确认"), QuickReply("修改"), QuickReply("取消")),
                asks=CONFIRM,
            )
        )
        return [SlotSet("cut", None)]  # said once


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "需要保密" if value else "不用保密"
    return str(value) if value is not None else "未说明"
