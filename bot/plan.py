"""What an intake asks for, by kind of matter (B2, B4): ``bot/data/intake.yml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from backoffice.categories import CategoryEntry, codes_where
from backoffice.kinds import Kind
from core.yaml_files import read_yaml

_FILE = Path(__file__).parent / "data" / "intake.yml"

KIND_OF_INTENT = {
    "complain": Kind.COMPLAIN,
    "report": Kind.REPORT,
    "suggest": Kind.SUGGEST,
    "praise": Kind.PRAISE,
    "request_help": Kind.HELP,
    "ask_question": Kind.CONSULT,
}
"""Which kind of order an intent begins."""
MATTER_INTENTS = frozenset({"complain", "report", "suggest", "praise", "request_help"})
"""Intents that tell a matter themselves."""


@dataclass(frozen=True)
class Field:
    """One thing an intake asks for."""

    name: str
    label: str
    ask: dict[str, str]
    again: str
    skip: str | None
    quick_replies: tuple[str, ...]

    @property
    def question_plain(self) -> str:
        """How the field is asked for where no kind matters."""
        return self.ask["default"]

    def question(self, kind: Kind) -> str:
        """How the field is asked for in an intake of ``kind``."""
        return self.ask.get(kind.value, self.ask["default"])


@dataclass(frozen=True)
class IntakePlan:
    """The whole of ``intake.yml``."""

    fields_of: dict[Kind, tuple[str, ...]]
    fields: dict[str, Field]
    not_given: dict[str, Any]
    target_needed_for: frozenset[str] = frozenset()
    """Codes of the city's categories."""
    lies_somewhere: frozenset[str] = frozenset()

    def required(self, kind: Kind, category: str | None) -> tuple[str, ...]:
        """Fields an order of ``kind`` in ``category`` needs, in the order of asking, without the confirmation."""
        fields = self.fields_of[kind]
        against_somebody = kind in {Kind.COMPLAIN, Kind.HELP} and category in self.target_needed_for
        if "target" in fields or not against_somebody:
            return fields
        return (fields[0], "target", *fields[1:])

    def was_given(self, field: str, value: Any) -> bool:
        """Whether ``value`` is something the citizen told, not a mark that they did not."""
        return value is not None and value != self.not_given.get(field)

    def has_a_place(self, category: str | None) -> bool:
        """Whether trouble of ``category`` lies somewhere: where it is, is the next thing to tell."""
        return category in self.lies_somewhere

    def of_city(self, categories: Sequence[CategoryEntry]) -> IntakePlan:
        """The plan with what the categories of a city pack say of themselves, or, unmarked, their names."""
        return replace(
            self,
            target_needed_for=_marked(categories, "names_target"),
            lies_somewhere=_marked(categories, "lies_somewhere"),
        )


def _marked(categories: Sequence[CategoryEntry], mark: str) -> frozenset[str]:
    if codes_where(categories, lambda entry: entry.names_target or entry.lies_somewhere):
        return codes_where(categories, lambda entry: bool(getattr(entry, mark)))
    words = read_yaml(_FILE)["marked_by_name"][mark]
    return codes_where(categories, lambda entry: any(word in entry.name for word in words))


@lru_cache(maxsize=1)
def intake_plan() -> IntakePlan:
    """The plan in force, of no city yet."""
    content = read_yaml(_FILE)
    return IntakePlan(
        fields_of={Kind(kind): tuple(fields) for kind, fields in content["kinds"].items()},
        fields={name: _field(name, entry) for name, entry in content["fields"].items()},
        not_given=content["not_given"],
    )


def _field(name: str, entry: dict[str, Any]) -> Field:
    ask = entry.get("ask", "")
    return Field(
        name=name,
        label=entry["label"],
        ask=ask if isinstance(ask, dict) else {"default": ask},
        again=entry.get("again", ""),
        skip=entry.get("skip"),
        quick_replies=tuple(entry.get("quick_replies", ())),
    )
