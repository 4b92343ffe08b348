"""A call that broke off in the middle of a matter: the citizen is offered to go on by text or on the web (A11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.calls import Ending
from channels.going_on import open_question, ticket
from channels.sms import going_on
from core.contacts import Contact
from core.conversations import Conversation
from core.runtime import Runtime

if TYPE_CHECKING:
    from channels.voice.link import Announced

BROKEN_OFF: Final = frozenset({Ending.HUNG_UP, Ending.SILENCE, Ending.BAD_LINE})
"""How a call ends that the citizen may not have wanted to end."""


async def offer_to_go_on(session: AsyncSession, runtime: Runtime, call: Announced, conversation: Conversation) -> bool:
    """One text to a mobile phone that called by itself; whether the matter can go on that way.

    Not where texts are switched off, to a number that was withheld or is no mobile one (:attr:`Announced.mobile`), or
    where two calls from one number were under way: then nobody knows whose matter it is.
    """
    contact = await session.get_one(Contact, conversation.contact_id)
    if not call.mobile or call.known is not None or contact.phone != call.caller:
        return False
    asked = await open_question(session, conversation)
    if asked is None:
        return False
    settings = runtime.settings
    # without an address of our own there is no page a telephone could reach
    link = f"{settings.resolved_public_url}/go/{ticket(runtime.keyring, asked.id)}" if settings.public_url else ""
    offer = going_on.offer(asked, call.id, minutes=settings.conversation_idle_minutes, link=link)
    return await going_on.send_offer(session, contact, settings.sms_account, offer, runtime.clock.now())
