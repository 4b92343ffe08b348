"""An installation thrown away afterwards, served with the demo city and the trained model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import load_settings
from tests.fixtures.served import Served, serve


@contextmanager
def served(**settings: str) -> Iterator[Served]:
    """``huiyin serve --demo`` on a fresh database; stopped at the end. ``settings``: by environment variable."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(load_settings().model_dir.absolute())
        service = serve(Path(folder), "--demo", **settings)
        try:
            yield service
        finally:
            service.stop()
