"""``huiyin address``: a model of address elements, trained, measured, refused, and what reading makes of it (B4)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.addresses import model_file
from bot.addresses.examples import Element, read_examples
from bot.addresses.labels import elements_of, labels_of
from bot.addresses.refusals import BadAddressModel
from bot.reading.places import PlaceReader
from core.settings import ROOT
from huiyin.cli.main import app
from tests.bot.addresses.invented import write_addresses

pytestmark = pytest.mark.xdist_group("addresses")  # one model is trained for all

SEEN, UNSEEN = 120, 40


def huiyin(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["address", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("addresses")


@pytest.fixture(scope="module")
def trained(folder: Path) -> Path:
    result = huiyin(
        "train", write_addresses(folder / "seen.jsonl", SEEN, seed=1), "--out", folder / "model", "--jobs", 2
    )
    assert result.exit_code == 0, result.output
    return folder / "model"


def test_a_trained_model_splits_addresses_it_has_not_seen(folder: Path, trained: Path) -> None:
    unseen = write_addresses(folder / "unseen.jsonl", UNSEEN, seed=2)
    result = huiyin("evaluate", unseen, "--model", trained, "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["n"] == UNSEEN
    assert figures["f1"] > 0.97
    assert set(figures) == {"n", "precision", "recall", "f1", "exact", "by_type"}
    assert figures["by_type"]["road"]["n"] > 0


def test_one_network_of_each_sort_finds_nearly_the_same(trained: Path) -> None:
    model = model_file.load(trained)
    address = "望川区木棉路18号听雨花园3幢2单元501室"
    kinds = [element.kind for element in model.elements(address)]
    assert kinds == ["district", "road", "roadno", "poi", "houseno", "cellno", "roomno"]
    assert model.quick_elements(address) == model.elements(address)
    assert model.elements("") == model.quick_elements("") == []


def _of_another_version(meta: dict[str, object], contents: dict[str, bytes]) -> None:
    meta["version"] = 99


def _of_something_else(meta: dict[str, object], contents: dict[str, bytes]) -> None:
    meta["format"] = "something else"


def _damaged(meta: dict[str, object], contents: dict[str, bytes]) -> None:
    contents["arrays.npz"] = contents["arrays.npz"][:-1] + b"x"


@pytest.mark.parametrize(
    ("change", "reason"),
    [(_of_another_version, "另一个版本"), (_of_something_else, "不是回音的地址模型"), (_damaged, "校验和不符")],
)
def test_a_file_of_another_version_or_damaged_is_refused_with_its_reason(
    trained: Path, tmp_path: Path, change: Callable[[dict[str, object], dict[str, bytes]], None], reason: str
) -> None:
    with zipfile.ZipFile(trained) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    meta = json.loads(contents.pop("meta.json"))
    change(meta, contents)
    with zipfile.ZipFile(tmp_path / "changed", "w") as archive:
        for name, content in {**contents, "meta.json": json.dumps(meta).encode()}.items():
            archive.writestr(name, content)
    with pytest.raises(BadAddressModel, match=reason):
        model_file.load(tmp_path / "changed")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", "一二三".encode()])
def test_what_is_no_model_is_refused(folder: Path, tmp_path: Path, content: bytes, trained: Path) -> None:
    (tmp_path / "model").write_bytes(content)
    result = huiyin("evaluate", folder / "seen.jsonl", "--model", tmp_path / "model")
    assert result.exit_code == 1
    assert "不能用" in result.output


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "不是 JSON"),
        ("[]", "缺少 text 或 spans"),
        ('{"text": "", "spans": []}', "1 至 200 个字"),
        ('{"text": "甲路", "spans": [{"type": "road", "start": 0, "end": 3}]}', "超出地址"),
        ('{"text": "甲路", "spans": [{"type": "road", "start": 0, "end": true}]}', "超出地址"),
        ('{"text": "甲路", "spans": [{"type": "a b", "start": 0, "end": 2}]}', "类型不合规"),
        ('{"text": "甲路", "spans": [{"type": "road", "start": 0, "end": 2, "text": "乙路"}]}', "对不上"),
        (
            '{"text": "甲路", "spans": [{"type": "road", "start": 0, "end": 2},'
            ' {"type": "poi", "start": 1, "end": 2}]}',
            "重叠",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_reason_and_the_others_are_used(
    tmp_path: Path, line: str, reason: str
) -> None:
    good = '{"text": "甲路3号", "spans": [{"type": "road", "start": 0, "end": 2}]}'
    file = tmp_path / "addresses.jsonl"
    file.write_text(f"{good}\n{line}\n\n{good}\n", encoding="utf-8")
    read = read_examples(file)
    assert len(read.examples) == 2
    [(number, told)] = read.refused
    assert number == 2
    assert reason in told


def test_a_file_in_another_encoding_or_without_addresses_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    for content, reason in (("地址".encode("gbk"), "UTF-8"), (b"\n", "没有可用的地址"), (b"{}", "没有可用的地址")):
        (tmp_path / "file").write_bytes(content)
        result = huiyin("train", tmp_path / "file", "--out", tmp_path / "model")
        assert (result.exit_code, reason in result.output) == (1, True), result.output
    assert huiyin("train", tmp_path / "missing", "--out", tmp_path / "model").exit_code == 1
    too_few = write_addresses(tmp_path / "few", 3, seed=1)
    assert "至少" in huiyin("train", too_few, "--out", tmp_path / "model").output
    assert not (tmp_path / "model").exists()


def test_labels_mark_elements_and_give_them_back(folder: Path, trained: Path) -> None:
    for example in read_examples(folder / "seen.jsonl").examples:
        assert tuple(elements_of(labels_of(example))) == example.elements
    assert elements_of(["B-road", "O", "I-poi"]) == [Element(0, 1, "road"), Element(2, 3, "poi")]


def test_with_the_citys_model_an_answer_is_taken_with_names_no_rule_knows(trained: Path) -> None:
    city = ROOT / "cities" / "yunzhou"
    without, with_model = PlaceReader.load(city), PlaceReader.load(city, trained)
    answer = "人民路18号听雨花园"
    plain, whole = without.read(answer, asked=True), with_model.read(answer, asked=True)
    assert plain is not None
    assert whole is not None
    assert whole.normal == answer
    assert whole.location == plain.location
