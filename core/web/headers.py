"""Security headers of every answer (trap 22): no inline script, no frames, no guessing, nothing kept by proxies."""

from __future__ import annotations

from sanic import Request
from sanic.response import BaseHTTPResponse

from core.settings import Settings
from core.web.application import App


def content_security_policy(settings: Settings) -> str:
    """What a page may load: only what we serve."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",  # data: Tabler's own drawings; blob: a photo before it is sent
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self'{_socket_source(settings)}",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _socket_source(settings: Settings) -> str:
    """Older Safari does not count our own web socket among 'self', so the public address is named."""
    if not settings.public_url:
        return ""
    return " " + settings.resolved_public_url.replace("http", "ws", 1)


def install_headers(app: App, settings: Settings) -> None:
    """Adds the headers to every answer that does not say otherwise itself."""
    defaults = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if settings.secure_cookies:
        defaults["Strict-Transport-Security"] = "max-age=31536000"

    async def add_headers(_request: Request, response: BaseHTTPResponse) -> None:
        for name, value in defaults.items():
            response.headers.setdefault(name, value)

    app.register_middleware(add_headers, "response")
