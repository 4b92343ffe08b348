"""The form in which texts are compared is Unicode's, however long they are."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from knowledge.lexicon import compatible

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
