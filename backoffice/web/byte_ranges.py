"""A file in parts, as players ask for it to jump about in it (RFC 9110, 14). Pure but for the sending."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sanic import HTTPResponse, Request
from sanic.response import empty

_ONE_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True)
class Part:
    """Bytes of a file from ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many."""
        return self.last - self.first + 1


class NotThere(ValueError):
    """The file has nothing in the range that was asked for."""


def part_wanted(header: str | None, size: int) -> Part | None:
    """The one range that ``header`` asks for of a file of ``size`` bytes; None: all of it.

    A header that is no range, or several ranges, is passed over, as the standard allows. Raises :class:`NotThere`.
    """
    found = _ONE_RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start > end:
        raise NotThere
    return Part(start, end)


async def send_file(request: Request, path: Path, content_type: str) -> HTTPResponse | None:
    """Sends a file or the part of it that is asked for; the caller knows that it may be had. Raises OSError."""
    size = (await asyncio.to_thread(path.stat)).st_size
    headers = {"Accept-Ranges": "bytes"}
    try:
        wanted = part_wanted(request.headers.get("range"), size)
    except NotThere:
        return empty(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    part = wanted or Part(0, size - 1)
    headers["Content-Length"] = str(part.size)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    response = await request.respond(
        status=206 if wanted is not None else 200, headers=headers, content_type=content_type
    )
    left = part.size
    with await asyncio.to_thread(path.open, "rb") as file:
        await asyncio.to_thread(file.seek, part.first)
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(_CHUNK, left))):
            left -= len(piece)
            await response.send(piece)
    await response.eof()
    return None
