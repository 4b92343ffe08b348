"""The state machine: what the table allows is allowed, everything else is refused (C2)."""

from __future__ import annotations

from itertools import product

import pytest

from backoffice import workflow
from backoffice.workflow import EVENTS, MOVES, OPEN, Action, MoveRefused, Status, Who, move

STARTS: list[Status | None] = [None, *Status]
ALLOWED = [(status, action, who) for (status, action), allowed in MOVES.items() for who in sorted(allowed.who)]
REFUSED = [triple for triple in product(STARTS, Action, Who) if triple not in set(ALLOWED)]

EXPECTED = """
- file pending_dispatch
pending_dispatch dispatch pending_sign
pending_dispatch answer answered
pending_dispatch refuse refused
pending_dispatch withdraw withdrawn
pending_dispatch urge pending_dispatch
pending_dispatch supplement pending_dispatch
pending_dispatch join pending_dispatch
pending_sign dispatch pending_sign
pending_sign sign handling
pending_sign send_back pending_dispatch
pending_sign withdraw withdrawn
pending_sign urge pending_sign
pending_sign supplement pending_sign
pending_sign join pending_sign
pending_dispatch classify pending_dispatch
pending_sign classify pending_sign
handling classify handling
answered classify answered
handling dispatch pending_sign
handling send_back pending_dispatch
handling answer answered
handling withdraw withdrawn
handling urge handling
handling supplement handling
handling join handling
answered close closed
answered reopen handling
closed reopen handling
"""


def test_the_table_holds_these_moves_and_no_others() -> None:
    written = {
        (status.value if status else "-", action.value, allowed.to.value) for (status, action), allowed in MOVES.items()
    }
    assert written == {tuple(line.split()) for line in EXPECTED.strip().splitlines()}


def test_every_allowed_move_is_allowed() -> None:
    for status, action, who in ALLOWED:
        assert move(status, action, who) is MOVES[status, action].to


def test_every_other_move_is_refused() -> None:
    for status, action, who in REFUSED:
        with pytest.raises(MoveRefused) as refused:
            move(status, action, who)
        assert refused.value.by_person is ((status, action) in MOVES), (status, action, who)


def test_events_leave_the_status_as_it_is() -> None:
    assert all(allowed.to is status for (status, action), allowed in MOVES.items() if action in EVENTS)


def test_only_departments_sign_send_back_and_answer_what_was_dispatched() -> None:
    department = {Who.HANDLER, Who.HEAD}
    for pair in (
        (Status.PENDING_SIGN, Action.SIGN),
        (Status.HANDLING, Action.SEND_BACK),
        (Status.HANDLING, Action.ANSWER),
    ):
        assert MOVES[pair].who == department


def test_every_status_is_reached_and_every_open_one_can_end() -> None:
    reached = {allowed.to for allowed in MOVES.values()}
    assert reached == set(Status)
    for status in OPEN:
        assert (status, Action.WITHDRAW) in MOVES


def test_nothing_leads_out_of_withdrawn_and_refused() -> None:
    assert not [pair for pair in MOVES if pair[0] in (Status.WITHDRAWN, Status.REFUSED)]


def test_buttons_are_the_moves_of_the_person() -> None:
    assert workflow.allowed_actions(Status.PENDING_SIGN, Who.HANDLER) == [Action.SIGN, Action.SEND_BACK]
    assert workflow.allowed_actions(Status.CLOSED, Who.HANDLER) == []


def test_a_walk_ends_where_its_moves_lead_and_a_wrong_step_is_refused() -> None:
    whole = [
        Action.FILE,
        Action.DISPATCH,
        Action.SIGN,
        Action.URGE,
        Action.ANSWER,
        Action.REOPEN,
        Action.ANSWER,
        Action.CLOSE,
    ]
    assert workflow.walk(whole) is Status.CLOSED
    with pytest.raises(MoveRefused):
        workflow.walk([Action.FILE, Action.SIGN])


def test_citizens_read_their_own_words() -> None:
    assert [status.citizen_word for status in Status] == [
        "已受理",
        "已受理",
        "正在办理",
        "已答复",
        "已办结",
        "已撤回",
        "不予受理",
    ]
