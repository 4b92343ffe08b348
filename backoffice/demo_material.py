"""The stuff demo orders are made of: ``past_orders.yml`` of a city pack, read and checked."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from backoffice.kinds import Kind
from backoffice.pack_problems import CityPackRefused
from core.yaml_files import read_yaml


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class MatterTemplate:
    """A matter that comes up again and again."""

    category: str
    kind: str
    weight: float
    templates: tuple[str, ...]
    results: tuple[str, ...]
    months: tuple[int, ...] = ()
    company: str | None = None
    target: str | None = None


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class Material:
    """Everything ``past_orders.yml`` holds."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]
    when: tuple[str, ...]
    howlong: tuple[str, ...]
    companies: tuple[str, ...]
    matters: tuple[MatterTemplate, ...]
    company_kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)


_KINDS = {kind.label: kind for kind in Kind}


def kind_of(matter: MatterTemplate) -> Kind:
    """The kind, from its Chinese word."""
    return _KINDS[matter.kind]


def read_material(folder: Path) -> Material:
    """The material in a city pack. Raises :class:`backoffice.city_pack.CityPackRefused`."""
    path = folder / "past_orders.yml"
    try:
        data = read_yaml(path)
        read = TypeAdapter(Material).validate_python(data)
    except (OSError, yaml.YAMLError, ValidationError) as problem:
        raise CityPackRefused(f"{path.name}: {problem}") from problem
    unknown = {matter.kind for matter in read.matters} - _KINDS.keys()
    if unknown:
        raise CityPackRefused(f"{path.name}: unknown kinds {sorted(unknown)}")
    return read


def split_result(text: str) -> tuple[str, str]:
    """办理情况 and 办理结果 of a result written as one line."""
    situation, _, result = text.partition("办理结果：")
    return situation.removeprefix("办理情况：").strip(), result.strip() or "已答复来电人。"
