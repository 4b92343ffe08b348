"""The visitor's cookie on requests and answers, and who may ask at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from channels.webchat.visitors import LIFETIME, RENEW_AFTER, Visitor, new_visitor, seal, unseal
from core.web.errors import Refusal
from core.web.site import runtime_of

COOKIE = "huiyin_visitor"


def visitor_of(request: Request) -> Visitor | None:
    """The visitor who asks; None without a cookie of ours."""
    runtime = runtime_of(request)
    return unseal(runtime.keyring, request.cookies.get(COOKIE), runtime.clock.now())


def known_visitor(request: Request) -> Visitor:
    """The visitor who asks. Refuses with 403 when there is none, or a forged or foreign one."""
    visitor = visitor_of(request)
    if visitor is None:
        raise Refusal(403, "no_session", "您的会话已失效，请刷新页面后再试。")
    return visitor


def welcome_visitor(request: Request) -> tuple[Visitor, bool]:
    """The visitor who asks, a new one if need be; and whether the answer should carry a fresh cookie."""
    now = runtime_of(request).clock.now()
    visitor = visitor_of(request)
    if visitor is None:
        return new_visitor(now), True
    return Visitor(visitor.id, now), now - visitor.issued_at > RENEW_AFTER


def remember(request: Request, response: HTTPResponse, visitor: Visitor) -> HTTPResponse:
    """Gives the visitor's cookie to the browser."""
    runtime = runtime_of(request)
    response.add_cookie(
        COOKIE,
        seal(runtime.keyring, visitor),
        httponly=True,
        samesite="Lax",
        secure=runtime.settings.secure_cookies,
        max_age=int(LIFETIME.total_seconds()),
    )
    return response


def refuse_foreign_pages(request: Request) -> None:
    """Refuses what a page of somebody else makes a browser send here; programs send no Origin."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    ours = {request.headers.get("host", ""), urlsplit(runtime_of(request).settings.resolved_public_url).netloc}
    if urlsplit(origin).netloc not in ours:
        raise Refusal(403, "foreign_origin", "请从本网站的页面进入。")
