"""The channels a citizen is talked with on, by the names they have in the database and on the pages."""

from __future__ import annotations

from typing import Final

WEBCHAT: Final = "webchat"
SMS: Final = "sms"
TELEPHONE: Final = "voice"
