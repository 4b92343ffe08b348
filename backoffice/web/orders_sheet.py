"""The page of an order: what the citizen wants, how long there is, what happened, what can be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, duplicates
from backoffice.call_sheet import recordings_of
from backoffice.departments import Department, default_department
from backoffice.desk import READERS
from backoffice.dispatch_desk import DISPATCH_ROLES, choices_for, rules_point_to
from backoffice.order_changes import reached_by_us
from backoffice.order_fields import blotted, masked
from backoffice.order_sheet import OrderSheet, Reporter, sheet_for, unmask_reporter
from backoffice.order_tables import Order, OrderReporter
from backoffice.order_transcript import transcript
from backoffice.refusals import Refused
from backoffice.staff import ORDER_ROLES, Staff, by_id
from backoffice.web import orders_choices
from backoffice.web.calls_words import span
from backoffice.web.desk_bubbles import bubbles
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.layout import staff_page
from backoffice.web.media import send_picture
from backoffice.web.orders_forms import DEEDS, Deed, done_words, elsewhere, fresh_key, label_of
from backoffice.web.orders_words import COLOUR_ICONS, STEP_ICONS, category_by, source_name
from backoffice.workflow import Action, Status
from core.clock import china_time
from core.web.errors import Refusal
from core.web.site import runtime_of

blueprint = Blueprint("staff_orders_sheet", url_prefix=f"{PREFIX}/orders")

_STATUS = {"no_such_order": 404, "not_for_you": 403, "not_allowed": 409, "bad_field": 422}


@dataclass(frozen=True)
class Opened:
    """The form that stands open on the page, with what has been written into it."""

    action: Action
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    refused: str = ""
    """Why it was not done, when that is no matter of one field."""
    status: int = 200


@blueprint.get("/<number:str>")
@for_roles(ORDER_ROLES)
async def order_page(request: Request, me: SignedIn, number: str) -> HTTPResponse:
    """The page; ``?do=…`` opens the form of an action."""
    wanted = request.args.get("do", "")
    opened = Opened(Action(wanted)) if wanted in set(Action) else None
    return await show_order(request, me, number, opened)


@blueprint.post("/<number:str>/unmask")
@for_roles(ORDER_ROLES)
async def unmask(request: Request, me: SignedIn, number: str) -> HTTPResponse:
    """Shows the reporter's name and number, and all numbers on the page; that somebody looked is written down."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            reporter = await unmask_reporter(session, me.staff, number, runtime.clock.now())
    except Refused as refused:
        raise refusal(refused) from None
    return await show_order(request, me, number, None, reporter=reporter)


@blueprint.get("/<number:str>/photos/<position:int>")
@for_roles(ORDER_ROLES)
async def photo(request: Request, me: SignedIn, number: str, position: int) -> HTTPResponse:
    """A photo of an order, for whoever may see the order."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.read() as session:
            order = await access.order_for(session, me.staff, number)
            await session.refresh(order, ["attachments"])
    except Refused as refused:
        raise refusal(refused) from None
    files = order.attachments["files"]
    return await send_picture(request, files[position] if 0 <= position < len(files) else None)


def refusal(refused: Refused) -> Refusal:
    """What the back office said no to, as an answer over HTTP."""
    return Refusal(_STATUS.get(refused.code, 409), refused.code, refused.reason)


async def show_order(
    request: Request, me: SignedIn, number: str, opened: Opened | None, *, reporter: Reporter | None = None
) -> HTTPResponse:
    """The page of an order with one form open, or none. ``reporter``: unmasked for this once."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    try:
        async with runtime.database.read() as session:
            order = await access.order_for(session, me.staff, number)
            sheet = await sheet_for(session, me.staff, number, now)
            values = await _values(session, me.staff, order, sheet, opened, now)
            values["heard"] = await recordings_of(session, me.staff, sheet.conversation_id, runtime.settings.media_dir)
            values["said"] = bubbles([] if sheet.concealed else await transcript(session, order), now)
            judges = me.role in DISPATCH_ROLES
            values["alike"] = await duplicates.alike(session, me.staff, order) if judges else []
            values["rules_point_to"] = await rules_point_to(session, order) if judges else None
            values["done"] = await done_words(session, me.staff, request.args.get("done", ""), number)
    except Refused as refused:
        raise refusal(refused) from None
    blot = blotted if sheet.concealed else masked
    return await staff_page(
        request,
        me,
        "staff/orders/sheet.html",
        place="orders",
        status=opened.status if opened else 200,
        sheet=sheet,
        reporter=reporter or sheet.reporter,
        unmasked=reporter is not None,
        hide=str if reporter else lambda text: blot(text, *sheet.reporter_names),
        may_read_desk=me.role in READERS,
        span=span,
        **values,
    )


async def _values(
    session: AsyncSession, staff: Staff, order: Order, sheet: OrderSheet, opened: Opened | None, now: datetime
) -> dict[str, Any]:
    undecided = sheet.status is Status.PENDING_DISPATCH
    handler = await by_id(session, sheet.handler_id) if sheet.handler_id else None
    places = []
    if Action.DISPATCH in sheet.actions:
        places = await orders_choices.destinations(session, staff, sheet.department_code, undecided=undecided)
    deeds = _deeds(sheet, bool(places))
    form = _form(opened, deeds)
    if form is not None and not form.values:
        form = replace(form, values=await _beginnings(session, staff, sheet, form.deed, now))
    classifies = form is not None and form.deed.action is Action.CLASSIFY
    named = [code for step in sheet.steps for code in (step.data.get("category"), step.data.get("category_before"))]
    return {
        "categories": await orders_choices.category_options(session) if classifies else [],
        "category_names": await orders_choices.category_names(session, filter(None, named)),
        "category_by": category_by,
        "handler": handler,
        "deeds": deeds,
        "form": form,
        "places": places if form and form.deed.action is Action.DISPATCH else [],
        "choices": await choices_for(session, staff, sheet.number) if form and _asks_department(form.deed) else (),
        "lost": opened if opened and opened.refused and not form else None,
        "refused": opened.refused if opened else "",
        "consequence": partial(_consequence, await reached_by_us(session, order), sheet),
        "key": fresh_key(),
        "today": china_time(now).date().isoformat(),
        "photos": {file["path"]: place for place, file in enumerate(sheet.attachments)},
        "icons": COLOUR_ICONS,
        "step_icons": STEP_ICONS,
        "source_name": source_name,
        "label_of": label_of,
        "pressing": next((c for c in sheet.clocks if c.left and c.due_at == sheet.left.due_at), None),
        "Status": Status,
    }


def _deeds(sheet: OrderSheet, has_places: bool) -> list[Deed]:
    """What the reader may do, the most likely first; nothing that could lead nowhere."""
    allowed = set(sheet.actions) - (set() if has_places else {Action.DISPATCH})
    deeds = [deed for action, deed in DEEDS.items() if action in allowed]
    if sheet.status is Status.PENDING_DISPATCH:
        return deeds
    return [elsewhere(deed) if deed.action is Action.DISPATCH else deed for deed in deeds]


@dataclass(frozen=True)
class Form:
    """The open form as the template shows it."""

    deed: Deed
    values: Mapping[str, str]
    problems: Mapping[str, str]
    key: str


def _form(opened: Opened | None, deeds: list[Deed]) -> Form | None:
    """The form asked for, if it is one the reader may fill in now."""
    if opened is None:
        return None
    deed = next((deed for deed in deeds if deed.action is opened.action and not deed.at_once), None)
    return Form(deed, opened.values, opened.problems, opened.key or fresh_key()) if deed else None


async def _beginnings(
    session: AsyncSession, staff: Staff, sheet: OrderSheet, deed: Deed, now: datetime
) -> dict[str, str]:
    """What a form says before anybody has written into it."""
    if deed.action is Action.CLASSIFY:
        return {"category": sheet.category_code or ""}
    if deed.action is not Action.ANSWER:
        return {}
    own = await session.get(Department, staff.department_id) if staff.department_id else None
    unit = own or await default_department(session)
    return {"unit": unit.name, "handled_on": china_time(now).date().isoformat()}


def _asks_department(deed: Deed) -> bool:
    return "department" in deed.fields


def _consequence(reached: list[Order | OrderReporter], sheet: OrderSheet, deed: Deed) -> str:
    """What happens when it is done, and what citizens hear of it: on their channel, or not by us."""
    words = deed.consequence.format(department=sheet.department)
    if not deed.notice:
        return words
    first = next((source_name(one.channel) for one in reached if isinstance(one, Order)), None)
    others = len(reached) - (first is not None)
    if first is not None:
        words += f"市民会立即在{first}收到{deed.notice}"
        return words + (f"，另外 {others} 位反映同一件事的市民也会收到。" if others else "。")
    words += "市民没有线上的联系方式，系统不会自动通知，请另行告知"
    return words + (f"；另外 {others} 位反映同一件事的市民会立即收到{deed.notice}。" if others else "。")
