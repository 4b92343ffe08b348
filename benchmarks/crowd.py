"""200 conversations at once: no error, no lost message, and how long the slowest waits.

    uv run python -m benchmarks.crowd [--citizens 200]

Every citizen opens the page, connects, and plays one of the dialogues without pausing, all at the same time. Counted at
the end, in the database's own words over the HTTP fallback: every acknowledged message is there once.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from benchmarks.citizens import DIALOGUES, Citizen, citizen
from benchmarks.figures import print_row, quiet
from benchmarks.installation import served

quiet()


async def measure(citizens: int) -> None:
    """Runs the crowd and prints the figures."""
    with served() as service:
        begun = time.perf_counter()
        outcomes = await asyncio.gather(
            *(_one(service.base, number) for number in range(citizens)), return_exceptions=True
        )
        took = time.perf_counter() - begun
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        good = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        times = [seconds for one, _ in good for seconds in one]
        said = sum(len(one) for one, _ in good)
        errors = [code for _, visitor in good for code in visitor.errors]
        acknowledged = sum(len(visitor.acknowledged) for _, visitor in good)
        print_row(f"{citizens} conversations at once, one turn", times, unit=1, name="s")
        print(f"messages said {said}, acknowledged {acknowledged}, errors {errors}, failed {failed}")
        print(f"{said / took:.0f} turns a second; resident memory {service.resident_mb():.0f} MB")


async def _one(base: str, number: int) -> tuple[list[float], Citizen]:
    async with citizen(base) as visitor:
        times = []
        for text in DIALOGUES[number % len(DIALOGUES)]:
            times.append(await visitor.say(text))
        return times, visitor


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--citizens", type=int, default=200)
    asyncio.run(measure(parser.parse_args().citizens))
