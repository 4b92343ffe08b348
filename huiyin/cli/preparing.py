"""What comes before serving: the schema up to date, the city loaded, and what of it could not be used told."""

from __future__ import annotations

from collections.abc import Callable

from core.runtime import Runtime
from huiyin.cli.console import console
from huiyin.preparing import prepare


async def prepare_aloud(runtime: Runtime, step: Callable[[str, float], None]) -> None:
    """Prepares the installation; changes nothing that is already so."""
    prepared = await prepare(runtime, step)
    for problem in prepared.city.problems:
        console.print(f"[yellow]![/] 派单规则有误：{problem}")
    for refusal in prepared.articles.refused:
        console.print(f"[yellow]![/] 未收录知识条目 {refusal.file} {refusal.code}：{refusal.reason}")
