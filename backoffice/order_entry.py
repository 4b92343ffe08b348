"""Orders entered by staff (A10): what came by telephone, letter, visit…, or what a citizen says in a taken-over talk.

Filed through the write door like every order; what is filed for the citizen of a conversation is told there, with
number and query code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments, orders
from backoffice.kinds import Kind
from backoffice.notices import Told, card
from backoffice.order_changes import staff_actor, stored_key
from backoffice.order_fields import CONTENT_LIMIT
from backoffice.order_tables import Order, OrderKey
from backoffice.orders import Filed, OrderDraft
from backoffice.refusals import BadField, Refused
from backoffice.staff import Role, Staff
from backoffice.workflow import Action, Status
from core import conversations
from core.clock import china_time
from core.conversations import Conversation, DialogueState
from core.messages import Reply
from core.texts import tidy

ENTRY_ROLES = frozenset({Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Roles that take down what citizens bring."""

SOURCES = {
    "phone": "电话",
    "visit": "来访",
    "letter": "来信",
    "email": "电子邮件",
    "fax": "传真",
    "weibo": "微博",
    "leader_day": "领导接待日",
    "other": "其他",
}
"""How a matter reaches the hotline where no channel of ours carries it; the order keeps the code."""

_PHONE = re.compile(r"\+?[\d\- ()]{5,24}")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 15


@dataclass(frozen=True)
class Entry:
    """What somebody has written into the form; empty fields are empty texts."""

    kind: str = ""
    source: str = ""
    content: str = ""
    address: str = ""
    happened: str = ""
    happened_at: datetime | None = None
    target: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    confidential: bool = False
    category: str = ""
    """Code of the category they chose; empty: found from the words."""


@dataclass
class EntryRefused(Refused):
    """What has been written cannot be filed; ``problems`` says of each field why."""

    problems: dict[str, str] = field(default_factory=dict)
    code = "bad_field"

    def __post_init__(self) -> None:
        super().__init__("；".join(self.problems.values()))


def check(entry: Entry, *, in_conversation: bool, now: datetime) -> dict[str, str]:
    """What is wrong with ``entry``: field → words. Pure. The rest is checked where every order is."""
    problems = {}
    if entry.kind not in set(Kind):
        problems["kind"] = "请选择诉求类型。"
    if not in_conversation and entry.source not in SOURCES:
        problems["source"] = "请选择来源。"
    content = tidy(entry.content)
    if not content:
        problems["content"] = "请填写反映的内容。"
    elif len(content) > CONTENT_LIMIT:
        problems["content"] = f"内容太长，请控制在 {CONTENT_LIMIT} 字以内，现在是 {len(content)} 字。"
    if entry.happened_at is not None and entry.happened_at > now:
        problems["happened_at"] = "发生时间不能晚于现在。"
    if entry.reporter_phone.strip() and not _is_phone(entry.reporter_phone.strip()):
        problems["reporter_phone"] = "电话号码不完整，或者有多余的字，请核对。"
    return problems


def _is_phone(phone: str) -> bool:
    digits = sum(c.isdigit() for c in phone)
    return _PHONE.fullmatch(phone) is not None and _FEWEST_DIGITS <= digits <= _MOST_DIGITS


async def prefilled(session: AsyncSession, conversation: Conversation) -> Entry:
    """What the bot has taken down in ``conversation`` so far."""
    state = await session.get(DialogueState, conversation.id)
    draft: dict[str, Any] = state.draft if state else {}

    def said(name: str) -> str:
        return str(draft.get(name) or "").strip()

    kind = said("kind")
    known = {k.label: k.value for k in Kind}
    return Entry(
        kind=known.get(kind, kind if kind in set(Kind) else ""),
        content=said("content"),
        address=said("address"),
        happened=said("time"),
        target=said("target"),
        reporter_name=said("name"),
        reporter_phone=said("phone"),
        confidential=said("confidential").lower() in {"true", "是", "保密"},
    )


async def enter(
    session: AsyncSession,
    staff: Staff,
    entry: Entry,
    conversation: Conversation | None,
    *,
    key: str,
    now: datetime,
) -> Filed:
    """Files ``entry`` once per ``key``; the citizen of ``conversation`` is told number and query code there.

    Raises :class:`EntryRefused`, and :class:`backoffice.refusals.BadField` for what is too long.
    """
    problems = check(entry, in_conversation=conversation is not None, now=now)
    if problems:
        raise EntryRefused(problems)
    draft = OrderDraft(
        kind=entry.kind,
        content=entry.content,
        channel=conversation.channel if conversation else entry.source,
        conversation_id=conversation.id if conversation else None,
        contact_id=conversation.contact_id if conversation else None,
        address=entry.address,
        happened=entry.happened,
        happened_at=entry.happened_at,
        target=entry.target,
        reporter_name=entry.reporter_name,
        reporter_phone=entry.reporter_phone,
        confidential=entry.confidential,
        category=entry.category or None,
    )
    filed = await orders.file(session, draft, key=key, now=now, actor=staff)
    if filed.created and conversation is not None:
        reply = await _receipt(session, filed)
        await conversations.notify(
            session, conversation.contact_id, conversation.channel, conversation.account, reply, now
        )
    return filed


async def filed_under(session: AsyncSession, staff: Staff, key: str) -> Filed | None:
    """What ``staff`` has filed under ``key``: for the page that shows them number and query code once more."""
    try:
        used = await session.get(OrderKey, stored_key(key, Action.FILE, staff_actor(staff)))
    except BadField:  # what can be no key has filed nothing
        return None
    if used is None:
        return None
    order = (await session.scalars(select(Order).where(Order.number == used.number))).one()
    return Filed(order, order.query_code, created=False)


async def _receipt(session: AsyncSession, filed: Filed) -> Reply:
    """Number and query code in words and as a card (A3, C1)."""
    order = filed.order
    status = Status(order.status)
    holder = await session.get_one(departments.Department, order.department_id)
    department = None if status is Status.PENDING_DISPATCH else holder.name
    where = f"，已转交{department}办理" if department else "，工作人员正在确认承办单位"
    day = china_time(order.promised_at) if order.promised_at else None
    by_when = f"，将于{day.month}月{day.day}日前答复您" if day else ""
    text = (
        f"已为您登记{where}。\n受理编号：{order.number}\n查询码：{filed.query_code}\n"
        f"请记好这两个号码，可以随时来查进度{by_when}。"
    )
    told = Told(order.number, order.title, status, department, order.promised_at)
    return Reply(text, card={**card(told), "query_code": filed.query_code}, details={"order": order.number})
