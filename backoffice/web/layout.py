"""The frame of every staff page: navigation, who is signed in, on duty or not."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse, Request

from backoffice.duty import DESK_ROLES
from backoffice.web.guard import SignedIn
from backoffice.web.navigation import entries_for
from core.web.site import runtime_of, site_of


async def staff_page(
    request: Request, me: SignedIn, template: str, *, place: str, status: int = 200, **values: Any
) -> HTTPResponse:
    """A whole page inside the frame; ``place`` is the key of the navigation entry it belongs to."""
    return site_of(request).pages.page(
        template, status=status, **await frame(request, me, place), **fragment_values(request, me), **values
    )


def staff_fragment(request: Request, me: SignedIn, template: str, *, status: int = 200, **values: Any) -> HTTPResponse:
    """A part of a page, for htmx."""
    return site_of(request).pages.page(template, status=status, **fragment_values(request, me), **values)


async def frame(request: Request, me: SignedIn, place: str) -> dict[str, Any]:
    """What the frame of a page shows."""
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        entries = await entries_for(session, me.staff, runtime.clock.now())
    return {"entries": entries, "place": place}


def fragment_values(request: Request, me: SignedIn) -> dict[str, Any]:
    """What every template of staff pages may use."""
    return {
        "me": me.staff,
        "csrf": me.session.csrf_token,
        "now": runtime_of(request).clock.now(),
        "has_duty": me.role in DESK_ROLES,
        "wants_fragment": is_fragment(request),
    }


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(request.headers.get("hx-request") == "true")
