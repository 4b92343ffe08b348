"""A form whose proof of origin does not hold (CSRF): refused, but nothing somebody typed is lost."""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import site_of

_REASON = "这个页面打开得太久，已经过期，刚才的操作没有执行。"
_WORTH_SHOWING = 12
_NEVER_SHOWN = frozenset({"csrf", "password", "old", "new", "again"})


def stale_form(request: Request, fresh_token: str) -> HTTPResponse:
    """The answer to a form without a good token.

    A form of ours that was open while the session changed is shown again, filled in, to be sent by one press. What
    comes from a foreign page is only refused: it must not borrow the hand of whoever is signed in.
    """
    if wants_json(request) or not _from_our_page(request):
        raise Refusal(403, "stale_form", _REASON + "请刷新页面后再试一次。")
    fields = [
        (name, value)
        for name, values in (request.form or {}).items()
        for value in values
        if name not in _NEVER_SHOWN and isinstance(value, str)
    ]
    return site_of(request).pages.page(
        "staff/stale.html",
        status=403,
        reason=_REASON,
        action=request.path + (f"?{request.query_string}" if request.query_string else ""),
        csrf=fresh_token,
        fields=fields,
        written=[value for _, value in fields if _was_written(value)],
    )


def _was_written(value: str) -> bool:
    """Whether a person wrote this, to be shown for reading over; keys and choices are words of programs."""
    return len(value) > _WORTH_SHOWING and (" " in value or not value.isascii())


def _from_our_page(request: Request) -> bool:
    """Whether the browser itself says that one of our pages sent it; a browser that says nothing is not believed."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return str(site) == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.host
