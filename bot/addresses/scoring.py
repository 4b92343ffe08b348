"""How well elements are found: an element counts when its two ends and its kind are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.addresses.examples import Element, Example


@dataclass
class Counts:
    """Elements found rightly, found wrongly, and not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def figures(self) -> dict[str, float]:
        """Precision, recall and F1, rounded to four places; 0 where nothing was found."""
        found, there = self.right + self.wrong, self.right + self.missed
        precision, recall = self.right / found if found else 0.0, self.right / there if there else 0.0
        f1 = 2 * self.right / (found + there) if found + there else 0.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def report(pairs: Iterable[tuple[Example, Iterable[Element]]]) -> dict[str, Any]:
    """Figures over all examples, each with what was found in it: n, precision, recall, f1, exact, by_type."""
    total, by_kind = Counts(), defaultdict[str, Counts](Counts)
    examples = exact = 0
    for example, found in pairs:
        there, got = set(example.elements), set(found)
        examples += 1
        exact += there == got
        for counts, elements in (("right", there & got), ("wrong", got - there), ("missed", there - got)):
            for element in elements:
                for each in (total, by_kind[element.kind]):
                    setattr(each, counts, getattr(each, counts) + 1)
    return {
        "n": examples,
        **total.figures(),
        "exact": round(exact / examples, 4) if examples else 0.0,
        "by_type": {
            kind: {"n": counts.right + counts.missed, **counts.figures()} for kind, counts in sorted(by_kind.items())
        },
    }
