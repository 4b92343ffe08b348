"""200 conversations at once: no error, no lost message, and how long the slowest waits.

    uv run python -m benchmarks.crowd [--citizens 200]

Every citizen opens the page, connects, and plays one of the dialogues without pausing, all at the same time. At the end
the database is counted: every acknowledged message is stored once, nothing else is, and none waits for an answer. Ends
with 1 where that is not so, where a citizen saw an error, or where a dialogue broke off.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from benchmarks.citizens import DIALOGUES, Citizen, citizen
from benchmarks.figures import print_row, quiet
from benchmarks.installation import served

quiet()


async def measure(citizens: int) -> bool:
    """Runs the crowd and prints the figures; whether nobody saw an error and nothing was lost or doubled."""
    with served() as service:
        of_the_demo = service.taken_in().total()
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
        acknowledged = [wanted for _, visitor in good for wanted in visitor.acknowledged]
        stored, waiting = service.taken_in(), service.unanswered()
        astray = [wanted for wanted in acknowledged if stored[wanted] != 1]
        beyond = 0 if failed else stored.total() - of_the_demo - len(acknowledged)
        print_row(f"{citizens} conversations at once, one turn", times, unit=1, name="s")
        print(f"messages said {said}, acknowledged {len(acknowledged)}, errors {errors}, failed {failed}")
        print(f"in the database: {len(astray)} lost or doubled, {beyond} beyond, {waiting} waiting for an answer")
        print(f"{said / took:.0f} turns a second; resident memory {service.resident_mb():.0f} MB")
        return not (failed or errors or astray or beyond or waiting) and said == len(acknowledged)


async def _one(base: str, number: int) -> tuple[list[float], Citizen]:
    async with citizen(base) as visitor:
        times = []
        for text in DIALOGUES[number % len(DIALOGUES)]:
            times.append(await visitor.say(text))
        return times, visitor


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--citizens", type=int, default=200)
    sys.exit(0 if asyncio.run(measure(parser.parse_args().citizens)) else 1)
