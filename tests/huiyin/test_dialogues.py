"""Scripted dialogues: what the scripted citizen answers, and ``huiyin chat --script`` as programs use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huiyin.dialogues import Answers, BadScript, load_script
from tests.fixtures.model import shared_model_dir
from tests.huiyin.test_command_line import run

SCRIPT = """\
- id: a question and no order
  channel: webchat
  turns: [社保卡丢了怎么补办]
- id: a day that has not come yet by the frozen clock
  opening: 青年路路口的红绿灯坏了
  answers: {time: [2026年11月20日, 昨天早上], phone: "13800138000", default: 不方便说}
  finally: 谢谢
- id: an order filed beforehand
  channel: sms
  given: {order: {content: 幸福小区门口路灯不亮, address: 幸福小区}}
  turns: ["查一下{number}"]
- id: nothing said, then something
  turns: ["", 社保卡丢了怎么补办]
"""


def test_a_list_is_used_up_and_its_last_item_repeats() -> None:
    answers = Answers({"phone": ["138", "13800138000"], "name": "王小明"})
    assert [answers.to("phone") for _ in range(3)] == ["138", "13800138000", "13800138000"]
    assert [answers.to("name") for _ in range(2)] == ["王小明", "王小明"]


def test_when_nothing_is_asked_the_list_last_used_goes_on_to_its_end() -> None:
    answers = Answers({"content": ["路灯不亮", "还有井盖", "没别的了"], "name": "王小明"})
    assert answers.to(None) is None
    assert answers.to("content") == "路灯不亮"
    assert [answers.to(None) for _ in range(3)] == ["还有井盖", "没别的了", None]
    assert answers.to("name") == "王小明"
    assert answers.to(None) is None


@pytest.mark.parametrize("given", [{}, {"default": "没有了"}, {"default": "不清楚", "name": "王小明"}])
def test_the_summary_is_agreed_to_unless_the_script_says_otherwise(given: dict[str, str]) -> None:
    assert Answers(given).to("confirm") == "是的"
    assert Answers({**given, "confirm": "电话错了"}).to("confirm") == "电话错了"


def test_what_has_no_entry_gets_the_default_and_without_one_nothing_more_to_say() -> None:
    assert Answers({"default": "不清楚"}).to("address") == "不清楚"
    assert Answers({"name": "王小明"}).to("address") == "没有了"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("- {id: 空}", "第 1 段对话既没有 turns 也没有 opening"),
        ("turns: [你好]", "应当是对话的列表"),
        ("- [", "expected"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_with_the_reason(tmp_path: Path, written: str, told: str) -> None:
    script = tmp_path / "script.yml"
    script.write_text(written, "utf-8")
    with pytest.raises(BadScript, match=told):
        load_script(script)


def test_the_command_refuses_a_bad_script_in_words(tmp_path: Path) -> None:
    script = tmp_path / "script.yml"
    script.write_text("- [", "utf-8")
    done = run(tmp_path, "chat", "--script", str(script), "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.xdist_group("engine")
def test_the_command_prints_a_line_of_json_for_every_dialogue_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir()
    (data / "models").symlink_to(shared_model_dir())
    (tmp_path / "script.yml").write_text(SCRIPT, "utf-8")
    done = run(tmp_path, "chat", "--script", "script.yml", "--json", "--now", "2026-11-10T10:00", patience=400)
    assert done.returncode == 0, done.stderr
    question, order, progress, empty = (json.loads(line) for line in done.stdout.splitlines())
    for record in (question, order, progress):
        assert set(record) >= {"id", "exchanges", "outcome", "kind", "slots", "order", "errors"}
        assert record["errors"] == []

    assert (question["id"], question["outcome"], question["order"]) == ("a question and no order", "answered", None)
    said = question["exchanges"][0]
    assert said["citizen"] == "社保卡丢了怎么补办"
    answer = next(reply for reply in said["replies"] if reply["card"] == "answer")
    assert answer["article"] == "ss-001"
    assert {"text", "card", "quick_replies", "article", "asks"} <= set(answer)

    asked = [reply["asks"] for exchange in order["exchanges"] for reply in exchange["replies"] if reply["asks"]]
    assert asked == ["time", "time", "name", "phone", "confirm"]
    assert [exchange["citizen"] for exchange in order["exchanges"]][-2:] == ["是的", "谢谢"]
    assert (order["outcome"], order["kind"]) == ("order", "complain")
    assert order["order"]["number"].isdigit()
    assert order["order"]["department"]
    assert order["order"]["category"]
    assert order["order"]["fields"]["time"] == "昨天早上"
    assert order["order"]["fields"]["phone"] == "13800138000"

    assert (empty["outcome"], empty["errors"]) == ("answered", ["您还没有输入内容，请写下您的问题再发送。"])
    assert [exchange["replies"] == [] for exchange in empty["exchanges"]] == [True, False]

    assert progress["outcome"] == "progress"
    assert progress["channel"] == "sms"
    assert not list(data.glob("*.db")), "the talk was on a database of its own"
