"""The address of the list of all calls, read and written. Pure.

Whatever somebody types into the address, the answer is a list: what means nothing is left out, and said so where a
person may have typed it. Addresses are kept, by browsers and logs: the number in one is encrypted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag

from backoffice.call_list import CallFilter
from backoffice.calls import Ending
from core.clock import CHINA
from core.privacy import Keyring, keys
from core.texts import whole_number

FIELDS: Final = ("since", "until", "number", "ending", "staff")
"""What one can look for."""
_LIST: Final = "/staff/calls"
_NUMBER: Final = re.compile(r"\d{4}|\d{7,15}")
_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True)
class CallQuery:
    """A list as asked for."""

    wanted: CallFilter
    page: int = 1
    given: Mapping[str, str] = field(default_factory=dict)
    """The fields that are filled in, as somebody wrote them."""
    problems: tuple[str, ...] = ()
    """What could not be understood, in words."""

    def address(self, page: int) -> str:
        """The address of another page of this list."""
        return address_of(self.given, page)


def address_of(fields: Mapping[str, str], page: int = 1) -> str:
    """The address of the list with what was asked for in ``fields``."""
    given = {name: fields[name].strip() for name in FIELDS if fields.get(name, "").strip()}
    number = given.pop("number", "")
    caller = {"caller": _cipher().encrypt(number)} if number else {}
    return f"{_LIST}?{urlencode({'view': 'all', **given, **caller, 'page': page})}"


def read_calls_query(args: Mapping[str, str]) -> CallQuery:
    """Reads the parameters of an address; ``args``: name → first value."""
    given = {name: args[name].strip() for name in FIELDS if args.get(name) and name != "number"}
    problems = []
    if "number" in args:
        problems.append("号码不能写在网址里，没有按号码筛选，请在下面填写。")
    elif args.get("caller"):
        try:
            given["number"] = _cipher().decrypt(args["caller"])
        except (ValueError, InvalidTag):
            problems.append("网址里的号码不完整，没有按号码筛选，请在下面填写。")
    since, until = _day(given, "since"), _day(given, "until")
    if since and until and until < since:
        problems.append("结束日期早于开始日期，没有按时间筛选。")
        since = until = None
    number = re.sub(r"[ ()（）-]", "", given.get("number", ""))
    if number and not _NUMBER.fullmatch(number):
        problems.append("号码请写完整，或者只写最后四位，没有按号码筛选。")
        number = ""
    wanted = CallFilter(
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        number=number,
        ending=next((one for one in Ending if one.value == given.get("ending")), None),
        staff_id=whole_number(given.get("staff", "")),
    )
    return CallQuery(wanted, whole_number(args.get("page", ""), 6) or 1, given, tuple(problems))


def _cipher() -> Keyring:
    """A key of its own: what is encrypted in the database means nothing in an address."""
    return Keyring(keys().key("address of calls"))


def _day(given: Mapping[str, str], name: str) -> date | None:
    try:
        day = date.fromisoformat(given.get(name, ""))
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
