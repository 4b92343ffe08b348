"""The telephone as a channel of the house."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from sqlalchemy import select

from channels.exchange import Exchange
from channels.voice import pbx, pbx_call_back, pbx_third, put_downs, stream_calls
from channels.voice.gateway import Gateway
from channels.voice.journals import Journals
from channels.voice.pbx_folder import PbxFolder
from channels.voice.phone_plan import PhonePlan, load_phone_plan
from core import conversations
from core.channels import SMS, TELEPHONE
from core.conversations import Conversation, Message
from core.messages import Reply
from core.outbox import Handler
from core.runtime import Runtime
from core.tasks import cancel_all
from core.web.application import App
from speech.setting_up import make_recogniser, make_synthesiser
from speech.synthesis import SynthesisFailed

_SWITCH_INTERVAL: Final = 0.001
"""Seconds after which a thread that computes (a turn, say) lets the event loop go on: a frame is due every 20 ms."""


class VoiceAdapter:
    """Calls (:class:`channels.port.Adapter`)."""

    channel: Final = TELEPHONE

    def __init__(self) -> None:
        self._warming: asyncio.Task[None] | None = None

    def attach(self, app: App) -> None:
        """Adds what the PBX asks."""
        self._app = app
        pbx.add_routes(app)
        pbx_third.add_routes(app)
        pbx_call_back.add_routes(app)
        stream_calls.add_routes(app)

    async def start(self, runtime: Runtime, exchange: Exchange) -> None:
        """Loads ears and voices and takes calls; nothing is loaded where the phone is switched off."""
        settings = runtime.settings
        on = settings.audiosocket_port or settings.browser_calls_at_once or settings.stream_token.get_secret_value()
        if on:
            sys.setswitchinterval(_SWITCH_INTERVAL)
        recogniser = make_recogniser(runtime.settings) if on else None
        plan = load_phone_plan(runtime.settings.city_dir)
        self._gateway = Gateway(runtime, exchange, plan, make_synthesiser(runtime.settings), recogniser)
        self._app.ctx.gateway = self._gateway
        await self._gateway.start()
        self._journals = self._app.ctx.journals = Journals(runtime, exchange, self._gateway.house.left_behind)
        self._journals.start()
        self._folder = self._app.ctx.pbx_folder = (
            PbxFolder(
                settings.pbx_recordings,
                runtime,
                recogniser,
                partial(put_downs.can_be_kept, self._gateway, self._journals),
            )
            if on and settings.pbx_recordings
            else None
        )
        if self._folder is not None:
            self._folder.start(plan, self._gateway.house.synthesiser)
        if on:
            self._warming = asyncio.create_task(self._warm(plan))

    async def _warm(self, plan: PhonePlan) -> None:
        """Makes what is said in every call, so that the first caller does not wait for it; what fails is made then."""
        with suppress(SynthesisFailed):
            for text in plan.fixed_prompts():
                await self._gateway.house.synthesiser.keep(text)
            await self._gateway.house.synthesiser.clear()

    async def stop(self) -> None:
        """Gives all lines back."""
        await cancel_all([self._warming] if self._warming else [])
        if self._folder is not None:
            await self._folder.stop()
        await self._gateway.stop()
        await self._journals.stop()

    def deliverer(self) -> Handler:
        """What is said to a citizen in a call is fetched by the call; a notice after it goes out as a text."""
        return self._deliver

    async def _deliver(self, payload: Mapping[str, Any]) -> None:
        runtime: Runtime = self._app.ctx.runtime
        async with runtime.database.write() as session:
            locked = select(Message).where(Message.id == payload["message_id"]).with_for_update()
            message = (await session.scalars(locked)).one()
            conversation = await session.get_one(Conversation, message.conversation_id)
            if message.author != "system" or message.kind == "notice" or message.payload.get("texted"):
                return
            message.payload = {**message.payload, "texted": True}  # once, however often this is tried
            words = {name: value for name, value in message.payload.items() if name != "texted"}
            reply = Reply.from_payload(message.text, words)
            account = runtime.settings.sms_account
            await conversations.notify(session, conversation.contact_id, SMS, account, reply, runtime.clock.now())
