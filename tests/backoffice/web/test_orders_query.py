"""The address of a list, read and written: whatever is in it, there is a list (H1)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.order_list import Sort
from backoffice.staff import Role
from backoffice.time_left import Colour
from backoffice.web.orders_query import chips, read_query, views_for
from backoffice.workflow import Status
from core.clock import CHINA

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)
NAMES = ("view", "text", "kind", "status", "colour", "due", "department", "category", "area", "since", "until", "sort")


def _parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_begins_with_what_is_open_and_can_see_all(role: Role) -> None:
    keys = [view.key for view in views_for(role)]
    assert (keys[0], keys[-1]) == ("open", "all")
    assert len(set(keys)) == len(keys)


def test_a_status_asked_for_takes_the_place_of_the_views_own() -> None:
    query = read_query(Role.HANDLER, {"view": "handling", "status": "closed"})
    assert (query.view.key, query.filter(NOW).status) == ("all", (Status.CLOSED,))


def test_a_colour_narrows_a_view_of_a_status_and_replaces_a_view_of_a_colour() -> None:
    narrowed = read_query(Role.HANDLER, {"view": "handling", "colour": "red"})
    assert (narrowed.view.key, narrowed.filter(NOW).status, narrowed.filter(NOW).colour) == (
        "handling",
        (Status.HANDLING,),
        Colour.RED,
    )
    assert read_query(Role.HANDLER, {"view": "yellow", "colour": "red"}).view.key == "all"


def test_the_last_day_of_a_period_counts_whole() -> None:
    wanted = read_query(Role.HANDLER, {"since": "2026-11-01", "until": "2026-11-16"}).wanted
    assert wanted.since == datetime(2026, 11, 1, tzinfo=CHINA)
    assert wanted.until == datetime(2026, 11, 17, tzinfo=CHINA)


def test_due_on_a_day_is_that_chinese_day_and_nonsense_is_said() -> None:
    query = read_query(Role.SUPERVISOR, {"view": "open", "due": "2026-11-20"})
    wanted = query.filter(NOW)
    assert (wanted.due_since, wanted.due_until) == (
        datetime(2026, 11, 20, tzinfo=CHINA),
        datetime(2026, 11, 21, tzinfo=CHINA),
    )
    assert [(chip.label, chip.value) for chip in chips(query, lambda what, code: None)] == [("到期", "2026-11-20")]
    odd = read_query(Role.SUPERVISOR, {"due": "2026-11-31"})
    assert (odd.filter(NOW).due_since, list(odd.problems)) == (None, ["due"])


def test_due_today_ends_with_the_chinese_day() -> None:
    wanted = read_query(Role.HANDLER, {"due": "today"}).filter(NOW)
    assert (wanted.due_since, wanted.due_until) == (NOW, datetime(2026, 11, 17, tzinfo=CHINA))


def test_another_filter_or_sort_begins_on_the_first_page() -> None:
    query = read_query(Role.HANDLER, {"kind": "help", "page": "7"})
    assert query.page == 7
    assert "page" not in _parameters(query.address(sort=Sort.NEWEST.value))
    assert _parameters(query.address(page=8)) == {"view": "open", "kind": "help", "page": "8"}


def test_a_view_of_another_role_is_the_first_of_ones_own() -> None:
    assert read_query(Role.HANDLER, {"view": "pending_dispatch"}).view.key == "open"
    assert read_query(Role.AGENT, {"view": "mine"}).view.key == "open"


@given(role=st.sampled_from(list(Role)), args=st.dictionaries(st.sampled_from([*NAMES, "page"]), st.text(max_size=300)))
def test_any_address_is_a_list_and_its_own_address_is_the_same_list(role: Role, args: dict[str, str]) -> None:
    query = read_query(role, args)
    again = read_query(role, _parameters(query.address(page=query.page)))
    assert (again.view, again.wanted, again.sort, again.page) == (query.view, query.wanted, query.sort, query.page)
    assert not set(again.problems)
    for chip in chips(query, lambda _what, _code: None):
        assert len(chips(read_query(role, _parameters(chip.without)), lambda _what, _code: None)) < len(
            chips(query, lambda _what, _code: None)
        )
