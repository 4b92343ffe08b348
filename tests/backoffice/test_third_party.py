"""Where a third party of a call stands, from what history tells; what an agent may want next."""

from __future__ import annotations

import pytest

from backoffice.third_party import MAY, Event, Stand, Wish, moves, third_in

WHO = {"department": "housing"}


def stand_after(*actions: str, why: str = "") -> tuple[Stand | None, str]:
    third = third_in([(action, {**WHO, **({"why": why} if why else {})}) for action in actions])
    return third.stand, third.outcome


@pytest.mark.parametrize(
    ("actions", "stand", "outcome"),
    [
        ((), None, ""),
        (("invite",), Stand.CALLED, ""),
        (("invite", "third_answers"), Stand.ASIDE, ""),
        (("invite", "third_answers", "join"), Stand.TOGETHER, ""),
        (("invite", "third_answers", "join", "dismiss"), Stand.TOGETHER, ""),
        (("invite", "third_answers", "join", "dismiss", "third_leaves"), None, "已经退出"),
        (("invite", "third_answers", "third_leaves", "invite"), Stand.CALLED, ""),
        (("invite", "third_answers", "join", "agent_leaves"), Stand.LEFT, ""),
        (("invite", "third_answers", "agent_leaves", "third_leaves"), None, "已经退出"),
        (("invite", "third_leaves", "third_answers"), None, "已经退出"),
        (("transfer", "recording", "join"), None, ""),
    ],
)
def test_what_history_tells_says_where_the_third_party_is(
    actions: tuple[str, ...], stand: Stand | None, outcome: str
) -> None:
    assert stand_after(*actions) == (stand, outcome)


@pytest.mark.parametrize(
    ("why", "words"),
    [("BUSY", "占线"), ("NOANSWER", "没有接听"), ("CANCEL", "没有再等"), ("CHANUNAVAIL", "没有接通"), ("", "没有接通")],
)
def test_who_was_not_reached_is_told_of_in_words(why: str, words: str) -> None:
    assert stand_after("invite", "third_unreached", why=why) == (None, words)


def test_one_invites_only_when_nobody_is_there_and_leaves_only_whom_can_be_left_with_somebody() -> None:
    assert {stand for stand, wishes in MAY.items() if Wish.INVITE in wishes} == {None}
    assert {stand for stand, wishes in MAY.items() if Wish.JOIN in wishes} == {Stand.ASIDE}
    assert {stand for stand, wishes in MAY.items() if Wish.LEAVE in wishes} == {Stand.ASIDE, Stand.TOGETHER}
    assert MAY[Stand.LEFT] == frozenset()


def test_what_is_told_twice_or_too_late_moves_nothing() -> None:
    with_agent_gone = third_in([("invite", WHO), ("third_answers", WHO), ("agent_leaves", WHO)])
    assert moves(with_agent_gone, Event.LEAVES)
    assert not any(moves(with_agent_gone, event) for event in (Event.AGENT_LEAVES, Event.UNREACHED, Event.ANSWERS))
    assert not any(moves(third_in([]), event) for event in Event)
