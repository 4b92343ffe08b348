"""``/poll``: the opinion poll there is for this visitor, and what they answer.

A visitor is a browser, not a person: whoever throws the cookie away may answer again. What the results are worth shows
in how many came by which channel.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from sanic import Blueprint, HTTPResponse, Request
from sanic.request import RequestParameters
from sanic.response import redirect

from backoffice import poll_ballots
from backoffice.poll_papers import Offer
from backoffice.refusals import NotAllowed
from channels.webchat.session import known_visitor, refuse_foreign_pages, remember, welcome_visitor
from channels.webchat.visitors import Visitor
from core.texts import whole_number
from core.web.application import App
from core.web.caller import client_address, wants_json
from core.web.errors import Refusal
from core.web.limits import Asker, TokenBuckets
from core.web.site import Site, runtime_of, site_of

NOTHING_CHOSEN: Final = "您还没有选，请至少选一项。"
NO_POLL: Final = "没有这项民意调查。"
TOO_OFTEN: Final = "提交得太频繁了，请过几分钟再试。"
_ADDRESS: Final = "/poll"


class PollPage:
    """The page and its limits."""

    def __init__(self) -> None:
        # a bus queue behind one address may all answer; a script that throws cookies away is slowed down
        self._per_address = TokenBuckets(30, timedelta(seconds=20))

    def attach(self, app: App) -> None:
        """Adds ``/poll``."""
        site: Site = app.ctx.site
        site.add_room("polls", Path(__file__).parent)
        blueprint = Blueprint("polls")
        blueprint.add_route(self.show, _ADDRESS, methods=["GET"], name="show")
        blueprint.add_route(self.take, f"{_ADDRESS}/<poll_id:int>", methods=["POST"], name="take")
        app.blueprint(blueprint)

    async def show(self, request: Request) -> HTTPResponse:
        """The poll opened last that the visitor has not answered; ``?thanks=1``: they just have."""
        visitor, is_new = welcome_visitor(request)
        answer = await _page(request, visitor, thanks=request.args.get("thanks") == "1")
        return remember(request, answer, visitor) if is_new else answer

    async def take(self, request: Request, poll_id: int) -> HTTPResponse:
        """Keeps the answers; the page says thanks. Fields are ``question-<id>``, their values the ids of options."""
        refuse_foreign_pages(request)
        if whole_number(str(poll_id)) is None:
            raise Refusal(404, "not_found", NO_POLL)
        visitor, runtime = known_visitor(request), runtime_of(request)
        chosen, now = _chosen(request), runtime.clock.now()
        if not chosen:
            return await _refused(request, visitor, 422, "nothing_chosen", NOTHING_CHOSEN)
        if self._per_address.take(Asker(client_address(request), number=f"poll {poll_id}"), now) is not None:
            return await _refused(request, visitor, 429, "too_many", TOO_OFTEN)
        try:
            async with runtime.database.write() as session:
                await poll_ballots.answer(session, poll_id, visitor.sender, chosen, now, finished=True)
        except NotAllowed as refused:
            return await _refused(request, visitor, 409, refused.code, refused.reason)
        return redirect(f"{_ADDRESS}?thanks=1", status=303)


def _chosen(request: Request) -> dict[int, int]:
    """What was ticked; fields that are no answer are left out."""
    chosen, form = {}, request.form or RequestParameters()
    for name in form:
        prefix, _, question = name.rpartition("-")
        question_id, option_id = whole_number(question), whole_number(str(form.get(name)))
        if prefix == "question" and question_id is not None and option_id is not None:
            chosen[question_id] = option_id
    return chosen


async def _refused(request: Request, visitor: Visitor, status: int, code: str, reason: str) -> HTTPResponse:
    if wants_json(request):
        raise Refusal(status, code, reason)
    return await _page(request, visitor, reason=reason, status=status)


async def _page(
    request: Request, visitor: Visitor, *, thanks: bool = False, reason: str = "", status: int = 200
) -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        offer: Offer = await poll_ballots.offer(session, visitor.sender, runtime.clock.now())
    pages = site_of(request).pages
    return pages.page("polls/poll.html", status=status, offer=offer, thanks=thanks, reason=reason)
