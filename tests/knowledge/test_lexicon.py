"""The form in which texts are compared is the same, however many are brought into it at once: Unicode's, reworded."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from core.settings import ROOT
from core.yaml_files import read_yaml
from knowledge.lexicon import Lexicon, compatible
from knowledge.rewriting import LONG, Rewriting

ORDINARY = "社保卡丢了，怎么补办？（１２３４５）ＡＢＣ①㎡…—“”：；！～·ﬁ½㈱①Ⅳ abc，。\n"
JOINING = ["e\u0301", "\u1112\u1161\u11ab", "か\u3099", "ｶﾞ", "\ud55c\u11ab", "\u0cc6\u0cc2", "각"]


@pytest.mark.parametrize("joining", ["", *JOINING])
def test_a_long_text_has_the_form_unicode_gives_it(joining: str) -> None:
    chance = Random(1)
    text = "".join(chance.choices(ORDINARY, k=30_000)) + joining + "".join(chance.choices(ORDINARY, k=300))
    assert compatible(text) == unicodedata.normalize("NFKC", text)


def test_every_character_of_the_basic_plane_alone_among_others() -> None:
    letters = [chr(code) for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    plain = [one for one in letters if unicodedata.category(one)[0] != "M"]
    for start in range(0, len(plain), 4_000):
        text = "社".join(plain[start : start + 4_000]) + "社" * 8_000
        assert compatible(text) == unicodedata.normalize("NFKC", text)


def test_a_base_is_reworded_as_each_of_its_texts_alone() -> None:
    chance, lexicon = Random(2), Lexicon()
    everyday = read_yaml(ROOT / "knowledge" / "synonyms.yml")["same"]
    words = [word for official, said in everyday.items() for word in (official, *said)]
    pieces = [
        *words,
        *"的了请问我那个，。？！ 　\n_二十十三啊嗯ａ①㎡🙂\ud800",
        *{letter for word in words for letter in word},
    ]
    texts = ["".join(chance.choices(pieces, k=chance.randrange(12))) for _ in range(6_000)]
    assert sum(map(len, texts)) > 2 * LONG
    alone = [lexicon.normalise(text) for text in texts]
    assert lexicon.normalise_all(texts) == alone
    assert sum(one != text for one, text in zip(alone, texts, strict=True)) > 5_000


@pytest.mark.parametrize("times", [1, LONG])
def test_the_longest_wording_is_taken_from_left_to_right_and_none_reaches_into_another(times: int) -> None:
    rewriting = Rewriting({"甲": "1", "甲乙": "2", "乙丙": "3", "甲乙丙丁": "4", "丁丁": "丁丁", "丁": "5"})
    for text, wanted in {
        "甲乙丙": "2丙",
        "甲乙丙丁": "4",
        "丙甲甲乙": "丙12",
        "乙丙丁丁丁": "3丁丁5",
        "戊": "戊",
    }.items():
        assert rewriting.of(f"{text}\n" * times) == f"{wanted}\n" * times


@pytest.mark.parametrize(("said", "form"), [("没得停车位", "没有停车位"), ("一直没得到解决", "一直没得到解决")])
def test_what_only_begins_like_an_everyday_word_stays(said: str, form: str) -> None:
    assert Lexicon().normalise(said) == form
