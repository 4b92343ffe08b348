"""Citizens on the telephone for measurements: SIP calls through Asterisk, timed at the citizen's ear."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.fixtures.rtp import Rtp
from tests.fixtures.sip import Call, SipPhone, sip_phone
from tests.fixtures.voices import said

_INTERRUPTS_AFTER = 1.3
"""Seconds into a prompt after which the citizen speaks over it: its first second is protected."""
ANNOUNCED = 2.6
"""…and into a call: that it is recorded is heard to the end."""
_PAUSE = 0.5
"""Seconds without sound after which a prompt has ended."""
_WAITS = 8.0


@dataclass(frozen=True)
class Turn:
    """One thing said, in seconds; None: it was not answered."""

    answer: float | None
    """The end of what the citizen said to the first sound of the answer."""
    silence: float | None
    """The citizen's first sound to the last of ours, where they spoke over it."""


@dataclass
class Caller:
    """Somebody who has called."""

    phone: SipPhone
    call: Call

    @property
    def rtp(self) -> Rtp:
        """Their line."""
        return self.call.rtp

    async def first_sound(self) -> float | None:
        """Seconds from the INVITE to the first sound; None: nothing came."""
        found = await self._sound_after(self.call.invited_at)
        return None if found is None else found - self.call.invited_at

    async def interrupts(self, text: str, after: float = _INTERRUPTS_AFTER) -> Turn:
        """Speaks over what is being said, ``after`` seconds of it, and waits for the answer."""
        begun = self.rtp.sounds[-1] if self.rtp.sounds else 0.0
        await asyncio.sleep(after)
        over = _now() - (self.rtp.sounds[-1] if self.rtp.sounds else begun) < _PAUSE
        started = _now()
        self.rtp.speak(said(text))
        await self.rtp.said()
        ended = self.rtp.spoken_at
        answered = await self._sound_after(ended)
        last = self._last_sound_before(ended)
        silence = last - started if over and last is not None and last > started else None
        return Turn(None if answered is None else answered - ended, silence)

    async def _sound_after(self, moment: float) -> float | None:
        until = _now() + _WAITS
        while _now() < until and not self.call.ended.is_set():
            place = bisect_right(self.rtp.sounds, moment)
            if place < len(self.rtp.sounds):
                return self.rtp.sounds[place]
            await asyncio.sleep(0.02)
        return None

    def _last_sound_before(self, moment: float) -> float | None:
        place = bisect_left(self.rtp.sounds, moment)
        return self.rtp.sounds[place - 1] if place else None


@asynccontextmanager
async def caller(sip_port: int, number: str, caller_id: str) -> AsyncIterator[Caller]:
    """Somebody who has called ``number`` and been answered; they hang up at the end."""
    async with sip_phone("citizen", sip_port) as phone:
        yield Caller(phone, await phone.dial(number, caller=caller_id))


def _now() -> float:
    return asyncio.get_running_loop().time()
