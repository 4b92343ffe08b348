"""Fits anew how sure the search is of articles that have a question (``asked: confidence`` of confidence.yml).

    uv run python -m benchmarks.fit_asked FAQ.jsonl OUT_OF_SCOPE.jsonl

Learns from questions as hard as people's: those people wrote for the demo city (tests/knowledge/dev), and questions of
a city's own base reworded as a calibration does (knowledge/calibration.py), each also with its article taken away; of
the bot's examples of small talk; and of the first 1,500 utterances, in an order drawn by chance, meant for other
assistants. Keywords said alone are not learnt from: they made it shy of everything. The paraphrases and
out_of_scope.yml are never read. Only weights are kept, never a text.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date
from pathlib import Path

from benchmarks import fit_confidence as fitting
from benchmarks.knowledge_data import TESTS, Asked, city_articles, index_of, labelled, small_talk
from knowledge import search
from knowledge.article import Article
from knowledge.calibration import reworded
from knowledge.index import Index

OWN = 700
"""Articles of a city's own base that are asked for."""
MISSING, OUTSIDE, WRITTEN, SMALL_TALK = 1.2, 2.0, 6.0, 3.0
"""How much counts what has no article, what is meant for others, what people wrote, small talk; the rest counts 1."""
ON_OWN, ON_DEMO = 900, 600
"""So many utterances meant for others are put to the own base, and the next so many to the demo city's."""
LEVELS = ((0.1, 0.3), (0.15, 0.35), (0.0, 0.4))
"""Shares of words left out, and replaced."""


def main() -> None:
    """Fits, writes the weights, and says how well they do by cross-validation."""
    faq, outside = map(Path, sys.argv[1:3])
    rows = [json.loads(line) for line in faq.read_text("utf-8").split("\n") if line]
    own = Index([Article(r["id"], r["question"], r["answer"], "", "", date(2020, 1, 1)) for r in rows])
    texts = [json.loads(line)["text"] for line in outside.read_text("utf-8").split("\n") if line]
    random.Random(5).shuffle(texts)
    demo = index_of(city_articles())
    looked = retold(own, OWN, random.Random(11))
    looked += fitting.candidates(labelled(TESTS / "dev", demo), WRITTEN)
    looked += fitting.candidates(small_talk(demo), SMALL_TALK)
    looked += fitting.candidates([Asked(own, text, None) for text in texts[:ON_OWN]], OUTSIDE)
    looked += fitting.candidates([Asked(demo, text, None) for text in texts[ON_OWN : ON_OWN + ON_DEMO]], OUTSIDE)
    in_force = search.weights_in_force()
    table = {kind: {part: dict(weights) for part, weights in parts.items()} for kind, parts in in_force.items()}
    table["asked"]["confidence"] = fitting.fit_confidence(looked, [], table, asked=True)
    fitting.write(table)


def retold(index: Index, count: int, chance: random.Random) -> list[fitting.Looked]:
    """Articles asked for in other words, and the same with the article taken away."""
    held, missing = [], []
    for at in chance.sample(range(len(index.articles)), min(count, len(index.articles))):
        article = index.articles[at]
        text = chance.choice((article.question, *article.variants))
        dropped, replaced = chance.choice(LEVELS)
        said = reworded(index.lexicon, text, chance, dropped=dropped, replaced=replaced)
        held.append(Asked(index, said, at))
        missing.append(Asked(index, said, None, without=at))
    return [*fitting.candidates(held, 1.0), *fitting.candidates(missing, MISSING)]


if __name__ == "__main__":
    main()
