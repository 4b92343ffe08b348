"""What a matter is about: the categories a text speaks of, by the words each category is known for.

Pure. Two kinds of evidence add up: keywords that occur as they are, and pieces of keywords (any two characters
in a row), so that 半夜施工 counts where only 夜间施工 and 半夜打桩 are written down. Whoever decides by it needs to
know how strong the evidence is, what else it could be, and why; all of that is part of the answer. A learned model
can take the place of :class:`KeywordClassifier` by keeping to :class:`Classifier`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Classification:
    """The categories of a text, most likely first."""

    candidates: tuple[tuple[str, float], ...] = ()
    """Codes with their evidence relative to the first, which has 1."""
    strength: float = 0.0
    """How much evidence there is for the first at all: 0 none, 1 plenty."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By category: the words found, the weightiest first."""
    learned: bool = False
    """What was learnt from past orders says so, not the words categories are known for."""

    @property
    def code(self) -> str | None:
        """The most likely category; None when the text says nothing about any."""
        return self.candidates[0][0] if self.candidates else None


class Classifier(Protocol):
    """Finds the categories of a text."""

    def classify(self, text: str) -> Classification:
        """The categories the text speaks of."""
        ...


@dataclass(frozen=True)
class CategoryWords:
    """A category and the words it is known for.

    A keyword may have a gap: 桌椅*人行道 is found where the one follows the other within a few characters.
    """

    code: str
    parent: str | None
    depth: int
    """1 for the top level."""
    name: str
    keywords: tuple[str, ...]


KEYWORD_WEIGHT = 2.0
"""How much a whole keyword counts against its pieces."""
INHERITED = 0.7
"""How much the keywords of the category above count, and again of the one above that."""
ENOUGH = 4.0
"""Evidence from which there is no doubt that the text speaks of something: below, strength falls in proportion.
Measured: real matters have a median of 8 to 13, requests to
other assistants one below 1."""
WORTH_NAMING = 0.3
"""Candidates with less of the first one's evidence are left out."""
MOST_CANDIDATES = 12
GAP = 6
"""Most characters in the gap of a keyword."""
_PIECE = 2


class KeywordClassifier:
    """Finds categories by keywords and their pieces."""

    def __init__(self, categories: Iterable[CategoryWords]) -> None:
        known = list(categories)
        self._owners = _owners(known)
        self._gapped = {word: _gapped(word) for word in self._owners if "*" in word}
        self._whole = sorted((word for word in self._owners if "*" not in word), key=len, reverse=True)
        self._pieces = _weighted_pieces(known)

    def classify(self, text: str) -> Classification:
        """The categories with the most evidence."""
        text = normalised(text)
        evidence: dict[str, float] = defaultdict(float)
        words: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for word in self._keywords_in(text):
            for code, weight in self._owners[word].items():
                evidence[code] += weight
                words[code].append((weight, word))
        for piece in _pieces_of(text):
            for code, weight in self._pieces.get(piece, ()):
                evidence[code] += weight
        ranked = sorted(evidence.items(), key=lambda item: (-item[1], item[0]))[:MOST_CANDIDATES]
        if not ranked:
            return Classification()
        top = ranked[0][1]
        candidates = tuple((code, round(got / top, 3)) for code, got in ranked if got >= top * WORTH_NAMING)
        return Classification(
            candidates,
            round(min(1.0, top / ENOUGH), 3),
            {code: tuple(word for _, word in sorted(words[code], reverse=True)) for code, _ in candidates},
        )

    def _keywords_in(self, text: str) -> list[str]:
        """A keyword inside a longer one found at the same place does not count again."""
        found = [word for word, pattern in self._gapped.items() if pattern.search(text)]
        for word in self._whole:
            if word in text:
                found.append(word)
                text = text.replace(word, "\0")
        return found


def normalised(text: str) -> str:
    """Full-width forms made half-width, lower case, white space taken out: 转ＷｉＦｉ → 转wifi."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def _owners(categories: list[CategoryWords]) -> dict[str, dict[str, float]]:
    """For each keyword, its weight in each category that has it.

    Long words say more (two characters 1, four 2.2), deep categories are meant more exactly, and what several
    categories share is divided among them.
    """
    depths: dict[str, dict[str, int]] = defaultdict(dict)
    for category in categories:
        for word in filter(None, map(normalised, category.keywords)):
            depths[word][category.code] = category.depth
    return {
        word: {
            code: KEYWORD_WEIGHT * max(0.6 * len(word.replace("*", "")) - 0.2, 0.2) / len(owners) * (1 + 0.1 * depth)
            for code, depth in owners.items()
        }
        for word, owners in depths.items()
    }


def _gapped(word: str) -> re.Pattern[str]:
    return re.compile(f".{{0,{GAP}}}?".join(re.escape(part) for part in word.split("*")))


def _weighted_pieces(categories: list[CategoryWords]) -> dict[str, list[tuple[str, float]]]:
    """For each piece of a keyword, its weight in each category: TF-IDF, the categories above included."""
    own = {category.code: _piece_shares(category) for category in categories}
    parents = {category.code: category.parent for category in categories}
    spread = Counter(piece for shares in own.values() for piece in shares)
    rarity = {piece: math.log(1 + len(own) / count) for piece, count in spread.items()}
    weighted: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for code in own:
        profile = _profile(code, own, parents)
        length = math.sqrt(sum((share * rarity[piece]) ** 2 for piece, share in profile.items()))
        for piece, share in profile.items():
            weight = math.sqrt(share * _PIECE) * rarity[piece] / math.sqrt(length)
            weighted[piece].append((code, weight))
    return dict(weighted)


def _profile(code: str, own: Mapping[str, Mapping[str, float]], parents: Mapping[str, str | None]) -> dict[str, float]:
    profile: dict[str, float] = defaultdict(float)
    at: str | None = code
    share = 1.0
    while at is not None:
        for piece, got in own.get(at, {}).items():
            profile[piece] += share * got
        share *= INHERITED if at == code else 0.5
        at = parents.get(at)
    return profile


def _piece_shares(category: CategoryWords) -> dict[str, float]:
    """How much of the category's words each piece makes up; two whole words' worth at most."""
    shares: dict[str, float] = defaultdict(float)
    for word in map(normalised, (*category.keywords, category.name)):
        for piece in _pieces_of(word):
            shares[piece] += len(piece) / len(word)
    return {piece: min(share, 2.0) for piece, share in shares.items()}


def _pieces_of(text: str) -> set[str]:
    return {text[start : start + _PIECE] for start in range(len(text) - _PIECE + 1)}
