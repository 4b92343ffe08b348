"""Fits knowledge/confidence.yml: how kinds of evidence are weighed, and how sure the result is.

    uv run python -m benchmarks.fit_confidence [FAQ.jsonl QUERIES.jsonl …]

Learns from the demo city's own variants (each asked while held out of the index), from tests/knowledge/dev and, for
what must not be answered, from the bot's examples of small talk. The paraphrases and out_of_scope.yml are never read.
A city's own base (``id, question, answer``) may be learnt from too, with questions put to it (``query, answer_id`` or
null); half of what it is asked finds its articles without their questions. Only weights are kept, never a text.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, replace
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
from knowledge.article import Article
from knowledge.index import Index

OUT = Path(search.__file__).with_name("confidence.yml")
SHARPNESS = 10.0
RIVALS = 60
"""So many of the nearest by each kind of evidence are learnt from."""
EVEN = 1e-3
"""How strongly weights are held small: kinds that tell the same then share their weight."""
UNANSWERABLE, SMALL_TALK = 3.0, 1.5
"""How much a question without an article counts (there are few here, many in life) and small talk."""
HEAD = """\
# Made by benchmarks/fit_confidence.py; not written by hand.
# asked, unasked: articles that have a question of their own, and those that are but an answer.
# ranking: weights of the kinds of evidence in the score (listwise logistic regression, no weight below zero).
# confidence: logistic regression over the features of one of the best candidates (knowledge/search.py); of asked ones
# by benchmarks/fit_asked.py; short: the same for questions of one or two telling words, learnt from
# keywords said alone, too.
"""


def main() -> None:
    """Fits all weights, writes them, and says how well they do by cross-validation."""
    asked, small = everything_asked(sys.argv[1:])
    table: dict[str, Any] = {}
    for kind, of_kind in (("asked", True), ("unasked", False)):
        whole = [one for one in asked if one.gold is not None and one.index.asked.all() == of_kind]
        table[kind] = {"ranking": fit_ranking([one for one in whole if one.index.asked.any() == of_kind])}
    nothing = dict.fromkeys(("intercept", *search.FEATURES), 0.0)
    write({kind: {**part, "order": nothing, "confidence": nothing, "short": nothing} for kind, part in table.items()})
    looked = [*candidates(asked, 1.0), *candidates(small, SMALL_TALK)]
    for kind, weights in fit_order([one for one in looked if one.right.any()]).items():
        table[kind]["order"] = weights
    bare = bare_keywords(asked[0].index)
    for kind, of_kind in (("asked", True), ("unasked", False)):
        print(kind)
        table[kind]["confidence"] = fit_confidence(looked, bare if of_kind else [], table, asked=of_kind)
    table["asked"]["short"] = table["asked"]["confidence"]  # for the others benchmarks/fit_asked.py comes after
    write(table)


def everything_asked(files: list[str]) -> tuple[list[Asked], list[Asked]]:
    """Questions, and small talk; put to bases with questions, without, and with questions for every other article."""
    articles = city_articles()
    index = index_of(articles)
    bases = [index, index_of(list(map(unasked, articles))), index_of(half_asked(articles))]
    own = [*held_out_variants(articles, rounds=4), *labelled(TESTS / "dev", index)]
    questions = [*own, *(replace(one, index=base) for base in bases[1:] for one in own)]
    small = [replace(one, index=base) for base in bases for one in small_talk(index)]
    for base, queries in zip(files[::2], files[1::2], strict=True):
        questions += from_files(Path(base), Path(queries))
    return questions, small


@dataclass(frozen=True)
class Looked:
    """The candidates of one question."""

    features: Any
    """(candidates, features)"""
    asked: Any
    """Whether each has a question of its own."""
    right: Any
    weight: float


def candidates(asked: list[Asked], weight: float) -> list[Looked]:
    """The best candidates of every question."""
    search.weights_in_force.cache_clear()
    found = []
    for one in asked:
        query = one.index.query(one.text)
        if not query.words:
            continue
        evidence = one.index.evidence(query)
        scores = np.where(_holding(one.index), search.weigh(one.index, evidence), -np.inf)
        if one.without is not None:
            scores[one.without] = -np.inf
        best = search.best_positions(scores, search.CANDIDATES)
        rows = np.array([search.candidate(one.index, query, evidence, scores, position) for position in best])
        counts = UNANSWERABLE if one.gold is None and weight == 1.0 else weight
        right = best == one.gold if one.gold is not None else np.zeros(len(best), bool)
        found.append(Looked(rows, one.index.asked[best], right, counts))
    return found


def fit_order(looked: list[Looked]) -> dict[str, dict[str, float]]:
    """Weights under which the right candidate is most often the first, for both kinds at once."""
    size = len(search.FEATURES)
    blocks, golds = [], []
    for one in looked:
        block = np.zeros((len(one.features), 2 * size + 1))
        block[one.asked, :size] = one.features[one.asked]
        block[~one.asked, size : 2 * size] = one.features[~one.asked]
        block[~one.asked, -1] = 1
        blocks.append(block)
        golds.append(int(one.right.argmax()))

    def loss(weights: Any) -> tuple[float, Any]:
        total, slope = 0.0, np.zeros_like(weights)
        for block, gold in zip(blocks, golds, strict=True):
            scores = block @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            total -= np.log(likely[gold] + 1e-9)
            slope += likely @ block - block[gold]
        return total / len(blocks) + 1e-4 * float(weights @ weights), slope / len(blocks) + 2e-4 * weights

    found = minimize(loss, np.zeros(2 * size + 1), jac=True, method="L-BFGS-B").x
    weights = [dict(zip(search.FEATURES, map(float, part), strict=True)) for part in (found[:size], found[size:-1])]
    return {"asked": {"intercept": 0.0, **weights[0]}, "unasked": {"intercept": float(found[-1]), **weights[1]}}


def fit_confidence(
    looked: list[Looked], bare: list[tuple[Looked, Any]], table: Any, *, asked: bool
) -> dict[str, float]:
    """Weights of the features, and by cross-validation what lines of confidence would mean."""
    kind = "asked" if asked else "unasked"
    chosen = [one for one in looked if (one.asked == asked).any()]
    rows = np.concatenate([with_standing(one, table)[one.asked == asked] for one in chosen])
    labels = np.concatenate([one.right[one.asked == asked] for one in chosen])
    sizes = [int((one.asked == asked).sum()) for one in chosen]
    counts, owners = np.repeat([one.weight for one in chosen], sizes), np.repeat(np.arange(len(chosen)), sizes)
    model = LogisticRegression(C=1.0, max_iter=4000)
    guessed = cross_val_predict(
        model, rows, labels, cv=_folds(owners), method="predict_proba", fit_params={"sample_weight": counts}
    )[:, 1]
    _say_lines(guessed, labels, owners)
    for one, shares in bare:
        with_place = with_standing(one, table)
        rows = np.concatenate([rows, with_place, with_place])
        labels = np.concatenate([labels, np.ones(len(shares)), np.zeros(len(shares))])
        counts = np.concatenate([counts, shares, 1 - shares])
    model.fit(rows, labels, sample_weight=counts)
    coefficients = dict(zip((*search.FEATURES, *search.STANDING), map(float, model.coef_[0]), strict=True))
    print(kind, "fitted on", len(chosen))
    return {"intercept": float(model.intercept_[0]), **coefficients}


def with_standing(one: Looked, table: Any) -> Any:
    """The features and, last, how each candidate stands among the others."""
    orders = {}
    for at, (features, is_asked) in enumerate(zip(one.features, one.asked, strict=True)):
        weights = table["asked" if is_asked else "unasked"]["order"]
        orders[at] = weights["intercept"] + float(features @ np.array([weights[name] for name in search.FEATURES]))
    standings = search.standing(orders, dict(enumerate(map(float, one.features[:, 0]))))
    return np.column_stack([one.features, [standings[at] for at in orders]])


def half_asked(articles: list[Article]) -> list[Article]:
    """Every other article without its questions."""
    return [unasked(article) if at % 2 else article for at, article in enumerate(articles)]


def unasked(article: Article) -> Article:
    """An article as if nobody had written its question."""
    return replace(article, question="", variants=(), keywords=())


def from_files(base: Path, queries: Path) -> list[Asked]:
    """What a city's base is asked: whole, without questions and half without."""
    rows = [json.loads(line) for line in base.read_text("utf-8").splitlines()]
    articles = [Article(r["id"], r["question"], r["answer"], "", "", date(2020, 1, 1)) for r in rows]
    places = {article.code: at for at, article in enumerate(articles)}
    whole, half, bare = (Index(each) for each in (articles, half_asked(articles), list(map(unasked, articles))))
    put = [json.loads(line) for line in queries.read_text("utf-8").splitlines()]
    golds = [None if one["answer_id"] is None else places[one["answer_id"]] for one in put]
    asked = [Asked(whole, one["query"], gold) for one, gold in zip(put, golds, strict=True)]
    own = random.Random(1).sample(range(len(articles)), min(len(articles) // 3, 1500))
    hidden = [Asked(bare, articles[at].question, at) for at in own]
    mixed = [Asked(half, articles[at].question, at) for at in own if at % 2]
    visible = [replace(one, index=half) for one in asked if one.gold is not None and not one.gold % 2]
    outside = [replace(one, index=base) for base in (half, bare) for one in asked if one.gold is None]
    return [*asked, *hidden, *mixed, *visible, *outside]


def fit_ranking(asked: list[Asked]) -> dict[str, float]:
    """Weights under which the right article most often has the highest score; they sum to 1."""
    stacks, golds = [], []
    for one in asked:
        evidence = one.index.evidence(one.index.query(one.text))
        stack = np.stack([getattr(evidence, kind) for kind in search.KINDS])
        # the right one and its nearest rivals tell all there is to learn
        near = np.unique(np.concatenate([np.argsort(-values)[:RIVALS] for values in stack]))
        others = near[near != one.gold]
        stacks.append(stack[:, [one.gold, *others]].astype(np.float64))
        golds.append(0)

    def loss(weights: Any) -> tuple[float, Any]:
        total, slope = 0.0, np.zeros_like(weights)
        for stack, gold in zip(stacks, golds, strict=True):
            scores = weights @ stack
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            total -= np.log(likely[gold] + 1e-9)
            slope += stack @ likely - stack[:, gold]
        return total / len(stacks) + EVEN * float(weights @ weights), slope / len(stacks) + 2 * EVEN * weights

    start = np.full(len(search.KINDS), SHARPNESS / len(search.KINDS))
    found = minimize(loss, start, jac=True, bounds=[(0, None)] * len(start), method="L-BFGS-B").x
    return {kind: float(weight) for kind, weight in zip(search.KINDS, found / found.sum(), strict=True)}


def bare_keywords(index: Index) -> list[tuple[Looked, Any]]:
    """Candidates for every keyword said alone, and how likely each is meant: one in as many as share the keyword."""
    sharing: dict[str, list[str]] = {}
    for article in index.articles:
        for keyword in article.keywords:
            sharing.setdefault(keyword, []).append(article.code)
    found = []
    for keyword, codes in sharing.items():
        codes_found = [index.articles[position].code for position in _best(index, keyword)]
        shares = np.array([1 / len(codes) if code in codes else 0.0 for code in codes_found])
        found += [(looked, shares) for looked in candidates([Asked(index, keyword, None)], SMALL_TALK)]
    return found


def _best(index: Index, text: str) -> Any:
    scores = np.where(_holding(index), search.weigh(index, index.evidence(index.query(text))), -np.inf)
    return search.best_positions(scores, search.CANDIDATES)


def _holding(index: Index) -> Any:
    return index.holding(date(2026, 3, 2))


def _folds(owners: Any) -> list[tuple[Any, Any]]:
    """Five folds that keep the candidates of one question together."""
    return [(np.flatnonzero(owners % 5 != fold), np.flatnonzero(owners % 5 == fold)) for fold in range(5)]


def write(table: dict[str, Any]) -> None:
    """Puts the weights in force."""
    rounded = {
        kind: {part: {name: round(value, 4) for name, value in values.items()} for part, values in parts.items()}
        for kind, parts in table.items()
    }
    OUT.write_text(HEAD + yaml.safe_dump(rounded, sort_keys=False), encoding="utf-8")


def _say_lines(guessed: Any, labels: Any, owners: Any) -> None:
    """What each answer line would mean for these questions."""
    guessed = guessed / np.maximum(1, np.bincount(owners, guessed))[owners]
    best: dict[int, tuple[float, bool]] = {}
    for owner, confidence, right in zip(owners, guessed, labels, strict=True):
        best[owner] = max(best.get(owner, (0.0, False)), (float(confidence), bool(right)))
    answerable = np.bincount(owners, labels) > 0
    inside = [best[owner] for owner in best if answerable[owner]]
    outside = [best[owner] for owner in best if not answerable[owner]]
    print(f"in {len(inside)}, best right {np.mean([right for _, right in inside]):.3f}; out or missed {len(outside)}")
    print("line  in: answered  right of answered | out: answered")
    for line in (0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9):
        given = [right for confidence, right in inside if confidence >= line]
        wrong = np.mean([confidence >= line for confidence, _ in outside])
        print(f"{line:.2f}  {len(given) / len(inside):.3f}  {np.mean(given) if given else 1:.3f} | {wrong:.3f}")


if __name__ == "__main__":
    main()
