"""Characters sound as the dictionary of readings says."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

from knowledge.runs import said_as


def test_every_character_has_its_commonest_reading_without_the_tone() -> None:
    letters = [chr(code) for code in range(0x4E00, 0xA000)]
    assert [said_as(letter) for letter in letters] == lazy_pinyin(letters, style=Style.NORMAL)
