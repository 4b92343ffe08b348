"""The life of a draft: one closed table of allowed moves (B9). Pure. What is not in :data:`MOVES` is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from core.refusals import NotAllowed, NotForYou


class State(str, Enum):
    """Where a draft stands."""

    DRAFT = "draft"
    REVIEW = "review"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The word editors see."""
        return _STATE_WORDS[self]


_STATE_WORDS = {State.DRAFT: "草稿", State.REVIEW: "待审核", State.RETURNED: "退回修改"}


class Move(str, Enum):
    """What can be done to a draft."""

    WRITE = "write"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RETURN = "return"
    APPROVE = "approve"
    DISCARD = "discard"

    @property
    def label(self) -> str:
        """The word editors see."""
        return _MOVE_WORDS[self]


_MOVE_WORDS = {
    Move.WRITE: "修改",
    Move.SUBMIT: "提交审核",
    Move.TAKE_BACK: "撤回修改",
    Move.RETURN: "退回",
    Move.APPROVE: "通过并发布",
    Move.DISCARD: "删除草稿",
}

REVIEWING = frozenset({Move.RETURN, Move.APPROVE})
"""What takes a second pair of eyes: a reviewer who has not written on the draft."""

_GONE = None

MOVES: dict[tuple[State | None, Move], State | None] = {
    (None, Move.WRITE): State.DRAFT,
    (State.DRAFT, Move.WRITE): State.DRAFT,
    (State.RETURNED, Move.WRITE): State.RETURNED,  # the reason stays in sight until it is submitted again
    (State.DRAFT, Move.SUBMIT): State.REVIEW,
    (State.RETURNED, Move.SUBMIT): State.REVIEW,
    (State.REVIEW, Move.TAKE_BACK): State.DRAFT,
    (State.REVIEW, Move.RETURN): State.RETURNED,
    (State.REVIEW, Move.APPROVE): _GONE,
    (State.DRAFT, Move.DISCARD): _GONE,
    (State.RETURNED, Move.DISCARD): _GONE,
}


@dataclass(frozen=True)
class Editor:
    """Who works on the base: how history calls them, and what they may."""

    label: str
    """``staff:<id>``, ``system`` or ``system:pack``."""
    departments: frozenset[str] | None = frozenset()
    """Codes of the departments whose articles they keep; None: all."""
    writes: bool = False
    reviews: bool = False

    def keeps(self, department: str) -> bool:
        """Whether articles of ``department`` are within reach."""
        return self.departments is None or department in self.departments


def check(state: State | None, move: Move, editor: Editor, authors: Collection[str]) -> State | None:
    """The state ``move`` leads to; None: the draft is no more.

    ``authors``: everybody who wrote on it. Raises :class:`NotAllowed` or :class:`NotForYou`.
    """
    if (state, move) not in MOVES:
        raise NotAllowed(
            f"这份稿子现在是“{state.label}”，不能{move.label}。" if state else f"没有可以{move.label}的稿子。"
        )
    if not editor.writes:
        raise NotForYou("您的岗位不能改知识库。")
    if move in REVIEWING:
        if not editor.reviews:
            raise NotForYou("审核由部门负责人或者知识编辑来做。")
        if editor.label in authors:
            raise NotForYou("自己写过的稿子要请别人审核。")
    return MOVES[state, move]


def allowed(state: State, editor: Editor, authors: Collection[str]) -> list[Move]:
    """What ``editor`` may do to a draft, in the order of :class:`Move`: the buttons of a page."""
    return [move for move in Move if _is_allowed(state, move, editor, authors)]


def _is_allowed(state: State, move: Move, editor: Editor, authors: Collection[str]) -> bool:
    try:
        check(state, move, editor, authors)
    except (NotAllowed, NotForYou):
        return False
    return True
