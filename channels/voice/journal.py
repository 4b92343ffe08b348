"""The journal of a call: what it will leave, written down as it comes, so that a service that is killed loses no word.

One file for every leg of a call, encrypted line by line, and locked as long as whoever writes it lives. It goes away
when the call's end is in the database; one that nobody holds is taken over (:mod:`channels.voice.journals`).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography.exceptions import InvalidTag

from backoffice.calls import SpokenLine
from channels.voice.leaving import End
from core.privacy import Keyring
from core.settings import Settings

log = structlog.get_logger(__name__)

SUFFIX: Final = ".journal"
NAMELESS: Final = re.compile(r"[^.]+\.[0-9a-f]{8}")
"""What a journal is called that is being begun."""


class NoJournal(Exception):
    """A file that is none of ours, or was written with another key."""


def folder_of(settings: Settings) -> Path:
    """Where journals are: beside the database, on a disk of this machine, for they are locked."""
    return settings.data_dir / "journals"


class Journal:
    """One leg's. What is noted before it is opened is written then."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._waiting: list[tuple[str, Any]] | None = []
        """What is not written yet; None once it is open, or cannot be."""
        self._path: Path | None = None
        self._file: int | None = None
        self._keyring: Keyring | None = None
        self.is_whole = False
        """Whether all that was noted is on the disk."""

    def open(self, folder: Path, keyring: Keyring, head: Mapping[str, Any]) -> None:
        """Begins the file; ``head``: whose journal it is. Where no file can be written none is."""
        notes, self._waiting = [("head", head), *(self._waiting or ())], None
        path = folder / f"{self._call_id}.{uuid.uuid4().hex[:8]}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._keyring, self.is_whole = keyring, True
            for what, value in notes:
                self.note(what, value)
            self._path = path.rename(f"{path}{SUFFIX}")  # locked and begun before anybody finds it
        except OSError as problem:
            self.is_whole = False
            log.error("a call has no journal", call=self._call_id, error=type(problem).__name__)

    def note(self, what: str, value: Any) -> None:
        """Writes down one thing; a later one of the same name and number replaces it."""
        if self._waiting is not None:
            self._waiting.append((what, value))
        elif self.is_whole and self._file is not None and self._keyring is not None:
            sealed = self._keyring.encrypt(json.dumps([what, value], ensure_ascii=False)).encode() + b"\n"
            try:
                if os.write(self._file, sealed) < len(sealed):
                    raise OSError(errno.ENOSPC, "a part could not be written")
            except OSError as problem:
                self.is_whole = False
                log.error("a call's journal broke off", call=self._call_id, error=type(problem).__name__)

    def ended(self, end: End) -> None:
        """How the call ended: the last thing that is noted."""
        told = {"ending": end.outcome.ending.value, "seconds": end.outcome.seconds, "at": end.at.isoformat()}
        self.note("end", {**told, "left": asdict(end.left) if end.left else None})

    def forget(self) -> None:
        """What the call leaves is stored."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """It is for whoever takes it over."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


@dataclass
class Told:
    """What a journal tells."""

    head: dict[str, Any]
    lines: dict[int, SpokenLine] = field(default_factory=dict)
    measures: dict[str, list[Any]] = field(default_factory=lambda: {"turns": [], "interruptions": []})
    end: dict[str, Any] | None = None
    """How the call ended; None: nobody was there any more to say so."""


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether the file is ours until the block ends; not where whoever writes it lives, or it has just gone."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _is_ours(file)
    finally:
        os.close(file)


def _is_ours(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0


def read(path: Path, keyring: Keyring) -> Told:
    """What it tells, as far as it was written. Raises :class:`NoJournal`, and OSError."""
    told: Told | None = None
    for sealed in path.read_bytes().splitlines():
        try:
            what, value = json.loads(keyring.decrypt(sealed.decode()))
        except (ValueError, InvalidTag):  # the last line of one who was killed in the middle of it
            break
        if told is None:
            told = Told(value)
        elif what == "line":
            number, speaker, starts, ends, text, words = value
            told.lines[number] = SpokenLine(speaker, starts, ends, text, tuple(map(tuple, words)))
        elif what == "end":
            told.end = value
        else:
            told.measures[what].append(value)
    if told is None:
        raise NoJournal(path.name)
    return told
