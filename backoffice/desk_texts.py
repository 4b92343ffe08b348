"""What an agent types while the citizen is on the telephone: nobody hears it, so it goes out as a text (A9).

To the number the line vouched for, if that is a mobile phone's; where no text can go, typing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.staff import Staff
from core import conversations
from core.channels import SMS
from core.contacts import Contact
from core.conversations import Conversation
from core.messages import Reply
from core.phones import is_mobile

TEXTED: Final = "texted_by_staff"
"""Among a message's details: it went out as a text."""


@dataclass(frozen=True)
class Way:
    """How what is typed reaches a citizen on the telephone."""

    number: str = ""
    """Where the text goes; empty: nowhere."""
    why_not: str = ""


def way_to(conversation: Conversation, contact: Contact, account: str) -> Way | None:
    """The way of a call's conversation; None for one in writing. ``account``: our number for texts; empty: switched
    off. Pure."""
    if not conversation.by_telephone:
        return None
    if contact.phone is None:
        return Way(why_not="来电没有显示号码，发不了短信。")
    if not is_mobile(contact.phone):
        return Way(why_not="来电号码不是手机，收不到短信。")
    if not account:
        return Way(why_not="这套系统没有开通短信。")
    return Way(contact.phone)


async def send(session: AsyncSession, contact: Contact, staff: Staff, text: str, account: str, now: datetime) -> None:
    """Texts the citizen of a call. A person's words, no notice: they go out whole, also to who wants no notices."""
    by_text = await conversations.open_conversation(session, contact, SMS, account, now)
    await conversations.say(session, by_text, "staff", Reply(text), now, staff_id=staff.id)
