"""Parts of the frame that change while a page is open: counts in the navigation, on duty or not."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice import duty
from backoffice.duty import DESK_ROLES
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles, safe_next
from backoffice.web.layout import frame, staff_fragment
from core.web.site import runtime_of

blueprint = Blueprint("staff_frame", url_prefix=PREFIX)


@blueprint.get("/navigation")
@for_roles(by_itself=True)
async def navigation(request: Request, me: SignedIn) -> HTTPResponse:
    """The navigation with fresh counts, and whether the person is on duty."""
    place = request.args.get("place", "")
    return staff_fragment(request, me, "staff/navigation_live.html", **await frame(request, me, place))


@blueprint.post("/duty")
@for_roles(DESK_ROLES)
async def switch_duty(request: Request, me: SignedIn) -> HTTPResponse:
    """上岗 or 离岗."""
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        if field(request, "on") == "1":
            await duty.go_on_duty(session, me.id, runtime.clock.now())
        else:
            await duty.go_off_duty(session, me.id, runtime.clock.now())
    return redirect(safe_next(field(request, "next")), status=303)
