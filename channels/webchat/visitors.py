"""Visitors of the web chat: who they are is a random id that we make and sign; they never choose it (trap 5)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from core.channels import WEBCHAT
from core.contacts import Sender
from core.privacy import Keyring

ACCOUNT: Final = "web"
LIFETIME: Final = timedelta(days=180)
"""A cookie signed longer ago than this is not believed any more (trap 23)."""
RENEW_AFTER: Final = timedelta(days=1)

_PURPOSE: Final = "webchat"
_FORM: Final = re.compile(r"([A-Za-z0-9_-]{24})\.(\d{9,11})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Visitor:
    """Somebody's browser."""

    id: str
    issued_at: datetime
    """When the cookie it shows was signed."""

    @property
    def sender(self) -> Sender:
        """As the rest of the house knows it."""
        return Sender(WEBCHAT, ACCOUNT, self.id)

    @property
    def topic(self) -> str:
        """Live topic: this visitor has said something, perhaps the first word, perhaps in another window."""
        return f"visitor:{self.id}"


def new_visitor(now: datetime) -> Visitor:
    """A visitor nobody has been before."""
    return Visitor(secrets.token_urlsafe(18), now.replace(microsecond=0))


def seal(keyring: Keyring, visitor: Visitor) -> str:
    """The cookie's value: id, time and our signature over both."""
    said = f"{visitor.id}.{int(visitor.issued_at.timestamp())}"
    return f"{said}.{keyring.sign(_PURPOSE, said.encode())}"


def unseal(keyring: Keyring, value: str | None, now: datetime) -> Visitor | None:
    """The visitor behind a cookie; None when it is missing, forged or too old."""
    found = _FORM.fullmatch(value or "")
    if found is None:
        return None
    visitor_id, issued, signature = found.groups()
    if not keyring.verify(_PURPOSE, f"{visitor_id}.{issued}".encode(), signature):
        return None
    visitor = Visitor(visitor_id, datetime.fromtimestamp(int(issued), timezone.utc))
    return visitor if now - visitor.issued_at < LIFETIME else None
