"""How a question of the PBX's is read: its secret, its call, its fields."""

from __future__ import annotations

import hmac
import uuid

from sanic import HTTPResponse, Request
from sanic.response import text

from core.web.site import runtime_of


def call_of(request: Request) -> str | None:
    """The call's UUID, if the PBX shows its secret; None refuses."""
    if not is_pbx(request):
        return None
    try:
        return str(uuid.UUID(field_of(request, "uuid")))
    except ValueError:
        return None


def is_pbx(request: Request) -> bool:
    """Whether it shows its secret."""
    secret = runtime_of(request).settings.pbx_secret.get_secret_value().encode()
    return bool(secret) and hmac.compare_digest(field_of(request, "secret").encode(), secret)


def field_of(request: Request, name: str) -> str:
    """A field of the form or, when something is only asked, of the address."""
    values = request.form if request.method == "POST" else request.args
    value = values.get(name) if values else None
    return value if isinstance(value, str) else ""


def telephones_of(request: Request) -> tuple[str, ...] | None:
    """Extensions of the PBX's queue that can be reached (it tells ``none,1001,1002``); None where it does not tell."""
    told = field_of(request, "telephones")
    return tuple(told.split(",")[1:]) if told else None


def refused() -> HTTPResponse:
    """Not for whoever asks."""
    return text("refused", status=403)
