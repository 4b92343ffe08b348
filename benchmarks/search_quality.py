"""How well the search finds: on the development questions, and with ``--test`` on the paraphrases (look rarely).

uv run python -m benchmarks.search_quality [--test]
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import numpy as np
import yaml
from sklearn.metrics import roc_auc_score

from benchmarks.knowledge_data import TESTS, Asked, city_articles, index_of, labelled
from knowledge.answering import judge, thresholds
from knowledge.search import search, weigh

DAY = date(2026, 3, 2)


def main() -> None:
    """Prints the figures of each set."""
    index = index_of(city_articles())
    dev = labelled(TESTS / "dev", index)
    sets = {"dev": [one for one in dev if one.gold is not None]}
    outside = {"near out of scope (dev)": [one for one in dev if one.gold is None]}
    if "--test" in sys.argv:
        sets["paraphrases"] = labelled(TESTS / "paraphrases", index)
        chat = yaml.safe_load((TESTS / "out_of_scope.yml").read_text("utf-8"))
        outside["out of scope (test)"] = [Asked(index, str(text), None) for text in chat]
    confident = {}
    for name, asked in sets.items():
        say_ranks(name, asked)
        confident[name] = say_answers(name, asked)
    for name, asked in outside.items():
        confidences = say_answers(name, asked)
        for inside, theirs in confident.items():
            labels = [1] * len(theirs) + [0] * len(confidences)
            print(f"  AUC {inside} against {name}: {roc_auc_score(labels, [*theirs, *confidences]):.3f}")


def ranks(asked: list[Asked]) -> Any:
    """The rank of the right article of each question, by score."""
    found = []
    for one in asked:
        scores = np.where(one.index.holding(DAY), weigh(one.index.evidence(one.index.query(one.text))), -np.inf)
        found.append(int((scores > scores[one.gold]).sum()) + 1)
    return np.array(found)


def say_ranks(name: str, asked: list[Asked]) -> None:
    """Recall and mean reciprocal rank."""
    at = ranks(asked)
    print(
        f"{name}: n={len(at)} R@1={np.mean(at == 1):.3f} R@3={np.mean(at <= 3):.3f} "
        f"R@10={np.mean(at <= 10):.3f} MRR={np.mean(1 / at):.3f}"
    )


def say_answers(name: str, asked: list[Asked]) -> list[float]:
    """What the bot would do; the confidence of the best article for each question."""
    lines, confidences = thresholds(), []
    answered = wrong = chosen = within = 0
    for one in asked:
        found = judge(search(one.index, one.text, DAY, limit=lines.offered))
        articles = [hit.article for hit in found.hits]
        gold = None if one.gold is None else one.index.articles[one.gold]
        confidences.append(found.hits[0].confidence if found.hits else 0.0)
        if found.kind == "answer":
            answered += 1
            wrong += articles[0] is not gold
        elif found.kind == "choose":
            chosen += 1
            within += gold in articles
    total = len(asked)
    print(
        f"{name}: n={total} answered {answered / total:.3f} (wrong {wrong}, {wrong / max(answered, 1):.3f} of them), "
        f"choice offered {chosen / total:.3f} (right one among them {within / max(chosen, 1):.3f})"
    )
    return confidences


if __name__ == "__main__":
    main()
