"""``/call``: the page of a call in the browser, and the web socket behind it.

Who calls is the web chat's visitor, and what is said is in the web chat's conversation: whoever takes it over, and
whatever is left open when the call ends, goes on there in writing.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy import select

from channels.voice.gateway import Gateway
from channels.voice.link import Announced
from channels.voice.media import MediaBroken
from channels.voice.socket_line import GONE, Socket
from channels.webcall.media import BrowserMedia
from channels.webchat.session import known_visitor, refuse_foreign_pages, remember, welcome_visitor
from channels.webchat.visitors import Visitor
from channels.webchat.welcome import Welcome
from core import contacts
from core.conversations import Conversation, Owner
from core.runtime import Runtime
from core.web.application import App
from core.web.caller import client_address
from core.web.limits import Asker, TokenBuckets
from core.web.site import Site, runtime_of, site_of

log = structlog.get_logger(__name__)

SWITCHED_OFF: Final = "这里还没有开通网页通话。您可以拨打 12345，或者用文字对话。"
NO_VOICE: Final = "现在不能语音通话。您可以拨打 12345，或者用文字对话。"
BUSY: Final = "现在打进来的人比较多，请过几分钟再打，或者用文字对话。"
TOO_OFTEN: Final = "您打得太频繁了，请过几分钟再打。"
ALREADY: Final = "您已经在通话中，可能在另一个窗口里。"
PEOPLE_HAVE_IT: Final = "话务员正在网上对话里为您服务，请在那里继续。"


class CallPage:
    """The page, the socket and their limits."""

    def __init__(self, welcome: Welcome) -> None:
        """``welcome``: says which city this is."""
        self._welcome = welcome
        self._calls = TokenBuckets(6, timedelta(minutes=2))
        self._calling: set[str] = set()
        """Visitors whose calls are being put through or led."""

    def attach(self, app: App) -> None:
        """Adds ``/call`` and its socket."""
        site: Site = app.ctx.site
        site.add_room("webcall", Path(__file__).parent)
        page, line = Blueprint("webcall"), Blueprint("webcall_line")
        page.add_route(self.page, "/call", name="page")
        line.on_request(_guard)
        line.add_websocket_route(self.socket, "/call/socket", name="socket")
        app.blueprint(page)
        app.blueprint(line)

    async def page(self, request: Request) -> HTTPResponse:
        """The page; it says beforehand what does not work."""
        visitor, is_new = welcome_visitor(request)
        gateway = _gateway(request)
        answer = site_of(request).pages.page(
            "webcall/call.html",
            welcome=self._welcome,
            elder=request.args.get("elder") == "1",
            refusal=_refusal(gateway),
            hears=gateway.house.recogniser is not None,
        )
        return remember(request, answer, visitor) if is_new else answer

    async def socket(self, request: Request, ws: Socket) -> None:
        """Leads one call, from the opening of the socket to its end."""
        visitor, gateway, runtime = known_visitor(request), _gateway(request), runtime_of(request)
        reason = _refusal(gateway) or self._refusal_for(visitor, runtime, client_address(request))
        with suppress(*GONE):
            if not reason:
                self._calling.add(visitor.id)  # before anything is waited for: two sockets may open in one moment
                try:
                    last = await _lead(gateway, visitor, ws)
                finally:
                    self._calling.discard(visitor.id)
            else:
                last = _refused(reason)
            await _say(ws, **last)
            await ws.close()

    def _refusal_for(self, visitor: Visitor, runtime: Runtime, address: str) -> str:
        """Why this visitor cannot call now; empty when they can."""
        if visitor.id in self._calling:
            return ALREADY
        if len(self._calling) >= runtime.settings.browser_calls_at_once:
            return BUSY
        refused = self._calls.take(Asker(address, session=visitor.id), runtime.clock.now()) is not None
        return TOO_OFTEN if refused else ""


async def _guard(request: Request) -> None:
    """Before a socket is opened: no page but ours, no visitor but one we know."""
    refuse_foreign_pages(request)
    known_visitor(request)


async def _lead(gateway: Gateway, visitor: Visitor, ws: Socket) -> dict[str, str]:
    """Leads a call; the last word about it."""
    if await _is_with_people(gateway.runtime, visitor):
        return _refused(PEOPLE_HAVE_IT)
    call = Announced(str(uuid.uuid4()), "browser", None, known=visitor.sender)
    gateway.announce(call)
    media = BrowserMedia(ws)
    try:
        await _say(ws, type="started", hears=gateway.house.recogniser is not None)
        to = await gateway.lead(media, call.id)
        return {"type": "ended", "next": "bye" if to == "bye" else "people"}
    except MediaBroken as problem:
        log.warning("a call in the browser was not taken", problem=str(problem))
        return _refused(BUSY)
    finally:
        gateway.forget(call.id)
        await media.hang_up()


async def _is_with_people(runtime: Runtime, visitor: Visitor) -> bool:
    """Whether the visitor's conversation waits for a person or has one."""
    async with runtime.database.read() as session:
        contact = await contacts.find(session, visitor.sender)
        if contact is None:
            return False
        theirs = select(Conversation.owner).where(
            Conversation.contact_id == contact.id,
            Conversation.channel == visitor.sender.channel,
            Conversation.closed_at.is_(None),
        )
        return any(owner != Owner.BOT.value for owner in await session.scalars(theirs))


def _refusal(gateway: Gateway) -> str:
    """Why nobody can call; empty when one can."""
    if not gateway.runtime.settings.browser_calls_at_once:
        return SWITCHED_OFF
    return "" if gateway.house.synthesiser.can_speak else NO_VOICE


def _refused(reason: str) -> dict[str, str]:
    return {"type": "refused", "reason": reason}


async def _say(ws: Socket, **message: Any) -> None:
    await ws.send(json.dumps(message, ensure_ascii=False))


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.ctx.gateway
    return gateway
