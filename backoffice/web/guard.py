"""The door of every staff route: signed in, allowed, and really asked for from one of our pages (I1, I5).

A route says whom it serves by :func:`for_roles` or that it serves everybody by :func:`for_everybody`;
:func:`check_routes` refuses to start an application in which one says neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote, urlsplit

from sanic import Request
from sanic.response import BaseHTTPResponse, redirect

from backoffice import staff_sessions
from backoffice.staff import Role, Staff
from backoffice.staff_sessions import StaffSession
from backoffice.web.big_files import take_in
from backoffice.web.stale import stale_form
from core.settings import Settings
from core.web.application import App
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of

PREFIX = "/staff"
SIGN_IN = f"{PREFIX}/sign-in"
EVERY_ROLE = frozenset(Role)
_READING = frozenset({"GET", "HEAD"})
_ACTIVE_HEADER = "x-huiyin-active"
"""What a page asks by itself says here whether a person has been at it since the last time."""

P = ParamSpec("P")


@dataclass(frozen=True)
class SignedIn:
    """Who asks."""

    staff: Staff
    session: StaffSession

    @property
    def id(self) -> int:
        """The id of the member of staff."""
        return self.staff.id

    @property
    def role(self) -> Role:
        """Their role."""
        return self.staff.role


Handler = Callable[Concatenate[Request, P], Awaitable[BaseHTTPResponse | None]]
StaffHandler = Callable[Concatenate[Request, SignedIn, P], Awaitable[BaseHTTPResponse | None]]


def for_roles(
    roles: Iterable[Role] = EVERY_ROLE, *, by_itself: bool = False, file_limit: int | None = None
) -> Callable[[StaffHandler[P]], Handler[P]]:
    """Lets only signed-in staff of ``roles`` through; the handler gets them as its second argument.

    ``by_itself``: pages ask this without anybody touching them, so it does not keep the session alive.
    ``file_limit``: bytes of a file that a route with ``stream=True`` takes in, from nobody but them.
    """
    allowed = frozenset(roles)

    def guard(handler: StaffHandler[P]) -> Handler[P]:
        @wraps(handler)
        async def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> BaseHTTPResponse | None:
            me = await signed_in(request, by_person=not by_itself or request.headers.get(_ACTIVE_HEADER) == "1")
            if me is None:
                return _to_the_door(request)
            if me.role not in allowed:
                raise Refusal(403, "forbidden", "您的岗位没有权限打开这里。")
            if file_limit is not None:
                await take_in(request, file_limit)
            if request.method not in _READING and not me.session.csrf_holds(_csrf_of(request)):
                return stale_form(request, me.session.csrf_token)
            return await handler(request, me, *args, **kwargs)

        guarded.__staff_roles__ = allowed  # type: ignore[attr-defined]
        return guarded

    return guard


def for_everybody(handler: Handler[P]) -> Handler[P]:
    """Marks a staff route that needs no session: the door itself."""
    handler.__staff_roles__ = None  # type: ignore[attr-defined]
    return handler


def check_routes(app: App) -> None:
    """Raises RuntimeError for a route under ``/staff`` that does not say whom it serves."""
    for route in app.router.routes:
        if f"/{route.path}".startswith(PREFIX) and not hasattr(route.handler, "__staff_roles__"):
            raise RuntimeError(f"whom does /{route.path} serve? Mark its handler with for_roles or for_everybody.")


async def signed_in(request: Request, *, by_person: bool) -> SignedIn | None:
    """Who asks; None for strangers and for sessions that have ended."""
    runtime = runtime_of(request)
    token = request.cookies.get(cookie_name(runtime.settings))
    if not token:
        return None
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        found = await staff_sessions.find(session, token, runtime.settings, now)
    if found is None:
        return None
    me = SignedIn(staff=found[1], session=found[0])
    by_person = by_person and staff_sessions.is_due(me.session.last_seen, now)
    if by_person or staff_sessions.is_due(me.staff.seen_at, now):
        async with runtime.database.write() as session:
            await staff_sessions.touch(session, me.session.id, me.id, now, by_person=by_person)
    return me


def cookie_name(settings: Settings) -> str:
    """The session cookie's name; over HTTPS one that no plain page can set."""
    return "__Secure-huiyin-staff" if settings.secure_cookies else "huiyin-staff"


def set_cookie(response: BaseHTTPResponse, token: str, settings: Settings) -> None:
    """Gives a browser its session."""
    _cookie(response, token, settings.staff_session_minutes * 60, settings)


def drop_cookie(response: BaseHTTPResponse, settings: Settings) -> None:
    """Takes it away again."""
    _cookie(response, "", 0, settings)


def _cookie(response: BaseHTTPResponse, value: str, max_age: int, settings: Settings) -> None:
    response.add_cookie(
        cookie_name(settings),
        value,
        path=PREFIX,
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
        max_age=max_age,
    )


def safe_next(address: str | None) -> str:
    """Where to go after signing in: only ever a staff page of ours."""
    if address is None or not address.startswith(f"{PREFIX}/") or "\\" in address or not address.isprintable():
        return f"{PREFIX}/"
    return address


def field(request: Request, name: str) -> str:
    """A field of the form that was sent; empty when it is not there."""
    form = request.form
    value: Any = form.get(name) if form else None
    return value if isinstance(value, str) else ""


def row_id(number: int, most: int = 2**31 - 1) -> int:
    """An id out of an address. Raises the 404 of something that is not there for a number no id can be."""
    if not 0 < number <= most:
        raise Refusal(404, "not_found", "没有找到您要的内容。")
    return number


def _csrf_of(request: Request) -> str:
    header: str | None = request.headers.get("x-csrf-token")
    if header is not None:
        return header
    return field(request, "csrf")


def _to_the_door(request: Request) -> BaseHTTPResponse:
    if wants_json(request):
        raise Refusal(401, "not_signed_in", "登录已经过期，请重新登录。")
    wanted = request.path + (f"?{request.query_string}" if request.query_string else "")
    if request.method not in _READING:  # back to the page with the form; what was typed waits there in the browser
        referer = urlsplit(request.headers.get("referer", ""))
        wanted = referer.path if referer.netloc == request.host else f"{PREFIX}/"
    if wanted.rstrip("/") == PREFIX:
        return redirect(SIGN_IN, status=303)
    return redirect(f"{SIGN_IN}?next={quote(wanted, safe='/')}", status=303)
