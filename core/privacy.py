"""Personal data: keys, field encryption and blind indexes (I4). Masking: :mod:`core.masking`.

One master key (environment or ``data_dir/master.key``, mode 600) is the root; each purpose gets a key of
its own derived from it, so that a signature can never be used as a cipher and the other way round.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from core.settings import KEY_BYTES, Settings

_NONCE_BYTES = 12
_PREFIX = "v1:"


class KeyMissing(RuntimeError):
    """Encrypted data was touched before :func:`use_keys` was called."""


class KeyRefused(ValueError):
    """The master key is none, or not the one the data were encrypted with; the text says so in Chinese."""


class Keyring:
    """Derives one key per purpose from the master key (HKDF-SHA256)."""

    def __init__(self, master: bytes) -> None:
        """``master``: exactly 32 bytes. Raises ValueError otherwise."""
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes, this one has {len(master)}")
        self._master = master
        self._derived: dict[str, bytes] = {}

    def key(self, purpose: str) -> bytes:
        """The 32-byte key for ``purpose``; the same purpose always gives the same key."""
        if purpose not in self._derived:
            hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
            self._derived[purpose] = hkdf.derive(self._master)
        return self._derived[purpose]

    def sign(self, purpose: str, payload: bytes) -> str:
        """HMAC-SHA256 of ``payload`` in hex."""
        return hmac.new(self.key(purpose), payload, hashlib.sha256).hexdigest()

    def verify(self, purpose: str, payload: bytes, signature: str) -> bool:
        """Whether ``signature`` is ours, compared in constant time."""
        return hmac.compare_digest(self.sign(purpose, payload).encode(), signature.encode())

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed digest by which an encrypted value can be looked up, but not read."""
        return self.sign(f"index:{purpose}", value.encode())

    def encrypt(self, text: str) -> str:
        """AES-256-GCM under the field key; text in, printable text out."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.key("field")).encrypt(nonce, text.encode(), None)
        return _PREFIX + base64.b64encode(nonce + sealed).decode()

    def decrypt(self, sealed: str) -> str:
        """Undoes :meth:`encrypt`. Raises ValueError for text that is not ours, InvalidTag for another key's."""
        if not sealed.startswith(_PREFIX):
            raise ValueError("not an encrypted field")
        raw = base64.b64decode(sealed[len(_PREFIX) :])
        return AESGCM(self.key("field")).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()


def key_file(settings: Settings) -> Path:
    """Where the master key lies that no environment variable gives."""
    return settings.data_dir / "master.key"


def load_keyring(settings: Settings) -> Keyring:
    """The keyring of this installation; generates ``data_dir/master.key`` (mode 600) at the first start."""
    if settings.master_key is not None:
        return Keyring(base64.b64decode(settings.master_key.get_secret_value()))
    path = key_file(settings)
    if not path.exists():
        _write_new_key(path)
    try:
        return Keyring(base64.b64decode(path.read_text().strip(), validate=True))
    except ValueError as problem:
        raise KeyRefused(f"{path} 里不是主密钥（{KEY_BYTES} 个字节的 base64）") from problem


def _write_new_key(path: Path) -> None:
    """Writes a fresh key that is either wholly there or not at all; a key already there is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the one
    finally:
        draft.unlink()


_keys: Keyring | None = None


def use_keys(keyring: Keyring) -> None:
    """Names the keyring that encrypted columns use in this process."""
    global _keys  # column types are declared at import, keys come later
    _keys = keyring


def keys() -> Keyring:
    """The keyring of this process. Raises :class:`KeyMissing` before :func:`use_keys`."""
    if _keys is None:
        raise KeyMissing("call core.privacy.use_keys() first")
    return _keys


class EncryptedText(TypeDecorator[str]):
    """A text column that is AES-GCM-encrypted in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seals on the way in."""
        return None if value is None else keys().encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Opens on the way out."""
        return None if value is None else keys().decrypt(value)


class EncryptedJson(TypeDecorator[dict[str, Any]]):
    """A JSON object that is AES-GCM-encrypted in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Seals on the way in."""
        return None if value is None else keys().encrypt(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Opens on the way out."""
        return None if value is None else json.loads(keys().decrypt(value))
