"""How soon a citizen is with people when a part of ours breaks in the middle of a real call.

    uv run python -m benchmarks.broken_calls [--rounds 5]

The breaking is that of ``tests/phone/test_never_silence.py``, which notes what it measured; there a busy machine is
allowed for, here it must be quiet. Seconds count from the break or, where the break shows only then, from the end of
the citizen's words: the pause of 0.6 s that ends them is part of those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.figures import percentile
from core.settings import ROOT
from tests.phone.test_never_silence import WHEN_BROKEN

_TESTS = "tests/phone/test_never_silence.py"


def one_round(report: Path) -> list[tuple[str, float]]:
    """What broke and the seconds it took, of one run of all. Raises ``CalledProcessError`` where one took too long."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        _TESTS,
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return [
        (case.attrib["name"].removeprefix("test_"), float(noted.attrib["value"]))
        for case in ElementTree.parse(report).iter("testcase")
        for noted in case.iter("property")
        if noted.attrib["name"] == WHEN_BROKEN
    ]


def measure(rounds: int) -> None:
    """Prints a table."""
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for what, seconds in one_round(Path(folder) / f"{number}.xml"):
                times[what].append(seconds)
    print(f"{'seconds to a person':<70}{'n':>4}{'p50':>8}{'max':>8}")
    for what, seconds in times.items():
        print(f"{what:<70}{len(seconds):>4}{percentile(seconds, 0.5):>8.2f}{max(seconds):>8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    measure(parser.parse_args().rounds)
