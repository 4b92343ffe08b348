"""``huiyin speech install`` against a server of its own: good, breaking off, unable to go on, lying."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from huiyin.cli.main import app
from speech.installing import InstallFailed, SpeechModel, install
from speech.vosk_recognition import VoskRecogniser
from tests.fixtures.voices import MODEL

NAME = "vosk-model-small-test"


def packed(*, extra: dict[str, bytes] | None = None, without: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in sorted(MODEL.rglob("*")):
            if path.is_file() and path.name != without:
                archive.writestr(f"{NAME}/{path.relative_to(MODEL)}", path.read_bytes())
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return made.getvalue()


class Shop:
    """Serves one file; ``breaks_at``: bytes after which the line breaks; ``resumes``: whether it heeds Range."""

    def __init__(self, content: bytes) -> None:
        self.content, self.breaks_at, self.resumes, self.status = content, 0, True, 200
        self.asked: list[str | None] = []

    def model(self, port: int) -> SpeechModel:
        right = hashlib.sha256((MODEL / "am" / "final.mdl").read_bytes()).hexdigest()
        return SpeechModel(NAME, f"http://127.0.0.1:{port}/model.zip", {"am/final.mdl": right})


@contextmanager
def serving(shop: Shop) -> Iterator[SpeechModel]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            shop.asked.append(wanted)
            start = int(re.findall(r"\d+", wanted)[0]) if wanted and shop.resumes else 0
            if shop.status != 200 or start >= len(shop.content):
                self.send_error(416 if start else shop.status)
                return
            rest = shop.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: shop.breaks_at or None])
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield shop.model(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_fetched_model_can_be_heard_with_and_is_fetched_once(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    shop = Shop(packed())
    with serving(shop) as model:
        place = install(model, tmp_path, lambda there, whole: seen.append((there, whole)))
        assert install(model, tmp_path, lambda *_: None) == place
    VoskRecogniser(place).close()
    assert len(shop.asked) == 1
    assert seen[-1] == (len(shop.content), len(shop.content))
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME]


@pytest.mark.parametrize("resumes", [True, False])
def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, resumes: bool) -> None:
    shop = Shop(packed())
    shop.resumes, shop.breaks_at = resumes, 1_000_000
    with serving(shop) as model:
        with pytest.raises(InstallFailed, match="再次运行会接着下载"):
            install(model, tmp_path, lambda *_: None)
        assert not (tmp_path / NAME).exists()
        shop.breaks_at = 0
        VoskRecogniser(install(model, tmp_path, lambda *_: None)).close()
    assert shop.asked[1] == "bytes=1000000-"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (packed()[:-5000], "损坏"),
        (b"<html>sign in</html>", "损坏"),
        (packed(extra={"../evil": b"x"}), "异常"),
        (packed(without="final.mdl"), "不完整"),
    ],
    ids=["cut short", "another page", "out of its folder", "a file missing"],
)
def test_what_is_wrong_is_never_installed_and_is_fetched_anew(tmp_path: Path, content: bytes, told: str) -> None:
    shop = Shop(content)
    with serving(shop) as model:
        with pytest.raises(InstallFailed, match=told):
            install(model, tmp_path, lambda *_: None)
        assert not list(tmp_path.iterdir())
        shop.content = packed()
        install(model, tmp_path, lambda *_: None)
    assert not (tmp_path.parent / "evil").exists()


def test_another_file_than_the_official_one_is_refused(tmp_path: Path) -> None:
    with serving(Shop(packed())) as model:
        lying = SpeechModel(model.name, model.url, {"am/final.mdl": "0" * 64})
        with pytest.raises(InstallFailed, match="校验不符"):
            install(lying, tmp_path, lambda *_: None)
    assert not (tmp_path / NAME).exists()


def test_a_server_that_says_no_is_told_in_words(tmp_path: Path) -> None:
    shop = Shop(b"")
    shop.status = 503
    with serving(shop) as model, pytest.raises(InstallFailed, match="503"):
        install(model, tmp_path, lambda *_: None)


def test_the_command_fails_with_a_reason_and_the_doctor_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    from core.settings import load_settings

    load_settings.cache_clear()
    try:
        with serving(Shop(b"no model")) as model:
            done = CliRunner().invoke(app, ["speech", "install", "--url", model.url])
        assert done.exit_code == 1
        assert "压缩包损坏" in done.output
        told = re.sub(r"[\s│]", "", CliRunner().invoke(app, ["doctor"]).output)  # a table may wrap its lines
        assert "huiyinspeechinstall" in told
    finally:
        load_settings.cache_clear()
