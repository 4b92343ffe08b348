"""What is wrong in a file of a city pack, for those who write it: the file, the place, and what is expected there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError

_MOST = 3
_NAMED_BY = ("code", "name", "category", "version", "city")
_WRONG = {
    "missing": "缺少{item}",
    "missing_argument": "缺少{item}",
    "unexpected_keyword_argument": "多了“{what}”，没有这一项，请检查拼写",
    "extra_forbidden": "多了“{what}”，没有这一项，请检查拼写",
    "string_type": '“{what}”要写成文字，数字请加引号，例如 "0571"；现在是 {value}',
    "enum": "“{what}”只能是 {expected}；现在是 {value}",
    "literal_error": "“{what}”只能是 {expected}；现在是 {value}",
    "tuple_type": "“{what}”要写成一列，例如 [甲, 乙]；现在是 {value}",
    "list_type": "“{what}”要写成一列，例如 [甲, 乙]；现在是 {value}",
    "dict_type": "“{what}”要写成“名称”加冒号加内容的样子；现在是 {value}",
    "dataclass_type": "{item}要写成“名称”加冒号加内容的样子；现在是 {value}",
    "bool_parsing": "“{what}”只能是 true 或者 false；现在是 {value}",
    "bool_type": "“{what}”只能是 true 或者 false；现在是 {value}",
    "int_parsing": "“{what}”要写成整数；现在是 {value}",
    "int_type": "“{what}”要写成整数；现在是 {value}",
}
_TIMES = '“{what}”要写成时刻，例如 "22:00"；现在是 {value}'
_DATES = "“{what}”要写成日期，例如 2026-10-01；现在是 {value}"
_OTHERWISE = "“{what}”写得不对；现在是 {value}"
_LONGEST = 40
_AS_WRITTEN = {"begins": "from", "ends": "until"}
"""What Python cannot call as the file does."""


class CityPackRefused(ValueError):
    """A file of a city pack is missing or cannot be used; the text, in plain Chinese, names it and says why."""


def in_words(part: str, problem: ValidationError, data: Any) -> str:
    """What a check found wrong in ``data``, the content of a file."""
    found = list(dict.fromkeys(f"{_where(error['loc'], data)}{_what(error)}" for error in _errors(problem)))
    more = f"；还有 {len(found) - _MOST} 处" if len(found) > _MOST else ""
    return f"{part}.yml：{'；'.join(found[:_MOST])}{more}。"


def unreadable(part: str, problem: yaml.YAMLError) -> str:
    """Where a file is no YAML."""
    mark = getattr(problem, "problem_mark", None)
    line = f"第 {mark.line + 1} 行附近" if mark is not None else ""
    return f"{part}.yml：{line}格式读不通，请检查缩进、冒号后面的空格、引号和括号是否成对。"


def _errors(problem: ValidationError) -> Iterator[Mapping[str, Any]]:
    for error in problem.errors(include_url=False):
        yield {**error, "loc": tuple(step for step in error["loc"] if not _of_a_type(step))}


def _of_a_type(step: int | str) -> bool:
    """Names of types that pydantic puts between the steps of a path."""
    return isinstance(step, str) and ("[" in step or step in {"GazetteerFile", "DeadlinesFile", "EmergencyFile"})


def _where(path: Sequence[int | str], data: Any) -> str:
    """The entries the path leads through: 第 3 项（code: east）的 streets 第 1 项（code: east.lake）：."""
    told = ""
    here = data
    for step in path:
        here = _step(here, step)
        if isinstance(step, int):
            told += f"第 {step + 1} 项{_called(here)}"
        elif isinstance(here, (list, tuple, dict)) and step != path[-1]:
            told += f"的 {step} " if told else f"{step} "
    return f"{told}：" if told else ""


def _step(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _called(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    key = next((name for name in _NAMED_BY if entry.get(name) is not None), None)
    return f"（{key}: {entry[key]}）" if key else ""


def _what(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    names = [step for step in error["loc"] if isinstance(step, str)]
    wording = _WRONG.get(kind) or (
        _TIMES if kind.startswith("time") else _DATES if kind.startswith("date") else _OTHERWISE
    )
    what = _AS_WRITTEN.get(names[-1], names[-1]) if names else "内容"
    value = repr(error.get("input"))
    return wording.format(
        what=what,
        item="这一项" if error["loc"] and isinstance(error["loc"][-1], int) else f"“{what}”",
        value=value if len(value) <= _LONGEST else f"{value[:_LONGEST]}……",
        expected=str(error.get("ctx", {}).get("expected", ""))
        .replace(" or ", "、")
        .replace(", ", "、")
        .replace("'", ""),
    )
