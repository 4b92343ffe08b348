"""A contest in a process of its own: learning keeps a processor busy for half a minute, and the service goes on.

The child (``python -m backoffice.learning.apart``) reads one JSON job from standard input, writes its progress to
standard error, a line each, and the outcome to standard output: a line of JSON, then the new model if it won.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from backoffice.learning import model_file
from backoffice.learning.contest import contest
from backoffice.learning.model_file import BrokenModel
from backoffice.learning.training import CannotLearn

_NICENESS = 10


@dataclass(frozen=True)
class Job:
    """What is to be learnt."""

    texts: Sequence[str]
    labels: Sequence[str]
    names: dict[str, str]
    old: bytes | None
    unseen_by_old: int
    measurable: int
    """How many of the texts, the last, may be measured on."""


@dataclass(frozen=True)
class Done:
    """What came of it."""

    figures: dict[str, Any]
    content: bytes
    """The new model's file; empty where the old one stays."""
    about: dict[str, Any]


class LearningFailed(RuntimeError):
    """The process ended without an outcome."""


async def contest_apart(job: Job, progress: Callable[[float], None]) -> Done:
    """Runs the contest; cancelling it ends the process. Raises :class:`LearningFailed`."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backoffice.learning.apart",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    errand = _job_as_json(job)
    try:
        told = asyncio.ensure_future(_follow(child.stderr, progress))
        with suppress(ConnectionError, RuntimeError):  # what asyncio, and uvloop, say when the process has ended
            child.stdin.write(errand)
            await child.stdin.drain()
        child.stdin.close()
        answer = await child.stdout.read()
        await told
        code = await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    head, _, content = answer.partition(b"\n")
    if code != 0 or not head:
        raise LearningFailed(f"learning ended with {code}")
    said = json.loads(head)
    return Done(said["figures"], content, said["about"])


async def _follow(lines: asyncio.StreamReader, progress: Callable[[float], None]) -> None:
    async for line in lines:
        with suppress(ValueError):  # libraries write warnings there, too
            progress(float(line))


def _job_as_json(job: Job) -> bytes:
    old = base64.b64encode(job.old).decode() if job.old is not None else None
    told = {
        "texts": list(job.texts),
        "labels": list(job.labels),
        "names": job.names,
        "old": old,
        "unseen_by_old": job.unseen_by_old,
        "measurable": job.measurable,
    }
    return json.dumps(told).encode()


def main() -> None:
    """The child: one job, one outcome."""
    os.nice(_NICENESS)  # citizens first
    job = json.loads(sys.stdin.buffer.read())
    old = None
    if job["old"] is not None:
        with suppress(BrokenModel):  # one that cannot be read is as good as none
            old = model_file.loads(base64.b64decode(job["old"]))

    def progress(share: float) -> None:
        print(share, file=sys.stderr, flush=True)

    try:
        unseen, measurable = job["unseen_by_old"], job["measurable"]
        outcome = contest(job["texts"], job["labels"], job["names"], old, unseen, progress, measurable=measurable)
        figures, better = outcome.figures(), outcome.better
    except CannotLearn as problem:
        figures, better = {"better": False, "told": str(problem), "held_out": 0}, None
    about = dict(better.about) if better is not None else {}
    sys.stdout.buffer.write(json.dumps({"figures": figures, "about": about}).encode() + b"\n")
    if better is not None:
        sys.stdout.buffer.write(model_file.dumps(better))


if __name__ == "__main__":
    main()
