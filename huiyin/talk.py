"""One citizen talking with the service, through the exchange every channel uses."""

from __future__ import annotations

import json
import uuid
from typing import Any

from channels.exchange import Exchange
from core import conversations
from core.channels import SMS, TELEPHONE
from core.contacts import Sender
from core.conversations import DialogueState, Message
from core.messages import InboundMessage
from core.runtime import Runtime

_VOUCHED = frozenset({SMS, TELEPHONE, "phone"})
"""Channels that vouch for their sender's number."""


class Talk:
    """Says something and waits for the answers."""

    def __init__(self, runtime: Runtime, exchange: Exchange, channel: str = "terminal") -> None:
        """A citizen who has never spoken before. ``exchange`` must be started."""
        self._runtime, self._exchange = runtime, exchange
        self._seen: dict[str, int] = {}
        self.sender = citizen(channel)
        self.slots: dict[str, Any] = {}
        """What the dialogue has understood so far, also what is forgotten once an order is filed."""

    async def say(self, text: str) -> list[dict[str, Any]]:
        """The replies to ``text``, as :func:`heard` tells them.

        Raises :class:`channels.words.Refused` for a text that cannot be taken in.
        """
        received = await self._exchange.receive(InboundMessage(self.sender, uuid.uuid4().hex, text))
        await self._exchange.settled()
        await self._remember(received.conversation_id)
        after = max(received.seq, self._seen.get(received.conversation_id, 0))
        async with self._runtime.database.read() as session:
            messages = await conversations.messages_after(session, received.conversation_id, after)
        messages = [message for message in messages if message.author != "citizen"]
        if messages:
            self._seen[received.conversation_id] = messages[-1].seq
        return [heard(message) for message in messages]

    async def _remember(self, conversation_id: str) -> None:
        async with self._runtime.database.read() as session:
            state = await session.get(DialogueState, conversation_id)
        for event in json.loads(state.tracker) if state else ():
            if event["event"] == "slot" and event.get("value") is not None:
                self.slots[event["name"]] = event["value"]


def heard(message: Message) -> dict[str, Any]:
    """A message of ours as a program sees it: text, card kind, quick replies, article, field asked for, outcome."""
    card, details = message.payload.get("card") or {}, message.payload.get("details") or {}
    return {
        "text": message.text,
        "card": card.get("kind"),
        "quick_replies": [reply["title"] for reply in message.payload.get("quick_replies", ())],
        "article": details.get("article"),
        "asks": message.payload.get("asks"),
        "outcome": message.payload.get("outcome"),
        "number": card.get("number"),
        "query_code": card.get("query_code"),
    }


def citizen(channel: str) -> Sender:
    """Somebody on ``channel`` who has never been heard of."""
    if channel in _VOUCHED:
        phone = f"139{uuid.uuid4().int % 10**8:08d}"
        return Sender(channel, "12345", phone, phone=phone)
    return Sender(channel, "script", uuid.uuid4().hex)
