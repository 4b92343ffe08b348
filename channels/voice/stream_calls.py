"""What a cloud telephony provider in Twilio's manner asks by HTTP: a call comes in, what comes next, it has ended.

Every question carries the provider's signature: HMAC-SHA1 by the account's token over our public address and the sorted
fields (https://www.twilio.com/docs/usage/security). Answers are TwiML. Off where no token is set.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import structlog
from sanic import HTTPResponse, Request
from sanic.response import raw, text

from channels.voice import pbx
from channels.voice.gateway import Gateway, shortened
from channels.voice.link import Announced
from channels.voice.media import MediaBroken
from channels.voice.put_downs import PutDown, caller_of
from channels.voice.script_words import Leg
from channels.voice.socket_line import Socket
from channels.voice.stream import StreamMedia, read_start
from core.web.application import App
from core.web.site import runtime_of

_OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_NOBODY: Final = "很抱歉，现在没有话务员可以接听您的电话，请您稍后再打。再见。"
log = structlog.get_logger(__name__)


def add_routes(app: App) -> None:
    """Adds the addresses and the socket."""
    app.add_route(announce, "/voice/stream/call", methods=["POST"], name="stream_call")
    app.add_route(next_step, "/voice/stream/next", methods=["POST"], name="stream_next")
    app.add_route(back, "/voice/stream/back", methods=["POST"], name="stream_back")
    app.add_route(ended, "/voice/stream/ended", methods=["POST"], name="stream_ended")
    app.add_websocket_route(socket, "/voice/stream/socket", name="stream_socket")


def signature(token: str, address: str, fields: dict[str, str]) -> str:
    """The signature of a question."""
    said = address + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


async def announce(request: Request) -> HTTPResponse:
    """A call has come in (``From``, ``To``, ``CallSid``): it is connected to the socket."""
    if not _is_signed(request):
        return _refused()
    number, mobile = caller_of(_field(request, "From"), runtime_of(request))
    call_id = str(uuid.uuid4())  # nobody can guess it: it opens the socket, once
    call = Announced(call_id, "stream", number, _field(request, "To"), _field(request, "CallSid"), mobile)
    _gateway(request).announce(shortened(call))
    return _connect(request, call_id)


async def next_step(request: Request) -> HTTPResponse:
    """Where a call goes whose stream has ended: to people, or nowhere."""
    if not _is_signed(request):
        return _refused()
    call_id, people = _call_of(request), runtime_of(request).settings.stream_people
    if _gateway(request).next_of(call_id) == "bye":
        return _twiml("<Hangup/>")
    if not people:
        return _nobody_there(request, call_id)
    action = quoteattr(_address(request, "back", call_id))
    return _twiml(f'<Dial timeout="30" action={action}>{escape(people)}</Dial>')


async def back(request: Request) -> HTTPResponse:
    """People have talked to the citizen, or nobody was there (``DialCallStatus``)."""
    if not _is_signed(request):
        return _refused()
    return _comes_back(request, _call_of(request), answered=_field(request, "DialCallStatus") == "completed")


async def ended(request: Request) -> HTTPResponse:
    """The status of a call has changed (``CallSid``, ``CallStatus``); perhaps the citizen has put down."""
    if not _is_signed(request):
        return _refused()
    call_id, waited, answered = _gateway(request).standing(_field(request, "CallSid"))
    if call_id and _field(request, "CallStatus") in _OVER:
        told = PutDown(call_id, runtime_of(request).clock.now(), waited=waited, answered=answered)
        await pbx.put_down(request, told)
    return text("ok")


async def socket(request: Request, ws: Socket) -> None:
    """The audio of one call."""
    if not runtime_of(request).settings.stream_token.get_secret_value():
        await ws.close()
        return
    try:
        stream, call_id = await read_start(ws)
        await _lead(_gateway(request), StreamMedia(ws, stream), call_id)
    except MediaBroken as problem:
        log.warning("a stream was given back", problem=str(problem))
    await ws.close()


async def _lead(gateway: Gateway, media: StreamMedia, call_id: str) -> None:
    try:
        await gateway.lead(media, call_id)
    finally:  # also where the call is refused: the line has begun to send
        await media.hang_up()


def _nobody_there(request: Request, call_id: str) -> HTTPResponse:
    """The bot says so, once: when it cannot lead the call it is asked no second time, and the provider says it."""
    gateway = _gateway(request)
    told = gateway.leg_of(call_id) is Leg.UNANSWERED
    if not told and gateway.comes_back(call_id, answered=False):
        return _connect(request, call_id)
    return _twiml(f'<Say language="zh-CN">{_NOBODY}</Say><Hangup/>')


def _comes_back(request: Request, call_id: str, *, answered: bool) -> HTTPResponse:
    talk = _gateway(request).comes_back(call_id, answered=answered)
    return _connect(request, call_id) if talk else _twiml("<Hangup/>")


def _connect(request: Request, call_id: str) -> HTTPResponse:
    base = runtime_of(request).settings.resolved_public_url.replace("http", "ws", 1)
    stream = quoteattr(f"{base}/voice/stream/socket")
    going_on = escape(_address(request, "next", call_id))
    return _twiml(
        f'<Connect><Stream url={stream}><Parameter name="call" value={quoteattr(call_id)}/></Stream></Connect>'
        f'<Redirect method="POST">{going_on}</Redirect>'
    )


def _address(request: Request, step: str, call_id: str) -> str:
    return f"{runtime_of(request).settings.resolved_public_url}/voice/stream/{step}?call={call_id}"


def _is_signed(request: Request) -> bool:
    settings = runtime_of(request).settings
    token = settings.stream_token.get_secret_value()
    if not token:
        return False
    query = f"?{request.query_string}" if request.query_string else ""
    form = request.get_form(keep_blank_values=True)  # blank fields are signed too
    fields = {name: values[0] for name, values in (form or {}).items()}
    right = signature(token, f"{settings.resolved_public_url}{request.path}{query}", fields)
    return hmac.compare_digest(request.headers.get("x-twilio-signature", "").encode(), right.encode())


def _call_of(request: Request) -> str:
    return str(request.args.get("call", ""))


def _field(request: Request, name: str) -> str:
    value = request.form.get(name) if request.form else None
    return value if isinstance(value, str) else ""


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.ctx.gateway
    return gateway


def _twiml(verbs: str) -> HTTPResponse:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
    return raw(body.encode(), content_type="text/xml")


def _refused() -> HTTPResponse:
    return text("refused", status=403)
