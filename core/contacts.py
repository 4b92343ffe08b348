"""Contacts (citizens) and the identities by which channels know them (A11).

An identity belongs to exactly one contact. Contacts are never merged by resemblance: a phone number somebody
types is what they say, not who they are. Only an identity the channel itself vouches for (the sender's number of
an SMS or a call) leads to an existing contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, insert_into
from core.privacy import EncryptedText, keys

PHONE_INDEX = "phone"


class Contact(Base):
    """One citizen, as far as we know."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    name: Mapped[str | None] = mapped_column(EncryptedText)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    """The number the channel vouches for (SMS, call); never one merely typed."""
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)


class Identity(Base):
    """How one channel knows a contact: a visitor id, a phone number, an OpenID. Channel ``phone`` is no channel but the
    number itself, which several of them vouch for."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("channel", "account", "external_index"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(EncryptedText)
    external_index: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)


IS_SENDER: Final = and_(
    Identity.channel == bindparam("channel"),
    Identity.account == bindparam("account"),
    Identity.external_index == bindparam("external_index"),
)
"""A where clause: the identity by which a channel knows a sender (:func:`identity_of`)."""


@dataclass(frozen=True)
class Sender:
    """Who sends on a channel: ``channel`` and our ``account`` on it, and the sender's id there."""

    channel: str
    account: str
    external_id: str
    phone: str | None = None
    """The sender's phone number where the channel itself vouches for it."""


async def find_or_create(session: AsyncSession, sender: Sender, now: datetime) -> Contact:
    """The contact behind ``sender``; made at the first word. Safe against 50 first words at once, on any channels.

    A number that channels vouch for is an identity of its own: a first text and a first call that come in the same
    moment are one contact.
    """
    contact = await find(session, sender)
    if contact is not None:
        return contact
    known = None
    if sender.phone is not None:
        number = Sender(PHONE_INDEX, "", sender.phone, phone=sender.phone)
        known = await find(session, number)
        if known is None:
            known = await _claim(session, number, await _contact_for_phone(session, sender.phone), now)
    return await _claim(session, sender, known, now)


async def _claim(session: AsyncSession, sender: Sender, contact: Contact | None, now: datetime) -> Contact:
    """Makes ``sender`` an identity of ``contact``, or of a new one; whoever was first is the contact."""
    fresh = contact is None
    if contact is None:
        contact = Contact(
            created_at=now,
            phone=sender.phone,
            phone_index=keys().blind_index(PHONE_INDEX, sender.phone) if sender.phone else None,
        )
        session.add(contact)
        await session.flush()
    added = await session.execute(
        insert_into(session, Identity)
        .values(
            contact_id=contact.id,
            channel=sender.channel,
            account=sender.account,
            external_id=sender.external_id,
            external_index=_index(sender),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Identity.id)
    )
    if added.scalar_one_or_none() is None:  # somebody else was first: theirs is the contact
        if fresh:
            await session.delete(contact)
        existing = await find(session, sender)
        assert existing is not None
        return existing
    return contact


async def find(session: AsyncSession, sender: Sender) -> Contact | None:
    """The contact behind ``sender``, if it has ever spoken."""
    contact: Contact | None = await session.scalar(
        select(Contact).join(Identity, Identity.contact_id == Contact.id).where(IS_SENDER), identity_of(sender)
    )
    return contact


async def known(session: AsyncSession, sender: Sender) -> Contact | None:
    """Who ``sender`` will be taken for, before the first word on this channel too: by a number others vouched for."""
    contact = await find(session, sender)
    if contact is None and sender.phone is not None:
        contact = await find(session, Sender(PHONE_INDEX, "", sender.phone))
        contact = contact or await _contact_for_phone(session, sender.phone)
    return contact


def identity_of(sender: Sender) -> dict[str, str]:
    """The values of :data:`IS_SENDER` for ``sender``."""
    return {"channel": sender.channel, "account": sender.account, "external_index": _index(sender)}


async def _contact_for_phone(session: AsyncSession, phone: str | None) -> Contact | None:
    """The single contact with a vouched-for number, if there is exactly one."""
    if phone is None:
        return None
    index = keys().blind_index(PHONE_INDEX, phone)
    found = list(await session.scalars(select(Contact).where(Contact.phone_index == index).limit(2)))
    return found[0] if len(found) == 1 else None


def _index(sender: Sender) -> str:
    return keys().blind_index(f"identity:{sender.channel}", sender.external_id)
