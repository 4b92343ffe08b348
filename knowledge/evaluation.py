"""How well a base answers a set of questions: the figures, the same for every search that gives a ranked list. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.article import Article
from knowledge.files.opening import FileRefused, check_size, read_text

LOOKED_AT = 10
"""A right article further down counts as not found."""
_SHOWN = 3


@dataclass(frozen=True)
class Asked:
    """A question and the code of its article; None where no article answers it."""

    text: str
    answer_id: str | None


@dataclass(frozen=True)
class Unusable:
    """A line of a file that holds no question."""

    line: int
    reason: str
    """In Chinese."""


@dataclass(frozen=True)
class Outcome:
    """What a search made of a question."""

    ranked: Sequence[str]
    """Codes of the articles found, best first."""
    admitted: float
    """How sure it is that the base holds an answer at all: the confidences of the nearest together."""
    kind: str
    """``answer``, ``choose`` or ``unknown``."""
    offered: Sequence[str] = ()
    """Codes of what a choice offers."""


@dataclass(frozen=True)
class Figures:
    """The figures; None where the set cannot tell."""

    n: int
    in_scope: int
    out_of_scope: int
    r1: float | None
    r3: float | None
    mrr: float | None
    answered: float | None
    """Of the questions with an article, the share answered at once."""
    wrong: float | None
    """Of all answers given, the share that was not the right article."""
    offered: float | None
    """Of the questions with an article, the share that got a choice."""
    right_offered: float | None
    """Of these choices, the share that held the right article."""
    out_answered: float | None
    """Of the questions without an article, the share answered all the same."""
    auc: float | None
    """How well :attr:`Outcome.admitted` tells questions with an article from those without: 0.5 is chance."""

    def told(self) -> dict[str, Any]:
        """As JSON, by the names people know."""
        names = {"r1": "R@1", "r3": "R@3", "mrr": "MRR", "wrong": "wrong_answer_share", "auc": "out_of_scope_auc"}
        names |= {
            "answered": "share_answered",
            "offered": "share_offered_choice",
            "right_offered": "choice_holds_right",
        }
        names |= {"out_answered": "out_of_scope_answered"}
        return {names.get(name, name): _rounded(value) for name, value in vars(self).items()}


def read_queries(path: Path) -> tuple[list[Asked], list[Unusable]]:
    """Questions of a jsonl (``query``, ``answer_id`` or null), and the lines that hold none.

    Raises :class:`FileRefused` where there is not one question.
    """
    check_size(path)
    asked, unusable = list[Asked](), list[Unusable]()
    for number, line in enumerate(read_text(path)[0].split("\n"), 1):  # other ends of lines may stand within a text
        if line.strip():
            try:
                asked.append(_asked(line))
            except ValueError as problem:
                unusable.append(Unusable(number, str(problem)))
    if not asked:
        raise FileRefused(told_unusable(unusable) or "文件里没有问题。")
    return asked, unusable


def told_unusable(unusable: Sequence[Unusable]) -> str:
    """One line about the lines left out; empty when there are none."""
    if not unusable:
        return ""
    shown = "；".join(f"第 {one.line} 行：{one.reason}" for one in unusable[:_SHOWN])
    return f"有 {len(unusable)} 行不能用，已跳过。{shown}{'……' if len(unusable) > _SHOWN else ''}"


def _asked(line: str) -> Asked:
    """The question of a line. Raises ValueError with the reason."""
    try:
        entry = json.loads(line)
        text, code = entry["query"], entry["answer_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("应为含有 query 和 answer_id 的 JSON 对象") from None
    if not isinstance(text, str):
        raise ValueError("query 应为文字")
    if isinstance(code, bool) or not isinstance(code, str | int | None):
        raise ValueError("answer_id 应为编号或者 null")
    return Asked(text, None if code is None else str(code).strip())


def figures(asked: Sequence[Asked], outcomes: Sequence[Outcome]) -> Figures:
    """The figures of a set of questions and what became of each."""
    pairs = list(zip(asked, outcomes, strict=True))
    inside = [(one.answer_id, outcome) for one, outcome in pairs if one.answer_id is not None]
    outside = [outcome for one, outcome in pairs if one.answer_id is None]
    ranks = [_rank(code, outcome.ranked) for code, outcome in inside]
    given = [(code, outcome) for code, outcome in [*inside, *((None, o) for o in outside)] if outcome.kind == "answer"]
    choices = [(code, outcome) for code, outcome in inside if outcome.kind == "choose"]
    return Figures(
        n=len(pairs),
        in_scope=len(inside),
        out_of_scope=len(outside),
        r1=_mean(rank == 1 for rank in ranks),
        r3=_mean(rank <= 3 for rank in ranks),
        mrr=_mean(1 / rank if rank <= LOOKED_AT else 0.0 for rank in ranks),
        answered=_mean(outcome.kind == "answer" for _, outcome in inside),
        wrong=_mean(outcome.ranked[0] != code for code, outcome in given),
        offered=_mean(outcome.kind == "choose" for _, outcome in inside),
        right_offered=_mean(code in outcome.offered for code, outcome in choices),
        out_answered=_mean(outcome.kind == "answer" for outcome in outside),
        auc=auc([outcome.admitted for _, outcome in inside], [outcome.admitted for outcome in outside]),
    )


def auc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """The chance that one of ``inside`` is above one of ``outside``, ties counted half; None where one is empty."""
    if not inside or not outside:
        return None
    ordered = np.sort(np.asarray(outside, float))
    below = np.searchsorted(ordered, inside, "left") + np.searchsorted(ordered, inside, "right")
    return float(below.mean() / 2 / len(ordered))


def outcomes(asked: Sequence[Asked], look: Callable[[str], Outcome], step: Callable[[float], None]) -> list[Outcome]:
    """Puts every question; ``step`` is told the share done."""
    found = []
    for number, one in enumerate(asked, 1):
        found.append(look(one.text))
        if number % 25 == 0 or number == len(asked):
            step(number / len(asked))
    return found


def codes(articles: Iterable[Article]) -> list[str]:
    """The codes of articles."""
    return [article.code for article in articles]


def _rank(code: str, ranked: Sequence[str]) -> float:
    return ranked.index(code) + 1 if code in ranked else float("inf")


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
