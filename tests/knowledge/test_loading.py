"""Loading a city pack: sound articles are taken, bad ones refused with their reasons (B10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.runtime import Runtime
from knowledge import articles, life_cycle
from knowledge.loading import LoadReport, load_pack, read_pack
from tests.knowledge.bases import CITY, named

GOOD = {
    "id": "a-1",
    "question": "社保卡丢了怎么办？",
    "variants": ["社保卡不见了"],
    "answer": "请先挂失再补办。",
    "department": "hrss",
    "source": "《办法》",
    "valid_from": "2025-01-01",
    "valid_to": None,
    "keywords": ["社保卡"],
}


def _write(folder: Path, *entries: Any, name: str = "a.yml") -> Path:
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(list(entries), allow_unicode=True, sort_keys=False)
    (folder / name).write_text(text.replace("'2025-01-01'", "2025-01-01"), encoding="utf-8")
    return folder


async def _load(runtime: Runtime, folder: Path, **options: Any) -> LoadReport:
    async with runtime.database.write() as session:
        return await load_pack(session, folder, now=runtime.clock.now(), **options)


async def test_the_demo_pack_loads_whole_and_a_second_time_changes_nothing(runtime: Runtime) -> None:
    seen: list[tuple[int, int]] = []
    first = await _load(runtime, CITY / "articles", progress=lambda done, total: seen.append((done, total)))
    async with runtime.database.read() as session:
        changes = await articles.changes_so_far(session)
    second = await _load(runtime, CITY / "articles")
    assert (len(first.added), first.refused) == (167, [])
    assert seen[-1] == (167, 167)
    assert (second.added, second.changed, len(second.unchanged)) == ([], [], 167)
    async with runtime.database.read() as session:
        assert await articles.changes_so_far(session) == changes


async def test_a_changed_pack_article_replaces_the_stored_one(runtime: Runtime, tmp_path: Path) -> None:
    folder = _write(tmp_path / "pack", GOOD)
    await _load(runtime, folder)
    report = await _load(runtime, _write(folder, {**GOOD, "answer": "请到窗口办理。"}))
    async with runtime.database.read() as session:
        stored = await articles.find(session, "a-1")
    assert report.changed == ["a-1"]
    assert stored is not None
    assert (stored.answer, stored.version) == ("请到窗口办理。", 2)


async def test_what_staff_changed_survives_a_reload_of_the_same_pack(runtime: Runtime, tmp_path: Path) -> None:
    folder = _write(tmp_path / "pack", GOOD)
    await _load(runtime, folder)
    async with runtime.database.write() as session:
        stored = await articles.find(session, "a-1")
        assert stored is not None
        edited = named(stored.article(), answer="改过的答案。")
        await life_cycle.publish(session, edited, actor="staff:3", now=runtime.clock.now())
    assert (await _load(runtime, folder)).unchanged == ["a-1"]
    async with runtime.database.read() as session:
        stored = await articles.find(session, "a-1")
    assert stored is not None
    assert stored.answer == "改过的答案。"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question": None}, "缺少内容：question"),
        ({"answer": "  "}, "缺少内容：answer"),
        ({"source": ""}, "缺少内容：source"),
        ({"valid_from": "去年"}, "生效日期应为 年-月-日：valid_from"),
        ({"valid_to": "2026年"}, "失效日期应为 年-月-日：valid_to"),
        ({"variants": "一个"}, "应为文字列表：variants"),
        ({"steps": ["一", 2]}, "应为文字列表：steps"),
        ({"fee": 20}, "应为文字：fee"),
        ({"department": "nowhere"}, "没有这个部门：nowhere"),
        ({"colour": "red"}, "不认识的项目：colour"),
        ({"id": 7}, "编号应为不超过40字的文字"),
    ],
)
async def test_a_bad_article_is_refused_with_its_reason_and_the_rest_is_loaded(
    runtime: Runtime, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    folder = _write(tmp_path / "pack", {**GOOD, **change}, {**GOOD, "id": "a-2"})
    report = await _load(runtime, folder, departments={"hrss"})
    assert report.added == ["a-2"]
    assert [(refusal.file, refusal.reason) for refusal in report.refused] == [("a.yml", reason)]


def test_dates_the_wrong_way_round_and_a_repeated_id_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    entry = "- {id: x, question: 问, answer: 答, department: d, source: 源, valid_from: 2025-02-01, valid_to: %s}\n"
    (folder / "a.yml").write_text(entry % "2025-01-31" + entry % "2025-02-01" + entry % "null", encoding="utf-8")
    pack, refused = read_pack(folder)
    assert [entry.article.valid_to.isoformat() for entry in pack if entry.article.valid_to] == ["2025-02-01"]
    assert [refusal.reason for refusal in refused] == ["失效日期早于生效日期", "编号重复：x"]


async def test_a_refused_article_leaves_the_stored_one_untouched(runtime: Runtime, tmp_path: Path) -> None:
    folder = _write(tmp_path / "pack", GOOD)
    await _load(runtime, folder)
    report = await _load(runtime, _write(folder, {**GOOD, "answer": ""}))
    async with runtime.database.read() as session:
        stored = await articles.find(session, "a-1")
    assert [refusal.code for refusal in report.refused] == ["a-1"]
    assert stored is not None
    assert (stored.answer, stored.version, stored.status) == ("请先挂失再补办。", 1, "published")


@pytest.mark.parametrize("content", [b"- {id: [", b"just text", b"\xff\xfe\x00broken", b"- just a line"])
async def test_a_file_that_is_no_pack_is_refused_whole_and_the_others_load(
    runtime: Runtime, tmp_path: Path, content: bytes
) -> None:
    folder = _write(tmp_path / "pack", GOOD)
    (folder / "b.yml").write_bytes(content)
    report = await _load(runtime, folder)
    assert report.added == ["a-1"]
    assert [(refusal.file, refusal.code) for refusal in report.refused] == [("b.yml", "")]
    assert report.refused[0].reason


async def test_an_article_that_left_the_pack_is_taken_back_and_returns_with_it(
    any_runtime: Runtime, tmp_path: Path
) -> None:
    folder = _write(tmp_path / "pack", GOOD, {**GOOD, "id": "a-2"})
    await _load(any_runtime, folder)
    report = await _load(any_runtime, _write(folder, GOOD))
    assert (report.unchanged, report.expired) == (["a-1"], ["a-2"])
    async with any_runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["a-1"]
    assert (await _load(any_runtime, folder)).expired == []
    assert (await _load(any_runtime, _write(folder, GOOD, {**GOOD, "id": "a-2"}))).changed == ["a-2"]
    async with any_runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["a-1", "a-2"]


async def test_what_staff_edited_wrote_or_took_back_is_not_the_packs_to_change(
    runtime: Runtime, tmp_path: Path
) -> None:
    folder = _write(tmp_path / "pack", GOOD, {**GOOD, "id": "a-2"}, {**GOOD, "id": "a-3"})
    await _load(runtime, folder)
    async with runtime.database.write() as session:
        now, stored = runtime.clock.now(), await articles.find(session, "a-2")
        assert stored is not None
        await life_cycle.publish(session, named(stored.article(), fee="免费"), actor="staff:3", now=now)
        await life_cycle.publish(session, named(stored.article(), code="own"), actor="staff:3", now=now)
        await life_cycle.expire(session, "a-3", actor="staff:3", now=now)
    assert (await _load(runtime, _write(folder, GOOD))).expired == []
    assert (await _load(runtime, _write(folder, GOOD, {**GOOD, "id": "a-3"}))).changed == []
    async with runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["a-1", "a-2", "own"]


@pytest.mark.parametrize("broken", [{**GOOD, "id": "a-2", "answer": ""}, "a file that cannot be read"])
async def test_what_cannot_be_read_has_not_left_the_pack(runtime: Runtime, tmp_path: Path, broken: Any) -> None:
    folder = _write(tmp_path / "pack", GOOD, {**GOOD, "id": "a-2"})
    await _load(runtime, folder)
    if isinstance(broken, str):
        _write(folder, GOOD)
        (folder / "b.yml").write_text("- {id: [", encoding="utf-8")
    else:
        _write(folder, GOOD, broken)
    assert (await _load(runtime, folder)).expired == []
    async with runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["a-1", "a-2"]
