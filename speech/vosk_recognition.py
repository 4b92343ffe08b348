"""Vosk behind the recognition port: one model a process, decoding on threads of its own.

Where a grammar is expected two decoders hear the same audio, one with the grammar and one without: the grammar is
the better ear for digits and yes, but a citizen may say anything at any time.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from speech.audio import RATE, Resampler
from speech.grammars import UNKNOWN, fits, phrases_for
from speech.recognition import Expecting, Heard, RecognitionFailed, Word

Result = TypeVar("Result")

FULL_RATE: Final = 16000
"""What a model is trained at that does not tell."""
_CHUNK_BYTES: Final = 1600
"""100 ms are decoded at a time: a thread is not woken for every frame."""
_NICENESS: Final = 5
"""Of decoding, beside the loop that has a frame to send every 20 ms: a word later is not heard, a frame later is."""
_NO_LOG: Final = -10
"""Vosk's log quotes what it listens for and may quote citizens."""
_NEEDED: Final = ("am/final.mdl", "conf/model.conf")


class NoModel(Exception):
    """There is no usable model in a folder; the text says what is wrong, in Chinese."""


def check_model(folder: Path) -> None:
    """Raises :class:`NoModel` when ``folder`` does not hold a Vosk model."""
    if not folder.is_dir():
        raise NoModel(f"没有语音识别模型文件夹 {folder}，请运行 huiyin speech install")
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise NoModel(f"{folder} 不是完整的 Vosk 模型，缺少 {'、'.join(missing)}")


def model_rate(folder: Path) -> int:
    """Samples a second the model in ``folder`` was trained at."""
    conf = folder / "conf" / "mfcc.conf"
    found = re.search(r"--sample-frequency=(\d+)", conf.read_text()) if conf.exists() else None
    return int(found.group(1)) if found else FULL_RATE


class VoskRecogniser:
    """Recognition by a Vosk model (:class:`speech.recognition.Recogniser`)."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Loads the model in ``folder``, which takes seconds for a large one. Raises :class:`NoModel`."""
        import vosk  # heavy, and needed only where a model is

        check_model(folder)
        vosk.SetLogLevel(_NO_LOG)
        try:
            self._model = vosk.Model(model_path=str(folder))
        except Exception as problem:  # vosk raises a bare Exception
            raise NoModel(f"{folder} 里的模型无法读取") from problem
        self._new: Callable[..., Any] = vosk.KaldiRecognizer
        self._rate = model_rate(folder)
        self._threads = ThreadPoolExecutor(
            threads or os.cpu_count() or 1, thread_name_prefix="speech", initializer=_step_back
        )

    def begin(self, expecting: Expecting, more: Collection[str] = ()) -> VoskUtterance:
        """A new utterance, decoded on one of the threads; phrases with words the model does not know are left out."""
        fitting = partial(fits, expecting, more=frozenset(more))
        return VoskUtterance(self._threads, self._rate, partial(self._decoders, expecting, more), fitting)

    def close(self) -> None:
        """Ends the threads; what is being decoded is ended first."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _decoders(self, expecting: Expecting, more: Collection[str]) -> list[Any]:
        decoders = [self._new(self._model, self._rate)]
        phrases = [phrase for phrase in phrases_for(expecting) if self._knows(phrase)]
        if phrases:
            phrases += [words for phrase in more if (words := self._in_words(phrase)) and words not in phrases]
            grammar = json.dumps([*phrases, UNKNOWN], ensure_ascii=False)
            decoders.insert(0, self._new(self._model, self._rate, grammar))
        for decoder in decoders:
            decoder.SetWords(True)
        return decoders

    def _in_words(self, phrase: str) -> str:
        """A phrase parted into words of the model, the longest first; empty where it cannot be."""
        words, at = [], 0
        while at < len(phrase):
            ends = (end for end in range(len(phrase), at, -1) if self._knows(phrase[at:end]))
            end = next(ends, None)
            if end is None:
                return ""
            words.append(phrase[at:end])
            at = end
        return " ".join(words)

    def _knows(self, phrase: str) -> bool:
        return all(self._model.vosk_model_find_word(word) >= 0 for word in phrase.split())


class VoskUtterance:
    """One utterance (:class:`speech.recognition.Utterance`)."""

    def __init__(
        self, threads: ThreadPoolExecutor, rate: int, decoders: Callable[[], list[Any]], fits: Callable[[str], bool]
    ) -> None:
        """``fits``: whether what a grammar made of it is one of its phrases."""
        self._threads = threads
        self._fits = fits
        self._make = decoders
        self._decoders: list[Any] = []
        self._segments: list[list[dict[str, Any]]] = []
        self._resampler = Resampler(RATE, rate)
        self._waiting = bytearray()
        self._partial = ""

    async def feed(self, pcm: bytes) -> str:
        """Takes audio; decodes when enough of it is there."""
        self._waiting += pcm
        if len(self._waiting) >= _CHUNK_BYTES:
            chunk = bytes(self._waiting)
            self._waiting.clear()
            self._partial = await self._on_thread(partial(self._decode, chunk))
        return self._partial

    async def finish(self) -> Heard:
        """The words of the decoder that fits best, segments joined, empty ones left out."""
        return await self._on_thread(self._finish)

    async def _on_thread(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Exception as problem:  # whatever the engine or a closed pool raises: this ear is lost
            raise RecognitionFailed(type(problem).__name__) from problem

    def _decode(self, pcm: bytes, *, last: bool = False) -> str:
        if not self._decoders:
            self._decoders = self._make()
            self._segments = [[] for _ in self._decoders]
        samples = self._resampler.feed(pcm, last=last)
        for decoder, segments in zip(self._decoders, self._segments, strict=True):
            if samples and decoder.AcceptWaveform(samples):  # a pause inside the utterance ended a segment
                segments.append(json.loads(decoder.Result()))
        return self._text_so_far()

    def _text_so_far(self) -> str:
        said = "".join(str(segment.get("text", "")) for segment in self._segments[-1])
        running = str(json.loads(self._decoders[-1].PartialResult()).get("partial", ""))
        return (said + running).replace(" ", "").replace(UNKNOWN, "")

    def _finish(self) -> Heard:
        self._decode(bytes(self._waiting), last=True)
        self._waiting.clear()
        heard = []
        for decoder, segments in zip(self._decoders, self._segments, strict=True):
            segments.append(json.loads(decoder.FinalResult()))
            heard.append(_heard(segments))
        return next((one for one in heard[:-1] if self._fits(one.text)), heard[-1])


def _step_back() -> None:
    """Lets other threads of the process go first where processors are short (Linux counts niceness by thread)."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _heard(segments: list[dict[str, Any]]) -> Heard:
    words = tuple(
        Word(word["word"], float(word["start"]), float(word["end"]), float(word.get("conf", 1.0)))
        for segment in segments
        for word in segment.get("result", ())
    )
    return Heard("".join(word.text for word in words), words)
