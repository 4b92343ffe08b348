"""Search: the demo city's paraphrases and what is none of its matter; a city's own base, when there is one.

Files of one's own: ``faq`` (jsonl: id, question, answer), ``queries`` (query, answer_id or null) put to it whole, and
``out_of_scope`` (text). The base's own questions are also put to it reworded by a program
(:mod:`benchmarks.quality.rewording`), and as they are with all questions taken out of it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from benchmarks.knowledge_data import TESTS, city_articles, index_of
from benchmarks.quality import Data, Row, UnusableData, rewording
from benchmarks.quality.reliability import honesty
from core.clock import CHINA
from core.yaml_files import read_yaml
from knowledge.answering import judged, outcome_in
from knowledge.article import Article
from knowledge.calibration import calibrate
from knowledge.evaluation import Asked, Outcome, figures, read_queries
from knowledge.files import read_file
from knowledge.files.columns import Columns
from knowledge.files.opening import FileRefused
from knowledge.index import Index
from knowledge.layout import layout
from knowledge.postings import Postings
from knowledge.reading import Reading
from knowledge.runs import runs_of
from knowledge.search import search
from knowledge.written import read_row

NOW = datetime(2026, 3, 2, 10, tzinfo=CHINA)
"""Every article of the demo city is in force."""
OUT_OF_SCOPE, HIDDEN, REWORDED = 1500, 2000, 800
"""At most so many are asked."""


def measure(data: Data) -> list[Row]:
    """The rows of the demo city, then those of ``data``."""
    return [*demo_city(), *(own_base(data) if "faq" in data else [])]


def demo_city() -> list[Row]:
    """The written test sets."""
    articles = city_articles()
    index, places = index_of(articles), {article.code for article in articles}
    paraphrases = [
        Asked(str(text), group["article"])
        for path in sorted((TESTS / "paraphrases").glob("*.yml"))
        for group in read_yaml(path)
        for text in group["queries"]
    ]
    assert {one.answer_id for one in paraphrases} == places
    talk = [Asked(str(text), None) for text in read_yaml(TESTS / "out_of_scope.yml")]
    rows = searched("paraphrases", index, [*paraphrases, *talk], asked_r1=0.95)
    bare = [replace(article, question="", variants=(), keywords=()) for article in articles]
    questions = [Asked(article.question, article.code) for article in articles]
    return [*rows, *searched("question to answer text", index_of(bare), questions)[:2]]


def own_base(data: Data) -> list[Row]:
    """A city's own base."""
    articles = _articles(data["faq"])
    outside = _texts(data["out_of_scope"]) if "out_of_scope" in data else []
    chance = np.random.RandomState(1)
    outside = [outside[at] for at in chance.permutation(len(outside))[:OUT_OF_SCOPE]]
    whole = Index(articles)
    drawn, other = random.Random(3), np.random.RandomState(3).permutation(len(articles))[:REWORDED]
    reworded = [Asked(rewording.reworded(articles[at].question, drawn), articles[at].code) for at in other]
    rows = searched("own base, reworded by a program", whole, reworded, asked_r1=0.95)[:3]
    if "queries" in data:
        asked = [*_queries(data["queries"]), *(Asked(text, None) for text in outside)]
        rows += searched("own base, queries", whole, asked, asked_r1=0.95)
    hidden = Index([replace(article, question="") for article in articles])
    questions = [Asked(articles[at].question, articles[at].code) for at in chance.permutation(len(articles))[:HIDDEN]]
    return [*rows, *searched("own base, question to answer text", hidden, questions, asked_r1=0.62)[:2]]


def _articles(file: Path) -> list[Article]:
    """Of whatever kind and with whatever columns an import takes. Raises :class:`UnusableData`."""
    try:
        rows, _ = read_file(file, Columns())
    except FileRefused as refused:
        raise UnusableData(f"faq（{file.name}）：{refused}") from refused
    plan = layout(rows, Columns())
    written = [read_row(row, plan.columns, now=NOW, headings=plan.headings) for row in rows]
    told = {one.values["id"]: one.values for one in written if not one.faults}
    if not told:
        reasons = "；".join(dict.fromkeys(fault for one in written[:20] for fault in one.faults))
        raise UnusableData(f"faq（{file.name}）：没有一行可用。{reasons}")
    return [
        Article(
            code, each["question"], each["answer"], "", "", date(2020, 1, 1), variants=tuple(each.get("variants", ()))
        )
        for code, each in told.items()
    ]


def _queries(file: Path) -> list[Asked]:
    try:
        return read_queries(file)[0]
    except FileRefused as refused:
        raise UnusableData(f"queries（{file.name}）：{refused}") from refused


def _texts(file: Path) -> list[str]:
    try:
        lines = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
        return [str(line["text"]) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableData(f"out_of_scope（{file.name}）：每行应为含有 text 的 JSON 对象，编码 UTF-8。") from error


def searched(name: str, index: Index, asked: Sequence[Asked], asked_r1: float | None = None) -> list[Row]:
    """The figures of one set, by the lines a base of its kind finds for itself; ``asked_r1``: the R@1 asked for."""
    lines, _ = calibrate(index, NOW.date(), judged)
    found = figures(asked, [outcome_in(index, one.text, NOW, lines) for one in asked])
    plain = figures(asked, bm25(index, asked))
    sure, right = zip(*(_first(index, one) for one in asked), strict=True)
    inside, label = found.in_scope, "BM25"
    rows = [
        Row(f"{name}: R@1", inside, found.r1 or 0.0, plain.r1, label, asked_r1),
        Row(f"{name}: R@3", inside, found.r3 or 0.0, plain.r3, label),
        Row(f"{name}: MRR", inside, found.mrr or 0.0, plain.mrr, label),
        Row(f"{name}: answered at once", inside, found.answered or 0.0),
        Row(f"{name}: answers that are right", inside, 1.0 - (found.wrong or 0.0)),
        Row(f"{name}: choice offered", inside, found.offered or 0.0),
        Row(f"{name}: choices with the right one", inside, found.right_offered or 0.0),
        Row(f"{name}: told unknown", inside, 1.0 - (found.answered or 0.0) - (found.offered or 0.0)),
    ]
    if found.auc is not None and plain.auc is not None:
        rows.append(Row(f"{name}: out-of-scope AUC", found.n, found.auc, plain.auc, label, 0.95))
        rows.append(Row(f"{name}: out of scope not answered", found.out_of_scope, 1.0 - (found.out_answered or 0.0)))
    rows.append(Row(f"{name}: honesty of confidence", found.n, honesty(sure, right)))
    return rows


def _first(index: Index, one: Asked) -> tuple[float, bool]:
    """How sure the search is of its first article, and whether that is the right one."""
    found = search(index, one.text, NOW.date(), limit=1)
    return (found[0][1], found[0][0].code == one.answer_id) if found else (0.0, one.answer_id is None)


def bm25(index: Index, asked: Sequence[Asked]) -> list[Outcome]:
    """What plain BM25 over characters and pairs of them finds: in questions and variants, or else in answers."""
    texts, owners = [], []
    for position in range(len(index.articles)):
        own = index.phrasings(position) if index.asked[position] else [index.answers[position]]
        texts += own
        owners += [position] * len(own)
    read = Reading(texts)
    postings = Postings(*read.runs(read.bounds), len(texts), length_counts=0.75)
    outcomes = []
    for one in asked:
        runs = np.unique(runs_of(index.lexicon.normalise(one.text), (1, 2)))
        scores = postings.scores(runs, np.ones(len(runs), np.float32))
        best: dict[int, float] = {}
        for at in np.argsort(-scores, kind="stable")[:200]:
            best.setdefault(owners[at], float(scores[at]))
        ranked = [index.articles[position].code for position in best]
        outcomes.append(Outcome(ranked[:10], max(best.values(), default=0.0), "choose"))
    return outcomes
