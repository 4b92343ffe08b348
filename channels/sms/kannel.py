"""Kannel's ``sendsms``: one text to one number."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlencode

import aiohttp

from channels.sms.deliveries import ALL_REPORTS
from core.settings import Settings

TIME_LIMIT: Final = 15.0
"""Seconds for one call; well inside the outbox's lease."""

_TAKEN: Final = frozenset({200, 202})
"""202 with ``0: Accepted for delivery``, or ``3: Queued for later delivery`` while the network is away."""
_NOT_ROUTABLE: Final = "Not routable"
_ANSWER_READ: Final = 200


class NotTaken(Exception):
    """Kannel did not take the text now; trying again may help. Says nothing of number or text."""


class Refused(Exception):
    """Kannel will never take this text: its number or its form is refused."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Kannel answered {status}")
        self.code = f"kannel {status}"


class Kannel:
    """The way out. Safe to share."""

    def __init__(self, settings: Settings) -> None:
        """Uses the ``kannel_*`` settings and ``sms_account``."""
        self._settings = settings

    async def send(self, *, to: str, text: str, message_id: int) -> None:
        """Returns once Kannel has the text in its store. Raises :class:`NotTaken` or :class:`Refused`.

        ``message_id`` comes back with every delivery report.
        """
        settings = self._settings
        query = {
            "username": settings.kannel_username,
            "password": settings.kannel_password.get_secret_value(),
            "from": settings.sms_account,
            "to": to,
            "text": text,
            "coding": "2",
            "charset": "UTF-8",
            "dlr-mask": str(ALL_REPORTS),
            "dlr-url": report_url(settings, message_id),
        }
        try:
            status, answer = await self._call(query)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
            # from None: aiohttp's messages quote the address, and with it the number and the text
            raise NotTaken(f"Kannel did not answer: {type(problem).__name__}") from None
        judge(status, answer)

    async def _call(self, query: dict[str, str]) -> tuple[int, str]:
        limit = aiohttp.ClientTimeout(total=TIME_LIMIT)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.get(self._settings.kannel_send_url, params=query, allow_redirects=False) as response,
        ):
            answer = await response.content.read(_ANSWER_READ)
            return response.status, answer.decode("latin-1")


def judge(status: int, answer: str) -> None:
    """Returns when Kannel's answer means that it has the text; else raises :class:`NotTaken` or :class:`Refused`.

    403 stands for two things: ``Not routable``, which is final, and a wrong password, which somebody will put right.
    """
    if status in _TAKEN:
        return
    if status == 400 or (status == 403 and answer.startswith(_NOT_ROUTABLE)):
        raise Refused(status)
    raise NotTaken(f"Kannel answered {status}")


def report_url(settings: Settings, message_id: int) -> str:
    """Where Kannel reports what became of a message. Kannel fills in its own ``%`` codes, so ours are doubled."""
    ours = urlencode({"secret": settings.kannel_get_secret.get_secret_value(), "message": message_id})
    return (
        f"{settings.resolved_kannel_callback_url}/sms/kannel/delivery?{ours.replace('%', '%%')}"
        "&status=%d&part=%F&reply=%A"
    )
