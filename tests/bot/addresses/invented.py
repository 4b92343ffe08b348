"""Addresses made up for tests: from parts of no city there is, with their elements marked; one seed, one set."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

DISTRICTS = ("澜东区", "石桥县", "望川区", "白鹭市")
TOWNS = ("松岗镇", "临溪街道", "八里街道", "荷塘乡")
ROADS = ("晨曦路", "砚池街", "北坡大道", "木棉路", "渔梁巷", "东篱路")
PLACES = ("听雨花园", "青云里", "云栖公馆", "沁园小区", "百味广场", "天工软件园")


def write_addresses(file: Path, count: int, seed: int) -> Path:
    """Writes ``count`` addresses to ``file``; returns it."""
    chance = random.Random(seed)
    lines = (json.dumps(_row(list(_parts(chance))), ensure_ascii=False) for _ in range(count))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _row(parts: list[tuple[str, str]]) -> dict[str, object]:
    spans, start = [], 0
    for kind, text in parts:
        spans.append({"type": kind, "start": start, "end": start + len(text), "text": text})
        start += len(text)
    return {"text": "".join(text for _, text in parts), "spans": spans}


def _parts(chance: random.Random) -> Iterator[tuple[str, str]]:
    if chance.random() < 0.7:
        yield "district", chance.choice(DISTRICTS)
    if chance.random() < 0.5:
        yield "town", chance.choice(TOWNS)
    if chance.random() < 0.8:
        yield "road", chance.choice(ROADS)
        yield "roadno", f"{chance.randint(1, 999)}号"
    yield "poi", chance.choice(PLACES)
    if chance.random() < 0.7:
        yield "houseno", f"{chance.randint(1, 40)}{chance.choice('幢栋')}"
        yield "cellno", f"{chance.randint(1, 4)}单元"
        yield "roomno", f"{chance.randint(101, 1802)}室"
