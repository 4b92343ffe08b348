"""常用语: the city's for everybody, one's own for oneself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from backoffice.phrases import read_phrases
from core.settings import ROOT
from tests.backoffice.web.office import Answer, Office

PHRASES = "/staff/desk/phrases"


def _texts(page: Answer) -> list[str]:
    return re.findall(r"data-phrase>([^<]+)<", page.text)


async def test_the_citys_phrases_are_there_for_everybody_and_ones_own_come_first(office: Office) -> None:
    city = list(read_phrases(ROOT / "cities" / "yunzhou"))
    async with office.browser_of("agent") as browser, office.browser_of("supervisor") as other:
        assert _texts(await browser.get(PHRASES)) == city
        for text in ("请稍等。", " 马上为您查。\x00", "请稍等。"):
            assert (await browser.post(PHRASES, {"text": text})).status == 200
        assert _texts(await browser.get(PHRASES)) == ["请稍等。", "马上为您查。", *city]
        assert _texts(await other.get(PHRASES)) == city
        await browser.post(f"{PHRASES}/drop", {"text": "请稍等。"})
        assert _texts(await browser.get(PHRASES)) == ["马上为您查。", *city]


async def test_what_cannot_be_kept_comes_back_with_the_reason(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        for text, reason in (("  ", "请写下这句话"), ("好" * 301, "太长了")):
            page = await browser.post(PHRASES, {"text": text})
            assert (page.status, reason in page.words) == (422, True)
        assert f'value="{"好" * 301}"' in page.text
        for number in range(30):
            await browser.post(PHRASES, {"text": f"第{number}句"})
        assert "最多存 30 句" in (await browser.post(PHRASES, {"text": "再一句"})).words


def test_a_city_without_phrases_has_none_and_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    assert read_phrases(tmp_path) == ()
    (tmp_path / "phrases.yml").write_text("", "utf-8")
    assert read_phrases(tmp_path) == ()
    (tmp_path / "phrases.yml").write_text("- {title: 问候}", "utf-8")
    with pytest.raises(ValidationError):
        read_phrases(tmp_path)
