"""One call's ear: voice activity, endpointing and the recogniser, put together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.reading.digits import digit_runs
from channels.voice.pulse import Pulse
from channels.voice.script_words import Listen
from core.tasks import cancel_all
from speech.audio import FRAME_SECONDS, seconds_of
from speech.endpointing import PAUSES, TELLING, Endpointer, Signal
from speech.grammars import fits
from speech.recognition import Expecting, Heard, Recogniser, RecognitionFailed, Utterance
from speech.voice_activity import VoiceActivity

_BEFORE: Final = 15
"""Frames kept from before speech was noticed: its first consonant is in them."""
_AT_ONCE: Final = 5
"""Frames handed to the recogniser together: it decodes 100 ms at a time, and a hand-over costs more than a frame."""
_HANGS: Final = 1.4
"""Seconds recognition may take for what it was given, where it does nothing for others either…"""
_SLOWEST: Final = 6.0
"""…and in any case."""


@dataclass(frozen=True)
class Utterances:
    """What the ear tells; each is called on the loop."""

    interrupts: Callable[[float], None]
    """Somebody is speaking words: told with every frame; the seconds since they began."""
    said: Callable[[Heard, int, float], None]
    """Words (perhaps none), milliseconds of the recording at which they began, loop time of the end of speech."""
    failed: Callable[[], None]
    """The recogniser cannot go on."""


class Hearing:
    """Listens to one call."""

    def __init__(
        self, recogniser: Recogniser | None, tell: Utterances, milliseconds: Callable[[], int], pulse: Pulse
    ) -> None:
        """``recogniser``: None: only whether somebody speaks is noticed. ``milliseconds``: place in the recording.

        ``pulse``: the recogniser's, shared by all calls.
        """
        self._pulse = pulse
        self._recogniser, self._tell, self._milliseconds = recogniser, tell, milliseconds
        self._activity, self._endpointer = VoiceActivity(), Endpointer()
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._audio: asyncio.Queue[bytes | None] | None = None
        """What the utterance under way is understood from; None at its end."""
        self._gathered: list[bytes] = []
        self._listen = Listen()
        self._so_far = ""
        self._began = 0.0
        self._working: set[asyncio.Task[None]] = set()
        self._ended: dict[asyncio.Queue[bytes | None], float] = {}
        """When what is still being understood had been said."""

    @property
    def busy(self) -> bool:
        """Whether somebody speaks, or what they said is still being understood."""
        return self._endpointer.speaking or bool(self._working)

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks."""
        return self._endpointer.speaking

    @property
    def understands_since(self) -> float | None:
        """Since when what was said is being understood; None: all of it is."""
        return min(self._ended.values(), default=None)

    @property
    def expecting(self) -> Expecting:
        """What is listened for."""
        return self._listen.expecting

    def expect(self, listen: Listen) -> None:
        """How to listen from the next utterance on."""
        self._listen = listen
        self._endpointer.pauses = TELLING if listen.telling else PAUSES[listen.expecting]

    def frame(self, frame: bytes, now: float) -> bool:
        """20 ms from the citizen; whether they are speaking words, where they are telling something."""
        sound = self._activity.listen(frame, closely=self._listen.telling or self._endpointer.in_doubt)
        self._before.append(frame)
        if self._audio is not None:
            self._gathered.append(frame)
            if len(self._gathered) >= _AT_ONCE:
                self._hand_over(self._audio)
        self._act(
            self._endpointer.hear(
                now, speech=sound.speech, articulated=sound.articulated, complete=self._is_complete()
            ),
            now,
        )
        return self._listen.telling and sound.articulated and self._endpointer.speaking

    def end_now(self, now: float) -> None:
        """Nothing more belongs to what is being said: it is understood as it is, without waiting for a pause."""
        self._act(self._endpointer.end(), now)

    async def understood(self, limit: float) -> None:
        """Returns when all that was said is understood, or after ``limit`` seconds."""
        if self._working:
            await asyncio.wait(self._working, timeout=limit)

    def beat(self, now: float) -> None:
        """Time passes, also when no frames come."""
        self._act(self._endpointer.tick(now, complete=self._is_complete()), now)

    async def close(self) -> None:
        """Ends; what is being understood is given up."""
        await cancel_all(self._working)

    def _act(self, signals: Sequence[Signal], now: float) -> None:
        for signal in signals:
            if signal is Signal.BEGUN:
                self._begin(now)
            elif signal is Signal.INTERRUPTS:
                self._tell.interrupts(now - self._began)
            elif self._audio is not None:
                self._hand_over(self._audio)
                self._audio.put_nowait(None)
                self._ended[self._audio] = now
                self._audio = None

    def _hand_over(self, audio: asyncio.Queue[bytes | None]) -> None:
        audio.put_nowait(b"".join(self._gathered))
        self._gathered.clear()

    def _begin(self, now: float) -> None:
        self._audio, self._so_far, self._began = asyncio.Queue(), "", now
        self._gathered = list(self._before)
        starts = max(0, self._milliseconds() - int(len(self._before) * FRAME_SECONDS * 1000))
        listen = self._listen
        utterance = self._recogniser.begin(listen.expecting, listen.phrases) if self._recogniser else None
        task = asyncio.create_task(self._understand(self._audio, utterance, starts))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _understand(self, audio: asyncio.Queue[bytes | None], utterance: Utterance | None, starts: int) -> None:
        try:
            while (pcm := await _all_there(audio)) is not None:
                if utterance is not None and pcm:
                    fed = utterance.feed(pcm)
                    self._so_far = await self._pulse.within(_HANGS, _SLOWEST, fed, own=seconds_of(pcm))
            heard = await self._pulse.within(_HANGS, _SLOWEST, utterance.finish()) if utterance else Heard("")
        except (RecognitionFailed, asyncio.TimeoutError):
            self._tell.failed()
            return
        finally:
            self._ended.pop(audio, None)
        self._working.discard(asyncio.current_task())
        self._tell.said(heard, starts, self._endpointer.last_speech)

    def _is_complete(self) -> bool:
        """Whether what is understood so far is all that was asked for."""
        if not self._endpointer.speaking or not self._so_far:
            return False
        if self._listen.expecting is Expecting.DIGITS:
            longest = max(map(len, digit_runs(self._so_far)), default=0)
            return 0 < self._listen.digits <= longest
        return fits(self._listen.expecting, self._so_far, self._listen.phrases)


async def _all_there(audio: asyncio.Queue[bytes | None]) -> bytes | None:
    """All audio that has come; None: the utterance has ended. What came last before the end is not lost."""
    first = await audio.get()
    if first is None:
        return None
    pcm = [first]
    while not audio.empty():
        more = audio.get_nowait()
        if more is None:
            audio.put_nowait(None)
            break
        pcm.append(more)
    return b"".join(pcm)
