"""What the PBX leaves in its folder: recordings of its own, and notes of what nobody took while the service was away.

Taken over at the start, after each call, and once a minute. In return the folder holds what the PBX says by itself when
nothing of ours answers (``prompts/``).
"""

from __future__ import annotations

import asyncio
import re
import wave
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import numpy as np
import structlog

from backoffice import call_parts
from backoffice.call_parts import PartKind, Recorded
from backoffice.calls import Call, SpokenLine
from channels.voice import called_back, put_downs
from channels.voice.heard_again import lines_heard
from channels.voice.hold_music import music
from channels.voice.message import tone
from channels.voice.phone_plan import PhonePlan
from channels.voice.put_downs import put_down_told
from channels.voice.recording import place_for
from core.rounds import whenever_wanted
from core.runtime import Runtime
from core.tasks import cancel_all
from speech.audio import RATE
from speech.recognition import Recogniser, RecognitionFailed
from speech.synthesis import Synthesiser, SynthesisFailed

_EVERY: Final = 60.0
_SETTLE: Final = 1.0
"""Seconds after a call in which the PBX closes its files."""
_SHORTEST: Final = 1.0
"""Seconds below which a recording holds nothing."""
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PUT_DOWN: Final = re.compile(rf"({_UUID})\.ended")
_CALLED_BACK: Final = re.compile(rf"({_UUID})-\d+\.called-back")
_RECORDING: Final = re.compile(rf"({_UUID})-((?:people|department|conference|callback)-\d+|message)\.wav")
_PROMPTS: Final = {
    "announcement": "{announcement}",
    "nobody": "{pbx_nobody}",
    "hold": "{pbx_hold}",
    "unreached": "{pbx_unreached}",
    "called-back": "{greeting}{announcement}",
    "queue": "{pbx_queue}",
}
_AFTERWARDS: Final = {"nobody": tone, "hold": music}
"""What is heard after the words."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Sound:
    """A recording as it was read: one side, or both."""

    sides: Sequence[bytes]
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return max(map(len, self.sides)) / 2 / RATE


class PbxFolder:
    """The folder while the service runs."""

    def __init__(
        self,
        folder: Path,
        runtime: Runtime,
        recogniser: Recogniser | None,
        put_down_can_be_kept: Callable[[str], Awaitable[bool]],
    ) -> None:
        """``folder``: the PBX's ``RECORDINGS``, here or mounted; the last: :func:`.put_downs.can_be_kept`."""
        self._folder, self._runtime, self._recogniser = folder, runtime, recogniser
        self._put_down_can_be_kept = put_down_can_be_kept
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, plan: PhonePlan, synthesiser: Synthesiser) -> None:
        """Begins to look, and says for the PBX what it says by itself."""
        self._task = asyncio.create_task(self._go_on(plan, synthesiser))

    async def stop(self) -> None:
        """What is not taken over now is taken over at the next start."""
        await cancel_all([self._task] if self._task else [])

    def call_is_over(self) -> None:
        """There may be something to be taken over in a moment."""
        self._wanted.set()

    async def _go_on(self, plan: PhonePlan, synthesiser: Synthesiser) -> None:
        try:
            await self._write_prompts(plan, synthesiser)
        except (OSError, SynthesisFailed) as problem:
            log.error("the PBX's own prompts could not be written", problem=type(problem).__name__)
        await whenever_wanted(self._wanted, "take over the PBX's folder", _EVERY, _SETTLE, self.take_over)

    async def take_over(self) -> None:
        """Everything that is there, put-downs first: they make the record of a call nobody led."""
        names = await asyncio.to_thread(lambda: sorted(path.name for path in self._folder.iterdir()))
        for name in names:
            if found := _PUT_DOWN.fullmatch(name):
                await self._alone(self._take_put_down(self._folder / name, found[1]))
            elif found := _CALLED_BACK.fullmatch(name):
                await self._alone(self._take_called_back(self._folder / name, found[1]))
        for name in names:
            if found := _RECORDING.fullmatch(name):
                await self._alone(self._take_recording(self._folder / name, found[1], found[2].partition("-")[0]))

    @staticmethod
    async def _alone(work: Coroutine[Any, Any, None]) -> None:
        """Takes one file over; one that cannot be does not hold up the others, and is tried again."""
        try:
            await work
        except Exception as problem:
            log.error("a file of the PBX's could not be taken over", error=type(problem).__name__)

    # ------------------------------------------------------------------------------------------ notes

    async def _take_put_down(self, path: Path, call_id: str) -> None:
        fields = await asyncio.to_thread(_note, path, "answered")
        if fields is None or not await self._put_down_can_be_kept(call_id):  # at the next look it can
            return
        async with self._runtime.database.write() as session:
            await put_downs.keep(session, put_down_told(fields, call_id, self._runtime))
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _take_called_back(self, path: Path, call_id: str) -> None:
        fields = await asyncio.to_thread(_note, path, "at")
        if fields is None:
            return
        async with self._runtime.database.write() as session:
            await called_back.keep(session, call_id, fields, self._runtime.clock.now())
        await asyncio.to_thread(path.unlink, missing_ok=True)

    # ------------------------------------------------------------------------------------------ recordings

    async def _take_recording(self, path: Path, call_id: str, kind: str) -> None:
        async with self._runtime.database.read() as session:
            known = await session.get(Call, call_id) is not None
            kept = await call_parts.is_kept(session, path.stem)
        if not known:  # its put-down has not been told yet
            return
        if not kept:
            try:
                sound = await asyncio.to_thread(_read, path)
            except (wave.Error, EOFError):  # perhaps somebody can still make words of it
                await asyncio.to_thread(path.rename, path.with_suffix(".unreadable"))
                log.error("a recording of the PBX's cannot be read; it is kept beside the others", call=call_id)
                return
            if sound.seconds >= _SHORTEST:
                await self._keep(path.stem, call_id, PartKind(kind), sound)
        for file in (path, *_sides_of(path)):
            file.unlink(missing_ok=True)

    async def _keep(self, source: str, call_id: str, kind: PartKind, sound: _Sound) -> None:
        begun = sound.ended_at - timedelta(seconds=sound.seconds)
        place = place_for(source, begun)
        await asyncio.to_thread(_write, self._runtime.settings.media_dir / place, sound.sides)
        apart = kind is PartKind.MESSAGE or len(sound.sides) > 1
        lines = await self._words(sound) if apart else []  # nobody could tell who said what
        recorded = Recorded(call_id, kind, source, place, round(sound.seconds * 1000), begun, lines)
        async with self._runtime.database.write() as session:
            await call_parts.keep(session, recorded)

    async def _words(self, sound: _Sound) -> list[SpokenLine]:
        if self._recogniser is None:
            return []
        try:
            said = [
                await lines_heard(pcm, speaker, self._recogniser)
                for pcm, speaker in zip(sound.sides, ("citizen", "staff"), strict=False)
            ]
        except RecognitionFailed:  # the audio is there all the same
            return []
        return sorted((line for lines in said for line in lines), key=lambda line: line.starts)

    # ------------------------------------------------------------------------------------------ prompts

    async def _write_prompts(self, plan: PhonePlan, synthesiser: Synthesiser) -> None:
        for name, text in _PROMPTS.items():
            pcm = b""
            for piece in synthesiser.pieces(
                text.format(greeting=plan.greeting, announcement=plan.announcement, **plan.say)
            ):
                pcm += b"".join([chunk async for chunk in synthesiser.speak(piece, keep=True)])
            path = self._folder / "prompts" / f"{name}.wav"
            after = _AFTERWARDS.get(name, bytes)()
            await asyncio.to_thread(_write, path, [pcm + after], 0o644)


def _note(path: Path, last: str) -> dict[str, str] | None:
    """What a note tells; None while its ``last`` field is still to be written. Raises OSError."""
    fields = dict(parse_qsl(path.read_text(), keep_blank_values=True))
    return fields if last in fields else None


def _sides_of(path: Path) -> tuple[Path, Path]:
    """The files with what the citizen and what the agent said."""
    return path.with_name(f"{path.stem}-citizen.wav"), path.with_name(f"{path.stem}-staff.wav")


def _read(path: Path) -> _Sound:
    """The two sides, where the PBX has kept them apart; otherwise all in one. Raises OSError, and as :func:`_pcm`."""
    ended_at = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    sides = _sides_of(path)
    return _Sound([_pcm(side) for side in (sides if all(map(Path.exists, sides)) else (path,))], ended_at)


def _pcm(path: Path) -> bytes:
    """The audio of one side. Raises ``wave.Error`` or EOFError for what is no 8 kHz recording of one channel."""
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise wave.Error("not 8 kHz, 16 bit, mono")
        frames: bytes = file.readframes(file.getnframes())
        return frames


def _write(path: Path, sides: Sequence[bytes], mode: int = 0o600) -> None:
    """A WAV file with the sides as its channels; whoever reads it meanwhile has the old one."""
    longest = max(map(len, sides))
    columns = [np.frombuffer(side.ljust(longest, b"\0"), dtype="<i2") for side in sides]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with wave.open(str(unfinished), "wb") as file:
        file.setparams((len(columns), 2, RATE, 0, "NONE", ""))
        file.writeframes(np.column_stack(columns).tobytes())
    unfinished.chmod(mode)
    unfinished.replace(path)
