"""The dispatcher's desk: one order after the other, where it may belong, and one key to send it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice import dispatch_desk, orders
from backoffice.dispatch_desk import DISPATCH_ROLES
from backoffice.refusals import BadField, Refused
from backoffice.web import orders_choices
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import is_fragment, staff_fragment, staff_page
from backoffice.web.orders_deeds import KEY_LENGTH
from backoffice.web.orders_forms import done_words, fresh_key
from backoffice.web.orders_sheet import refusal
from backoffice.web.orders_words import COLOUR_ICONS, category_by, clock_name, why_undecided
from backoffice.workflow import Action
from core.texts import whole_number
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of

DESK = f"{PREFIX}/dispatch"
blueprint = Blueprint("staff_orders_dispatch", url_prefix=DESK)


@blueprint.get("/")
@for_roles(DISPATCH_ROLES)
async def desk(request: Request, me: SignedIn) -> HTTPResponse:
    """Everything that waits, what is due first on top."""
    return await _desk(request, me)


@blueprint.get("/<number:str>/choices")
@for_roles(DISPATCH_ROLES)
async def choices(request: Request, me: SignedIn, number: str) -> HTTPResponse:
    """Where an order may belong by the category just chosen for it; nothing is sent or kept by looking."""
    runtime = runtime_of(request)
    category = request.args.get("category", "")
    async with runtime.database.read() as session:
        one = await dispatch_desk.undecided_order(session, me.staff, number, runtime.clock.now(), category=category)
    if one is None:
        raise Refusal(404, "not_found", "这件工单已经不在派单台。")
    return staff_fragment(request, me, "staff/orders/choices.html", one=one, **_words())


@blueprint.post("/<number:str>")
@for_roles(DISPATCH_ROLES)
async def send(request: Request, me: SignedIn, number: str) -> HTTPResponse:
    """派单 from the desk. For htmx the order's place on the page becomes one line that says where it went."""
    runtime = runtime_of(request)
    code = field(request, "other") or field(request, "department")
    note, key, category = field(request, "note"), field(request, "key")[:KEY_LENGTH], field(request, "category")
    try:
        if not code:
            raise BadField("department", "请先选一个部门。")
        async with runtime.database.write() as session:
            await orders.dispatch(
                session,
                number,
                me.staff,
                code,
                category_code=category or None,
                note=note,
                key=key,
                now=runtime.clock.now(),
            )
    except Refused as refused:
        return await _refused(request, me, number, refused)
    if not is_fragment(request):
        return redirect(f"{DESK}?done={Action.DISPATCH.value}&number={number}", status=303)
    async with runtime.database.read() as session:
        words = await done_words(session, me.staff, Action.DISPATCH.value, number)
        left = await dispatch_desk.waiting_count(session, me.staff, runtime.clock.now())
    return staff_fragment(request, me, "staff/orders/dispatched.html", number=number, words=words, left=left)


async def _refused(request: Request, me: SignedIn, number: str, refused: Refused) -> HTTPResponse:
    """The order again with the reason; or, when it no longer waits here, a line that says so."""
    answer = refusal(refused)
    if wants_json(request) and not is_fragment(request):
        raise answer
    typed = {"number": number, "reason": refused.reason}
    typed |= {name: field(request, name) for name in ("note", "other", "category")}
    if not is_fragment(request):
        return await _desk(request, me, typed=typed, status=answer.status_code)
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        now, category = runtime.clock.now(), typed["category"]
        one = await dispatch_desk.undecided_order(session, me.staff, number, now, category=category)
        left = await dispatch_desk.waiting_count(session, me.staff, runtime.clock.now())
        places = await orders_choices.destinations(session, me.staff, "", undecided=True)
    if one is None:
        words = refused.reason
        return staff_fragment(
            request, me, "staff/orders/dispatched.html", status=409, number=number, words=words, left=left
        )
    values = {"one": one, "typed": typed, "places": places, **_words()}
    return staff_fragment(request, me, "staff/orders/undecided.html", status=answer.status_code, **values)


async def _desk(
    request: Request, me: SignedIn, *, typed: Mapping[str, str] | None = None, status: int = 200
) -> HTTPResponse:
    runtime = runtime_of(request)
    page = whole_number(request.args.get("page", ""), 8) or 1
    async with runtime.database.read() as session:
        chosen = {typed["number"]: typed["category"]} if typed else {}
        found = await dispatch_desk.desk_page(session, me.staff, runtime.clock.now(), page=page, chosen=chosen)
        places = await orders_choices.destinations(session, me.staff, "", undecided=True)
        categories = await orders_choices.category_options(session)
        done, of = request.args.get("done", ""), request.args.get("number", "")
        words = await done_words(session, me.staff, done, of)
    return await staff_page(
        request,
        me,
        "staff/orders/dispatch.html",
        place="dispatch",
        status=status,
        found=found,
        places=places,
        categories=categories,
        typed=typed or {},
        done=words,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "why_undecided": why_undecided,
        "category_by": category_by,
        "icons": COLOUR_ICONS,
        "clock_name": clock_name,
        "fresh_key": fresh_key,
    }
