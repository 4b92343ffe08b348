"""Learning from labelled texts: what is guessed, how sure, by which words, and the file it is kept in (D1)."""

from __future__ import annotations

import json
import stat
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backoffice.learning import calibration, model_file
from backoffice.learning.contest import _beats
from backoffice.learning.evaluation import evaluate, groups, left_out, macro_f1, share_at, share_surely_at
from backoffice.learning.features import Features, Texts, normalised
from backoffice.learning.folds import alike, folds
from backoffice.learning.model import Model
from backoffice.learning.model_file import BrokenModel
from backoffice.learning.training import CannotLearn, learn, most_texts, some_of
from tests.backoffice.learning.matters import UNSEEN, labelled


@pytest.fixture(scope="module")
def learnt() -> Model:
    return learn(*labelled())


@pytest.mark.parametrize(("text", "department"), UNSEEN)
def test_it_guesses_the_department_of_a_matter_told_in_other_words(learnt: Model, text: str, department: str) -> None:
    assert learnt.guesses(text)[0].label == department


def test_it_names_words_of_the_text_that_decided(learnt: Model) -> None:
    first = learnt.guesses("望江苑的自来水停了两天")[0]
    assert first.label == "水务集团"
    assert "自来水" in first.words
    assert "望江" not in first.words  # the place says nothing about who is responsible


def test_it_is_less_sure_of_what_it_has_never_heard_of(learnt: Model) -> None:
    known, strange = (learnt.guesses(text)[0].confidence for text in ("公交车一直不来", "想学二胡找哪位老师"))
    assert known > strange


def test_one_text_alone_is_judged_as_among_many(learnt: Model) -> None:
    texts = [text for text, _ in UNSEEN]
    together = learnt.probabilities(texts)
    for text, shares in zip(texts, together, strict=True):
        assert learnt.guesses(text)[0].confidence == pytest.approx(shares.max(), abs=0.001)


def test_probabilities_of_a_text_sum_to_one_and_guesses_come_likeliest_first(learnt: Model) -> None:
    shares = learnt.probabilities([text for text, _ in UNSEEN])
    assert np.allclose(shares.sum(axis=1), 1)
    guesses = learnt.guesses("路口堵车", most=4)
    assert [guess.confidence for guess in guesses] == sorted((g.confidence for g in guesses), reverse=True)


@pytest.mark.parametrize("text", ["", " \n", "🙂", "\ud800", "a" * 20_000, "１２３４５６７８９０"])
def test_any_text_gets_a_guess(learnt: Model, text: str) -> None:
    assert len(learnt.guesses(text)) == 3


def test_learning_twice_gives_the_same(learnt: Model) -> None:
    again = learn(*labelled())
    assert np.array_equal(again.weights, learnt.weights)
    assert again.threshold == learnt.threshold


def test_the_name_of_a_department_is_learnt_from_without_an_order() -> None:
    texts, labels = labelled()
    codes = ["c-" + str(sorted(set(labels)).index(label)) for label in labels]
    names = [*sorted(set(labels))]
    names[0] = "灯光亮化管理处"  # 公交集团 is called otherwise here
    plain, named = learn(texts, codes), learn(texts, codes, names=names)

    def share(model: Model) -> float:
        return float(model.probabilities(["亮化灯光"])[0, 0])

    assert share(named) > share(plain)


def test_progress_goes_up_to_the_end() -> None:
    told: list[float] = []
    learn(*labelled(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("texts", "labels", "reason"),
    [
        (["停水"] * 3, ["水务", "水务", "电力"], "至少要有 50 条"),
        (["停水"] * 60, ["水务"] * 60, "至少要有两种不同的标签"),
        ([], [], "至少要有 50 条"),
    ],
)
def test_what_cannot_be_learnt_from_is_said_in_words(texts: list[str], labels: list[str], reason: str) -> None:
    with pytest.raises(CannotLearn, match=reason):
        learn(texts, labels)


def test_two_labels_can_be_learnt_apart() -> None:
    texts, labels = labelled()
    two = [(text, label) for text, label in zip(texts, labels, strict=True) if label in {"水务集团", "公交集团"}]
    model = learn([text for text, _ in two], [label for _, label in two])
    assert [model.guesses(text)[0].label for text in ("停水了", "公交车不来")] == ["水务集团", "公交集团"]


def test_texts_that_say_nothing_at_all_can_be_learnt_from() -> None:
    model = learn(["。"] * 30 + ["！"] * 30, ["甲"] * 30 + ["乙"] * 30)
    assert len(model.guesses("停水")) == 2


def test_what_is_learnt_of_some_texts_owes_nothing_to_the_others_read_with_them() -> None:
    texts = [normalised(text) for text in labelled()[0]]
    some = np.arange(0, len(texts), 3)
    among, alone = Texts.of(texts)[some], Texts.of([texts[at] for at in some])
    learnt, wanted = Features.learn(among, most=600), Features.learn(alone, most=600)
    assert np.array_equal(learnt.body.numbers, wanted.body.numbers)
    assert np.array_equal(learnt.head.weights, wanted.head.weights)
    assert (learnt.rows(among) != wanted.rows(alone)).nnz == 0


def test_calibration_finds_how_much_a_margin_says() -> None:
    chance = np.random.default_rng(5)
    margins = chance.normal(size=(6000, 3)).astype(np.float32)
    odds = margins * [2, 3, 2] + [0.0, 0.5, -0.5]
    truth = (odds + chance.gumbel(size=odds.shape)).argmax(axis=1)  # drawn by these odds
    found = calibration.fit(margins, truth)
    assert found.scales == pytest.approx([2, 3, 2], rel=0.15)
    assert found.offsets - found.offsets[0] == pytest.approx([0.0, 0.5, -0.5], abs=0.15)


# -------------------------------------------------------------------------------------------- figures


def test_unknown_departments_count_as_missed(learnt: Model) -> None:
    texts = [text for text, _ in UNSEEN]
    figures = evaluate(learnt, texts, ["气象局"] * len(texts))
    assert (figures.n, figures.top1, figures.top3, figures.macro_f1, figures.share_at_precision) == (6, 0, 0, 0, 0)
    assert evaluate(learnt, texts, [department for _, department in UNSEEN]).top1 == 1.0


def test_macro_f1_counts_every_label_alike() -> None:
    first, truth = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 2])
    assert macro_f1(first, truth) == pytest.approx(1 / 3)


def test_the_share_at_a_precision_takes_equal_confidence_together() -> None:
    shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.6, 0.4]])
    assert share_at(0.95, shares, np.array([0, 0, 1, 0])) == (0.25, 0.9)
    assert share_at(0.6, shares, np.array([0, 0, 1, 0])) == (1.0, 0.6)
    assert share_at(0.95, shares, np.array([1, 1, 1, 1])) == (0.0, 1.0)


def test_a_threshold_is_believed_only_with_a_margin_and_of_more_than_a_handful() -> None:
    def found(right: int, wrong: int, share: Callable[..., tuple[float, float]]) -> tuple[float, float]:
        shares = np.array([[0.9, 0.1]] * (right + wrong))
        return share(0.95, shares, np.array([0] * right + [1] * wrong))

    assert found(951, 49, share_at) == (1.0, 0.9)
    assert found(951, 49, share_surely_at) == (0.0, 1.0)
    assert found(970, 30, share_surely_at) == (1.0, 0.9)
    assert found(50, 0, share_surely_at) == (0.0, 1.0)
    assert found(70, 0, share_surely_at) == (1.0, 0.9)


def test_near_duplicates_are_left_out_together() -> None:
    written = [text for text, _ in UNSEEN]
    texts = [f"{text}，{place}的居民说" for text in written for place in ("甲街", "乙巷", "丙路", "丁村")] + ["", ""]
    of = alike([normalised(text) for text in texts])
    assert [len(set(of[at : at + 4])) for at in range(0, 24, 4)] == [1] * 6
    assert len(set(of[:24])) == 6
    parts = folds([normalised(text) for text in texts], 3)
    assert sorted(at for _, kept in parts for at in kept) == list(range(26))
    for seen, kept in parts:
        assert not {*of[seen]} & {*of[kept]}
        assert 6 <= len(kept) <= 10


@pytest.mark.parametrize("others", [0, 5, 40])
def test_texts_nearly_all_alike_are_learnt_from_and_measured_on_in_every_part(others: int) -> None:
    form = "市民来电反映青禾路沿线的问题，希望有关部门尽快核实处理并给予答复，编号"
    texts = [f"{form}{at}" for at in range(90)] + [text for text, _ in UNSEEN for _ in range(10)][:others]
    labels = ["城管局", "水务集团", "公交集团"] * (len(texts) // 3 + 1)
    parts = folds([normalised(text) for text in texts], 3)
    assert sorted(at for _, kept in parts for at in kept) == list(range(len(texts)))
    for seen, kept in parts:
        assert len(texts) // 4 <= len(kept) <= len(texts) // 2
        assert len(seen) + len(kept) == len(texts)
    with np.errstate(all="raise", under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model = learn(texts, labels[: len(texts)])
    assert np.isfinite(model.probabilities(texts)).all()


def test_more_than_can_be_learnt_is_refused_or_drawn_from() -> None:
    with pytest.raises(CannotLearn, match="最多可以学 1000 种"):
        learn([f"第{n}件" for n in range(2000)], [f"标签{n % 1500}" for n in range(2000)])
    assert (most_texts(100), most_texts(500)) == (40_000, 16_000)
    texts, labels = some_of([str(n) for n in range(50_000)], [str(n % 2) for n in range(50_000)])
    assert len(texts) == len(labels) == 40_000
    assert all(int(text) % 2 == int(label) for text, label in zip(texts, labels, strict=True))
    assert len(Features.learn(Texts.of(["一二三四五六七八九十" * 9] * 3), most=40).body.numbers) <= 40


def test_another_model_takes_over_only_where_it_is_better_beyond_chance() -> None:
    before = np.array([True] * 60 + [False] * 40)
    assert not _beats(before, before)
    assert not _beats(np.roll(before, 1), before)  # one gained, one lost
    one_more = before.copy()
    one_more[60:62], one_more[0] = True, False
    assert not _beats(one_more, before)  # two gained, one lost
    assert _beats(np.array([True] * 70 + [False] * 30), before)


def test_near_duplicates_stay_on_one_side_of_a_split() -> None:
    texts = [
        f"{place}的路灯坏了三天没人来修，晚上黑得看不见路{mark}" for place in ("甲街", "乙巷") for mark in "。！？"
    ]
    texts += [text for text, _ in UNSEEN]
    of = groups(texts)
    assert len(set(of[:6])) == 1
    assert len(set(of[6:])) == 6
    for seed in range(5):
        out = left_out(texts, 0.3, seed, grouped=True)
        assert len(set(out[:6])) == 1
        assert 0 < out.sum() < len(texts)


def test_long_numbers_and_masks_look_the_same() -> None:
    assert normalised("工单 20180103136809，【手机号】") == normalised("工单88888888，【电话】")
    assert normalised("Ｋ3 路") == "k3路"


# ------------------------------------------------------------------------------------------- the file


def test_a_model_is_the_same_after_the_file(learnt: Model, tmp_path: Path) -> None:
    path = tmp_path / "here" / "routing.model"
    model_file.save(learnt, path)
    loaded = model_file.load(path)
    assert loaded.labels == learnt.labels
    assert loaded.threshold == learnt.threshold
    for text, department in UNSEEN:
        assert loaded.guesses(text)[0].label == department
        assert loaded.guesses(text)[0].confidence == pytest.approx(learnt.guesses(text)[0].confidence, abs=0.01)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["routing.model"]


def test_the_file_holds_no_words_of_the_texts(learnt: Model, tmp_path: Path) -> None:
    path = tmp_path / "routing.model"
    model_file.save(learnt, path)
    with np.load(path) as stored:
        content = b"".join(np.ascontiguousarray(stored[name]).tobytes() for name in stored.files)
    for word in ("望江苑", "二胡", "水管"):
        assert word.encode() not in content
        assert word.encode("utf-32-le") not in content


def _changed(path: Path, **parts: Any) -> None:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    told = json.loads(bytes(arrays["about"]).decode())
    for name, part in parts.items():
        if name in told:
            told[name] = part
        else:
            arrays[name] = part
    arrays["about"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
    with path.open("wb") as out:
        np.savez_compressed(out, **arrays)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 99}, "第 99 版"),
        ({"kind": "something else"}, "不是本程序的模型文件"),
        ({"labels": ["甲", "乙"]}, "前后不一致"),
        ({"bias": np.full(4, np.nan, np.float32)}, "前后不一致"),
        ({"body_weights": np.zeros(3, np.float32)}, "前后不一致"),
        ({"trust": np.array([{"a": 1}], dtype=object)}, "已损坏"),  # a pickle: it is not unpacked
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(
    learnt: Model, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "routing.model"
    model_file.save(learnt, path)
    _changed(path, **change)
    with pytest.raises(BrokenModel, match=reason):
        model_file.load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x80\x04K\x01.", "文字".encode("gbk")])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "routing.model"
    path.write_bytes(content)
    with pytest.raises(BrokenModel, match="已损坏"):
        model_file.load(path)


def test_a_file_cut_short_or_missing_is_refused(learnt: Model, tmp_path: Path) -> None:
    path = tmp_path / "routing.model"
    with pytest.raises(BrokenModel, match="没有找到"):
        model_file.load(path)
    model_file.save(learnt, path)
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(BrokenModel, match="已损坏"):
        model_file.load(path)
