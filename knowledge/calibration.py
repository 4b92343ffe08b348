"""Finds the lines of a base by asking it what it holds, in other words, and what it does not hold. Pure.

Nobody has to write questions for it: articles drawn by chance are asked for as people would, who leave out words and
say others in words the base does not know; then once more with the article taken away, as a question the base has no
answer to; and small talk is put to it. Copies that keep nearly all words would make the lines shy: a copy is like its
own article, but like its sisters, too. How hard the copies are, what may go wrong and the small talk stand in
``calibration.yml``. A city that has questions of its own, with the article each should find, gives those instead.
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
from knowledge.evaluation import Asked
from knowledge.index import Index
from knowledge.lexicon import Lexicon, common_words
from knowledge.lines import Thresholds, thresholds
from knowledge.runs import sounds_like
from knowledge.search import search

Step = TypeVar("Step")

LOWEST, HIGHEST = 0.2, 0.9
"""Between these the line of an answer is sought."""
LOWEST_CHOICE = 0.04
STEP = 0.02
_FILLERS = ("请问", "我想问一下", "那个", "你好，", "麻烦问下", "")
_ENDS = ("", "啊", "呢", "？", "，怎么弄", "，谢谢")
_SMALL_WORDS = 0.5
"""So many of the words that name no matter are kept."""
_MISHEARD = 0.3
"""So many questions have a character as it sounds."""
Found = list[tuple[Article, float]]
Judge = Callable[[Found, Thresholds], tuple[str, Sequence[Article]]]
"""What the bot would do with what a search found: ``answer``, ``choose`` or ``unknown``, and what it would show."""


@dataclass(frozen=True)
class Tried:
    """A question and what the search found; ``gold`` is the right article, None where the base has none."""

    found: Found
    gold: Article | None
    small_talk: bool = False


@dataclass(frozen=True)
class Calibration:
    """The lines found, and with how many questions of each sort."""

    lines: Thresholds
    questions: int
    """0: too few articles to tell."""
    own: int = 0
    """Of them a city's own."""


def calibrate(index: Index, day: date, judge: Judge, *, seed: int = 1, rest: float = 0.0) -> tuple[Thresholds, int]:
    """The lines for a base on ``day``, and how many questions they were found with (0: too few articles to tell).

    ``rest``: seconds slept after every step, where the process answers citizens meanwhile: some seconds of one
    processor without a pause made every call wait.
    """
    tried = try_out(index, day, seed=seed, rest=rest)
    if not any(one.gold is not None for one in tried):
        return thresholds(), 0
    return _lines(tried, judge, rest), len(tried)


def calibrate_by(index: Index, day: date, judge: Judge, asked: Sequence[Asked], *, seed: int = 1) -> Calibration:
    """The lines for a base by a city's own questions; too few of those only raise what :func:`calibrate` finds."""
    by_code, rules = {article.code: article for article in index.articles}, settings()
    if not by_code:
        return Calibration(thresholds(), 0)
    known = [one for one in asked if one.answer_id is None or one.answer_id in by_code]
    own = [Tried(search(index, one.text, day), by_code.get(one.answer_id or "")) for one in known]
    usual, questions = calibrate(index, day, judge, seed=seed)
    answer = _first(_steps(LOWEST, HIGHEST), lambda line: _serves(own, line, judge, rules))
    if sum(one.gold is not None for one in own) < rules["few"]:
        answer = max(answer, usual.answer)
    talk = [one for one in own if one.gold is None]
    if len(talk) < rules["few"]:
        talk += [Tried(search(index, text, day), None, True) for text in rules["talk"]]
    lines = _with_choice(replace(usual, answer=answer), talk, judge)
    return Calibration(lines, questions + len(own), len(own))


def try_out(index: Index, day: date, *, seed: int = 1, rest: float = 0.0) -> list[Tried]:
    """Asks the base; the same ``seed`` asks the same. ``rest``: as for :func:`calibrate`."""
    chance, rules = random.Random(seed), settings()  # noqa: S311  # a draw, no secret
    able = [at for at in range(len(index.articles)) if index.articles[at].holds_on(day)]
    tried = []
    for at in _resting(_drawn(able, rules["articles"], chance), rest):
        said = _wording(index, at, chance)
        text = reworded(index.lexicon, said, chance, dropped=rules["dropped"], replaced=rules["replaced"])
        tried.append(Tried(search(index, text, day), index.articles[at]))
        tried.append(Tried(search(index, text, day, without=at), None))
    talk = _resting(rules["talk"], rest)
    return tried + [Tried(search(index, text, day), None, True) for text in talk]


def _drawn(able: Sequence[int], count: int, chance: random.Random) -> list[int]:
    """So many by chance: none a second time before every other was drawn."""
    drawn: list[int] = []
    while able and len(drawn) < count:
        drawn += chance.sample(able, min(len(able), count - len(drawn)))
    return drawn


def _lines(tried: list[Tried], judge: Judge, rest: float) -> Thresholds:
    rules = settings()
    answer = _first(_resting(_steps(LOWEST, HIGHEST), rest), lambda line: _answers_well(tried, line, judge, rules))
    return _with_choice(replace(thresholds(), answer=answer), [one for one in tried if one.small_talk], judge, rest)


def _with_choice(lines: Thresholds, talk: list[Tried], judge: Judge, rest: float = 0.0) -> Thresholds:
    """A choice does no harm as long as it is not offered to who wants none."""
    most = settings()["offered"] * len(talk)

    def does_no_harm(line: float) -> bool:
        return bool(sum(judge(one.found, replace(lines, choose=line))[0] == "choose" for one in talk) <= most)

    steps = [line for line in _steps(LOWEST_CHOICE, HIGHEST) if line < lines.answer]
    return replace(lines, choose=_first(_resting(steps, rest), does_no_harm, lines.answer))


def _first(lines: Iterable[float], holds: Callable[[float], bool], otherwise: float = HIGHEST) -> float:
    return next((line for line in lines if holds(line)), otherwise)


def _resting(steps: Iterable[Step], rest: float) -> Iterator[Step]:
    for step in steps:
        yield step
        time.sleep(rest)


def reworded(lexicon: Lexicon, text: str, chance: random.Random, *, dropped: float, replaced: float) -> str:
    """``text`` as a citizen might say it who has never read it; so many of its words left out, so many replaced."""
    kept: list[str] = []
    for word in lexicon.words(lexicon.normalise(text)):
        drawn = chance.random()
        if word in lexicon.stop:
            kept += [word] if drawn < _SMALL_WORDS else []
        elif drawn >= dropped:
            kept.append(chance.choice(common_words()) if drawn < dropped + replaced else word)
    said = "".join(kept) or text
    if said and chance.random() < _MISHEARD:
        at = chance.randrange(len(said))
        said = said[:at] + sounds_like(said[at], chance) + said[at + 1 :]
    return chance.choice(_FILLERS) + said + chance.choice(_ENDS)


def _wording(index: Index, at: int, chance: random.Random) -> str:
    """Something an article is asked by; of one without a question, a clause from within its answer."""
    article = index.articles[at]
    if index.asked[at]:
        return chance.choice((article.question, *article.variants))
    clauses = [clause for clause in index.answers[at].split(" ") if len(clause) >= 6]
    return chance.choice(clauses[1:] or clauses or [article.answer])[:24]


def _answers_well(tried: list[Tried], line: float, judge: Judge, rules: dict[str, Any]) -> bool:
    """Whether little goes wrong with each sort of question, as far as ``line`` decides."""
    lines = replace(thresholds(), answer=line)
    held, missing, talk = [0, 0], [0, 0], [0, 0]
    wrong = 0
    for one in tried:
        kind, shown = judge(one.found, lines)
        sort = talk if one.small_talk else missing if one.gold is None else held
        sort[0] += kind == "answer"
        sort[1] += 1
        wrong += sort is held and kind == "answer" and shown[0] is not one.gold
    few_wrong = wrong <= rules["wrong"] * held[0]
    return bool(few_wrong and missing[0] <= rules["missing"] * missing[1] and talk[0] <= rules["talked"] * talk[1])


def _serves(own: list[Tried], line: float, judge: Judge, rules: dict[str, Any]) -> bool:
    """Whether little goes wrong with a city's own questions."""
    lines = replace(thresholds(), answer=line)
    answered = [(one, shown) for one in own for kind, shown in [judge(one.found, lines)] if kind == "answer"]
    wrong = sum(one.gold is not None and shown[0] is not one.gold for one, shown in answered)
    outside = sum(one.gold is None for one, _ in answered)
    few_wrong = wrong <= rules["wrong"] * (len(answered) - outside)
    return bool(few_wrong and outside <= rules["outside"] * sum(one.gold is None for one in own))


def _steps(low: float, high: float) -> list[float]:
    return [round(low + STEP * step, 2) for step in range(int((high - low) / STEP + 1e-9) + 1)]


@lru_cache(maxsize=1)
def settings() -> dict[str, Any]:
    """``calibration.yml``."""
    table: dict[str, Any] = read_yaml(Path(__file__).with_name("calibration.yml"))
    return table
