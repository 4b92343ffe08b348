"""Finds the lines of a base by asking it what it holds, in other words, and what it does not hold. Pure.

Nobody has to write questions for it: articles drawn by chance are asked for in wordings people would use (everyday
words for official ones, fillers, a word left out, a character as it sounds), then once more with the article taken
away, as a question the base has no answer to; and small talk is put to it. What is asked for, how much may go wrong and
the small talk stand in ``calibration.yml``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from core.yaml_files import read_yaml
from knowledge.article import Article
from knowledge.index import Index
from knowledge.lexicon import everyday_words
from knowledge.lines import Thresholds, thresholds
from knowledge.runs import sounds_like
from knowledge.search import search

Step = TypeVar("Step")

LOWEST, HIGHEST = 0.44, 0.9
"""Between these the line of an answer is sought."""
LOWEST_CHOICE = 0.12
STEP = 0.02
_FILLERS = ("请问", "我想问一下", "那个", "你好，", "麻烦问下", "")
_ENDS = ("", "啊", "呢", "？", "，怎么弄", "，谢谢")
_MARKS = "「」『』【】（）()？?！!。、，,；;：:“”\"'●"
Found = list[tuple[Article, float]]
Judge = Callable[[Found, Thresholds], tuple[str, Sequence[Article]]]
"""What the bot would do with what a search found: ``answer``, ``choose`` or ``unknown``, and what it would show."""


@dataclass(frozen=True)
class Tried:
    """A question and what the search found; ``gold`` is the right article, None where the base has none."""

    found: Found
    gold: Article | None
    weight: float
    small_talk: bool = False


def calibrate(index: Index, day: date, judge: Judge, *, seed: int = 1, rest: float = 0.0) -> tuple[Thresholds, int]:
    """The lines for a base on ``day``, and how many questions they were found with (0: too few articles to tell).

    ``rest``: seconds slept after every step, where the process answers citizens meanwhile: some seconds of one
    processor without a pause made every call wait.
    """
    tried = try_out(index, day, seed=seed, rest=rest)
    if not any(one.gold is not None for one in tried):
        return thresholds(), 0
    rules, lines = settings(), thresholds()
    answers = _resting(_steps(LOWEST, HIGHEST), rest)
    answer = next((line for line in answers if _answers_well(tried, line, judge, rules)), HIGHEST)
    lines = replace(lines, answer=answer)
    choices = _resting(_steps(LOWEST_CHOICE, answer), rest)
    choose = next((line for line in choices if _offers_well(tried, replace(lines, choose=line), judge, rules)), answer)
    return replace(lines, choose=choose), len(tried)


def try_out(index: Index, day: date, *, seed: int = 1, rest: float = 0.0) -> list[Tried]:
    """Asks the base; the same ``seed`` asks the same. ``rest``: as for :func:`calibrate`."""
    chance, rules = random.Random(seed), settings()  # noqa: S311  # a draw, no secret
    able = [at for at in range(len(index.articles)) if index.articles[at].holds_on(day)]
    tried = []
    for at in _resting(chance.sample(able, min(len(able), rules["articles"])), rest):
        text = disguised(_wording(index, at, chance), chance)
        tried.append(Tried(search(index, text, day), index.articles[at], 1.0))
        tried.append(Tried(search(index, text, day, without=at), None, rules["missing"]))
    talk = _resting(rules["talk"], rest)
    return tried + [Tried(search(index, text, day), None, rules["missing"], True) for text in talk]


def _resting(steps: Iterable[Step], rest: float) -> Iterator[Step]:
    for step in steps:
        yield step
        time.sleep(rest)


def disguised(text: str, chance: random.Random) -> str:
    """``text`` as a citizen might say it."""
    for official, wordings in everyday_words().items():
        if official in text and chance.random() < 0.6:
            text = text.replace(official, chance.choice(wordings), 1)
    letters = [letter for letter in text if letter not in _MARKS]
    for _ in range(len(letters) // 8):
        at = chance.randrange(len(letters) - 2)
        del letters[at : at + 2]
    if chance.random() < 0.3:
        at = chance.randrange(len(letters)) if letters else 0
        letters[at : at + 1] = [sounds_like(letter, chance) for letter in letters[at : at + 1]]
    return chance.choice(_FILLERS) + "".join(letters) + chance.choice(_ENDS)


def _wording(index: Index, at: int, chance: random.Random) -> str:
    """Something an article is asked by; of one without a question, a clause from within its answer."""
    article = index.articles[at]
    if index.asked[at]:
        return chance.choice((article.question, *article.variants))
    clauses = [clause for clause in index.answers[at].split(" ") if len(clause) >= 6]
    return chance.choice(clauses[1:] or clauses or [article.answer])[:24]


def _answers_well(tried: list[Tried], line: float, judge: Judge, rules: dict[str, Any]) -> bool:
    lines = replace(thresholds(), answer=line)
    answered = [(one, shown) for one in tried for kind, shown in [judge(one.found, lines)] if kind == "answer"]
    wrong = sum(one.weight for one, shown in answered if shown[0] is not one.gold)
    total = sum(one.weight for one, _ in answered)
    return bool(wrong <= rules["wrong"] * total)


def _offers_well(tried: list[Tried], lines: Thresholds, judge: Judge, rules: dict[str, Any]) -> bool:
    """A choice does no harm as long as it is not offered to who wants none."""
    talk = sum(one.small_talk for one in tried if judge(one.found, lines)[0] == "choose")
    return bool(talk <= rules["offered"] * len(rules["talk"]))


def _steps(low: float, high: float) -> list[float]:
    return [round(low + STEP * step, 2) for step in range(int((high - low) / STEP + 1e-9) + 1)]


@lru_cache(maxsize=1)
def settings() -> dict[str, Any]:
    """``calibration.yml``."""
    table: dict[str, Any] = read_yaml(Path(__file__).with_name("calibration.yml"))
    return table
