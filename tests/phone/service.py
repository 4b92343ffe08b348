"""The service with a phone as a process of its own, to be killed and frozen: ``python -m tests.phone.service``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from core.clock import SystemClock
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import running_app
from tests.fixtures.voices import MODEL
from tests.phone.line import SECRET


async def serve(folder: Path, port: int, audiosocket_port: int) -> None:
    """Serves until killed; the dialogue core says back what it hears."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        port=port,
        audiosocket_port=audiosocket_port,
        pbx_secret=SecretStr(SECRET),
        asr_model=MODEL,
    )
    async with running_app(settings, SystemClock(), ScriptedEngine()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
