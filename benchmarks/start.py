"""How long a warm start takes: from the command to the first answer, on an installation that has been started before.

    uv run python -m benchmarks.start [--times 3]

Processor time is told beside it: on a busy machine it is the steadier figure.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.figures import print_row, quiet
from core.settings import load_settings
from tests.fixtures.served import serve

quiet()


def measure(times: int) -> None:
    """Starts once cold and then ``times`` times warm; prints the figures of the warm ones."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(load_settings().model_dir.absolute())
        serve(Path(folder), "--demo").stop()
        seconds, processor, memory = [], [], []
        for _ in range(times):
            service = serve(Path(folder), "--demo")
            seconds.append(service.started_in)
            processor.append(service.processor_seconds())
            memory.append(service.resident_mb())
            service.stop()
    print_row("warm start", seconds, unit=1, name="s")
    print_row("processor time of it", processor, unit=1, name="s")
    print_row("memory then", memory, unit=1, name="MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    measure(parser.parse_args().times)
