"""What an application is to the type checker: Sanic with its plain configuration and context."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TypeAlias

from sanic import Sanic
from sanic.config import Config

App: TypeAlias = "Sanic[Config, SimpleNamespace]"
