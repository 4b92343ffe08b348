"""What ``huiyin serve`` does once it answers."""

from __future__ import annotations

import gc

import pytest

from core.clock import FrozenClock
from core.settings import Settings
from huiyin.cli.serve import when_ready
from tests.fixtures.app import running_app


async def test_what_is_loaded_is_kept_out_of_the_collectors_rounds_and_the_addresses_are_told(
    sqlite_settings: Settings, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    gc.unfreeze()
    tracked = len(gc.get_objects())
    try:
        async with running_app(sqlite_settings, clock, made=lambda app: when_ready(app, sqlite_settings, [])):
            assert gc.get_freeze_count() > tracked / 2
    finally:
        gc.unfreeze()
    assert f"{sqlite_settings.resolved_public_url}/chat" in capsys.readouterr().err
