"""Files larger than what any page may send: taken in only once it is known who sends them."""

from __future__ import annotations

from typing import Any

from sanic import Request
from sanic.exceptions import PayloadTooLarge

from core.web.errors import Refusal

FORM_OVERHEAD = 64 * 1024
"""Bytes of the form around a file."""
HEARD_OUT = 4
"""So many times the limit are read and thrown away, so that the browser shows the refusal and no broken line."""


async def take_in(request: Request, limit: int) -> None:
    """Reads the body of a request to a route with ``stream=True``, up to ``limit`` bytes of file.

    Raises :class:`Refusal` for a larger one.
    """
    stream: Any = request.stream  # Http has what its base class does not tell of
    stream.request_max_size = limit * HEARD_OUT
    body, size = bytearray(), 0
    try:
        while (chunk := await stream.read()) is not None:
            size += len(chunk)
            if size <= limit + FORM_OVERHEAD:
                body += chunk
    except PayloadTooLarge:
        size = stream.request_max_size
    if size > limit + FORM_OVERHEAD:
        raise Refusal(413, "too_large", f"文件超过 {limit // 1024 // 1024} MB 的上限，请拆成几个文件再导入。")
    request.body = bytes(body)
