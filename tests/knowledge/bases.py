"""Knowledge bases for the tests: small ones written here, and the demo city's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.runtime import Runtime
from core.settings import ROOT
from core.yaml_files import read_yaml
from knowledge import life_cycle
from knowledge.article import Article
from knowledge.index import Index
from knowledge.loading import read_pack
from knowledge.places import city_words

CITY = ROOT / "cities" / "yunzhou"
WHEN_ALL_HOLD = date(2026, 3, 2)
"""A day on which every demo article is in force."""
HERE = Path(__file__).parent

LOST_CARD = Article(
    code="card",
    question="社保卡丢失后怎么挂失补办？",
    variants=("社保卡丢了怎么补",),
    answer="请先拨打12333挂失，再带身份证到银行网点补办，当场拿卡。",
    department="hrss",
    source="《社会保障卡管理办法》",
    valid_from=date(2025, 1, 1),
    keywords=("社保卡", "挂失", "补办"),
    materials=("居民身份证",),
    fee="免费",
)
HEATING = Article(
    code="heat",
    question="每年什么时候供暖？",
    variants=("暖气几号来",),
    answer="供暖期为每年11月15日至次年3月15日。",
    department="heat",
    source="《供热条例》",
    valid_from=date(2025, 1, 1),
    keywords=("供暖", "暖气"),
)
MARRIAGE = Article(
    code="marriage",
    question="结婚登记怎么办理？",
    variants=("领结婚证要带什么",),
    answer="请双方带身份证和户口簿到婚姻登记处办理，免费。",
    department="civil_affairs",
    source="《婚姻登记条例》",
    valid_from=date(2025, 1, 1),
    keywords=("结婚", "登记"),
)
SMALL = (LOST_CARD, HEATING, MARRIAGE)


def named(article: Article, **changes: Any) -> Article:
    """``article`` with some parts changed."""
    return replace(article, **changes)


async def publish(runtime: Runtime, articles: Iterable[Article]) -> None:
    """Publishes ``articles`` in one transaction."""
    async with runtime.database.write() as session:
        for article in articles:
            await life_cycle.publish(session, article, actor="staff:1", now=runtime.clock.now())


@lru_cache(maxsize=1)
def demo_index() -> Index:
    """The index over the demo city's articles."""
    pack, refused = read_pack(CITY / "articles")
    assert not refused
    return Index([entry.article for entry in pack], city_words(CITY))


def labelled(folder: Path) -> list[tuple[str, str | None]]:
    """(question, code of its article or None) from the files of a folder."""
    groups = [group for path in sorted(folder.glob("*.yml")) for group in read_yaml(path)]
    return [(question, group["article"]) for group in groups for question in group["queries"]]


def out_of_scope() -> list[str]:
    """What no article answers."""
    return [str(text) for text in read_yaml(HERE / "out_of_scope.yml")]
