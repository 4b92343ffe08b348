"""Fits knowledge/confidence.yml: how kinds of evidence are weighed, and how sure the result is.

    uv run python -m benchmarks.fit_confidence

Learns from the demo city's own variants (each asked while held out of the index), from tests/knowledge/dev and, for
what must not be answered, from the bot's examples of small talk. The paraphrases and out_of_scope.yml are never read.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from benchmarks.knowledge_data import TESTS, Asked, city_articles, held_out_variants, index_of, labelled, small_talk
from knowledge import search
from knowledge.index import Index

OUT = Path(search.__file__).with_name("confidence.yml")
SHARPNESS = 10.0
UNANSWERABLE, SMALL_TALK = 2.0, 0.5
"""How much a question without an article counts (there are few here, many in life) and small talk (the reverse)."""
HEAD = """\
# Made by benchmarks/fit_confidence.py; not written by hand.
# ranking: weights of the kinds of evidence in the score (listwise logistic regression, no weight below zero).
# confidence: logistic regression over the features of one of the best candidates (knowledge/search.py).
"""


def main() -> None:
    """Fits both, writes them, and says how well they do by cross-validation."""
    articles = city_articles()
    index = index_of(articles)
    questions = [*held_out_variants(articles, rounds=4), *labelled(TESTS / "dev", index)]
    asked = [*questions, *small_talk(index)]
    ranking = fit_ranking([one for one in asked if one.gold is not None])
    _write({"ranking": ranking, "confidence": dict.fromkeys(("intercept", *search.FEATURES), 0.0)})
    rows, labels, owners = candidates(asked)
    counts = np.array(
        [
            1.0 if asked[owner].gold is not None else UNANSWERABLE if owner < len(questions) else SMALL_TALK
            for owner in owners
        ]
    )
    model = LogisticRegression(C=1.0, max_iter=2000)
    guessed = cross_val_predict(
        model, rows, labels, cv=_folds(owners), method="predict_proba", fit_params={"sample_weight": counts}
    )[:, 1]
    bare_rows, shares = bare_keywords(index)
    model.fit(
        np.concatenate([rows, bare_rows, bare_rows]),
        np.concatenate([labels, np.ones(len(shares)), np.zeros(len(shares))]),
        sample_weight=np.concatenate([counts, shares, 1 - shares]),
    )
    coefficients = dict(zip(search.FEATURES, map(float, model.coef_[0]), strict=True))
    _write({"ranking": ranking, "confidence": {"intercept": float(model.intercept_[0]), **coefficients}})
    _say_lines(asked, guessed, labels, owners)


def fit_ranking(asked: list[Asked]) -> dict[str, float]:
    """Weights under which the right article most often has the highest score; they sum to 1."""
    found = [one.index.evidence(one.index.query(one.text)) for one in asked]
    stacks = [np.stack([getattr(evidence, kind) for kind in search.KINDS]) for evidence in found]
    golds = [one.gold for one in asked]

    def loss(weights: Any) -> tuple[float, Any]:
        total, slope = 0.0, np.zeros_like(weights)
        for stack, gold in zip(stacks, golds, strict=True):
            scores = weights @ stack
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            total -= np.log(likely[gold] + 1e-9)
            slope += stack @ likely - stack[:, gold]
        return total / len(stacks) + 1e-4 * float(weights @ weights), slope / len(stacks) + 2e-4 * weights

    start = np.full(len(search.KINDS), SHARPNESS / len(search.KINDS))
    found = minimize(loss, start, jac=True, bounds=[(0, None)] * len(start), method="L-BFGS-B").x
    return {kind: float(weight) for kind, weight in zip(search.KINDS, found / found.sum(), strict=True)}


def candidates(asked: list[Asked]) -> tuple[Any, Any, Any]:
    """Features of the best candidates of every question, whether each is right, and whose it is."""
    search.weights_in_force.cache_clear()
    rows, labels, owners = [], [], []
    for number, one in enumerate(asked):
        query = one.index.query(one.text)
        if not query.words:
            continue
        evidence = one.index.evidence(query)
        scores = np.where(_holding(one.index), search.weigh(evidence), -np.inf)
        best = search.best_positions(scores, search.CANDIDATES)
        for position in best:
            rows.append(search.candidate(one.index, query, evidence, scores, best, position))
            labels.append(position == one.gold)
            owners.append(number)
    return np.array(rows), np.array(labels), np.array(owners)


def bare_keywords(index: Index) -> tuple[Any, Any]:
    """Candidates for every keyword said alone, and how likely each is meant: one in as many as share the keyword."""
    sharing: dict[str, list[str]] = {}
    for article in index.articles:
        for keyword in article.keywords:
            sharing.setdefault(keyword, []).append(article.code)
    rows, shares = [], []
    for keyword, codes in sharing.items():
        found, _, _ = candidates([Asked(index, keyword, None)])
        rows.append(found)
        positions = _best(index, keyword)
        shares += [1 / len(codes) if index.articles[position].code in codes else 0.0 for position in positions]
    return np.concatenate(rows), np.array(shares)


def _best(index: Index, text: str) -> Any:
    scores = np.where(_holding(index), search.weigh(index.evidence(index.query(text))), -np.inf)
    return search.best_positions(scores, search.CANDIDATES)


def _holding(index: Index) -> Any:
    return index.holding(date(2026, 3, 2))


def _folds(owners: Any) -> list[tuple[Any, Any]]:
    """Five folds that keep the candidates of one question together."""
    return [(np.flatnonzero(owners % 5 != fold), np.flatnonzero(owners % 5 == fold)) for fold in range(5)]


def _write(table: dict[str, dict[str, float]]) -> None:
    rounded = {part: {name: round(value, 4) for name, value in values.items()} for part, values in table.items()}
    OUT.write_text(HEAD + yaml.safe_dump(rounded, sort_keys=False), encoding="utf-8")


def _say_lines(asked: list[Asked], guessed: Any, labels: Any, owners: Any) -> None:
    """What each answer line would mean for these questions."""
    guessed = guessed / np.maximum(1, np.bincount(owners, guessed))[owners]
    best: dict[int, tuple[float, bool]] = {}
    for owner, confidence, right in zip(owners, guessed, labels, strict=True):
        best[owner] = max(best.get(owner, (0.0, False)), (float(confidence), bool(right)))
    inside = [best.get(number, (0.0, False)) for number, one in enumerate(asked) if one.gold is not None]
    outside = [best.get(number, (0.0, False)) for number, one in enumerate(asked) if one.gold is None]
    print(
        f"in scope {len(inside)}, best right {np.mean([right for _, right in inside]):.3f}; out of scope {len(outside)}"
    )
    print("line  in: answered  right of answered | out: answered")
    for line in (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
        given = [right for confidence, right in inside if confidence >= line]
        wrong = np.mean([confidence >= line for confidence, _ in outside])
        print(f"{line:.2f}  {len(given) / len(inside):.3f}  {np.mean(given) if given else 1:.3f} | {wrong:.3f}")


if __name__ == "__main__":
    main()
