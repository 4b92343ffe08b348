"""A city pack as values: the YAML files of ``cities/<name>/``, read and checked. Knows no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from backoffice.areas import DistrictEntry, names_in
from backoffice.categories import CategoryEntry
from backoffice.departments import DepartmentEntry
from backoffice.gazetteer import Gazetteer
from backoffice.pack_problems import CityPackRefused, in_words, unreadable
from backoffice.routing import Rule
from core.calendar import OFFICE_HOURS, DayKind, SpecialDay
from core.yaml_files import parse_yaml

_Value = TypeVar("_Value")


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class GazetteerFile:
    """``gazetteer.yml``."""

    city: str
    area_code: str
    districts: tuple[DistrictEntry, ...]
    province: str = ""
    """The province it lies in, which is no place elsewhere; known by itself for the cities in ``elsewhere.yml``."""

    def gazetteer(self) -> Gazetteer:
        """The names in the file, for finding them in text."""
        names = (name for district in self.districts for name in names_in(district))
        return Gazetteer(names, self.city, self.area_code)


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class NamedDay:
    """A day in ``holidays.yml``."""

    date: date
    name: str


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class YearOfDays:
    """A year of ``holidays.yml``."""

    holidays: tuple[NamedDay, ...] = ()
    workdays: tuple[NamedDay, ...] = ()
    half_days: tuple[NamedDay, ...] = ()


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class PolicyEntry:
    """A version of the terms in ``deadlines.yml``."""

    version: int
    effective_from: date
    source: str
    rules: dict[str, Any]


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class DeadlinesFile:
    """``deadlines.yml``."""

    office_hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
    policies: tuple[PolicyEntry, ...] = ()


@dataclass(frozen=True)
class CityPack:
    """Everything a city pack says about the back office."""

    departments: tuple[DepartmentEntry, ...]
    categories: tuple[CategoryEntry, ...]
    rules: tuple[Rule, ...]
    gazetteer: GazetteerFile
    days: tuple[SpecialDay, ...]
    deadlines: DeadlinesFile
    fingerprints: dict[str, str] = field(default_factory=dict)
    """By part: a digest of its file."""


PARTS = ("departments", "categories", "routing", "gazetteer", "holidays", "deadlines")
OPTIONAL = frozenset({"holidays", "deadlines", "emergency"})
"""Without them: the days announced by the State Council, the terms of [S0, S1], and no numbers but 110, 119, 120."""


def read_city_pack(folder: Path) -> CityPack:
    """The city pack in ``folder``. Raises :class:`CityPackRefused`."""
    texts = {part: _text(folder, part) for part in PARTS}
    data = {part: _parsed(part, text) for part, text in texts.items()}
    return CityPack(
        departments=_checked("departments", tuple[DepartmentEntry, ...], data["departments"]),
        categories=_checked("categories", tuple[CategoryEntry, ...], _without_nulls(data["categories"])),
        rules=_checked("routing", tuple[Rule, ...], [_rule(row) for row in data["routing"] or ()]),
        gazetteer=_checked("gazetteer", GazetteerFile, data["gazetteer"]),
        days=tuple(_days(_checked("holidays", dict[int, YearOfDays], data["holidays"] or {}).values())),
        deadlines=_checked("deadlines", DeadlinesFile, data["deadlines"] or {}),
        fingerprints={part: hashlib.sha256(text.encode()).hexdigest() for part, text in texts.items()},
    )


def read_gazetteer(folder: Path) -> Gazetteer:
    """The names of places of the city pack in ``folder``. Raises :class:`CityPackRefused`."""
    return read_part(folder, "gazetteer", GazetteerFile).gazetteer()


def read_categories(folder: Path) -> tuple[CategoryEntry, ...]:
    """The categories of the city pack in ``folder``. Raises :class:`CityPackRefused`."""
    data = _parsed("categories", _text(folder, "categories"))
    return _checked("categories", tuple[CategoryEntry, ...], _without_nulls(data))


def read_part(folder: Path, part: str, wanted: type[_Value]) -> _Value:
    """One file of the city pack in ``folder``; what may be missing is empty. Raises :class:`CityPackRefused`."""
    return _checked(part, wanted, _parsed(part, _text(folder, part)) or {})


def _text(folder: Path, part: str) -> str:
    path = folder / f"{part}.yml"
    if not path.exists():
        if part in OPTIONAL:
            return ""
        raise CityPackRefused(f"城市资料缺少文件 {path}。")
    return path.read_text(encoding="utf-8")


def _parsed(part: str, text: str) -> Any:
    try:
        return parse_yaml(text)
    except yaml.YAMLError as problem:
        raise CityPackRefused(unreadable(part, problem)) from problem


def _checked(part: str, wanted: type[_Value], data: Any) -> _Value:
    try:
        return TypeAdapter(wanted).validate_python(data)
    except ValidationError as problem:
        raise CityPackRefused(in_words(part, problem, data)) from problem


def _without_nulls(data: Any) -> Any:
    """``children:`` with nothing after it means none."""
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    return [_without_nulls(value) for value in data] if isinstance(data, list) else data


def _rule(row: Any) -> Any:
    """The file says from/until, which Python cannot."""
    if not isinstance(row, dict):
        return row
    renamed = {"from": "begins", "until": "ends"}
    return {renamed.get(key, key): value for key, value in row.items()}


def _days(years: Iterable[YearOfDays]) -> Iterable[SpecialDay]:
    for year in years:
        yield from (SpecialDay(day.date, DayKind.HOLIDAY, day.name) for day in year.holidays)
        yield from (SpecialDay(day.date, DayKind.WORKDAY, day.name) for day in year.workdays)
        yield from (SpecialDay(day.date, DayKind.HALF_DAY, day.name) for day in year.half_days)
