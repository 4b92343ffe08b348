"""Questions said otherwise by a program: everyday words for official ones, another order, words left out, fillers, a
character as it sounds.

It says little of how people reword: it takes the words of the question itself, so that counting characters finds most
already. It serves to see that nothing of it throws the search off, on a base for which nobody has written questions.
"""

from __future__ import annotations

import random

import jieba

from knowledge.calibration import disguised

TURNED = 0.3
"""Share of questions whose halves change places."""
_SHORT = 4


def reworded(question: str, chance: random.Random) -> str:
    """``question`` as a citizen might say it; the same state of ``chance`` gives the same."""
    words = list(jieba.cut(question.strip("？?。 ")))
    if len(words) >= _SHORT and chance.random() < TURNED:
        at = chance.randrange(1, len(words) - 1)
        question = "".join([*words[at:], *words[:at]])
    return disguised(question, chance)
