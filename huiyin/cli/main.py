"""Puts the subcommands together: each is a module of this folder, imported only when it is called.

So ``huiyin --help`` answers at once, and a small command does not wait for what a large one needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
import typer
from typer.core import TyperGroup
from typer.main import get_command

from huiyin.cli.console import fail

COMMANDS = {
    "serve": "启动服务：市民网页对话、短信和工作人员后台。",
    "train": "训练对话模型；训练数据没有变化时直接使用已有模型。",
    "chat": "在终端里和机器人对话，或播放对话脚本。",
    "demo": "载入演示城市：部门、知识库、一年的示例工单和各角色账号。",
    "migrate": "把数据库升级到最新结构。",
    "doctor": "检查安装：缺什么、怎么补。",
    "evaluate": "量一遍回答、识别和派单的质量。",
    "address": "地址要素模型：训练、评测。",
    "speech": "电话的语音识别模型：安装。",
    "knowledge": "知识库：导入、导出、评测、校准。",
    "calendar": "节假日和调休：列出、改一天，时限马上跟着变。",
    "outbox": "没发出去的短信：列出、重发。",
    "user": "工作人员账号：新增、重置口令、停用、列出。",
    "routing": "派单学习：训练、评测、启用、重新学习。",
}
"""Every command and what stands beside it in the overview; its module has an ``app`` or a function of the name."""


class _Commands(TyperGroup):
    """The commands by name; only the one that is called is imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in for the overview."""
        return click.Command(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, _imported(name) if name and command else command, rest


def _imported(name: str) -> Any:
    module, around = import_module(f"huiyin.cli.{name}"), typer.Typer(add_completion=False)
    around.callback()(_overview)
    if hasattr(module, "app"):
        around.add_typer(module.app, name=name)
    else:
        around.command(name)(getattr(module, name))
    return get_command(around).commands[name]  # type: ignore[attr-defined]


def _overview() -> None:
    pass


app = typer.Typer(
    cls=_Commands,
    help="回音：12345 政务热线，从市民的第一句话到部门的答复。",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a traceback must not show what citizens said
    add_completion=False,
)


app.callback()(_overview)


def main() -> None:
    """The entry point: what somebody can mend is told in a line, anything else with its traceback."""
    try:
        app()
    except Exception as problem:
        from huiyin.cli.problems import explained

        reason = explained(problem)
        if reason is None:
            raise
        raise SystemExit(fail(reason).exit_code) from None
