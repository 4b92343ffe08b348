"""What changed between two versions, as people read it (B9)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import CHINA
from knowledge.what_changed import Change, changes
from tests.knowledge.bases import LOST_CARD, named


def _only(**changed: object) -> Change:
    (change,) = changes(LOST_CARD, named(LOST_CARD, **changed))
    return change


def _shown(change: Change) -> list[str]:
    marks = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return ["".join(marks[kind].format(text) for kind, text in line.pieces) for line in change.lines]


def test_a_changed_word_shows_within_its_sentence() -> None:
    change = _only(answer="请先拨打12345挂失，再带身份证到银行网点补办，三天后拿卡。")
    assert change.label == "答案"
    assert _shown(change) == ["请先拨打[-12333-][+12345+]挂失，再带身份证到银行网点补办，[-当场-][+三天后+]拿卡。"]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"fee": "20元"}, ["[-免费-][+20元+]"]),
        ({"fee": None}, ["[-免费-]"]),
        ({"valid_to": date(2027, 1, 1)}, ["[+2027-01-01+]"]),
        ({"ends_at": datetime(2026, 11, 16, 18, tzinfo=CHINA)}, ["[+2026-11-16 18:00+]"]),
        ({"materials": ("居民身份证", "照片")}, ["居民身份证", "[+照片+]"]),
        ({"materials": ()}, ["[-居民身份证-]"]),
        ({"materials": ("居民身份证原件",)}, ["居民身份证[+原件+]"]),
        ({"variants": ("完全另外一句问话",)}, ["[+完全另外一句问话+]", "[-社保卡丢了怎么补-]"]),
    ],
)
def test_every_kind_of_part_is_told(changed: dict[str, object], shown: list[str]) -> None:
    assert _shown(_only(**changed)) == shown


def test_the_same_is_no_change_and_a_new_article_is_new_all_over() -> None:
    assert changes(LOST_CARD, named(LOST_CARD, version=9)) == []
    first = changes(None, LOST_CARD)
    assert [change.label for change in first][:3] == ["标题问题", "答案", "维护部门"]
    assert {line.kind for change in first for line in change.lines} == {"new"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_character_is_lost_on_either_side(old: str, new: str) -> None:
    for change in changes(named(LOST_CARD, answer=old), named(LOST_CARD, answer=new)):
        pieces = [piece for line in change.lines for piece in line.pieces]
        assert "".join(text for kind, text in pieces if kind != "new") == old
        assert "".join(text for kind, text in pieces if kind != "gone") == new
