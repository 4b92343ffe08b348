"""The dialogue engine: Rasa's agent as a library, on a thread and an event loop of its own.

A turn never stalls sockets or audio, and Rasa's work never waits for ours except where an action asks for it.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage

from bot.actions.registry import all_actions
from bot.in_process import InProcessActions, trust_results
from bot.nlu.constants import ALARMED
from bot.services import Services
from bot.speaking import draft_of
from bot.tracker_store import Memory, TurnTrackerStore, alarmed_just_now
from bot.turns import TurnRequest, TurnResult
from core.conversations import TurnOutcome
from core.messages import QuickReply, Reply

PHOTO = "[图片]"
"""What a photo without words is to the dialogue: see ``send_photo`` in the training data."""
_COMMAND = "/"
_HARMLESS = "／"


class CollectingChannel(OutputChannel):  # type: ignore[misc]  # rasa is untyped
    """Gathers what a turn says, as replies of ours."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """Rasa's name of the channel."""
        return "huiyin"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """One reply, whether it comes from the domain's responses or from an action."""
        payload = dict(message.get("custom") or {})
        buttons = [QuickReply(button["title"], button.get("payload", "")) for button in message.get("buttons") or ()]
        quick = [QuickReply(q["title"], q.get("text", "")) for q in payload.pop("quick_replies", ())]
        self.replies.append(Reply(message.get("text") or "", quick_replies=(*quick, *buttons), **payload))


class RasaEngine:
    """Answers turns with a trained model."""

    def __init__(self, model: Path, services: Services) -> None:
        """Use :meth:`start`."""
        self._model = model
        self._store = TurnTrackerStore()
        self._actions = InProcessActions(all_actions(services))
        trust_results()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="dialogue", daemon=True)
        self._agent: Agent | None = None

    @classmethod
    async def start(cls, model: Path, services: Services) -> RasaEngine:
        """Loads ``model`` and is ready for turns; raises what loading raises."""

        engine = cls(model, services)
        engine._thread.start()
        await engine._there(engine._load())
        return engine

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answers one message of a citizen."""
        result: TurnResult = await self._there(self._turn(request))
        return result

    async def stop(self) -> None:
        """Ends the thread; turns under way are given up."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, 5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    async def _there(self, coroutine: Any) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def _load(self) -> None:
        agent = Agent.load(str(self._model), action_endpoint=self._actions)
        # Rasa would wrap the store in one that swallows its errors and forgets; ours must fail aloud
        self._store.domain = agent.domain
        agent.tracker_store = agent.processor.tracker_store = self._store
        self._agent = agent

    async def _turn(self, request: TurnRequest) -> TurnResult:
        assert self._agent is not None
        channel, sender = CollectingChannel(), request.conversation_id
        message = UserMessage(
            text=_as_spoken(request),
            output_channel=channel,
            sender_id=sender,
            input_channel=request.channel,
            metadata={
                "contact_id": request.contact_id,
                "channel": request.channel,
                "message_id": request.message_id,
                "sender_phone": request.sender_phone,
                "attachments": list(request.attachments),
                "about": request.about,
                "cut": request.cut,
                ALARMED: alarmed_just_now(request.tracker, request.now),
            },
        )
        self._store.begin(sender, request.tracker)
        try:
            await self._agent.handle_message(message)
            self._actions.raise_failure(sender)
            memory = self._store.end(sender)
        finally:
            self._store.end(sender)
        return _result(channel.replies, memory)


def _as_spoken(request: TurnRequest) -> str:
    """The text as Rasa may see it: a leading slash would be a command of Rasa's own (/restart, /intent{…})."""
    text = request.text.strip() or (PHOTO if request.attachments else "")
    return _HARMLESS + text[1:] if text.startswith(_COMMAND) else text


def _result(replies: list[Reply], memory: Memory | None) -> TurnResult:
    handoff = next((str(r.details.get("reason", "asked")) for r in replies if r.outcome == "handoff"), None)
    return TurnResult(
        TurnOutcome(
            replies=tuple(_merged(replies)),
            tracker=memory.tracker if memory else None,
            handoff=handoff,
            draft=draft_of(memory.slots) if memory else {},
        )
    )


def _merged(replies: list[Reply]) -> list[Reply]:
    """A word of explanation and the question after it are one message: citizens read one thing at a time."""
    merged: list[Reply] = []
    for reply in replies:
        last = merged[-1] if merged else None
        if last is not None and _is_plain(last) and (reply.card is None):
            merged[-1] = replace(reply, text=f"{last.text}\n{reply.text}", outcome=reply.outcome or last.outcome)
        else:
            merged.append(reply)
    return merged


def _is_plain(reply: Reply) -> bool:
    return reply.card is None and not reply.asks and not reply.quick_replies
