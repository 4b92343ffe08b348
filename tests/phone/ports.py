"""Free ports of loopback, and settings with the phone switched on."""

from __future__ import annotations

import socket

from pydantic import SecretStr

from core.settings import Settings
from tests.fixtures.voices import MODEL
from tests.phone.line import SECRET


def free_port() -> int:
    """One nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def with_phone(settings: Settings, **more: object) -> Settings:
    """Settings with the phone switched on, hearing with the test model."""
    on = {"audiosocket_port": free_port(), "pbx_secret": SecretStr(SECRET), "asr_model": MODEL, **more}
    return settings.model_copy(update=on)
