"""Which part of an article a column holds, by its name in Chinese or English (``columns.yml``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml
from knowledge.entry import KEYS

_MARKS = re.compile(r"[\s_\-—:：*＊()（）【】\[\]/、.]+")


class NoSuchField(ValueError):
    """A mapping names a part no article has; the message says which there are, in Chinese."""


class Columns:
    """Reads names of columns; what a person mapped goes before what is known."""

    def __init__(self, mapped: Mapping[str, str] | None = None) -> None:
        """``mapped``: name of a column → part of an article (or ``-``: leave it out). Raises :class:`NoSuchField`."""
        for name, field in (mapped or {}).items():
            if field not in (*KEYS, "-"):
                raise NoSuchField(f"没有“{field}”这个项目（列“{name}”）。可用的有：{'、'.join(KEYS)}；“-”表示不导入。")
        self._mapped = {_plain(name): field for name, field in (mapped or {}).items()}

    def field(self, name: str) -> str | None:
        """The part of an article (:data:`knowledge.entry.KEYS`) a column called ``name`` holds; None for others."""
        plain = _plain(name)
        field = self._mapped.get(plain) or _known().get(plain)
        return None if field == "-" else field

    def are_names(self, cells: Sequence[str]) -> bool:
        """Whether the cells of a row are names of columns: the answer's among them, or two others."""
        found = [field for field in map(self.field, cells) if field]
        return "answer" in found or len(set(found)) > 1


def _plain(name: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).lower()


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    table = read_yaml(Path(__file__).with_name("columns.yml"))
    return {_plain(name): field for field, names in table.items() for name in (field, *names)}
