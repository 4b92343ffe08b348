"""What came of calling a citizen back, as the PBX tells it at once, or later from a note it left while we were away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import calling_back
from channels.voice.put_downs import moment
from core.texts import whole_number


async def keep(session: AsyncSession, call_id: str, fields: Mapping[str, str], now: datetime) -> None:
    """Reads the dialplan's ``extension``, ``status`` (``DIALSTATUS``), ``seconds`` and ``at`` (seconds since 1970)."""
    seconds, at = whole_number(fields.get("seconds", "")) or 0, moment(fields.get("at", "")) or now
    extension, status = fields.get("extension", ""), fields.get("status", "")[:20]
    await calling_back.called_back(session, call_id, extension, status, seconds, at)
