"""What comes from the citizen in one call: audio and keys, words over our own, and what they mean for the script."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from backoffice.calls import Ending
from channels.voice import script_words as s
from channels.voice.media import FrameCutter, Key, MediaBroken, Sound
from channels.voice.message import tone
from core.faults import place_of
from speech.audio import FRAME_BYTES, FRAME_SECONDS
from speech.recognition import Expecting, Heard

if TYPE_CHECKING:
    from channels.voice.call import LiveCall

log = structlog.get_logger(__name__)

_TOO_MUCH_AUDIO: Final = 1.6
"""Audio that comes so much faster than it is spoken was sampled at another rate than it is said to be."""
_LOOK_AT_RATE: Final = 3.0


class Incoming:
    """One call's."""

    def __init__(self, call: LiveCall) -> None:
        """``call``: its parts are told what came."""
        self._call = call
        self._cutter = FrameCutter(FRAME_BYTES)
        self._bytes = 0
        self._later: list[Callable[[], None]] = []
        """What came while something was said that is heard to its end."""

    async def receive(self) -> None:
        """The line, until it ends."""
        call = self._call
        try:
            async for item in call.media.incoming():
                if isinstance(item, Key):
                    self._pressed(item.key)
                elif isinstance(item, Sound):
                    self._sound(item.pcm)
            call.finish("bye", call.ending)
        except MediaBroken as problem:
            log.error("a line does not keep to its protocol", call=call.link.call.id, problem=str(problem))
            call.finish("queue", Ending.FAILED)
        except Exception as problem:
            log.error("a line failed", call=call.link.call.id, error=type(problem).__name__, place=place_of(problem))
            call.finish("queue", Ending.FAILED)

    def _sound(self, pcm: bytes) -> None:
        now = self._call.house.clock()
        self._bytes += len(pcm)
        since = now - self._call.began
        if since > _LOOK_AT_RATE and self._bytes / (FRAME_BYTES / FRAME_SECONDS) > since * _TOO_MUCH_AUDIO:
            raise MediaBroken("more audio than time")
        for frame in self._cutter.cut(pcm):
            self._call.transcript.heard(frame)
            self._call.message.add(frame)
            if self._call.message.ending:  # the citizen has finished: only what was said before is still understood
                continue
            if self._call.hearing.frame(frame, now):
                self._call.message.spoken()

    def go_on(self) -> None:
        """Takes what had to wait, in its order, as soon as it may be."""
        if self._later and not self._call.mouth.speaker.insists:
            later, self._later = self._later, []
            for take in later:
                take()

    def _pressed(self, key: str) -> None:
        call = self._call
        if call.mouth.speaker.insists:
            self._later.append(partial(self._pressed, key))
            return
        call.mouth.silence()
        if call.message.prepared and key not in call.house.plan.leads_away:  # enough of the prompt
            call.mouth.speaker.play(tone())
            return
        call.message.activity()
        call.patience.rest()
        call.measures.citizen_ended(self._call.house.clock(), call.transcript.milliseconds)
        call.events.put_nowait(s.Pressed(key))

    def interrupted(self, seconds: float) -> None:
        """Words over our own: we fall silent, until it is known what they were.

        Asked again and again while they go on: who speaks through the protected second is heard at its end.
        """
        call, mouth = self._call, self._call.mouth
        if call.message.prepared or call.message.on or call.leaving or mouth.speaker.done or mouth.speaker.held:
            return
        open_for = mouth.open_for(call.house.clock())
        if open_for < 0:
            return
        mouth.hold()
        call.measures.interrupted(min(seconds, open_for), call.transcript.milliseconds)

    def said(self, heard: Heard, starts: int, ended: float) -> None:
        """An utterance has been understood, or not."""
        call, now = self._call, self._call.house.clock()
        if call.mouth.speaker.insists:
            self._later.append(partial(self.said, heard, starts, ended))
            return
        call.patience.stir(now)
        if call.message.on:
            self._said_on_record(heard, starts)
            return
        if call.message.prepared or call.leaving:
            return
        filler = not heard.text or call.house.plan.means("filler", heard.text)
        if filler and (call.mouth.speaker.take_up() or not call.mouth.speaker.done):
            return  # a cough or 嗯 over our own words: we go on where we were
        call.transcript.citizen_said(heard, starts)
        answers = call.hearing.expecting is Expecting.YES_NO and call.house.plan.means("agree", heard.text)
        if filler and not answers and (heard.text or call.house.recogniser is None):
            return
        if heard.text:
            call.mouth.silence()
            call.patience.rest()
            call.measures.citizen_ended(ended, starts, understood=now)
        call.events.put_nowait(s.Said(heard.text) if heard.text else s.Unclear())

    def _said_on_record(self, heard: Heard, starts: int) -> None:
        call = self._call
        call.transcript.citizen_said(heard, starts)
        if call.house.plan.means("person", heard.text):
            call.events.put_nowait(s.Said(heard.text))
            return
        call.message.words(heard.text)
        if call.house.plan.means("wait", heard.text):
            call.message.wait(call.house.plan.patience["wait"])
