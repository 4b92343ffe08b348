"""A call that broke off goes on elsewhere (A11, ADR 0013): the move, and the ticket by which a web page asks for it."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import calls
from core import conversations
from core.conversations import Conversation, Message
from core.privacy import Keyring

_PURPOSE: Final = "go-on"
_ID_BYTES: Final = 6
_SIGNATURE_BYTES: Final = 9
_LENGTH: Final = 20
"""Characters of a ticket: it travels in a text."""
_LATELY: Final = 10
"""Messages among which the bot's last one is."""


async def move(session: AsyncSession, source_id: str, target: Conversation, now: datetime) -> bool:
    """Takes what a call was about over into ``target``, locked; the call's conversation ends with it.

    False where the citizen has called again meanwhile and is talking, has gone on elsewhere or settled it, or is in the
    middle of something in ``target``.
    """
    if any(call.ended_at is None for call in await calls.of_conversation(session, source_id)):
        return False
    return await conversations.carry_over(session, await conversations.lock(session, source_id), target, now)


async def open_question(session: AsyncSession, conversation: Conversation) -> Message | None:
    """What the bot asked last about a matter it is taking down."""
    if await conversations.unfinished(session, conversation) is None:
        return None
    said = await conversations.messages_after(session, conversation.id, conversation.last_seq - _LATELY)
    replies = [each for each in said if each.author == "bot"]
    return replies[-1] if replies and replies[-1].payload.get("asks") else None


def ticket(keyring: Keyring, message_id: int) -> str:
    """What stands in a link: the message with the question that was open, and our signature.

    Whoever holds it goes on with the matter: it is sent to nobody but the number that called.
    """
    place = message_id.to_bytes(_ID_BYTES, "big")
    return urlsafe_b64encode(place + _signature(keyring, place)).decode()


def read_ticket(keyring: Keyring, text: str) -> int | None:
    """The id of the message a ticket stands for; None for one that is not ours."""
    if len(text) != _LENGTH or not text.isascii() or not text.replace("-", "").replace("_", "").isalnum():
        return None
    signed = urlsafe_b64decode(text)
    place, signature = signed[:_ID_BYTES], signed[_ID_BYTES:]
    return int.from_bytes(place, "big") if hmac.compare_digest(_signature(keyring, place), signature) else None


def _signature(keyring: Keyring, place: bytes) -> bytes:
    return bytes.fromhex(keyring.sign(_PURPOSE, place))[:_SIGNATURE_BYTES]
