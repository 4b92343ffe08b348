"""Puts the subcommands together. What they need is imported only when they run: ``huiyin --help`` answers at once."""

from __future__ import annotations

import typer

from huiyin.cli import chat, demo, doctor, migrate, serve, train, user

app = typer.Typer(
    help="回音：12345 政务热线，从市民的第一句话到部门的答复。",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a traceback must not show what citizens said
    add_completion=False,
)
app.command("serve")(serve.serve)
app.command("train")(train.train)
app.command("chat")(chat.chat)
app.command("demo")(demo.demo)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.add_typer(user.app, name="user")


def main() -> None:
    """The entry point."""
    app()
