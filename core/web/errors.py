"""Errors: a page in plain Chinese for people, ``{"error", "reason"}`` for programs; neither shows the inside."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import structlog
from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from sanic.response import json

from core.web.application import App
from core.web.caller import wants_json
from core.web.pages import Pages

log = structlog.get_logger(__name__)

_KNOWN = {
    400: ("bad_request", "请求不完整，或者格式不对。"),
    401: ("not_signed_in", "请先登录。"),
    403: ("forbidden", "您没有权限做这件事。"),
    404: ("not_found", "没有找到您要的页面，地址可能写错了，或者内容已经不在了。"),
    405: ("method_not_allowed", "这个地址不接受这种请求。"),
    408: ("too_slow", "网络太慢，请求没有收完，请再试一次。"),
    409: ("conflict", "内容刚刚被别人改过，请刷新后再试。"),
    413: ("too_large", "您发来的内容太大了。"),
    415: ("unsupported", "不支持这种格式。"),
    422: ("invalid", "填写的内容有误，请检查后再试。"),
    429: ("too_many", "操作太频繁了，请稍等一会儿再试。"),
    503: ("unavailable", "系统正忙，请稍后再试。"),
}
_FAILED = ("failed", "系统出了点问题，没能完成。请稍后再试；如果一直这样，请把下面的编号告诉我们。")


class Refusal(SanicException):
    """A request refused on purpose. ``code`` is for programs, ``reason`` is a Chinese sentence for people."""

    def __init__(self, status: int, code: str, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason, status_code=status, quiet=True, headers=headers or {})
        self.code = code
        self.reason = reason


def install_errors(app: App, pages: Pages) -> None:
    """Answers every exception of every handler."""

    async def answer(request: Request, exception: Exception) -> HTTPResponse:
        status, code, reason, headers = describe(exception)
        incident = None
        if status >= 500:
            incident = secrets.token_hex(3).upper()
            route = request.route.path if request.route else "?"  # the pattern: an address may hold a number
            log.error("request_failed", incident=incident, method=request.method, route=route, exc_info=exception)
        if wants_json(request):
            body = {"error": code, "reason": reason}
            body |= {"incident": incident} if incident else {}
            return json(body, status=status, headers=headers, ensure_ascii=False)
        for_staff = request.path.startswith("/staff")
        return pages.page(
            "core/error.html",
            status=status,
            headers=headers,
            number=status,
            reason=reason,
            incident=incident,
            home="/staff/" if for_staff else "/",
            for_staff=for_staff,
            back=page_before(request),
        )

    app.exception(Exception)(answer)


def page_before(request: Request) -> str | None:
    """The page of ours that led here, for a way back; None: the address was typed, or the page is this one."""
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.host or before.path in {"", request.path} or before.path.startswith("//"):
        return None
    return before.path + (f"?{before.query}" if before.query else "")


def describe(exception: Exception) -> tuple[int, str, str, dict[str, str]]:
    """What an exception means to the one who asked: status, code, reason, headers."""
    if isinstance(exception, Refusal):
        return exception.status_code, exception.code, exception.reason, dict(exception.headers)
    status = exception.status_code if isinstance(exception, SanicException) else 500
    if status in _KNOWN:
        code, reason = _KNOWN[status]
        headers = dict(exception.headers) if isinstance(exception, SanicException) else {}
        return status, code, reason, headers
    if status < 500:
        return status, *_KNOWN[400], {}
    return status, *_FAILED, {}
