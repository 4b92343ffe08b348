"""What travels over the web socket: values in, values out; knows no socket and no database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from channels.webchat.visitors import Visitor
from core.conversations import Conversation, Message
from core.messages import Attachment, InboundMessage, Place

PHOTO_TEXT: Final = "[图片]"
"""A photo where only words fit: in transcripts, to the bot, in SMS."""

_MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_CONVERSATION_ID = re.compile(r"[0-9a-f-]{36}")


class BadFrame(ValueError):
    """A frame that is not of the protocol; the text says what is wrong, in Chinese."""


@dataclass(frozen=True)
class Say:
    """The citizen says something. ``id`` is made by the client; the same id is the same message. ``about``: the reply
    of ours whose button was pressed."""

    id: str
    text: str
    about: Place | None = None


@dataclass(frozen=True)
class Resume:
    """The client tells where it is; without a conversation it wants the newest messages."""

    conversation: str | None = None
    after: int = 0


@dataclass(frozen=True)
class Typing:
    """The citizen is typing."""


@dataclass(frozen=True)
class Read:
    """The citizen has seen the messages of a conversation up to ``seq``."""

    conversation: str
    seq: int


ClientFrame = Say | Resume | Typing | Read


def parse(data: str | bytes) -> ClientFrame:
    """One client frame. Raises :class:`BadFrame`."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:  # the latter: brackets within brackets within brackets
        raise BadFrame("消息格式不对。") from error
    if not isinstance(fields, dict):
        raise BadFrame("消息格式不对。")
    kind = fields.get("type")
    if kind == "say":
        return Say(message_id(fields.get("id")), words(fields.get("text")), place(fields.get("about")))
    if kind == "resume":
        return resume_from(fields)
    if kind == "typing":
        return Typing()
    if kind == "read":
        return Read(conversation_id(fields.get("conversation")), sequence(fields.get("seq")))
    raise BadFrame("不认识的消息类型。")


def resume_from(fields: Mapping[str, Any]) -> Resume:
    """The place to go on from that ``conversation`` and ``after`` name. Raises :class:`BadFrame`."""
    conversation, after = fields.get("conversation"), fields.get("after", 0)
    return Resume() if conversation is None else Resume(conversation_id(conversation), sequence(after))


def message_id(value: object) -> str:
    """A message id as clients may make them: 8 to 64 letters, digits and hyphens. Raises :class:`BadFrame`."""
    if not isinstance(value, str) or not _MESSAGE_ID.fullmatch(value):
        raise BadFrame("消息编号不对。")
    return value


def words(value: object) -> str:
    """A text. Raises :class:`BadFrame`."""
    if not isinstance(value, str):
        raise BadFrame("消息内容不对。")
    return value


def conversation_id(value: object) -> str:
    """A conversation's id. Raises :class:`BadFrame`."""
    if not isinstance(value, str) or not _CONVERSATION_ID.fullmatch(value):
        raise BadFrame("会话编号不对。")
    return value


def place(value: object) -> Place | None:
    """A message named by ``conversation`` and ``seq``; None for nothing. Raises :class:`BadFrame`."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadFrame("消息格式不对。")
    return Place(conversation_id(value.get("conversation")), sequence(value.get("seq")))


def sequence(value: object) -> int:
    """A sequence number. Raises :class:`BadFrame`."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BadFrame("消息序号不对。")
    return value


def inbound(
    visitor: Visitor, key: str, text: str, photo: Attachment | None = None, about: Place | None = None
) -> InboundMessage:
    """A visitor's message for the exchange; ``key``, the client's id, counts for this visitor only."""
    kind = "image" if photo else "text"
    return InboundMessage(visitor.sender, f"{visitor.id}:{key}", text, kind=kind, attachment=photo, about=about)


@dataclass(frozen=True)
class State:
    """Who answers, and where the conversation stands."""

    conversation: str | None
    owner: str
    agent: str | None = None
    """Number of the member of staff who has it."""
    position: int | None = None
    """Place in the line, while waiting."""
    on_duty: bool | None = None
    """Whether anybody is there to take it, while waiting; while nobody is, the bot answers."""
    closed: bool = False

    def frame(self) -> dict[str, Any]:
        """As it is sent."""
        return {"type": "state", **vars(self)}


def message_frame(conversation: Conversation, message: Message, agent: str | None) -> dict[str, Any]:
    """A stored message as the citizen may see it. ``agent``: number of the member of staff who wrote it."""
    frame: dict[str, Any] = {
        "type": "message",
        "conversation": conversation.id,
        "seq": message.seq,
        "author": message.author,
        "kind": message.kind,
        "text": message.text,
        "at": message.created_at.isoformat(),
    }
    if agent:
        frame["agent"] = agent
    if message.payload.get("attachment"):
        frame["photo"] = photo_url(conversation.id, message.seq)
    frame.update({name: message.payload[name] for name in ("card", "quick_replies") if name in message.payload})
    return frame


def photo_url(conversation: str, seq: int) -> str:
    """Where the owner of a conversation finds its photo."""
    return f"/chat/photos/{conversation}.{seq}"


def photo_place(name: str) -> tuple[str, int]:
    """Undoes :func:`photo_url`, from the last part of the address on. Raises :class:`BadFrame`."""
    conversation, _, seq = name.partition(".")
    return conversation_id(conversation), sequence(seq)


def ack_frame(key: str, conversation: str, seq: int) -> dict[str, Any]:
    """The message with the client's id ``key`` is stored."""
    return {"type": "ack", "id": key, "conversation": conversation, "seq": seq}


def error_frame(code: str, reason: str, key: str | None = None, retry_after: float | None = None) -> dict[str, Any]:
    """Something was not taken. ``key``: the message it is about; ``retry_after``: seconds."""
    frame: dict[str, Any] = {"type": "error", "code": code, "reason": reason}
    if key is not None:
        frame["id"] = key
    if retry_after is not None:
        frame["retry_after"] = round(retry_after, 1)
    return frame


def encode(frame: dict[str, Any]) -> str:
    """A frame as text."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
