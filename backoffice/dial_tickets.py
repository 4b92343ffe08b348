"""Six digits that somebody dials once from their own telephone: how the PBX learns what they want."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from backoffice.staff import Staff

VALID: Final = timedelta(minutes=2)
What = TypeVar("What")


@dataclass(frozen=True)
class _Given(Generic[What]):
    what: What
    number: str
    until: datetime


class DialTickets(Generic[What]):
    """Those that have not been dialled yet; they live in the process that leads the calls."""

    def __init__(self) -> None:
        self._given: dict[str, _Given[What]] = {}

    def keep(self, staff: Staff, what: What, now: datetime) -> str:
        """Six digits for ``staff`` to dial."""
        self._given = {code: given for code, given in self._given.items() if given.until > now}
        code = f"{secrets.randbelow(10**6):06}"
        while code in self._given:
            code = f"{secrets.randbelow(10**6):06}"
        self._given[code] = _Given(what, staff.number, now + VALID)
        return code

    def use(self, code: str, extension: str, now: datetime) -> What | None:
        """What the ticket is for, once, if the right extension shows it in time."""
        given = self._given.get(code)
        if given is None or given.until <= now or given.number != extension:
            return None
        return self._given.pop(code).what
