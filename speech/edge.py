"""Microsoft's neural voices by edge-tts: the better voice, over the internet. What is said goes to Microsoft.

The service is not ours to trust: it has a time limit for its first sound and one for the whole sentence.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from typing import Any, Final

import miniaudio

from speech.audio import RATE, seconds_of, whole_frames
from speech.synthesis import SynthesisFailed

FIRST_SOUND: Final = 1.5
"""Seconds until the first audio must be there, and then until the next: the citizen hears silence meanwhile."""
WHOLE: Final = 20.0
"""Seconds a sentence may take."""
_FRAMES: Final = 800
"""Samples decoded at a time: 100 ms."""
_FASTEST: Final = 0.12
"""Seconds a character takes at least: a sentence that is shorter was cut off, which edge-tts does not tell."""
_THREADS: Final = ThreadPoolExecutor(32, thread_name_prefix="decode")
"""A decoder waits for its input: it must not hold up the threads others need."""


class EdgeVoice:
    """Speaks by edge-tts (:class:`speech.synthesis.Voice`)."""

    def __init__(self, voice: str, *, first_sound: float = FIRST_SOUND, whole: float = WHOLE) -> None:
        """``voice``: one of the service's names, like ``zh-CN-XiaoxiaoNeural``."""
        self._voice, self._first_sound, self._whole = voice, first_sound, whole

    @property
    def name(self) -> str:
        """The service's voice."""
        return f"edge/{self._voice}/1"

    async def speak(self, sentence: str, speed: float) -> AsyncGenerator[bytes, None]:
        """The sentence as it comes in, decoded while it does."""
        decoding = _Decoding()
        until = asyncio.get_running_loop().time() + self._whole
        fetching = asyncio.create_task(self._fetch(sentence, speed, decoding))
        limit, said = self._first_sound, 0.0
        try:
            while True:
                pcm = await asyncio.wait_for(decoding.next(), limit)
                if pcm is None:
                    break
                said += seconds_of(pcm)
                yield pcm
                limit = min(self._first_sound, max(0.01, until - asyncio.get_running_loop().time()))
            await fetching
        except asyncio.TimeoutError:
            raise SynthesisFailed("too slow") from None
        except SynthesisFailed:
            raise
        except Exception as problem:  # aiohttp's, edge-tts's and the decoder's own errors all mean the same
            raise SynthesisFailed(type(problem).__name__) from problem
        finally:
            fetching.cancel()
            decoding.stop()
            with suppress(asyncio.CancelledError, Exception):
                await fetching
        if said < _FASTEST * len(sentence):
            raise SynthesisFailed("cut off")

    async def _fetch(self, sentence: str, speed: float, decoding: _Decoding) -> None:
        import edge_tts  # takes a while, and most installations do without

        rate = f"{round((speed - 1) * 100):+d}%"
        speech = edge_tts.Communicate(sentence, self._voice, rate=rate)
        try:
            async with aclosing(speech.stream()) as stream:
                async for part in stream:
                    if part["type"] == "audio":
                        decoding.feed(part["data"])
        finally:
            decoding.feed(b"")


class _Mp3(miniaudio.StreamableSource):  # type: ignore[misc]  # untyped
    """MP3 that is read while it comes in; reading waits for more."""

    def __init__(self) -> None:
        self.incoming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._rest = b""
        self._ended = False

    def read(self, num_bytes: int) -> bytes:
        while not self._rest and not self._ended:
            self._rest = self.incoming.get()
            self._ended = not self._rest
        data, self._rest = self._rest[:num_bytes], self._rest[num_bytes:]
        return data


class _Decoding:
    """Decodes on a thread, since the decoder waits for its input."""

    def __init__(self) -> None:
        self._source = _Mp3()
        self._stream: Any = None

    def feed(self, mp3: bytes) -> None:
        """More MP3; empty: there is no more."""
        self._source.incoming.put(mp3)

    def stop(self) -> None:
        """Lets a decoder that still waits go on to its end."""
        self._source.incoming.put(b"")

    async def next(self) -> bytes | None:
        """The next audio; None after the last."""
        return await asyncio.get_running_loop().run_in_executor(_THREADS, self._decode)

    def _decode(self) -> bytes | None:
        try:
            if self._stream is None:
                self._stream = miniaudio.stream_any(
                    self._source,
                    source_format=miniaudio.FileFormat.MP3,
                    output_format=miniaudio.SampleFormat.SIGNED16,
                    nchannels=1,
                    sample_rate=RATE,
                    frames_to_read=_FRAMES,
                )
            samples = next(self._stream, None)
        except miniaudio.DecodeError as problem:
            raise SynthesisFailed("unreadable audio") from problem
        return None if samples is None or len(samples) == 0 else whole_frames(bytes(samples.tobytes()))
