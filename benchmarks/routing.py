"""How good learning from past orders is beside a plain baseline, and what it costs.

    uv run python -m benchmarks.routing ORDERS.jsonl --text FIELD --label FIELD

15 % of the rows are left out of learning, drawn with a fixed seed: once at random, once with near-duplicates
kept on one side. Baseline: ``benchmarks/quality/plain_classifier.py``. Time is the processor's own, which other
programs on the machine do not disturb.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backoffice.learning.evaluation import evaluate, left_out
from backoffice.learning.model import Model
from backoffice.learning.rows import read_labelled
from backoffice.learning.training import learn
from benchmarks.quality import plain_classifier

SHARE, SEED = 0.15, 7


def main() -> None:
    """Prints both splits, and the cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=Path)
    parser.add_argument("--text", required=True)
    parser.add_argument("--label", required=True)
    given = parser.parse_args()
    rows = read_labelled(given.orders, given.text, given.label)
    texts, labels = np.array(rows.texts, object), np.array(rows.labels, object)
    for grouped in (False, True):
        out = left_out(list(texts), SHARE, SEED, grouped=grouped)
        print(
            f"{'near-duplicates on one side' if grouped else 'at random'}: {(~out).sum()} learnt, {out.sum()} left out"
        )
        print("  baseline", plain_classifier.figures(texts[~out], labels[~out], texts[out], labels[out]))
        began = time.process_time()
        model = learn(list(texts[~out]), list(labels[~out]))
        seconds = time.process_time() - began
        print("  ours    ", evaluate(model, list(texts[out]), list(labels[out])).as_dict())
        each = _milliseconds(model, list(texts[out]))
        median, p95 = np.percentile(each, [50, 95])
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"  learnt in {seconds:.1f} s; a text takes {median:.2f} ms (p95 {p95:.2f}); model "
            f"{model.weights.nbytes / 1e6:.0f} MB, process at its peak {resident:.0f} MB"
        )


def _milliseconds(model: Model, texts: Sequence[str]) -> list[float]:
    """Processor time of guessing and explaining each of ``texts``."""
    model.guesses(texts[0])  # the dictionary is read once
    spent = []
    for text in texts:
        began = time.thread_time()
        model.guesses(text)
        spent.append((time.thread_time() - began) * 1000)
    return spent


if __name__ == "__main__":
    main()
