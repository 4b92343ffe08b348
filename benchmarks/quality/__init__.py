"""How good the whole is, part by part, with baselines beside: what ``huiyin evaluate`` runs.

A part is a module with a ``measure(data)`` that gives rows; it is listed in :data:`PARTS` and has a heading in
``docs/quality.md`` that ends in its name. ``data`` are files of one's own by name (``faq``, ``queries`` …): what a part
does not find there it leaves out. Rows of the project's own written test sets may have a floor in ``floors.yml``; below
it ``tests/test_quality.py`` fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from core.settings import ROOT
from core.yaml_files import read_yaml

PARTS = ("search", "intents", "danger", "remit", "human", "slots", "addresses", "dialogues", "routing", "duplicates")
"""In the order of the document."""
DOCUMENT = ROOT / "docs" / "quality.md"
FROM_FILES = ("| own base", "| own addresses", "| past orders", "| letters")
"""How lines begin whose figures come from files of a city's own."""
Data = Mapping[str, Path]
FILES = ("faq", "queries", "out_of_scope", "orders", "letters", "address_train", "address_dev")
"""By which names files of one's own are given."""


class UnusableData(RuntimeError):
    """A file of one's own cannot be measured with; the message says why, in Chinese."""


@dataclass(frozen=True)
class Row:
    """One figure of one set."""

    name: str
    """By which floors and tests know it: ``paraphrases R@1``."""
    n: int
    value: float
    baseline: float | None = None
    baseline_is: str = ""
    asked: float | None = None
    """What is asked for, where something is."""


def measure(part: str, data: Data) -> list[Row]:
    """Runs one of :data:`PARTS`."""
    run: Callable[[Data], list[Row]] = import_module(f"benchmarks.quality.{part}").measure
    return run(data)


def floors() -> dict[str, dict[str, float]]:
    """The least each figure may be, by part and name."""
    table: dict[str, dict[str, float]] = read_yaml(Path(__file__).with_name("floors.yml"))
    return table


def below_floor(part: str, rows: Iterable[Row]) -> list[str]:
    """What has fallen below its floor, or has a floor and was not measured."""
    least, found = floors().get(part, {}), {row.name: row.value for row in rows}
    return [
        f"{part}: {name} {found.get(name, float('nan')):.3f} < {floor}"
        for name, floor in least.items()
        if not found.get(name, float("nan")) >= floor
    ]


def table(part: str, rows: Iterable[Row]) -> str:
    """The rows as a table of the document."""
    least = floors().get(part, {})
    lines = ["| figure | n | ours | baseline | asked | floor |", "|---|---|---|---|---|---|"]
    for row in rows:
        baseline = "–" if row.baseline is None else f"{row.baseline:.3f} ({row.baseline_is})"
        asked = "–" if row.asked is None else f"{row.asked:g}"
        floor = f"{least[row.name]:g}" if row.name in least else "–"
        lines.append(f"| {row.name} | {row.n} | **{row.value:.3f}** | {baseline} | {asked} | {floor} |")
    return "\n".join(lines)


def write(part: str, rows: list[Row], document: Path = DOCUMENT) -> None:
    """Puts the table between the marks of its part; the words around it stay, and so do rows of a city's own files that
    were not measured this time."""
    begin, end = f"<!-- measured: {part} -->", f"<!-- end: {part} -->"
    text = document.read_text("utf-8")
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    if not found.search(text):
        text = text.rstrip("\n") + f"\n\n## {part}\n\n{begin}\n{end}\n"
    names = {row.name for row in rows}
    stood = [line for line in found.search(text)[0].splitlines() if line.startswith(FROM_FILES)]  # type: ignore[index]
    kept = [line for line in stood if line.split(" | ")[0].removeprefix("| ") not in names]
    block = "\n".join([begin, "", table(part, rows), *kept, "", end])
    document.write_text(found.sub(lambda _: block, text), "utf-8")
