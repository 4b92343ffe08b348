"""Questions said otherwise by a program: everyday words for official ones, another order, words left out, fillers, a
character as it sounds.

It says little of how people reword: it takes the words of the question itself, so that counting characters finds most
already. It serves to see that nothing of it throws the search off, on a base for which nobody has written questions.
"""

from __future__ import annotations

import random
from functools import lru_cache

import jieba

from core.settings import ROOT
from core.yaml_files import read_yaml
from knowledge.runs import sounds_like

TURNED = 0.3
"""Share of questions whose halves change places."""
_SHORT = 4
_FILLERS = ("请问", "我想问一下", "那个", "你好，", "麻烦问下", "")
_ENDS = ("", "啊", "呢", "？", "，怎么弄", "，谢谢")
_MARKS = "「」『』【】（）()？?！!。、，,；;：:“”\"'●"


def reworded(question: str, chance: random.Random) -> str:
    """``question`` as a citizen might say it; the same state of ``chance`` gives the same."""
    words = list(jieba.cut(question.strip("？?。 ")))
    if len(words) >= _SHORT and chance.random() < TURNED:
        at = chance.randrange(1, len(words) - 1)
        question = "".join([*words[at:], *words[:at]])
    return disguised(question, chance)


def disguised(text: str, chance: random.Random) -> str:
    """``text`` with everyday words, letters left out, one as it sounds, small words around it."""
    for official, wordings in _everyday().items():
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


@lru_cache(maxsize=1)
def _everyday() -> dict[str, list[str]]:
    """What citizens say for an official's word, by that word."""
    words: dict[str, list[str]] = read_yaml(ROOT / "knowledge" / "synonyms.yml")["same"]
    return words
