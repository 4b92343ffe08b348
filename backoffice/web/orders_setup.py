"""What a person sets up about their list of orders: its columns, and views under names of their own."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice.refusals import BadField
from backoffice.staff import ORDER_ROLES
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.orders_columns import choose_columns
from backoffice.web.orders_list import query_of, show_list
from backoffice.web.orders_query import LIST, Query
from backoffice.web.orders_views import forget_view, save_view
from core.web.site import runtime_of

blueprint = Blueprint("staff_orders_setup", url_prefix=f"{PREFIX}/orders")


@blueprint.post("/columns")
@for_roles(ORDER_ROLES)
async def columns(request: Request, me: SignedIn) -> HTTPResponse:
    """The columns ticked are shown from now on; back to the list."""
    chosen = request.form.getlist("column") if request.form else []
    async with runtime_of(request).database.write() as session:
        await choose_columns(session, me.staff, [key for key in chosen or () if isinstance(key, str)])
    return _back(query_of(request, me))


@blueprint.post("/views")
@for_roles(ORDER_ROLES)
async def save(request: Request, me: SignedIn) -> HTTPResponse:
    """The list as it stands becomes a tab."""
    query = query_of(request, me)
    try:
        async with runtime_of(request).database.write() as session:
            await save_view(session, me.staff, field(request, "name"), query)
    except BadField as problem:
        return await show_list(request, me, query, status=422, refused=[("", problem.reason)])
    return _back(query)


@blueprint.post("/views/forget")
@for_roles(ORDER_ROLES)
async def forget(request: Request, me: SignedIn) -> HTTPResponse:
    """A tab of one's own goes; the list stays as it is."""
    async with runtime_of(request).database.write() as session:
        await forget_view(session, me.staff, field(request, "name"))
    return redirect(LIST, status=303)


def _back(query: Query) -> HTTPResponse:
    return redirect(query.address(), status=303)
