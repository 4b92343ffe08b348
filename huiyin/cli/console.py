"""The terminal: one console for people (standard error) and progress that appears only where somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

console = Console(stderr=True)
"""What people read; standard output is for programs."""


@contextmanager
def progress_bars() -> Iterator[Callable[[str, float], None]]:
    """Bars by what is being done: call the value with (what, share from 0 to 1)."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def step(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=1.0)
            progress.update(tasks[what], completed=share)

        yield step


def fail(reason: str) -> typer.Exit:
    """Says why nothing can be done; ``raise`` the value."""
    console.print(f"[bold red]✗[/] {reason}")
    return typer.Exit(1)
