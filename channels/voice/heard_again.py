"""The words of a recording that is there as a whole, utterance by utterance, with their times."""

from __future__ import annotations

import asyncio
from typing import Final

from backoffice.calls import SpokenLine
from speech.audio import FRAME_BYTES, FRAME_SECONDS, silence, whole_frames
from speech.endpointing import Endpointer, Signal
from speech.recognition import Expecting, Heard, Recogniser
from speech.voice_activity import VoiceActivity

_BEFORE: Final = 15
"""Frames from before speech was noticed: its first consonant is in them."""
_LEAST_REST: Final = 0.05


async def lines_heard(pcm: bytes, speaker: str, recogniser: Recogniser) -> list[SpokenLine]:
    """What ``speaker`` says in ``pcm`` (8 kHz, 16 bit, mono). Raises :class:`speech.recognition.RecognitionFailed`.

    Rests as long as it works: calls that are going on are understood first.
    """
    lines, loop = [], asyncio.get_running_loop()
    for first, last in await asyncio.to_thread(utterances, pcm):
        began = loop.time()
        utterance = recogniser.begin(Expecting.ANYTHING)
        await utterance.feed(pcm[first * FRAME_BYTES : last * FRAME_BYTES])
        heard = await utterance.finish()
        if heard.text:
            lines.append(_line(speaker, heard, _milliseconds(first), _milliseconds(last)))
        await asyncio.sleep(max(_LEAST_REST, loop.time() - began))
    return lines


def utterances(pcm: bytes) -> list[tuple[int, int]]:
    """First and last frame (20 ms each) of everything that is said."""
    activity, endpointer = VoiceActivity(), Endpointer()
    found, first = [], None
    whole = whole_frames(pcm) + silence(2 * endpointer.pauses.usual)
    for number in range(len(whole) // FRAME_BYTES):
        sound = activity.listen(whole[number * FRAME_BYTES : (number + 1) * FRAME_BYTES])
        signals = endpointer.hear(number * FRAME_SECONDS, speech=sound.speech, articulated=sound.articulated)
        if Signal.BEGUN in signals:
            first = max(0, number - _BEFORE)
        if first is not None and {Signal.ENDED, Signal.TOO_LONG} & set(signals):
            found.append((first, number))
            first = None
    return found


def _line(speaker: str, heard: Heard, starts: int, ends: int) -> SpokenLine:
    words = tuple(
        (word.text, starts + round(word.start * 1000), starts + round(word.end * 1000), round(word.confidence, 2))
        for word in heard.words
    )
    if words:
        starts, ends = words[0][1], words[-1][2]
    return SpokenLine(speaker, starts, ends, heard.text, words)


def _milliseconds(frame: int) -> int:
    return round(frame * FRAME_SECONDS * 1000)
