"""The master key: made once, readable by its owner alone, and nothing is taken for one that is none."""

from __future__ import annotations

import stat
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.privacy import KeyRefused, key_file, load_keyring
from core.runtime import Runtime
from core.settings import Settings


def settings_in(folder: Path, **more: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder / "var", **more)  # type: ignore[call-arg, arg-type]


async def test_a_new_installation_has_a_key_only_its_owner_can_read(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    runtime = Runtime.start(settings)
    await runtime.database.close()
    assert stat.S_IMODE(key_file(settings).stat().st_mode) == 0o600
    assert [file.name for file in key_file(settings).parent.iterdir() if "key" in file.name or len(file.stem) == 8] == [
        "master.key"
    ], "no draft of the key is left"


def test_the_key_stays_the_same_and_two_starts_at_once_agree_on_one(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with ThreadPoolExecutor(8) as starts:
        rings = list(starts.map(load_keyring, [settings] * 16))
    sealed = rings[0].encrypt("13800138000")
    assert {ring.decrypt(sealed) for ring in (*rings, load_keyring(settings))} == {"13800138000"}
    assert "13800138000" not in sealed


def test_a_key_from_the_environment_is_used_and_none_is_written(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, master_key=b64encode(bytes(range(32))).decode())
    sealed = load_keyring(settings).encrypt("幸福小区")
    assert load_keyring(settings).decrypt(sealed) == "幸福小区"
    assert not key_file(settings).exists()


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    key_file(settings).parent.mkdir()
    key_file(settings).write_text("not a key")
    with pytest.raises(KeyRefused, match="主密钥"):
        load_keyring(settings)
