"""Static files: known at the start, compressed once, cached by browsers for ever under an address with their hash."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli
from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_HASH_LENGTH = 12
_WORTH_COMPRESSING = 1024
_TEXT_TYPES = frozenset({"image/svg+xml", "application/json", "application/manifest+json"})


@dataclass
class Asset:
    """One file as it is sent."""

    body: bytes
    media_type: str
    version: str

    @classmethod
    def load(cls, path: Path) -> Asset:
        """Reads a file."""
        body = path.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(body, media_type, hashlib.sha256(body).hexdigest()[:_HASH_LENGTH])

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """Content coding → body, for the codings that make it smaller. Takes a moment the first time."""
        if not self._is_text() or len(self.body) < _WORTH_COMPRESSING:
            return {}
        coded = {"br": brotli.compress(self.body, quality=9), "gzip": gzip.compress(self.body, mtime=0)}
        return {name: packed for name, packed in coded.items() if len(packed) < len(self.body)}

    def _is_text(self) -> bool:
        return self.media_type.startswith("text/") or self.media_type in _TEXT_TYPES or "javascript" in self.media_type

    def content_type(self) -> str:
        """The media type, with the character set for text."""
        return f"{self.media_type}; charset=utf-8" if self._is_text() else self.media_type


class Assets:
    """The static files of all rooms. Only files that were there at the start can be asked for."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}
        self._loaded: dict[str, tuple[tuple[int, int], Asset]] = {}

    def add(self, folder: Path, room: str = "") -> None:
        """Serves every file under ``folder`` as ``/static/<room>/…``."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                self._files[f"{room}/{name}" if room else name] = path

    def url(self, name: str) -> str:
        """The address of a file, which changes when the file does. Raises KeyError for a file that is not there."""
        return f"/static/{name}?v={self._asset(name).version}"

    def _asset(self, name: str) -> Asset:
        path = self._files[name]
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._loaded.get(name)
        if known is None or known[0] != stamp:  # edited while we run: only ever in development
            known = self._loaded[name] = (stamp, Asset.load(path))
        return known[1]

    async def serve(self, request: Request, name: str) -> HTTPResponse:
        """Answers a request for ``/static/<name>``."""
        if name not in self._files:
            raise NotFound("no such file")
        asset = await asyncio.to_thread(self._asset, name)
        coding = await asyncio.to_thread(_coding, request.headers.get("accept-encoding", ""), asset)
        tag = f'"{asset.version}{"-" + coding if coding else ""}"'
        headers = {
            "Cache-Control": FOR_EVER if request.args.get("v") == asset.version else ASK_AGAIN,
            "ETag": tag,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == tag:
            return HTTPResponse(status=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        body = asset.encoded[coding] if coding else asset.body
        return HTTPResponse(body, headers=headers, content_type=asset.content_type())


def _coding(accepted: str, asset: Asset) -> str | None:
    """The best content coding both sides know."""
    wanted = {}
    for offer in accepted.lower().split(","):
        name, _, weight = offer.partition(";")
        wanted[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in ("br", "gzip") if wanted.get(name) and name in asset.encoded), None)
