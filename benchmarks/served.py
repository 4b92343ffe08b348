"""The service as a process of its own on a free port, with an installation of its own, for measuring from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.settings import load_settings

_PATIENCE = 180.0


@dataclass(frozen=True)
class Served:
    """A running service."""

    base: str
    pid: int
    started_in: float
    """Seconds from the command to the first answer."""

    def resident_mb(self) -> float:
        """Memory the process holds, in MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the process is gone")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served() -> Iterator[Served]:
    """``huiyin serve --demo`` on a fresh database with the trained model; stopped at the end."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        models = load_settings().model_dir.absolute()
        (Path(folder) / "models").symlink_to(models)
        environment = {**os.environ, "HUIYIN_DATA_DIR": folder, "HUIYIN_PORT": str(port), "HUIYIN_DATABASE_URL": ""}
        command = [str(Path(sys.executable).parent / "huiyin"), "serve", "--demo"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/healthz", process)
            yield Served(base, process.pid, time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    begun = time.perf_counter()
    while time.perf_counter() - begun < _PATIENCE:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError("the service did not start")
