"""The chat page itself. Everything on it comes from us, and what is said later is put into it as text only."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from channels.webchat.going_on import GoingOn
from channels.webchat.session import remember, welcome_visitor
from channels.webchat.welcome import Welcome
from core.web.site import runtime_of, site_of


def add_page_routes(blueprint: Blueprint, welcome: Welcome) -> None:
    """``/chat``, ``/`` which leads there, and the way from a call that broke off."""

    async def home(request: Request) -> HTTPResponse:
        return redirect(f"/chat?{request.query_string}" if request.query_string else "/chat")

    async def chat(request: Request) -> HTTPResponse:
        visitor, is_new = welcome_visitor(request)
        settings = runtime_of(request).settings
        answer = site_of(request).pages.page(
            "webchat/chat.html",
            welcome=welcome,
            elder=request.args.get("elder") == "1",
            upload_limit=settings.upload_limit_bytes,
        )
        return remember(request, answer, visitor) if is_new else answer

    GoingOn().add_to(blueprint)
    blueprint.add_route(home, "/", name="home")
    blueprint.add_route(chat, "/chat", name="chat")
