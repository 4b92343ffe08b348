"""Which part of an article a column holds, by its name in Chinese or English (``columns.yml``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml
from knowledge.entry import KEYS

_MARKS = re.compile(r"[\s_\-—:：*＊()（）【】\[\]/、.#]+")


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
        field = self._mapped.get(plain) or _known().get(plain, (None, 0))[0]
        return None if field == "-" else field

    def rank(self, name: str) -> int:
        """How well ``name`` names its part, the less the better: of two columns of one part the better is read."""
        plain = _plain(name)
        return -1 if plain in self._mapped else _known()[plain][1]

    def by_part(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The columns of each part of an article, the one named best in front."""
        held: dict[str, list[str]] = {}
        for name in sorted((name for name in map(str, names) if self.field(name)), key=self.rank):
            held.setdefault(str(self.field(name)), []).append(name)
        return held

    def may_count(self, name: str) -> bool:
        """Whether a column called ``name`` may hold ids or but count the rows: 编号, where nobody has mapped it."""
        return _plain(name) in _numbering() and _plain(name) not in self._mapped

    def without(self, names: Iterable[str]) -> Columns:
        """The same, but the columns called ``names`` are left out."""
        columns = Columns()
        columns._mapped = {**self._mapped, **{_plain(name): "-" for name in names}}
        return columns

    def are_names(self, cells: Sequence[str]) -> bool:
        """Whether the cells of a row are names of columns: the answer's among them, or two others."""
        found = [field for field in map(self.field, cells) if field]
        return "answer" in found or len(set(found)) > 1


def _plain(name: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).lower()


@lru_cache(maxsize=1)
def _tables() -> dict[str, list[str]]:
    table: dict[str, list[str]] = read_yaml(Path(__file__).with_name("columns.yml"))
    return table


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, int]]:
    """By the name of a column its part, and how many names of that part are better ones."""
    return {
        _plain(name): (field, place)
        for field, names in _tables().items()
        if field != "numbering"
        for place, name in enumerate((field, *names))
    }


@lru_cache(maxsize=1)
def _numbering() -> frozenset[str]:
    return frozenset(map(_plain, _tables()["numbering"]))
