"""Finding the right article, and knowing when there is none: measured on the demo city."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks import quality
from knowledge.answering import LookUp, judge
from knowledge.index import Index
from knowledge.lexicon import Lexicon
from knowledge.places import city_words
from knowledge.search import search
from tests.knowledge.bases import (
    HERE,
    SMALL,
    WHEN_ALL_HOLD,
    demo_index,
    labelled,
    out_of_scope,
)

FLOORS = quality.floors()["search"]


def _found(text: str, index: Index | None = None) -> list[tuple[str, float]]:
    hits = search(index or demo_index(), text, WHEN_ALL_HOLD, limit=4)
    return [(article.code, confidence) for article, confidence in hits]


def _look_up(text: str) -> LookUp:
    return judge(search(demo_index(), text, WHEN_ALL_HOLD, limit=4))


def test_every_article_is_found_by_its_own_question_and_variants() -> None:
    asked = [(text, a.code) for a in demo_index().articles for text in (a.question, *a.variants)]
    missed = [(text, code) for text, code in asked if [hit for hit, _ in _found(text)[:1]] != [code]]
    assert len(missed) <= len(asked) * 0.01, missed


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("设保卡丢了怎么补", "ss-001"),  # as recognition writes it
        ("公基金怎么提取交房租", "hf-001"),
        ("嗯那个我想问一下那个就是社保卡密码忘了咋整啊", "ss-005"),
        ("我的身份证找不着了咋整", "id-001"),
        ("驾照掉了咋补", "dr-002"),
    ],
)
def test_sound_alikes_fillers_and_everyday_words_do_not_hide_the_matter(said: str, code: str) -> None:
    assert _found(said)[0][0] == code


def test_place_names_do_not_hide_the_matter() -> None:
    plain, placed = _found("暖气不热找谁修"), _found("幸福小区暖气不热找谁修")
    assert plain[0][0] == placed[0][0] == "ut-011"
    assert _look_up("幸福小区暖气不热找谁修").kind == "answer"


@pytest.mark.parametrize("said", ["{}居住证怎么办", "{}市的居住证怎么办理", "我在{}，居住证咋弄"])
def test_the_citys_own_name_never_is_the_news_in_a_question(said: str, tmp_path: Path) -> None:
    (tmp_path / "gazetteer.yml").write_text("city: 海口市\ndistricts: []\n", "utf-8")
    articles = [replace(article, answer=article.answer.replace("云州", "")) for article in demo_index().articles]
    index = Index(articles, city_words(tmp_path))
    plain = search(index, said.format("").replace("市的", ""), WHEN_ALL_HOLD)
    named = search(index, said.format("海口"), WHEN_ALL_HOLD)
    assert named[0][0] == plain[0][0]
    assert named[0][1] >= plain[0][1] - 0.02
    other = search(index, said.format("三亚"), WHEN_ALL_HOLD)
    assert other[0][1] < named[0][1]


def test_of_the_citys_name_no_more_is_cut_than_the_name_and_its_pack_may_add_words(tmp_path: Path) -> None:
    (tmp_path / "gazetteer.yml").write_text("city: 海口市\ndistricts: [{name: 海口大道街道}]\n", "utf-8")
    (tmp_path / "synonyms.yml").write_text("same: {居住证: [绿卡本]}\n", "utf-8")
    (tmp_path / "fillers.yml").write_text("fillers: [侬好]\nstop: [伐]\n", "utf-8")
    lexicon = Lexicon((), city_words(tmp_path))
    said = {
        "海口市民卡": "市民卡",
        "海口市公积金": "公积金",
        "海口市场": "市场",
        "侬好绿卡本": "居住证",
        "海口大道": "大道",
    }
    assert {text: lexicon.normalise(text) for text in said} == said
    assert "伐" in lexicon.stop
    assert "大道" not in lexicon.stop
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "fillers.yml").write_text("stopwords: [伐]\n", "utf-8")
    with pytest.raises(ValueError, match="没有“stopwords”这一部分"):
        Lexicon((), city_words(tmp_path / "two"))


def test_confidences_are_probabilities_and_fall() -> None:
    for text, _ in labelled(HERE / "dev")[::9]:
        confidences = [confidence for _, confidence in _found(text)]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)


@pytest.mark.parametrize("word", ["医保", "房产证", "驾驶证", "居住证", "身份证"])
def test_a_word_alone_that_several_articles_are_about_is_answered_by_none_of_them(word: str) -> None:
    assert _look_up(word).kind == "choose"


def test_a_word_alone_that_one_article_is_about_is_answered() -> None:
    hits = _look_up("挪车")
    assert (hits.kind, hits.hits[0].article.code) == ("answer", "dr-008")


def test_nothing_in_force_finds_nothing() -> None:
    assert search(Index(SMALL), "社保卡丢了", date(1999, 1, 1)) == []


def test_small_talk_and_other_assistants_work_are_not_answered() -> None:
    texts = out_of_scope()
    assert len(texts) >= 150
    answered = [text for text in texts if _look_up(text).kind == "answer"]
    assert 1 - len(answered) / len(texts) >= FLOORS["paraphrases: out of scope not answered"], answered


def test_the_paraphrases_written_before_the_search_find_their_articles() -> None:
    asked = labelled(HERE / "paraphrases")
    assert len(asked) == 3 * len(demo_index().articles)
    found = [[hit for hit, _ in _found(text)] for text, _ in asked]
    first = sum(codes[:1] == [code] for codes, (_, code) in zip(found, asked, strict=True))
    among_three = sum(code in codes[:3] for codes, (_, code) in zip(found, asked, strict=True))
    assert first >= FLOORS["paraphrases: R@1"] * len(asked)
    assert among_three >= FLOORS["paraphrases: R@3"] * len(asked)


def test_every_article_is_found_by_at_least_two_of_its_three_paraphrases() -> None:
    times: dict[str | None, int] = {}
    for text, code in labelled(HERE / "paraphrases"):
        times[code] = times.get(code, 0) + (code in [hit for hit, _ in _found(text)])
    assert [code for code, found in times.items() if found < 2] == []


def test_an_answer_to_a_paraphrase_is_seldom_the_wrong_one() -> None:
    asked = labelled(HERE / "paraphrases")
    found = [(_look_up(text), code) for text, code in asked]
    answered = [(hits.hits[0].article.code, code) for hits, code in found if hits.kind == "answer"]
    assert len(answered) >= 0.3 * len(asked)  # most are deliberately roundabout: the others get a choice
    right = sum(given == code for given, code in answered)
    assert right >= FLOORS["paraphrases: answers that are right"] * len(answered)
