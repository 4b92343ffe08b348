"""What of an answer tells of a follow-up, where an article is but a question and an answer, as most imported ones are.

Pure. An answer is taken apart into its sentences and the points of its lists; the words by which a sentence tells of
materials, fees, times and so on stand in ``told_in.yml``. A sentence that opens a list is given with it. Nothing is
made up: what no sentence tells is not told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml
from knowledge.lexicon import Lexicon

CONDITIONS = "conditions"
"""What who may have it must fulfil: no part of an article, but something answers tell."""
DEADLINE = "deadline"
"""Until when something must be done, and what comes of doing it later."""
LATE = "late"
"""What comes of being late, or what may still be done then."""
AMOUNT = "amount"
"""How much there is of what is paid out, taken off or charged: sums and shares."""
_MOST, _LONGEST = 3, 400
"""Sentences that are given, and characters."""
LEAST = 0.4
"""Share of what a question tells that a sentence speaks of at least, to be taken for its answer."""
_NEARLY = 0.8
"""What a near word counts of the word itself."""
_RARE = 3.0
"""From so much on a word tells what is asked, however rare it is."""
_SAME = 1e-6
"""Shares that differ by less are the same."""
_POINTS = (
    re.compile(r"(?<![第\w])[一二三四五六七八九十]{1,3}[、.．]"),
    re.compile(r"[(（][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"(?<![\d.:：/-])\d{1,2}(?:[、.．)）](?!\d)|[)）])|[①-⑳]|[(（]\d{1,2}[)）]"),
)
"""How the points of a list begin, from the outer to the inner one."""
_ENDS = re.compile(r"(?<=[。！？!?])|\n")
_SENTENCES = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]?")
_OPENS = re.compile(r"[:：]\s*$|以下|下列|如下")


@dataclass(frozen=True)
class _Piece:
    """A sentence, or a point of a list."""

    text: str
    level: int
    """0: no point; 1, 2, 3: how far within a list."""


def told_in(answer: str, field: str) -> str | None:
    """The sentences of ``answer`` that tell what a follow-up for ``field`` wants; None where none does."""
    cues = _cues().get(field)
    if cues is None:
        return None
    pieces = _pieces(answer)
    for cue in cues:
        found = [at for at, piece in enumerate(pieces) if cue.search(piece.text)]
        if found:
            return _said(pieces, found)
    return None


def sentence_about(
    text: str, answer: str, lexicon: Lexicon, tells: Callable[[Sequence[str]], list[float]], *, least: float = LEAST
) -> str | None:
    """The sentence of ``answer`` that speaks of most of what ``text`` names, in the same words or in near ones; None
    where none speaks of the share ``least`` of it.

    ``tells``: how much each word tells (:meth:`knowledge.index.Index.tells`). Of two that speak of the same, the one
    that denies what ``text`` denies is meant: 没学位 of 无空余学位的由…
    """
    plain = lexicon.normalise(text)
    words = list(dict.fromkeys(word for word in lexicon.words(plain) if word not in lexicon.stop))
    weights = _weights(words, tells)
    if not weights:
        return None
    sentences: list[str] = [piece.strip() for piece in _SENTENCES.findall(answer) if piece.strip()]
    spoken = [_spoken(said, weights, lexicon) for said in lexicon.normalise_all(sentences)]
    best = max(spoken, default=0.0)
    if best <= 0 or best < least * sum(weights.values()) - _SAME:
        return None
    alike = [sentence for sentence, share in zip(sentences, spoken, strict=True) if share >= best - _SAME]
    return next(filter(lambda sentence: _denies(plain, sentence, words), alike), alike[0])


def _weights(words: Sequence[str], tells: Callable[[Sequence[str]], list[float]]) -> dict[str, float]:
    """How much each word tells, so that one the base does not know counts no more than others that are rare; a single
    character beside longer words, half of that."""
    longer = any(len(word) > 1 for word in words)  # 低保 of 吃着低保的还能拿吗
    share = {word: 0.5 if longer and len(word) == 1 else 1.0 for word in words}
    return {word: share[word] * min(tell, _RARE) for word, tell in zip(words, tells(words), strict=True)}


def _spoken(sentence: str, weights: Mapping[str, float], lexicon: Lexicon) -> float:
    """How much of what the words tell a sentence speaks of; a near word counts a little less than the word itself."""
    found = 0.0
    for word, weight in weights.items():
        if word in sentence:
            found += weight
        elif any(near in sentence for near in lexicon.near(word)):
            found += _NEARLY * weight
    return found


def _denies(text: str, sentence: str, words: Sequence[str]) -> bool:
    """Whether both say that there is none of a thing."""
    return any(_denied(word).search(text) and _denied(word).search(sentence) for word in words)


def _denied(word: str) -> re.Pattern[str]:
    return re.compile(f"[没无未缺][^，,。；;]{{0,3}}{re.escape(word)}")


def _said(pieces: Sequence[_Piece], found: Sequence[int]) -> str:
    """The pieces ``found``, each with the list it opens; the first :data:`_MOST` of them."""
    told = set[int]()
    begun = 0
    for at in found:
        if at not in told and begun < _MOST:
            begun += 1
            told |= {at, *(_below(pieces, at) if _OPENS.search(pieces[at].text) else ())}
    text = "".join(pieces[at].text for at in sorted(told))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……"


def _below(pieces: Sequence[_Piece], at: int) -> list[int]:
    """The points of the list a piece opens: those further within, until one that is not."""
    below = []
    for next_at in range(at + 1, len(pieces)):
        if pieces[next_at].level <= pieces[at].level:
            break
        below.append(next_at)
    return below


def _pieces(answer: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for sentence in _ENDS.split(answer):
        level = 0
        for text, begins in _points(sentence):
            level = begins or level
            if text.strip():
                pieces.append(_Piece(text.strip(), level))
    return pieces


def _points(sentence: str) -> list[tuple[str, int]]:
    """A sentence cut before every point of a list in it, each with its level (0 before the first)."""
    begins = sorted((m.start(), level) for level, point in enumerate(_POINTS, 1) for m in point.finditer(sentence))
    starts = [(0, 0), *begins] if not begins or begins[0][0] else begins
    ends = [start for start, _ in starts[1:]] + [len(sentence)]
    return [(sentence[start:end], level) for (start, level), end in zip(starts, ends, strict=True)]


@lru_cache(maxsize=1)
def _cues() -> dict[str, tuple[re.Pattern[str], ...]]:
    """By field the sure cue, then the other."""
    table = read_yaml(Path(__file__).with_name("told_in.yml"))
    return {field: (re.compile(cues["sure"]), re.compile(cues["else"])) for field, cues in table.items()}
