"""Duplicates: reports written for this project, the same matter told otherwise and others at the same place.

Reports are made from ``benchmarks/duplicates.yml``: every wording with an estate of the demo city, its classifier and
its gazetteer. Weights were fitted on one half of the matters; the other half is measured. Baseline: the cosine of
TF-IDF of characters and pairs of them in the whole report, which knows nothing of places and days.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

from backoffice import likeness, routing
from backoffice.city_pack import read_city_pack, read_gazetteer
from backoffice.classify import CategoryWords, KeywordClassifier
from backoffice.likeness import SAME, Report
from benchmarks.quality import Data, Row
from core.settings import ROOT
from core.yaml_files import read_yaml

HERE, THERE = "幸福小区", "阳光花园"
UNLISTED, OTHER_UNLISTED = "澜庭雅筑", "云麓新苑"
"""Estates no gazetteer lists: only the address that was taken down tells them."""
NOW = datetime(2026, 3, 2, 2, tzinfo=timezone.utc)
CITY = ROOT / "cities" / "yunzhou"
WRITTEN = Path(__file__).parent.parent / "duplicates.yml"
_WRONG = {
    "other matter": "another matter like it at the same place: not asked",
    "both other": "any other matter at the same place: not asked",
    "other place": "the same matter at another place: not asked",
    "weeks apart": "the same matter three weeks apart: not asked",
}
_UNLISTED = {
    "same": "unlisted place, the same matter: asked about",
    "other matter": "unlisted place, another matter like it: not asked",
    "both other": "unlisted place, any other matter: not asked",
    "other place": "the same matter at another unlisted place: not asked",
}
Read = Callable[[str, str], Report]


@dataclass(frozen=True)
class Pair:
    """Two reports; ``kind`` says what they have in common: ``same``, or a key of :data:`_WRONG`."""

    kind: str
    one: Report
    other: Report
    texts: tuple[str, str]


def measure(data: Data) -> list[Row]:
    """How well the same matter is told from others, and how often a citizen is asked rightly, and wrongly."""
    pairs = pairs_of("measure")
    same = np.array([pair.kind == "same" for pair in pairs])
    ours = np.array([likeness.likeness(pair.one, pair.other) for pair in pairs])
    asked, total = ours >= SAME, len(pairs)
    rows = [
        Row("written reports: AUC", total, _auc(same, ours), _auc(same, _plain(pairs)), "TF-IDF cosine"),
        Row("the same matter told otherwise: asked about", int(same.sum()), float(asked[same].mean())),
    ]
    for kind, name in _WRONG.items():
        of_kind = np.array([pair.kind == kind for pair in pairs])
        rows.append(Row(name, int(of_kind.sum()), 1.0 - float(asked[of_kind].mean())))
    return [*rows, *_unlisted()]


def _unlisted() -> list[Row]:
    pairs = pairs_of("measure", UNLISTED, OTHER_UNLISTED)
    asked = {kind: [likeness.likeness(p.one, p.other) >= SAME for p in pairs if p.kind == kind] for kind in _UNLISTED}
    return [
        Row(name, len(asked[kind]), float(np.mean(asked[kind]) if kind == "same" else 1 - np.mean(asked[kind])))
        for kind, name in _UNLISTED.items()
    ]


def pairs_of(half: str, here: str = HERE, there: str = THERE) -> list[Pair]:
    """All pairs of a half, ``fit`` or ``measure``: the same matter told otherwise, another one of its group at the same
    place, and so on."""
    groups: list[list[list[dict[str, str]]]] = read_yaml(WRITTEN)[half]
    read = _reader()
    matters = [(number, matter) for number, group in enumerate(groups) for matter in group]
    found: list[Pair] = []

    def add(kind: str, first: str, second: str, *, where: str = here, days: int = 0) -> None:
        texts = first.format(place=here), second.format(place=where)
        other = replace(read(second, where), at=NOW - timedelta(days=days))
        found.append(Pair(kind, read(first, here), other, texts))

    for group, matter in matters:
        for one, again in itertools.combinations(matter, 2):
            add("same", one["say"], again["say"], days=2)
            add("other place", one["say"], again["say"], where=there)
            add("weeks apart", one["say"], again["say"], days=21)
        for other_group, other in matters:
            if other is not matter:
                for one, second in zip(matter, other, strict=True):
                    add("other matter" if other_group == group else "both other", one["say"], second["say"])
    return found


def _auc(same: Any, scores: Any) -> float:
    return float(roc_auc_score(same, scores))


def _plain(pairs: list[Pair]) -> Any:
    texts = [text for pair in pairs for text in pair.texts]
    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(texts)
    return np.asarray(rows[::2].multiply(rows[1::2]).sum(axis=1)).ravel()


def _reader() -> Read:
    pack, gazetteer = read_city_pack(CITY), read_gazetteer(CITY)
    words: list[CategoryWords] = []
    parents: dict[str, str | None] = {}

    def walk(entries: Any, parent: str | None, depth: int) -> None:
        for entry in entries:
            words.append(CategoryWords(entry.code, parent, depth, entry.name, entry.keywords))
            parents[entry.code] = parent
            walk(entry.children, entry.code, depth + 1)

    walk(pack.categories, None, 1)
    classifier = KeywordClassifier(words)

    def read(said: str, place: str) -> Report:
        text = said.format(place=place)
        address = None if place in (HERE, THERE) else place
        return likeness.read(text, address, routing.path_of(parents, classifier.classify(text).code), NOW, gazetteer)

    return read
