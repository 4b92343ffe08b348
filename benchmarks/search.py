"""How long building the index and one look-up take, at the demo city's size and far beyond it.

    uv run python -m benchmarks.search [SIZE …]        (default: 167 10000 100000; ten ways of asking each)

Larger bases are made from the demo city's articles: each copy gets a matter of its own, two made-up words set into
question, variants, keywords and answer, so that vocabulary and posting lists grow as they would with real articles.
Beside the wall clock stands the processor's own time, which other programs on the machine do not disturb.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np

from benchmarks.knowledge_data import TESTS, city_articles, index_of, labelled
from knowledge.article import Article
from knowledge.index import Index
from knowledge.search import search

SIZES = (167, 10_000, 100_000)
DAY = date(2026, 3, 2)
VARIANTS = 10
"""Of every article: so many were measured from the first, a city's own bases have fewer."""
_LETTERS = "安北成东方高河江金京开兰林明南平清泉山石顺泰天通文新兴阳永长中州"


def main() -> None:
    """Prints one line a size."""
    base = [replace(article, variants=article.variants[:VARIANTS]) for article in city_articles()]
    small = index_of(base)
    texts = [one.text for one in labelled(TESTS / "dev", small)]
    print("articles   build s  (cpu)   look-up p50 ms   p95 ms  (cpu p95)   peak resident MB")
    for size in [int(word) for word in sys.argv[1:]] or SIZES:
        articles = enlarged(base, size)
        began, began_cpu = time.perf_counter(), time.process_time()
        index = index_of(articles)
        built, built_cpu = time.perf_counter() - began, time.process_time() - began_cpu
        wall, cpu = zip(*(_timed(index, text) for text in texts), strict=True)
        p50, p95 = np.percentile(wall, [50, 95])
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size:8d}  {built:8.2f}  {built_cpu:5.2f}  {p50:15.2f}  {p95:7.2f}  {np.percentile(cpu, 95):9.2f}"
            f"  {resident:17.0f}",
            flush=True,
        )


def _timed(index: Index, text: str) -> tuple[float, float]:
    """Milliseconds of one look-up: on the wall clock, and of the processor."""
    began, began_cpu = time.perf_counter(), time.thread_time()
    search(index, text, DAY)
    return (time.perf_counter() - began) * 1000, (time.thread_time() - began_cpu) * 1000


def enlarged(base: list[Article], size: int) -> list[Article]:
    """``size`` articles: the base's own, then copies with matters of their own."""
    chance = random.Random(1)
    articles = list(base[:size])
    while len(articles) < size:
        model = base[len(articles) % len(base)]
        matter, thing = ("".join(chance.choices(_LETTERS, k=2)) for _ in range(2))
        articles.append(
            replace(
                model,
                code=f"x-{len(articles)}",
                question=f"{matter}{model.question}",
                variants=tuple(f"{matter}{thing}{variant}" for variant in model.variants),
                answer=f"{matter}{model.answer}{thing}",
                keywords=(*model.keywords, matter + thing),
            )
        )
    return articles


if __name__ == "__main__":
    main()
