"""What a component learnt is kept as plain arrays and comes back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.learnt import _give_back, _learnt, _write

TEXTS = ["路灯 不亮", "水管 漏水", "路灯 又 坏 了 😀", "停水 三天"]
KINDS = ["灯", "水", "灯", "水"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True),
        lambda: CountVectorizer(token_pattern=r"\S+"),
    ],
)
def test_a_vocabulary_comes_back_the_same(make: Any) -> None:
    learnt, fresh = make().fit(TEXTS), make()
    _give_back(fresh, _learnt(learnt))
    for text in ("路灯 漏水 了", "没 见过 的", ""):
        assert (learnt.transform([text]) != fresh.transform([text])).nnz == 0
    assert list(learnt.get_feature_names_out()) == list(fresh.get_feature_names_out())


@pytest.mark.parametrize("labels", [KINDS, [kind == "水" for kind in KINDS], ["灯", "水", "灯", "别的"]])
def test_a_model_comes_back_the_same_through_a_file(labels: list[Any], tmp_path: Path) -> None:
    seen = CountVectorizer(token_pattern=r"\S+").fit_transform(TEXTS)
    learnt, fresh = (LogisticRegression(solver="liblinear") for _ in range(2))
    learnt.fit(seen, labels)
    _write(tmp_path / "learnt.npz", _learnt(learnt))
    with np.load(tmp_path / "learnt.npz", allow_pickle=False) as kept:
        _give_back(fresh, dict(kept))
    assert np.array_equal(learnt.predict_proba(seen), fresh.predict_proba(seen))
    assert list(learnt.predict(seen)) == list(fresh.predict(seen))


def test_what_would_have_to_be_pickled_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="classes"):
        _write(tmp_path / "learnt.npz", {"_model/classes_": np.array([{"a": 1}], dtype=object)})
    assert not list(tmp_path.iterdir())
