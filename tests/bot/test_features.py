"""One text is judged by the same numbers as many, and as scikit-learn would judge it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.features import WORD, Features, likeliest, shares, tfidf

TEXTS = [
    ("路灯不亮", "路灯 不 亮", "said tells"),
    ("水管漏水，水到处都是", "水管 漏水 ， 水 到处 都 是", "said tells tells"),
    ("路灯又坏了😀", "路灯 又 坏 了 😀", "said"),
    ("停水三天ABC", "停水 三天 ABC", "said asks"),
]
UNSEEN = [("路灯漏水abc", "路灯 漏水 abc", "said asks"), ("囧囧", "囧囧", "unheard"), ("", "", "")]


def features() -> Features:
    return Features(
        ((tfidf("char", 1, 3), 1.0), (tfidf("word", 1, 2), 0.5), (CountVectorizer(token_pattern=WORD), 0.3)), 0.7
    )


@pytest.mark.parametrize("kinds", [["灯", "水", "灯", "水"], ["灯", "水", "灯", "别的"]])
def test_one_text_is_judged_like_many(kinds: list[str]) -> None:
    fitted, model = features(), LogisticRegression(solver="liblinear")
    model.fit(fitted.fit(TEXTS), kinds)
    texts = [*TEXTS, *UNSEEN]
    many = fitted.many(texts)
    for text, numbers, told, kind in zip(texts, many, model.predict_proba(many), model.predict(many), strict=True):
        row, dense = fitted.one(text), np.zeros(many.shape[1])
        np.add.at(dense, row.columns, row.counted)
        dense[-len(row.meant) :] += row.meant
        assert np.allclose(dense, numbers.toarray()[0], atol=1e-6)
        assert np.allclose(shares(model, row), told, atol=1e-6)
        assert likeliest(model, row) == kind


def test_what_is_learnt_anew_is_not_judged_by_the_old_vocabulary() -> None:
    fitted = features()
    fitted.fit(TEXTS)
    before = fitted.one(TEXTS[0])
    fitted.fit(TEXTS[1:])
    assert len(fitted.one(TEXTS[0]).columns) < len(before.columns)
