"""``huiyin train``: trains the dialogue model if its data changed."""

from __future__ import annotations

from core.logs import configure_logs
from core.settings import load_settings
from huiyin.cli.console import console, progress_bars


def train() -> None:
    """训练对话模型；训练数据没有变化时直接使用已有模型。"""
    configure_logs("ERROR")
    console.print(f"[green]✓[/] 对话模型：{train_with_progress()}")


def train_with_progress() -> str:
    """Trains with a progress bar; returns the model's file name."""
    with progress_bars() as step:
        step("训练对话模型", 0.0)
        from bot.training import train as train_model  # takes some seconds to import

        model = train_model(load_settings(), lambda share, _what: step("训练对话模型", share))
        step("训练对话模型", 1.0)
    return model.name
