"""What every part of a running process shares."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Clock, SystemClock
from core.database import Database
from core.privacy import Keyring, load_keyring, use_keys
from core.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """Settings, keys, clock and database of one process; web handlers find it at ``request.app.ctx.runtime``."""

    settings: Settings
    keyring: Keyring
    clock: Clock
    database: Database

    @classmethod
    def start(cls, settings: Settings, clock: Clock | None = None) -> Runtime:
        """Loads (or makes) the keys and opens the database; must be called on the loop that will use it."""
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        keyring = load_keyring(settings)
        use_keys(keyring)
        return cls(settings, keyring, clock or SystemClock(), Database(settings.resolved_database_url))
