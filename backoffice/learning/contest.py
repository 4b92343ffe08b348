"""Whether what is newly learnt is better than what is in use: on the newest texts, which neither has seen. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backoffice.learning.evaluation import Figures, evaluate, first_right
from backoffice.learning.model import Model
from backoffice.learning.training import FEWEST, CannotLearn, learn, most_texts

HELD_OUT = 0.2
"""Share of the texts that may be measured on, the newest, that both are measured on."""
FEWEST_HELD_OUT = 30
"""Texts that are not enough to tell two models apart below."""
BEYOND_CHANCE = 1.0
"""Of the texts only one of two has right, so many standard errors more must be the new one's."""
WORTH_CHANGING = 0.05
"""Share of texts more it must dispatch to win with as many right."""
_BOTH = 0.5


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    better: Model | None
    """Learnt from all texts, where the new one won; None: the old one stays."""
    told: str
    """Why, in plain Chinese."""
    held_out: int = 0
    new: Figures | None = None
    old: Figures | None = None

    def figures(self) -> dict[str, Any]:
        """For the record; nothing of a text."""
        found = {name: part.as_dict() for name, part in (("new", self.new), ("old", self.old)) if part is not None}
        return {"better": self.better is not None, "told": self.told, "held_out": self.held_out, **found}


def contest(
    texts: Sequence[str],
    labels: Sequence[str],
    names: dict[str, str],
    old: Model | None,
    unseen_by_old: int,
    progress: Callable[[float], None] = lambda _: None,
    *,
    measurable: int | None = None,
) -> Outcome:
    """``texts`` with their ``labels``; ``names``: what labels are called; ``measurable``: how many of the texts may be
    measured on, the last, the oldest of them first (all, if not told); ``unseen_by_old``: how many of those, the
    newest, the old model cannot have learnt from.

    It wins with more first guesses right, by more than chance would have it (:data:`BEYOND_CHANCE`), or with as many
    and a clearly larger share it may dispatch; without an old one, against always guessing the most frequent label.
    Near-duplicates of older texts are measured on like all others: the old model has learnt from them, and such will
    come again. Raises :class:`CannotLearn`.
    """
    limit = most_texts(len(set(labels)))
    texts, labels = texts[-limit:], labels[-limit:]  # the newest
    most = min(len(texts), len(texts) if measurable is None else measurable)
    held = min(max(int(most * HELD_OUT), FEWEST_HELD_OUT), unseen_by_old if old else most)
    if len(texts) - held < FEWEST:
        raise CannotLearn(f"可以学习的工单只有 {len(texts)} 件，至少要有 {FEWEST + FEWEST_HELD_OUT} 件才能学习。")
    if held < FEWEST_HELD_OUT:
        since = "上次学习以后新办结、" if old else ""
        return Outcome(None, f"{since}能比较好坏的工单只有 {held} 件，满 {FEWEST_HELD_OUT} 件再学。", held)
    taught, truth = labels[:-held], labels[-held:]
    trial = learn(texts[:-held], taught, names=_names(names, taught), progress=lambda share: progress(share * _BOTH))
    new = evaluate(trial, texts[-held:], truth)
    standing = evaluate(old, texts[-held:], truth) if old is not None else None
    if old is None:
        commonest = Counter(taught).most_common(1)[0][0]
        before = np.array([label == commonest for label in truth], bool)
    else:
        before = first_right(old, texts[-held:], truth)
    now = first_right(trial, texts[-held:], truth)
    if not (_beats(now, before) or (standing is not None and _dispatches_more(new, standing, now, before))):
        return Outcome(
            None,
            "新学的没有明显更好，继续用现在的。" if old else "学到的还不如总派给同一个部门，先不用。",
            held,
            new,
            standing,
        )
    better = learn(texts, labels, names=_names(names, labels), progress=lambda share: progress(_BOTH + share * _BOTH))
    return Outcome(better, "新学的更好，已经换上。", held, new, standing)


def _names(names: dict[str, str], labels: Sequence[str]) -> list[str]:
    return [names.get(label, label) for label in sorted(set(labels))]


def _beats(now: Any, before: Any) -> bool:
    """Whether the one is right more often than the other, of texts where they differ, and not by chance (McNemar)."""
    gained, lost = int((now & ~before).sum()), int((before & ~now).sum())
    return gained - lost > BEYOND_CHANCE * float(np.sqrt(gained + lost))


def _dispatches_more(new: Figures, old: Figures, now: Any, before: Any) -> bool:
    return int(now.sum()) >= int(before.sum()) and new.share_at_precision >= old.share_at_precision + WORTH_CHANGING
