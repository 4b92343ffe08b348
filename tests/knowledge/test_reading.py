"""A base read once gives the runs, words and meaning that each of its texts gives alone."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest

from knowledge.lexicon import LONGEST_WORD, Lexicon
from knowledge.meaning import meaning, unit
from knowledge.reading import Reading, Spelt
from knowledge.runs import number, runs_of
from knowledge.vectors import Vectors, widened

WORDS = ("社保卡", "丢了", "补办", "住房公积金", "怎么", "提取", "居住证", "a4纸", "十", "🙂", "云山湖景苑")
OWN = ("云山湖景苑",)


def written(seed: int, count: int = 60) -> list[str]:
    chance = Random(seed)
    clauses = ["".join(chance.choices(WORDS, k=chance.randrange(4))) for _ in range(3 * count)]
    return [" ".join(filter(None, clauses[at : at + 3])) for at in range(0, 3 * count, 3)] + ["", "社", "社保"]


def counted(spelt: Spelt, rows: int) -> list[Counter[int]]:
    vocabulary, terms, row_of = spelt
    assert (np.diff(vocabulary.astype(object)) > 0).all()
    found = [Counter[int]() for _ in range(rows)]
    for run, row in zip(vocabulary[terms].tolist(), row_of.tolist(), strict=True):
        found[row][run] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_runs_and_sounds_are_those_of_each_text_alone(seed: int) -> None:
    texts = written(seed)
    read = Reading(texts)
    assert counted(read.runs(read.bounds), len(texts)) == [Counter(runs_of(text, (1, 2)).tolist()) for text in texts]
    heard = [Counter(runs_of(text, (2, 3), by_sound=True).tolist()) for text in texts]
    assert counted(read.sounds(read.bounds), len(texts)) == heard


def test_rows_may_hold_several_texts_and_leave_out_others() -> None:
    texts = written(4)
    read = Reading(texts)
    spelt = read.runs(read.bounds[[5, 8, 12]])
    alone = [Counter(runs_of(" ".join(texts[first:last]), (1, 2)).tolist()) for first, last in ((5, 8), (8, 12))]
    assert counted(spelt, 2) == alone


def test_every_word_that_can_be_read_anywhere_is_found() -> None:
    lexicon, texts = Lexicon(OWN), written(5)
    read = Reading(texts)
    known = {*OWN, *(word for word, often in lexicon._tokenizer.FREQ.items() if often)}

    def readable(text: str) -> Counter[int]:
        spans = [text[at : at + size] for size in range(1, LONGEST_WORD + 1) for at in range(len(text) - size + 1)]
        return Counter(number(span) for span in spans if " " not in span and (len(span) == 1 or span in known))

    found = counted(lexicon.word_runs(read, read.bounds), len(texts))
    assert found == [readable(text) for text in texts]
    assert any(number(OWN[0]) in row for row in found)


def test_the_vectors_of_a_base_are_those_of_its_texts() -> None:
    asked, keywords, answers = written(6, 117), written(7, 37), written(8, 37)
    read = Reading([text for at in range(40) for text in (*asked[3 * at : 3 * at + 3], keywords[at])] + answers)
    vectors = Vectors(read, np.full(40, 3))
    together = [" ".join((*asked[3 * at : 3 * at + 3], keywords[at], answers[at])) for at in range(40)]
    vector = meaning().vector("社保卡怎么补办")
    subject = vectors.subject(vector)
    assert subject == pytest.approx(unit(meaning().sums(together)) @ vector, abs=1e-5)
    nearest = (unit(meaning().sums(asked)) @ vector).reshape(40, 3).max(axis=1)
    assert vectors.nearest_phrasing(vector, subject, subject) == pytest.approx(nearest, abs=1e-3)


def test_half_floats_are_widened_to_what_they_are() -> None:
    every: Any = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert (widened(finite) == finite.astype(np.float32)).all()
