"""How well the search finds on the development questions, while it is being changed; what counts is measured by
``huiyin evaluate search``, on questions nothing is fitted to.

    uv run python -m benchmarks.search_quality
"""

from __future__ import annotations

from benchmarks.knowledge_data import TESTS, city_articles, index_of, labelled
from benchmarks.quality import table
from benchmarks.quality.search import searched
from knowledge.evaluation import Asked


def main() -> None:
    """Prints the figures, near out of scope among them."""
    index = index_of(city_articles())
    codes = [article.code for article in index.articles]
    asked = [Asked(one.text, None if one.gold is None else codes[one.gold]) for one in labelled(TESTS / "dev", index)]
    print(table("", searched("dev", index, asked)))


if __name__ == "__main__":
    main()
