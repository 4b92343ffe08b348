"""Templates: every room has a folder of its own; everything put into a page is escaped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from sanic import HTTPResponse
from sanic.response import html

from core.web import wording


class Pages:
    """The templates of all rooms: ``room/name.html``."""

    def __init__(self, static_url: Callable[[str], str]) -> None:
        """``static_url``: address of a static file, as templates call ``static(name)``."""
        self._rooms: dict[str, BaseLoader] = {}
        self.environment = Environment(
            loader=PrefixLoader(self._rooms),
            autoescape=True,
            undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["static"] = static_url
        self.environment.filters.update(
            moment=wording.moment,
            clock_time=wording.clock_time,
            duration=wording.duration,
            remaining=wording.remaining,
            iso=wording.iso,
        )

    def add(self, room: str, folder: Path) -> None:
        """Takes in the templates of a room."""
        self._rooms[room] = FileSystemLoader(folder)

    def text(self, name: str, **values: Any) -> str:
        """A template filled in."""
        return self.environment.get_template(name).render(**values)

    def page(
        self, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
    ) -> HTTPResponse:
        """A template filled in, as an answer."""
        return html(self.text(name, **values), status=status, headers=headers)
