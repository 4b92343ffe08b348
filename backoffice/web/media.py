"""Photos of citizens, for staff who may see the conversation they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from backoffice.desk import READERS
from backoffice.web.guard import PREFIX, SignedIn, for_roles, row_id
from core.conversations import Message
from core.web.errors import Refusal
from core.web.site import runtime_of

blueprint = Blueprint("staff_media", url_prefix=f"{PREFIX}/media")

_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


@blueprint.get("/<message_id:int>")
@for_roles(READERS)
async def photo(request: Request, _me: SignedIn, message_id: int) -> HTTPResponse:
    """The photo of one message; only pictures are ever sent, and never as anything else."""
    async with runtime_of(request).database.read() as session:
        message = await session.get(Message, row_id(message_id, 2**63 - 1))
    return await send_picture(request, message.payload.get("attachment") if message else None)


async def send_picture(request: Request, attachment: Mapping[str, Any] | None) -> HTTPResponse:
    """A stored picture; the caller knows that it may be seen. Only pictures are ever sent, and as nothing else."""
    if not attachment or attachment["media_type"] not in _SHOWN:
        raise _GONE
    folder = runtime_of(request).settings.media_dir.resolve()
    path = (folder / attachment["path"]).resolve()
    if not path.is_relative_to(folder):
        raise _GONE
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise _GONE from None
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline"}
    return raw(body, content_type=attachment["media_type"], headers=headers)


_GONE = Refusal(404, "not_found", "这张照片已经不在了。")
