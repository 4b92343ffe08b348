"""A call that broke off goes on by text: what was offered when it ended, and what the citizen's answer does (A11).

Nothing is moved before the citizen answers: until then they may call again, and the call has all that was said.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from channels.going_on import move
from channels.sms import optouts
from core import contacts, conversations
from core.channels import SMS
from core.contacts import Contact, Sender
from core.conversations import Conversation, Message, Owner
from core.messages import Reply

_GOES_ON: Final = "goes_on"
"""In a message's details: the conversation of the call it goes on with."""
_CALL: Final = "call"


def offer(asked: Message, call_id: str, *, minutes: int, link: str = "") -> Reply:
    """The text after a call that broke off, with the question that was open. ``minutes`` it can be answered; ``link``:
    where it can on the web."""
    within = f"{minutes // 60}小时" if minutes >= 60 else f"{minutes}分钟"
    page = f"也可以打开 {link} 接着办。" if link else ""
    question = Reply.from_payload(asked.text, asked.payload)
    return Reply(
        f"刚才的通话断了，您说的已经记下，{within}内回复本短信可以接着办，不用重说。{page}{question.text}",
        card=question.card,  # what it offers is numbered from there
        quick_replies=question.quick_replies,
        asks=question.asks,
        details={_GOES_ON: asked.conversation_id, _CALL: call_id},
    )


async def send_offer(session: AsyncSession, contact: Contact, account: str, reply: Reply, now: datetime) -> bool:
    """Sends it, once a call; False where the number has opted out, or is in the middle of something by text."""
    if contact.phone is None or await optouts.has_opted_out(session, account, contact.phone):
        return False
    texting = await conversations.open_conversation(session, contact, SMS, account, now)
    if texting.owner != Owner.BOT.value or await conversations.unfinished(session, texting) is not None:
        return False
    said = await conversations.messages_after(session, texting.id, 0)
    if not any(_details(message).get(_CALL) == reply.details[_CALL] for message in said):
        await conversations.say(session, texting, "system", reply, now)
    return True


def is_offer(message: Message) -> bool:
    """Whether a message of ours offers to go on with a call."""
    return _GOES_ON in _details(message)


async def take_up(session: AsyncSession, sender: Sender, offered: Message, now: datetime) -> bool:
    """Before the bot answers the text that answers an offer: the texts go on with what the call was about.

    False where the citizen has called again meanwhile, and is talking, or has settled it.
    """
    source_id = _details(offered)[_GOES_ON]
    contact = await contacts.find_or_create(session, sender, now)
    if (await session.get_one(Conversation, source_id)).contact_id != contact.id:
        return False
    texting = await conversations.open_conversation(session, contact, sender.channel, sender.account, now)
    return await move(session, source_id, texting, now)


def _details(message: Message) -> dict[str, str]:
    details: dict[str, str] = message.payload.get("details", {})
    return details
