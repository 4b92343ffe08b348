"""Scripted dialogues: what tests and measurements talk to the service with, through the path of a real channel.

A script is a YAML list. Either the citizen's words are given one after another::

    - {id: greeting, channel: webchat, turns: [你好, 转人工]}

or by the field the service asks for, as a person would answer::

    - id: noise
      channel: webchat
      opening: 幸福小区半夜施工太吵了        # a text or a list, said first
      answers:                             # by field; a list is used up one asking at a time, its last item repeats
        phone: [1380013800, "13800138000"]
        name: 王小明
        default: 不清楚                     # for what has no entry of its own, but not for the confirmation
      interject: {after: phone, say: 社保卡丢了怎么补办}   # said once right after that field's answer
      finally: 谢谢                         # after the order is filed
      given: {order: {kind: complain, content: …}}        # filed beforehand; {number} and {query_code} fill the texts

What is asked without an entry is answered 没有了, the confirmation 是的. What came of a dialogue is one of: answered,
order, refused, handoff, progress, urged, supplemented, withdrawn, nothing.

The order that is ``given`` is the same citizen's; with ``by: another``, somebody else's; with ``withdrawn: true``, not
open any more. ``more``: what they reported after it. When a dialogue is over, its orders are withdrawn.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import undefer

from backoffice import orders
from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.order_tables import Order
from backoffice.refusals import Refused as RefusedOrder
from channels.exchange import Exchange
from channels.turns import APOLOGY
from channels.words import Refused
from core import contacts
from core.contacts import Sender
from core.runtime import Runtime
from core.yaml_files import read_yaml
from huiyin.talk import Talk, citizen

MOST_EXCHANGES = 60
"""A dialogue that has not come to an end by then goes round in circles."""
_UNASKED = "没有了"
_AGREED = "是的"
_CONFIRM = "confirm"
_SETTLED = ("refused", "handoff", "progress", "urged", "withdrawn", "supplemented")
_ORDER_FIELDS = {
    "address": "address",
    "time": "happened",
    "target": "target",
    "name": "reporter_name",
    "phone": "reporter_phone",
    "confidential": "confidential",
}


class BadScript(ValueError):
    """A script that cannot be played, with the reason."""


@dataclass
class Record:
    """Everything that was said in one dialogue, and what came of it; one JSON line."""

    id: str
    channel: str
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = "nothing"
    kind: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] | None = None
    errors: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(self.__dict__, ensure_ascii=False, default=str)


def load_script(path: Path) -> list[dict[str, Any]]:
    """The dialogues of a script file. Raises :class:`BadScript`."""
    try:
        dialogues = read_yaml(path)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as problem:
        raise BadScript(f"{path}: {problem}") from problem
    if not isinstance(dialogues, list):
        raise BadScript(f"{path}: 应当是对话的列表")
    for number, dialogue in enumerate(dialogues, 1):
        if not isinstance(dialogue, dict) or not ("turns" in dialogue or "opening" in dialogue):
            raise BadScript(f"{path}: 第 {number} 段对话既没有 turns 也没有 opening")
        dialogue.setdefault("id", str(number))
    return dialogues


def texts_of(value: Any) -> list[str]:
    """A text or a list of texts as a list."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


class Answers:
    """What the scripted citizen says when asked for a field."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        """``answers``: field → text or list of texts; ``default`` for all others but ``confirm``."""
        self._answers = {name: texts_of(value) for name, value in answers.items()}
        self._used: dict[str, int] = {}
        self._last: str | None = None

    def to(self, asked: str | None) -> str | None:
        """The answer to a question for ``asked``; None when nothing is left to say."""
        if asked is None:
            return self._more()
        name = asked if asked in self._answers or asked == _CONFIRM else "default"
        said = self._answers.get(name)
        self._last = name if said else None
        if not said:
            return _AGREED if asked == _CONFIRM else _UNASKED
        position = self._used.get(name, 0)
        self._used[name] = position + 1
        return said[min(position, len(said) - 1)]

    def _more(self) -> str | None:
        """When nothing is asked, the list last used goes on, if it has more."""
        if self._last is None or self._used[self._last] >= len(self._answers[self._last]):
            return None
        self._used[self._last] += 1
        return self._answers[self._last][self._used[self._last] - 1]


class Player:
    """Plays dialogues against a running exchange."""

    def __init__(self, runtime: Runtime, exchange: Exchange) -> None:
        """``exchange`` must be started."""
        self._runtime = runtime
        self._exchange = exchange

    async def play(self, dialogue: Mapping[str, Any]) -> Record:
        """Plays one dialogue from a fresh citizen; never raises for what the service does."""
        channel = str(dialogue.get("channel", "webchat"))
        talk = Talk(self._runtime, self._exchange, channel)
        run = _Run(self._runtime, talk, Record(str(dialogue["id"]), channel))
        await run.given(dialogue.get("given") or {})
        await (run.turns(dialogue["turns"]) if "turns" in dialogue else run.conversation(dialogue))
        await run.conclude()
        await run.leave_nothing_open()
        return run.record


class _Run:
    """One dialogue being played."""

    def __init__(self, runtime: Runtime, talk: Talk, record: Record) -> None:
        self._runtime, self._talk, self.record = runtime, talk, record
        self._fill: dict[str, str] = {}
        self._number: str | None = None
        self._given: str | None = None
        self._asked: str | None = None
        self._open: list[tuple[str, str]] = []
        self._outcomes: list[str] = []

    async def given(self, given: Mapping[str, Any]) -> None:
        """Files the orders that were there before the dialogue."""
        if "order" not in given:
            return
        wanted = given["order"] or {}
        reporter = citizen(self.record.channel) if given.get("by") == "another" else self._talk.sender
        first = await self._file(wanted, reporter)
        self._given = first.order.number
        self._fill = {"number": self._given, "query_code": first.query_code}
        for content in texts_of(given.get("more")):
            await self._file({**wanted, "content": content}, reporter)
        if given.get("withdrawn"):
            await self.leave_nothing_open()

    async def _file(self, wanted: Mapping[str, Any], reporter: Sender) -> orders.Filed:
        async with self._runtime.database.write() as session:
            now = self._runtime.clock.now()
            contact = await contacts.find_or_create(session, reporter, now)
            draft = orders.OrderDraft(
                kind=wanted.get("kind", "complain"),
                content=str(wanted.get("content", "幸福小区门口路灯不亮，晚上看不见路")),
                channel=self._talk.sender.channel,
                contact_id=contact.id,
                category=wanted.get("category"),
                **{column: wanted[name] for name, column in _ORDER_FIELDS.items() if name in wanted},
            )
            filed = await orders.file(session, draft, key=f"given:{uuid.uuid4()}", now=now)
        self._open.append((filed.order.number, filed.query_code))
        return filed

    async def turns(self, turns: list[Any]) -> None:
        """Says one text after another, whatever the answers."""
        for text in texts_of(turns):
            await self._say(text)

    async def conversation(self, dialogue: Mapping[str, Any]) -> None:
        """Answers as asked until nothing is asked any more."""
        answers = Answers(dialogue.get("answers") or {})
        interjections = dialogue.get("interject") or []
        pending = list(interjections) if isinstance(interjections, list) else [interjections]
        asked: str | None = None
        for text in texts_of(dialogue["opening"]):
            asked = await self._say(text)
        while not self._over():
            filed, answer = self._number is not None, answers.to(asked)
            if filed or answer is None:
                break
            answered, asked = asked, await self._say(answer)
            for interjection in [i for i in pending if i["after"] == answered]:
                pending.remove(interjection)
                for text in texts_of(interjection["say"]):
                    asked = await self._say(text)
        if self._number is not None:
            await self.turns(texts_of(dialogue.get("finally")))

    async def conclude(self) -> None:
        """Writes down what came of it."""
        record, settled = self.record, [outcome for outcome in self._outcomes if outcome in _SETTLED]
        if self._number is not None:
            record.outcome = "withdrawn" if "withdrawn" in settled else "order"
            record.order = await self._order()
            record.kind = record.order["kind"]
        elif settled:
            record.outcome = settled[-1]
        elif "answered" in self._outcomes:
            record.outcome = "answered"
        record.kind = record.kind or record.slots.get("kind")

    async def leave_nothing_open(self) -> None:
        """Withdraws the orders of this dialogue that are still open; whoever joined one leaves it first."""
        now = self._runtime.clock.now()
        for number, code in reversed(self._open):
            async with self._runtime.database.write() as session:
                with contextlib.suppress(RefusedOrder):
                    await orders.withdraw(session, number, orders.CitizenProof(query_code=code), now=now)

    def _over(self) -> bool:
        if len(self.record.exchanges) >= MOST_EXCHANGES:
            self.record.errors.append("对话没有结束")
            return True
        return "handoff" in self._outcomes

    async def _say(self, text: str) -> str | None:
        """Says a text, waits for the answer; returns the field the answer asks for."""
        for name, value in self._fill.items():
            text = text.replace("{" + name + "}", value)
        exchange: dict[str, Any] = {"citizen": text, "replies": []}
        self.record.exchanges.append(exchange)
        try:
            exchange["replies"] = replies = await self._talk.say(text)
        except Refused as refused:  # told at once, as on a channel: the conversation goes on where it was
            self.record.errors.append(refused.reason)
            return self._asked
        self.record.slots = self._talk.slots
        if not replies:
            self.record.errors.append(f"没有回答：{text[:40]}")
        for reply in replies:
            self._note(reply)
        self._asked = next((reply["asks"] for reply in reversed(replies) if reply["asks"]), None)
        return self._asked

    def _note(self, reply: dict[str, Any]) -> None:
        if reply["outcome"]:
            self._outcomes.append(reply["outcome"])
        if reply["outcome"] == "order":
            self._number = reply["number"]
            self._fill = {"number": reply["number"], "query_code": reply["query_code"]}
            self._open.append((reply["number"], reply["query_code"]))
        if reply["text"] == APOLOGY.text:
            self.record.errors.append("机器人出错")

    async def _order(self) -> dict[str, Any]:
        async with self._runtime.database.read() as session:
            wanted = select(Order).where(Order.number == self._number).options(undefer(Order.content))
            order = (await session.scalars(wanted)).one()
            department = await session.get(Department, order.department_id)
            category = await session.get(Category, order.category_id) if order.category_id else None
        fields = {name: getattr(order, column) for name, column in _ORDER_FIELDS.items()}
        return {
            "number": order.number,
            "joined": order.number == self._given,
            "kind": order.kind,
            "status": order.status,
            "department": department.code if department else None,
            "department_name": department.name if department else None,
            "category": category.code if category else None,
            "fields": {"content": order.content, **fields},
        }
