"""Signing in and out, and a person's own account: password and sessions."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import BaseHTTPResponse, redirect

from backoffice import duty, sign_in, staff_sessions
from backoffice.passwords import MIN_LENGTH, WeakPassword
from backoffice.sign_in import LOCK_AFTER, NAME_LENGTH, Attempt, WrongPassword
from backoffice.staff_sessions import Origin
from backoffice.web.guard import (
    PREFIX,
    SIGN_IN,
    SignedIn,
    drop_cookie,
    field,
    for_everybody,
    for_roles,
    row_id,
    safe_next,
    set_cookie,
    signed_in,
)
from backoffice.web.layout import staff_page
from backoffice.web.navigation import home_of
from backoffice.web.wording import browser_name
from core.web.caller import client_address
from core.web.errors import Refusal
from core.web.limits import Asker, TokenBuckets
from core.web.site import runtime_of, site_of

blueprint = Blueprint("staff_account", url_prefix=PREFIX)

_DOOR_COOKIE = "huiyin-door"
_DOOR = "sign-in form"
_WRONG = f"用户名或密码不对。连续输错 {LOCK_AFTER} 次，账号会暂停登录一段时间；忘记密码请找管理员重设。"
_STALE = "这个页面打开得太久，已经过期。请再登录一次。"
_OFTEN = "尝试得太频繁了，请过一会儿再登录。"
_KNOCKS_BURST, _KNOCKS_PER = 20, timedelta(seconds=6)


@blueprint.get("/")
@for_roles()
async def home(_request: Request, me: SignedIn) -> HTTPResponse:
    """Wherever this person's work is."""
    return redirect(home_of(me.staff), status=303)


@blueprint.get("/sign-in")
@for_everybody
async def door(request: Request) -> HTTPResponse:
    """The sign-in page."""
    if await signed_in(request, by_person=True) is not None:
        return redirect(safe_next(request.args.get("next")), status=303)
    return _door_page(request, 200)


@blueprint.post("/sign-in")
@for_everybody
async def knock(request: Request) -> HTTPResponse:
    """Somebody signs in; every way of being wrong gets the same answer."""
    runtime = runtime_of(request)
    username = field(request, "username").strip()[:NAME_LENGTH]
    if not _door_holds(request):
        return _door_page(request, 403, error=_STALE, username=username)
    origin = _origin(request)
    now = runtime.clock.now()
    if _knocks(request).take(Asker(origin.address, number=username.lower() or "-"), now) is not None:
        return _door_page(request, 429, error=_OFTEN, username=username)
    before = await signed_in(request, by_person=True)
    attempt = Attempt(
        username, field(request, "password"), origin, (before.id, before.session.id) if before is not None else None
    )
    opened = await sign_in.sign_in(runtime.database, attempt, runtime.settings, now)
    if opened is None:
        return _door_page(request, 422, error=_WRONG, username=username)
    response = redirect(safe_next(field(request, "next")), status=303)
    set_cookie(response, opened.token, runtime.settings)
    return response


@blueprint.post("/sign-out")
@for_roles()
async def sign_out(request: Request, me: SignedIn) -> BaseHTTPResponse:
    """Ends this session; with the last one the person is off duty and their conversations go back into the line."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.write() as session:
        await sign_in.sign_out(session, me.id, me.session.id, now)
        if not await staff_sessions.live_of(session, me.id, runtime.settings, now):
            await duty.go_off_duty(session, me.id, now)
    response = redirect(SIGN_IN, status=303)
    drop_cookie(response, runtime.settings)
    return response


@blueprint.get("/account")
@for_roles()
async def account(request: Request, me: SignedIn) -> HTTPResponse:
    """My account: password and sessions."""
    return await _account_page(request, me)


@blueprint.post("/account/password")
@for_roles()
async def change_password(request: Request, me: SignedIn) -> HTTPResponse:
    """Changes the password; every other session ends."""
    runtime = runtime_of(request)
    old, new, again = (field(request, name) for name in ("old", "new", "again"))
    if new != again:
        return await _account_page(request, me, errors={"again": "两次输入的新密码不一样。"})
    try:
        ended = await sign_in.change_password(runtime.database, me.id, old, new, me.session.id, runtime.clock.now())
    except WrongPassword:
        return await _account_page(request, me, errors={"old": "现在的密码不对。"})
    except WeakPassword as weak:
        return await _account_page(request, me, errors={"new": str(weak)})
    return redirect(f"{PREFIX}/account?done=password&ended={ended}", status=303)


@blueprint.post("/account/sessions/<session_id:int>/end")
@for_roles()
async def end_session(request: Request, me: SignedIn, session_id: int) -> HTTPResponse:
    """Ends one of the person's own sessions."""
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        if not await sign_in.sign_out(session, me.id, row_id(session_id), runtime.clock.now()):
            raise Refusal(404, "not_found", "这个登录已经结束了。")
    return redirect(f"{PREFIX}/account?done=session", status=303)


@blueprint.post("/account/sessions/end-others")
@for_roles()
async def end_other_sessions(request: Request, me: SignedIn) -> HTTPResponse:
    """Signs out everywhere else."""
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        ended = await sign_in.sign_out_everywhere(
            session, me.id, f"staff:{me.id}", runtime.clock.now(), but=me.session.id
        )
    return redirect(f"{PREFIX}/account?done=others&ended={ended}", status=303)


async def _account_page(request: Request, me: SignedIn, *, errors: dict[str, str] | None = None) -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        sessions = await staff_sessions.live_of(session, me.id, runtime.settings, runtime.clock.now())
    return await staff_page(
        request,
        me,
        "staff/account.html",
        place="account",
        status=422 if errors else 200,
        sessions=sessions,
        current=me.session,
        errors=errors or {},
        done=request.args.get("done", ""),
        ended=request.args.get("ended", ""),
        min_length=MIN_LENGTH,
        browser_name=browser_name,
    )


# -------------------------------------------------------------------------------------------------- the door


def _door_page(request: Request, status: int, *, error: str = "", username: str = "") -> HTTPResponse:
    """The sign-in page; its form carries a digest of a cookie, so that no foreign page can send it."""
    cookie = request.cookies.get(_DOOR_COOKIE) or secrets.token_urlsafe(24)
    runtime = runtime_of(request)
    response = site_of(request).pages.page(
        "staff/sign_in.html",
        status=status,
        csrf=runtime.keyring.sign(_DOOR, cookie.encode()),
        error=error,
        username=username,
        next=safe_next(request.args.get("next") or field(request, "next")),
    )
    response.add_cookie(
        _DOOR_COOKIE, cookie, path=SIGN_IN, httponly=True, samesite="Strict", secure=runtime.settings.secure_cookies
    )
    return response


def _door_holds(request: Request) -> bool:
    cookie = request.cookies.get(_DOOR_COOKIE) or ""
    return bool(cookie) and runtime_of(request).keyring.verify(_DOOR, cookie.encode(), field(request, "csrf"))


def _origin(request: Request) -> Origin:
    return Origin(client_address(request), request.headers.get("user-agent", ""))


def _knocks(request: Request) -> TokenBuckets:
    ctx = request.app.ctx
    if not hasattr(ctx, "staff_knocks"):
        ctx.staff_knocks = TokenBuckets(_KNOCKS_BURST, _KNOCKS_PER)
    knocks: TokenBuckets = ctx.staff_knocks
    return knocks
