"""Photos over HTTP: taken in from a visitor, shown to that visitor only (staff have a route of their own)."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.request import File
from sanic.response import file, json

from channels.port import exchange_of
from channels.webchat import feed, frames, photos
from channels.webchat.connection import TOO_FAST
from channels.webchat.frames import BadFrame
from channels.webchat.limits import Limits, refuse_if
from channels.webchat.session import known_visitor
from channels.words import Refused
from core.live import live
from core.messages import Attachment
from core.runtime import Runtime
from core.web.caller import client_address
from core.web.errors import Refusal
from core.web.site import runtime_of

_STATUS = {"photo_too_large": 413, "not_a_photo": 415}
_PRIVATE = {"Cache-Control": "private, max-age=86400, immutable"}


class PhotoRoutes:
    """``POST /chat/photos`` and ``GET /chat/photos/<conversation>.<seq>``."""

    def __init__(self, limits: Limits) -> None:
        """``limits``: shared by all ways a visitor can send something."""
        self._limits = limits
        self._one_at_a_time = asyncio.Semaphore(1)  # a large photo unpacks to some hundred megabytes

    def add_to(self, blueprint: Blueprint) -> None:
        """Adds the routes."""
        blueprint.add_route(self.send, "/chat/photos", methods=["POST"], name="send_photo")
        blueprint.add_route(self.show, "/chat/photos/<name>", methods=["GET"], name="show_photo")

    async def send(self, request: Request) -> HTTPResponse:
        """Takes a photo in as a message; answers when both are stored. The same id is the same message."""
        visitor, runtime = known_visitor(request), runtime_of(request)
        refuse_if(self._limits.photo(visitor, client_address(request), runtime.clock.now()), TOO_FAST)
        upload = request.files.get("photo") if request.files else None
        if not isinstance(upload, File):
            raise Refusal(400, "no_photo", "没有收到照片，请重新选择。")
        try:
            key = frames.message_id(request.form.get("id") if request.form else None)
            photo = await self._keep(runtime, upload.body)
        except BadFrame as problem:
            raise Refusal(400, "bad_request", str(problem)) from problem
        except Refused as refusal:
            raise Refusal(_STATUS.get(refusal.code, 422), refusal.code, refusal.reason) from refusal
        received = await exchange_of(request).receive(frames.inbound(visitor, key, frames.PHOTO_TEXT, photo))
        if received.duplicate:
            await asyncio.to_thread((runtime.settings.media_dir / photo.path).unlink)
        live.signal(visitor.topic)
        url = frames.photo_url(received.conversation_id, received.seq)
        return json(frames.ack_frame(key, received.conversation_id, received.seq) | {"photo": url})

    async def show(self, request: Request, name: str) -> HTTPResponse:
        """A photo of the visitor's own; one that is missing and one that is not theirs look the same."""
        visitor, runtime = known_visitor(request), runtime_of(request)
        try:
            conversation, seq = frames.photo_place(name)
        except BadFrame as problem:
            raise NotFound("no such photo") from problem
        async with runtime.database.read() as session:
            message = await feed.one(session, visitor.sender, conversation, seq)
        attachment = message.payload.get("attachment") if message else None
        if attachment is None:
            raise NotFound("no such photo")
        path = runtime.settings.media_dir / attachment["path"]
        return await file(path, mime_type=attachment["media_type"], headers=_PRIVATE)

    async def _keep(self, runtime: Runtime, raw: bytes) -> Attachment:
        settings = runtime.settings
        async with self._one_at_a_time:
            picture = await asyncio.to_thread(
                photos.redraw, raw, most_bytes=settings.upload_limit_bytes, most_pixels=settings.upload_pixels
            )
        return await asyncio.to_thread(photos.keep, picture, settings.media_dir)
