"""The table of all settings: for ``huiyin doctor --settings``, and as the page ``docs/settings.md``.

uv run python -m huiyin.settings_table > docs/settings.md
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from core.settings import ROOT, Settings

_KINDS: dict[Any, str] = {
    Path: "path",
    str: "text",
    int: "number",
    float: "number",
    bool: "true/false",
    SecretStr: "secret",
}
_HEAD = """\
# Settings · 设置

Read from the environment, or from a file `.env` in the folder the service is started in; the environment wins. A value
that cannot be read stops the start with its reason. `huiyin doctor --settings` prints the same table.

从环境变量读取，也可以写在启动目录的 `.env` 文件里；两处都有时以环境变量为准。`huiyin doctor --settings` 打印同一张表。

This page is generated (`uv run python -m huiyin.settings_table > docs/settings.md`); its source is `core/settings.py`.
"""


@dataclass(frozen=True)
class Row:
    """One setting."""

    variable: str
    kind: str
    default: str
    """As it would be written in the environment; empty for an empty one."""
    description: str


def rows() -> list[Row]:
    """Every setting, in the order of :class:`core.settings.Settings`."""
    prefix = str(Settings.model_config["env_prefix"])
    return [
        Row(f"{prefix}{name}".upper(), _kind(field), _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def markdown() -> str:
    """The page ``docs/settings.md``."""
    lines = [
        f"| `{row.variable}` | {row.kind} | {f'`{row.default}`' if row.default else '–'} | {_cell(row.description)} |"
        for row in rows()
    ]
    return "\n".join([_HEAD, "| variable | kind | default | meaning |", "|---|---|---|---|", *lines, ""])


def _kind(field: FieldInfo) -> str:
    """What is to be written: text, number, yes or no, path, secret."""
    kinds = get_args(field.annotation) or (field.annotation,)  # one of the kinds and None, a kind, or the texts allowed
    return next((_KINDS[kind] for kind in kinds if kind in _KINDS), "text")


def _default(field: FieldInfo) -> str:
    """The default as text; a path inside the project without the place where that lies on this machine."""
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        return value.relative_to(ROOT).as_posix()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown())
