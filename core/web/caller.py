"""Who asks, and in which form they want the answer."""

from __future__ import annotations

from sanic import Request


def client_address(request: Request) -> str:
    """The address of the client.

    Behind reverse proxies it is the one the outermost *trusted* proxy saw (``trusted_proxies`` in the settings, which
    the application hands to Sanic); what a client writes into X-Forwarded-For itself is never believed.
    """
    return request.remote_addr or request.ip or ""


def wants_json(request: Request) -> bool:
    """Whether a program asks (an API path, an ``Accept`` without HTML, htmx), or a person in front of a page."""
    if request.path.startswith("/api/") or request.headers.get("hx-request") == "true":
        return True
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
