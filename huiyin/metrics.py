"""``/metrics``: what Prometheus fetches. Not for everybody: how busy a hotline is and how it fares is its own."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import HTTPResponse, Request
from sanic.response import raw

from core.web.site import runtime_of

_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers that only a proxy sets: whoever they come with is not on this machine, though the proxy may be."""
_SCHEME: Final = "Bearer "


async def metrics(request: Request) -> HTTPResponse:
    """All measures of this process, for this machine itself or with the token (``HUIYIN_METRICS_TOKEN``)."""
    token = runtime_of(request).settings.metrics_token.get_secret_value()
    if not (_has_token(request, token) if token else _is_local(request)):
        return raw(b"refused\n", status=403, content_type="text/plain")
    return raw(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: Request, token: str) -> bool:
    shown = request.headers.get("authorization", "")
    return shown.startswith(_SCHEME) and hmac.compare_digest(shown[len(_SCHEME) :].encode(), token.encode())


def _is_local(request: Request) -> bool:
    if runtime_of(request).settings.trusted_proxies or any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.ip or "") and _is_loopback(_host_of(request))


def _host_of(request: Request) -> str:
    """The name under which the service was asked, without its port: a proxy that sets nothing else hands it on."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
