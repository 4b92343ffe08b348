"""How measurements are summed up and told."""

from __future__ import annotations

import logging
import statistics
import warnings
from collections.abc import Sequence


def quiet() -> None:
    """No warnings and no logs between the figures."""
    warnings.simplefilter("ignore")
    import bot  # noqa: F401  # quiets TensorFlow before anything imports it
    from core.logs import configure_logs

    configure_logs("ERROR")
    logging.getLogger("aiohttp").setLevel(logging.ERROR)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def print_row(what: str, values: Sequence[float], *, unit: float, name: str) -> None:
    """One line: how many, median, p95, longest."""
    print(
        f"{what}: n={len(values)} median={statistics.median(values) * unit:.1f} {name} "
        f"p95={percentile(values, 0.95) * unit:.1f} {name} max={max(values) * unit:.1f} {name}"
    )
