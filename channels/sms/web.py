"""What Kannel calls: a citizen's text, and reports on ours. See deploy/kannel."""

from __future__ import annotations

import hmac
from typing import Any

import structlog
from sanic import HTTPResponse, Request
from sanic.response import json, text

from channels.port import exchange_of
from channels.sms import deliveries, reading
from channels.sms.reading import Malformed
from channels.sms.reception import Reception
from core.runtime import Runtime
from core.web.application import App
from core.web.site import runtime_of

log = structlog.get_logger(__name__)


def add_routes(app: App) -> None:
    """Adds the two addresses Kannel calls."""
    app.add_route(inbound, "/sms/kannel/inbound", methods=["GET", "POST"], name="sms_inbound")
    app.add_route(delivery, "/sms/kannel/delivery", methods=["GET"], name="sms_delivery")


async def inbound(request: Request) -> HTTPResponse:
    """A citizen's text: by get-url in the query, by post-url in the body.

    Answers an empty 200 once the text is committed: an empty body is nothing for smsbox to send back. Any failure is a
    5xx, after which smsbox asks again.
    """
    runtime = runtime_of(request)
    try:
        fields = reading.fields_of(_query(request))
        if not _is_kannel(fields, runtime):
            return _refused()
        body = request.body if request.method == "POST" else None
        said = reading.read_text(fields, body, runtime.settings.sms_account)
    except Malformed as problem:
        return json({"error": problem.code, "reason": problem.reason}, status=400)
    await Reception(runtime, exchange_of(request)).take(said)
    return text("")


async def delivery(request: Request) -> HTTPResponse:
    """A report on one of our messages; a repeat changes nothing.

    A message we do not know (after a restore) is answered 200 too: Kannel would go on asking for a day.
    """
    runtime = runtime_of(request)
    try:
        fields = reading.fields_of(_query(request))
    except Malformed as problem:
        return json({"error": problem.code, "reason": problem.reason}, status=400)
    if not _is_kannel(fields, runtime):
        return _refused()
    status = deliveries.status_of(reading.plain(fields, "status"))
    message_id = reading.plain(fields, "message")
    if status is None or not (message_id.isascii() and message_id.isdigit() and len(message_id) <= 18):
        return json({"error": "bad_report", "reason": "状态报告不完整。"}, status=400)
    async with runtime.database.write() as session:
        known = await deliveries.record(
            session,
            int(message_id),
            status,
            runtime.clock.now(),
            part=reading.plain(fields, "part"),
            reason=deliveries.reason_in(reading.plain(fields, "reply")),
        )
    if not known:
        log.warning("report on an unknown message", message=int(message_id), status=status)
    return text("")


def _query(request: Request) -> bytes:
    """The query as it came: Sanic would read every value as UTF-8, and a citizen's text often is not."""
    raw: bytes = request.raw_url
    return raw.partition(b"?")[2]


def _is_kannel(fields: dict[str, bytes], runtime: Runtime) -> bool:
    """Whether the call carries the secret; without one set nobody is let in."""
    secret = runtime.settings.kannel_get_secret.get_secret_value().encode()
    return hmac.compare_digest(fields.get("secret", b""), secret) and secret != b""


def _refused() -> HTTPResponse:
    body: dict[str, Any] = {"error": "forbidden", "reason": "密钥不对。"}
    return json(body, status=403)
