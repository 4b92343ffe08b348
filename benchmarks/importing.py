"""How long a file of questions and answers takes to be taken over, with the search for the base's lines after it.

    uv run python -m benchmarks.importing FAQ.jsonl

``huiyin knowledge import`` in a process of its own, on an installation made for it whose schema is in place. Told are
the wall clock, the processor's own time (which other programs do not disturb) and the process's peak.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Prints one line."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {name: value for name, value in os.environ.items() if name != "HUIYIN_DATABASE_URL"}
        surroundings["HUIYIN_DATA_DIR"] = folder
        huiyin(surroundings, "migrate")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        report = json.loads(huiyin(surroundings, "knowledge", "import", sys.argv[1], "--json"))
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{report['rows']} rows, {len(report['refused'])} refused: {wall:.1f} s, of the processor {cpu:.1f} s; "
        f"resident at most {after.ru_maxrss / 1024:.0f} MB"
    )


def huiyin(surroundings: dict[str, str], *words: str) -> str:
    """What a command wrote to standard output."""
    code = "from huiyin.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *words], env=surroundings, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"huiyin {' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
