"""Telephone calls through a real Asterisk: how soon the citizen is answered, and whether the sound is whole.

    uv run python -m benchmarks.phone [--crowd 20] [--rush 50] [--seconds 30]

The service, Asterisk and the callers are three processes of one machine. What citizens say is made by espeak-ng and
recognised by the test model; they speak over every prompt. Beside every crowd the same number of calls is made to
Asterisk's own echo: what is bad there too is the machine, not the service.

Times are taken at the citizen's end, from the packets' arrival as the kernel tells it. "Cached" is answered with
a prompt of the phone plan, "made" with a reply of the dialogue whose sound is made then; after "tell me what happened"
the pause that ends a turn is 1.0 s and not 0.6 s, and those turns stand apart.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.callers import ANNOUNCED, Caller, caller
from benchmarks.figures import percentile, quiet
from benchmarks.installation import served
from tests.fixtures.asterisk import Asterisk, running_asterisk
from tests.fixtures.served import Served, free_port
from tests.fixtures.voices import MODEL, said

quiet()

SECRET = "benchmark-secret"
HOTLINE, ECHO = "12345", "600"
CACHED, MADE, STORY = "answer, cached prompt", "answer, made", "answer after a story"
_PACE = 3.0
"""Seconds over which a crowd's calls begin: citizens do not call in step."""
_A_WORD = 0.2
"""Seconds of speech that make an interruption: what is quicker would be a cough."""

SCRIPT = (
    ("自助服务", CACHED),
    ("返回", CACHED),
    ("社保卡丢了怎么补办", MADE),
    ("再说一遍", MADE),
    ("我要投诉", MADE),
    ("幸福小区半夜施工噪音太大", STORY),
)
"""What a citizen says in one call, and what kind of answer they get."""


@dataclass
class Figures:
    """Seconds by what was measured, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unanswered: int = 0
    dropped: int = 0
    calls: int = 0


@dataclass(frozen=True)
class Bench:
    """Everything that runs."""

    service: Served
    asterisk: Asterisk

    def processor_seconds(self) -> tuple[float, float]:
        """Processor time of the service and of Asterisk so far."""
        asterisk = Served(self.asterisk.process, self.service.folder, "", 0)
        return self.service.processor_seconds(), asterisk.processor_seconds()


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    """A service with a phone, and an Asterisk in front of it."""
    port = free_port()
    settings = {
        "HUIYIN_AUDIOSOCKET_PORT": str(port),
        "HUIYIN_PBX_SECRET": SECRET,
        "HUIYIN_ASR_MODEL": str(MODEL),
        "HUIYIN_EDGE_VOICE": "",
    }
    ports = (free_port(), free_port(), 20000 + free_port() % 20000)
    with served(**settings) as service, tempfile.TemporaryDirectory() as folder:
        async with running_asterisk(
            Path(folder), service=service.base, audiosocket=port, secret=SECRET, ports=ports
        ) as asterisk:
            yield Bench(service, asterisk)


# ---------------------------------------------------------------------------------------------- calls


async def talk(bench: Bench, number: int, figures: Figures) -> None:
    """One citizen's call from the greeting to the last answer."""
    async with _called(bench, HOTLINE, number, figures) as citizen:
        for place, (text, kind) in enumerate(SCRIPT):
            turn = await (citizen.interrupts(text) if place else citizen.interrupts(text, ANNOUNCED))
            if turn.answer is None:
                figures.unanswered += 1
            else:
                figures.times[kind].append(turn.answer)
            if turn.silence is not None:
                figures.times["interrupted to silence"].append(max(0.0, turn.silence - _A_WORD))
        figures.dropped += citizen.call.ended.is_set()


async def listen(bench: Bench, number: int, figures: Figures, *, seconds: float, to: str) -> None:
    """One call of fixed length in which the citizen says something every eight seconds."""
    async with _called(bench, to, number, figures) as citizen:
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0 and not citizen.call.ended.is_set():
            citizen.rtp.speak(said("社保卡丢了怎么补办"))
            await asyncio.sleep(min(8.0, left))
        figures.dropped += citizen.call.ended.is_set()


@asynccontextmanager
async def _called(bench: Bench, to: str, number: int, figures: Figures) -> AsyncIterator[Caller]:
    figures.calls += 1
    try:
        async with caller(bench.asterisk.sip_port, to, f"1380000{number:04}") as citizen:
            figures.times["INVITE to answer"].append(citizen.call.answered_after)
            if to == ECHO:
                citizen.rtp.speak(said("我要投诉"))
            greeted = await citizen.first_sound()
            if greeted is None:
                figures.unanswered += 1
            elif to == HOTLINE:
                figures.times["INVITE to first sound"].append(greeted)
            yield citizen
            figures.times["longest gap of a call"].append(max(citizen.rtp.gaps, default=0.0))
    except (AssertionError, asyncio.TimeoutError):  # not answered at all
        figures.dropped += 1


async def crowd(bench: Bench, calls: int, times: int) -> Figures:
    """``calls`` citizens at once, each of whom calls ``times`` times."""
    figures = Figures()

    async def one(number: int) -> None:
        await asyncio.sleep(_PACE * number / calls)
        for call in range(times):
            await talk(bench, number * 10 + call, figures)

    await asyncio.gather(*(one(number) for number in range(calls)))
    return figures


async def rush(bench: Bench, calls: int, seconds: float, to: str) -> Figures:
    """``calls`` calls that begin at the same moment."""
    figures = Figures()
    await asyncio.gather(*(listen(bench, 5000 + number, figures, seconds=seconds, to=to) for number in range(calls)))
    return figures


# ---------------------------------------------------------------------------------------------- told

ASKED = {
    CACHED: "p50 <= 900, p95 <= 1500 (one call) or 2000",
    MADE: "p50 <= 900, p95 <= 1500 (one call) or 2000",
    STORY: "0.4 s more, by the pause",
    "interrupted to silence": "<= 150, after 200 of speech",
    "longest gap of a call": "<= 60",
    "INVITE to answer": "<= 1000",
}


def tell(what: str, figures: Figures, cost: Sequence[float], took: float) -> None:
    """A table of one part."""
    print(f"\n{what}: {figures.calls} calls, {figures.dropped} dropped, {figures.unanswered} turns not answered")
    print(f"  of one core, the service {cost[0] / took:.0%}, Asterisk {cost[1] / took:.0%}")
    print(f"  {'ms':<24}{'n':>5}{'p50':>8}{'p95':>8}{'max':>8}   asked")
    for name, times in figures.times.items():
        p50, p95 = (percentile(times, share) * 1000 for share in (0.5, 0.95))
        print(f"  {name:<24}{len(times):>5}{p50:>8.0f}{p95:>8.0f}{max(times) * 1000:>8.0f}   {ASKED.get(name, '')}")


async def measure(crowd_size: int, rush_size: int, seconds: float) -> None:
    """Makes all calls and prints the tables."""
    loop = asyncio.get_running_loop()
    async with running() as bench:
        await crowd(bench, 1, 1)  # warms up: prompts are made and kept, the model read
        parts = (
            ("echo, one call", lambda: rush(bench, 1, 10, ECHO)),
            ("one call", lambda: crowd(bench, 1, 4)),
            (f"echo, {crowd_size} calls at once", lambda: rush(bench, crowd_size, 15, ECHO)),
            (f"{crowd_size} calls at once", lambda: crowd(bench, crowd_size, 2)),
            (f"echo, {rush_size} calls in one moment", lambda: rush(bench, rush_size, seconds, ECHO)),
            (f"{rush_size} calls in one moment", lambda: rush(bench, rush_size, seconds, HOTLINE)),
        )
        for what, part in parts:
            before, begun = bench.processor_seconds(), loop.time()
            figures = await part()
            after, took = bench.processor_seconds(), loop.time() - begun
            tell(what, figures, [end - start for start, end in zip(before, after, strict=True)], took)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--crowd", type=int, default=20)
    parser.add_argument("--rush", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    chosen = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is not installed: deploy/bootstrap.sh test-packages")
    asyncio.run(measure(chosen.crowd, chosen.rush, chosen.seconds))
