"""How long it takes to read everything out of a message: python -m benchmarks.reading

Processor time of this process, so a busy machine does not count; each message is read once, as the first component of
a turn reads it (the others find it kept).
"""

from __future__ import annotations

from statistics import median
from time import process_time_ns

from bot.reading.civic import CivicReader
from bot.reading.places import PlaceReader
from bot.reading.times import read_time
from core.clock import SystemClock
from core.settings import ROOT
from tests.bot.reading.slot_scores import utterances

ROUNDS = 20
LONG = 2000
"""Characters of the longest message the bot reads."""


def main() -> None:
    """Prints median, 95th percentile and longest in milliseconds, and what one message of full length takes."""
    reader = CivicReader.of(str(ROOT / "cities" / "yunzhou"))
    places = PlaceReader.load(ROOT / "cities" / "yunzhou")
    texts = [said["text"] for part in ("dev", "test") for said in utterances(f"slots_{part}")]
    now = SystemClock().now()
    for name, read in (
        ("all entities", reader.read),
        ("an answer about the place", lambda text: places.read(text, asked=True)),
        ("an answer about the time", lambda text: read_time(text, now, asked=True)),
    ):
        times = []
        for _ in range(ROUNDS):
            for text in texts:
                begun = process_time_ns()
                read(text)
                times.append((process_time_ns() - begun) / 1e6)
        times.sort()
        print(
            f"{name}: median {median(times):.3f} ms, p95 {times[int(len(times) * 0.95)]:.3f} ms, max {times[-1]:.2f} ms"
        )
    longest = "".join(texts)[:LONG]
    begun = process_time_ns()
    reader.read(longest)
    print(f"a message of {len(longest)} characters: {(process_time_ns() - begun) / 1e6:.1f} ms")


if __name__ == "__main__":
    main()
