"""espeak-ng: the voice that is always there, on this machine and in some 30 ms.

Debian 12's espeak-ng reads Mandarin only with the voice ``cmn-latn-pinyin``, and some characters wrongly even then:
it is fed with pinyin.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from speech.audio import resample, trimmed
from speech.pinyin import Pinyin
from speech.synthesis import SynthesisFailed

PROGRAM: Final = "espeak-ng"
VOICE: Final = "cmn-latn-pinyin"
_WORDS_A_MINUTE: Final = 165
_TIME_LIMIT: Final = 1.5
_WAV_HEADER: Final = 44
_RATE: Final = 22050
_SILENT: Final = 60
"""espeak-ng ends sentences with some 300 ms of silence: how long we pause is not its business."""
_THREADS: Final = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="espeak")
"""For all voices of the process: no more sentences are made at a time than there are processors."""


def is_installed() -> bool:
    """Whether the program is there."""
    return shutil.which(PROGRAM) is not None


class EspeakVoice:
    """Speaks by a process per sentence (:class:`speech.synthesis.Voice`).

    The process is started from a thread, by :mod:`subprocess`: the event loop's own way (libuv) forks, which copies the
    page tables of a large service and stops every call's sound for 30 ms a sentence.
    """

    def __init__(self, pinyin: Pinyin, variant: str = "") -> None:
        """``variant``: one of espeak-ng's own, like ``f3``; empty: its plain voice."""
        self._pinyin = pinyin
        self._voice = f"{VOICE}+{variant}" if variant else VOICE

    @property
    def name(self) -> str:
        """The voice with its variant and its readings: what was said with others is not said again."""
        return f"espeak-ng/{self._voice}/{self._pinyin.version}"

    async def speak(self, sentence: str, speed: float) -> AsyncGenerator[bytes, None]:
        """The whole sentence at once."""
        yield await asyncio.get_running_loop().run_in_executor(_THREADS, self._say, sentence, speed)

    def _say(self, sentence: str, speed: float) -> bytes:
        wav = self._run(self._pinyin.of(sentence), speed)
        pcm = trimmed(resample(wav[_WAV_HEADER : len(wav) // 2 * 2], _RATE), _SILENT)
        if not pcm:
            raise SynthesisFailed("espeak-ng said nothing")
        return pcm

    def _run(self, pinyin: str, speed: float) -> bytes:
        command = (PROGRAM, "-v", self._voice, "-s", str(round(_WORDS_A_MINUTE * speed)), "--stdin", "--stdout")
        try:
            done = subprocess.run(  # noqa: S603  # our own program; what is said goes in by its input
                command, input=pinyin.encode(), capture_output=True, timeout=_TIME_LIMIT
            )
        except subprocess.TimeoutExpired:
            raise SynthesisFailed("espeak-ng took too long") from None
        except OSError as problem:
            raise SynthesisFailed("espeak-ng cannot be started") from problem
        if done.returncode != 0 or len(done.stdout) <= _WAV_HEADER:
            raise SynthesisFailed("espeak-ng said nothing")
        return done.stdout
