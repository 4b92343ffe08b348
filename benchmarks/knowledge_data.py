"""Questions with known answers, to fit and to measure the search with."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

from core.settings import ROOT
from core.yaml_files import read_yaml
from knowledge.article import Article
from knowledge.index import Index
from knowledge.loading import read_pack
from knowledge.places import city_words

CITY = ROOT / "cities" / "yunzhou"
TESTS = ROOT / "tests" / "knowledge"
_SMALL_TALK = (
    "affirm", "bot_challenge", "cancel", "chitchat", "deny", "dont_know", "goodbye", "greet",
    "helpful", "inform", "insult", "repeat", "restart", "thank", "unhelpful",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question put to an index; ``gold``: position of its article, None where none answers it.

    ``without``: position of an article that is to be as if it were not there.
    """

    index: Index
    text: str
    gold: int | None
    without: int | None = None


def city_articles() -> list[Article]:
    """The demo city's articles."""
    pack, _ = read_pack(CITY / "articles")
    return [entry.article for entry in pack]


def index_of(articles: list[Article]) -> Index:
    """An index with the demo city's place names."""
    return Index(articles, city_words(CITY))


def labelled(folder: Path, index: Index) -> list[Asked]:
    """All questions of a folder's files of ``{article, queries}``."""
    places = {article.code: position for position, article in enumerate(index.articles)}
    return [
        Asked(index, text, None if group["article"] is None else places[group["article"]])
        for path in sorted(folder.glob("*.yml"))
        for group in read_yaml(path)
        for text in group["queries"]
    ]


def small_talk(index: Index) -> list[Asked]:
    """Training examples of intents that ask nothing of the base."""
    tables = [read_yaml(path) for path in sorted((ROOT / "bot" / "data" / "nlu").glob("*.yml"))]
    groups = [group for table in tables for group in table["nlu"] if group.get("intent") in _SMALL_TALK]
    lines = [line[2:] for group in groups for line in group["examples"].strip().split("\n")]
    return [Asked(index, text, None) for text in lines]


def held_out_variants(articles: list[Article], *, rounds: int, seed: int = 7) -> list[Asked]:
    """In each round one variant of every article is taken out of the index and asked."""
    chance = random.Random(seed)
    asked = []
    for _ in range(rounds):
        held = [chance.randrange(len(article.variants)) for article in articles]
        left = [
            replace(article, variants=article.variants[:at] + article.variants[at + 1 :])
            for article, at in zip(articles, held, strict=True)
        ]
        index = index_of(left)
        asked += [
            Asked(index, article.variants[at], position)
            for position, (article, at) in enumerate(zip(articles, held, strict=True))
        ]
    return asked
