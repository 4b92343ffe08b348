"""``/progress``: a form, and how far the order is.

An unknown number and a wrong code get the same answer. Whoever asks in the browser in which the order was filed needs
no code: the visitor's cookie proves as much (:class:`backoffice.proof.CitizenProof`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json

from backoffice import orders
from backoffice.notices import answer_parts
from backoffice.orders import CitizenProof, ProgressView
from channels.progress import asking
from channels.progress.asking import Asked
from channels.webchat.session import refuse_foreign_pages, remember, visitor_of, welcome_visitor
from channels.webchat.visitors import Visitor
from core import contacts
from core.web.application import App
from core.web.caller import client_address, wants_json
from core.web.errors import Refusal
from core.web.limits import Asker, TokenBuckets
from core.web.site import Site, runtime_of, site_of

NOT_FOUND: Final = "没有找到这个工单：受理号不存在，或者查询码不对。请核对后再试。"
TOO_OFTEN: Final = "这个受理号查询得太频繁了，请过几分钟再试。"


class ProgressPage:
    """The page and its limits."""

    def __init__(self) -> None:
        self._per_session = TokenBuckets(6, timedelta(minutes=2))
        # somebody who throws the cookie away before every guess is still one address asking for one number
        self._per_address = TokenBuckets(30, timedelta(minutes=2))

    def attach(self, app: App) -> None:
        """Adds ``/progress``."""
        site: Site = app.ctx.site
        site.add_room("progress", Path(__file__).parent)
        blueprint = Blueprint("progress")
        blueprint.add_route(self.form, "/progress", methods=["GET"], name="form")
        blueprint.add_route(self.ask, "/progress", methods=["POST"], name="ask")
        app.blueprint(blueprint)

    async def form(self, request: Request) -> HTTPResponse:
        """The empty form; with ``?number=`` the order itself, for the visitor who filed it."""
        visitor, is_new = welcome_visitor(request)
        number = str(request.args.get("number", ""))
        view = None
        if not is_new and asking.is_number(number):
            view = await _view(request, visitor, Asked(number, ""))
        answer = _page(request, Asked(number, ""), view)
        return remember(request, answer, visitor) if is_new else answer

    async def ask(self, request: Request) -> HTTPResponse:
        """The order, if number and code belong together."""
        refuse_foreign_pages(request)
        form = request.form
        asked = asking.read(form.get("number"), form.get("code")) if form else asking.read("", "")
        visitor = visitor_of(request)
        if asked.problems:
            return _refused(request, asked, 422, "invalid", "请检查填写的内容。")
        if self._is_too_often(request, visitor, asked.number):
            return _refused(request, asked, 429, "too_many", TOO_OFTEN)
        view = await _view(request, visitor, asked)
        if view is None:
            return _refused(request, asked, 404, "not_found", NOT_FOUND)
        return json(as_json(view)) if wants_json(request) else _page(request, asked, view)

    def _is_too_often(self, request: Request, visitor: Visitor | None, number: str) -> bool:
        now = runtime_of(request).clock.now()
        address = client_address(request)
        waits = [self._per_address.take(Asker(address, number=number), now)]
        if visitor is not None:
            waits.append(self._per_session.take(Asker(address, session=visitor.id, number=number), now))
        return any(wait is not None for wait in waits)


async def _view(request: Request, visitor: Visitor | None, asked: Asked) -> ProgressView | None:
    async with runtime_of(request).database.read() as session:
        contact = await contacts.find(session, visitor.sender) if visitor else None
        proof = CitizenProof(query_code=asked.code or None, contact_id=contact.id if contact else None)
        return await orders.progress(session, asked.number, proof)


def as_json(view: ProgressView) -> dict[str, Any]:
    """The ``progress`` card (docs/cards.md)."""
    return {
        "kind": "progress",
        "number": view.number,
        "title": view.title,
        "status": view.status,
        "department": view.department,
        "created_at": view.created_at.isoformat(),
        "due": view.due_at.isoformat() if view.due_at else None,
        "timeline": [{"at": at.isoformat(), "what": what} for at, what in view.timeline],
        "answer": answer_parts(view.answer) if view.answer else None,
    }


def _refused(request: Request, asked: Asked, status: int, code: str, reason: str) -> HTTPResponse:
    if wants_json(request):
        raise Refusal(status, code, "；".join(asked.problems.values()) or reason)
    return _page(request, asked, None, reason, status)


def _page(
    request: Request, asked: Asked, view: ProgressView | None, reason: str | None = None, status: int = 200
) -> HTTPResponse:
    now: datetime = runtime_of(request).clock.now()
    return site_of(request).pages.page(
        "progress/progress.html", status=status, asked=asked, view=view, reason=reason, now=now
    )
