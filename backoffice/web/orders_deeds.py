"""Acting on an order: one address per action. What is refused comes back with the reason and everything typed."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice import access
from backoffice.refusals import BadField, NoSuchOrder, Refused
from backoffice.staff import ORDER_ROLES
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_page
from backoffice.web.orders_forms import DEEDS, Deed, Wish, carry_out, field_of, fresh_key, label_of, missing
from backoffice.web.orders_query import LIST
from backoffice.web.orders_sheet import Opened, refusal, show_order
from backoffice.workflow import Action
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of

blueprint = Blueprint("staff_orders_deeds", url_prefix=f"{PREFIX}/orders")

KEY_LENGTH = 64
_NO_SUCH_DEED = Refusal(404, "not_found", "没有这个操作。")


@blueprint.post("/<number:str>/<deed:str>")
@for_roles(ORDER_ROLES)
async def act(request: Request, me: SignedIn, number: str, deed: str) -> HTTPResponse:
    """Does one thing to an order. Who may do it, and when, is for the table of moves to say."""
    wanted = DEEDS.get(Action(deed)) if deed in set(Action) else None
    if wanted is None:
        raise _NO_SUCH_DEED
    runtime = runtime_of(request)
    values = {name: field(request, name) for name in wanted.fields}
    if "department" in values:  # a department found by searching counts before the proposed ones
        values["department"] = field(request, "other") or values["department"]
    wish = Wish(number, me.staff, values, field(request, "key")[:KEY_LENGTH], runtime.clock.now())
    lacking = missing(wanted, values)
    if lacking and not wants_json(request):
        return await _back(request, me, wanted, wish, Opened(wanted.action, problems=lacking, status=422))
    try:
        async with runtime.database.write() as session:
            await carry_out(session, wanted.action, wish)
    except Refused as refused:
        return await _refused(request, me, wanted, wish, refused)
    return redirect(await _next(request, me, number, wanted.action), status=303)


async def _refused(request: Request, me: SignedIn, deed: Deed, wish: Wish, refused: Refused) -> HTTPResponse:
    if wants_json(request):
        raise refusal(refused)
    if isinstance(refused, NoSuchOrder):
        return await _gone(request, me, deed, wish)
    name = field_of(deed.action, refused.field) if isinstance(refused, BadField) else ""
    status = refusal(refused).status_code
    if name in deed.fields:
        return await _back(request, me, deed, wish, Opened(deed.action, problems={name: refused.reason}, status=status))
    return await _back(request, me, deed, wish, Opened(deed.action, refused=refused.reason, status=status))


async def _back(request: Request, me: SignedIn, deed: Deed, wish: Wish, opened: Opened) -> HTTPResponse:
    """The page again, the form open with everything typed into it; under a new key only if the old one is none."""
    filled = Opened(deed.action, wish.values, opened.problems, wish.key or fresh_key(), opened.refused, opened.status)
    return await show_order(request, me, wish.number, filled)


async def _gone(request: Request, me: SignedIn, deed: Deed, wish: Wish) -> HTTPResponse:
    """There is no such order for this person (any more); what they wrote is shown, to be copied."""
    typed = [(label_of(deed.action, name), text) for name, text in wish.values.items() if text.strip()]
    return await staff_page(request, me, "staff/orders/gone.html", place="orders", status=404, typed=typed)


async def _next(request: Request, me: SignedIn, number: str, action: Action) -> str:
    """The order's page; the list, when the order has just left the person's sight."""
    try:
        async with runtime_of(request).database.read() as session:
            await access.order_for(session, me.staff, number)
    except NoSuchOrder:
        return f"{LIST}?done={action.value}&number={number}"
    return f"{LIST}/{number}?done={action.value}"
