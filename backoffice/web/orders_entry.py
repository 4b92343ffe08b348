"""A new order entered by staff (A10), also for the citizen of a conversation at the desk."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import order_entry
from backoffice.desk_lists import title_of
from backoffice.kinds import Kind
from backoffice.order_entry import ENTRY_ROLES, SOURCES, Entry, EntryRefused
from backoffice.order_fields import CONTENT_LIMIT
from backoffice.order_sheet import sheet_for
from backoffice.refusals import BadField
from backoffice.web import orders_choices
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_page
from backoffice.web.orders_deeds import KEY_LENGTH
from backoffice.web.orders_forms import fresh_key
from backoffice.web.orders_sheet import refusal
from backoffice.web.orders_words import source_name
from core.clock import CHINA, china_time
from core.contacts import Contact
from core.conversations import Conversation, DialogueState
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of

blueprint = Blueprint("staff_orders_entry", url_prefix=f"{PREFIX}/orders/new")

NEW = f"{PREFIX}/orders/new"
_USUAL_SOURCE = "phone"
_TEXTS = ("kind", "source", "content", "address", "happened", "target", "reporter_name", "reporter_phone", "category")


@blueprint.get("/")
@for_roles(ENTRY_ROLES)
async def form(request: Request, me: SignedIn) -> HTTPResponse:
    """The form; with ``?conversation=`` filled in with what the bot has taken down there."""
    async with runtime_of(request).database.read() as session:
        conversation = await _conversation(session, request.args.get("conversation", ""))
        entry = await order_entry.prefilled(session, conversation) if conversation else Entry(source=_USUAL_SOURCE)
    return await _page(request, me, entry, conversation)


@blueprint.post("/")
@for_roles(ENTRY_ROLES)
async def file(request: Request, me: SignedIn) -> HTTPResponse:
    """Files it; whatever is wrong is said at its field, with everything typed still there."""
    runtime = runtime_of(request)
    entry, unreadable = _read(request)
    key = field(request, "key")[:KEY_LENGTH] or fresh_key()
    async with runtime.database.read() as session:
        conversation = await _conversation(session, field(request, "conversation"))
    problems = order_entry.check(entry, in_conversation=conversation is not None, now=runtime.clock.now()) | unreadable
    try:
        if problems:
            raise EntryRefused(problems)
        async with runtime.database.write() as session:
            await order_entry.enter(session, me.staff, entry, conversation, key=key, now=runtime.clock.now())
    except (EntryRefused, BadField) as refused:
        if wants_json(request):
            raise refusal(refused) from None
        problems = {refused.field: refused.reason} if isinstance(refused, BadField) else refused.problems
        return await _page(
            request, me, entry, conversation, problems=problems, key=fresh_key() if "key" in problems else key
        )
    return redirect(f"{NEW}/filed?key={quote(key)}", status=303)


@blueprint.get("/filed")
@for_roles(ENTRY_ROLES)
async def filed(request: Request, me: SignedIn) -> HTTPResponse:
    """Number and query code, to be told to the citizen; only ever shown to whoever has filed it."""
    runtime = runtime_of(request)
    key = request.args.get("key", "")[:KEY_LENGTH]
    async with runtime.database.read() as session:
        found = await order_entry.filed_under(session, me.staff, key) if key else None
        if found is None:
            raise Refusal(404, "not_found", "没有找到刚才登记的工单。")
        sheet = await sheet_for(session, me.staff, found.order.number, runtime.clock.now())
    return await staff_page(
        request,
        me,
        "staff/orders/filed.html",
        place="orders",
        sheet=sheet,
        query_code=found.query_code,
        reachable=found.order.contact_id is not None,
        source_name=source_name,
        key=key,
    )


def _read(request: Request) -> tuple[Entry, dict[str, str]]:
    """The form as it was sent, and what of it cannot be read."""
    texts: dict[str, Any] = {name: field(request, name) for name in _TEXTS}
    entry = Entry(**texts, confidential=field(request, "confidential") == "1")
    unreadable = {}
    typed = "" if entry.category else field(request, "category_typed").strip()
    if typed:
        unreadable["category"] = f"没有选中“{typed[:30]}”：请从列表里选一个分类，或者清空，由系统判断。"
    text = field(request, "happened_at").strip()
    if text:
        try:
            entry = replace(entry, happened_at=datetime.fromisoformat(text).replace(tzinfo=CHINA))
        except ValueError:
            unreadable["happened_at"] = "看不懂这个时间，请写成 2026-11-16 08:30 的样子。"
    return entry, unreadable


async def _conversation(session: AsyncSession, conversation_id: str) -> Conversation | None:
    if not conversation_id:
        return None
    try:
        conversation = await session.get(Conversation, str(UUID(conversation_id)))
    except ValueError:
        conversation = None
    if conversation is None:
        raise Refusal(404, "not_found", "没有找到这个会话。")
    return conversation


async def _page(
    request: Request,
    me: SignedIn,
    entry: Entry,
    conversation: Conversation | None,
    *,
    problems: dict[str, str] | None = None,
    key: str = "",
) -> HTTPResponse:
    values = asdict(entry)
    values |= {name: field(request, name) for name in ("happened_at", "category_typed")}
    async with runtime_of(request).database.read() as session:
        citizen = await _citizen(session, conversation) if conversation is not None else ""
        categories = await orders_choices.category_options(session)
    return await staff_page(
        request,
        me,
        "staff/orders/new.html",
        place="orders",
        status=422 if problems else 200,
        values=values,
        problems=problems or {},
        conversation=conversation,
        citizen=citizen,
        kinds=list(Kind),
        categories=categories,
        sources=SOURCES,
        source_name=source_name,
        content_limit=CONTENT_LIMIT,
        key=key or fresh_key(),
        latest=china_time(runtime_of(request).clock.now()).strftime("%Y-%m-%dT%H:%M"),
    )


async def _citizen(session: AsyncSession, conversation: Conversation) -> str:
    """Who the citizen of a conversation is, as the desk calls them."""
    state = await session.get(DialogueState, conversation.id)
    contact = await session.get_one(Contact, conversation.contact_id)
    draft: dict[str, Any] = state.draft if state else {}
    return title_of(contact, draft)
