"""The takeover desk (F2, F3): conversations that wait for a person, and what a person may do with one.

Reads here are for the desk; every change goes through :mod:`core.conversations`, under the conversation's lock.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import desk_texts
from backoffice.duty import DESK_ROLES, go_on_duty, held_count, is_present
from backoffice.staff import Role, Staff, by_id, lock
from core import conversations
from core.contacts import Contact
from core.conversations import Conversation, ConversationClosed, Message, NotOwner, Owner
from core.messages import Reply

READERS = DESK_ROLES | {Role.DISPATCHER}
"""Dispatchers read along, to know what an order is about; they do not talk."""

TEXT_LIMIT = 2000
_RECENT = 30
"""Messages looked through for one that was sent twice."""


class DeskRefused(Exception):
    """Something at the desk cannot be done; ``code`` for programs, the text says why, in Chinese."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def waiting_count(session: AsyncSession, _staff: Staff, _now: datetime) -> int:
    """How many conversations wait for a person."""
    statement = (
        select(func.count())
        .select_from(Conversation)
        .where(Conversation.owner == Owner.WAITING.value, Conversation.closed_at.is_(None))
    )
    return await session.scalar(statement) or 0


async def find(session: AsyncSession, conversation_id: str) -> Conversation | None:
    """The conversation, open or closed."""
    return await session.get(Conversation, conversation_id)


async def take(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """``staff`` takes the conversation, from the line or from the bot, and the citizen hears who it is (F7).

    Whoever takes one is on duty. Raises :class:`DeskRefused` when a colleague has it, when it has ended, or when
    ``staff`` holds as many as they can serve; a danger is taken whatever one holds.
    """
    # before the conversation: going off duty locks in this order too; and two takings of one person count each other
    me = await lock(session, staff.id)
    if me.on_duty_since is None:
        await go_on_duty(session, staff.id, now)
    conversation = await _locked(session, conversation_id)
    mine = conversation.owner == Owner.PERSON.value and conversation.staff_id == staff.id
    if conversation.owner != Owner.PERSON.value and not _is_danger(conversation):
        await _must_have_room(session, me)
    try:
        await conversations.take(session, conversation, staff.id, now)
    except NotOwner:
        raise await _taken(session, conversation) from None
    except ConversationClosed:
        raise _closed() from None
    if not mine:
        await _notice(session, conversation, f"您好，工号 {staff.number} 为您服务。", now)


async def answer(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """``staff`` talks to the citizen on the telephone: the conversation is theirs, whoever had it, however many they
    hold. Nothing happens to one that has ended."""
    me = await lock(session, staff.id)
    if me.on_duty_since is None:
        await go_on_duty(session, staff.id, now)
    conversation = await _locked(session, conversation_id)
    if conversation.closed_at is not None:
        return
    if conversation.staff_id != staff.id:
        await conversations.release(session, conversation, "system", now)
    await conversations.take(session, conversation, staff.id, now)


async def say(
    session: AsyncSession, conversation_id: str, staff: Staff, text: str, key: str, now: datetime, *, texts_from: str
) -> Message:
    """``staff`` says ``text`` to the citizen; the same words under one ``key`` are one message (double click).

    To a citizen on the telephone it goes as a text, from ``texts_from`` (empty: texts are switched off). Raises
    :class:`DeskRefused` when there is nothing to say, too much of it, it is not theirs to speak, or it would reach
    nobody.
    """
    text = text.strip()
    if not text:
        raise DeskRefused("empty", "还没有写内容。")
    if len(text) > TEXT_LIMIT:
        raise DeskRefused("too_long", f"一条消息不能超过 {TEXT_LIMIT} 个字，现在是 {len(text)} 个字。")
    conversation = await _locked(session, conversation_id)
    said = await _already_said(session, conversation, staff, key, text)
    if said is not None:
        return said
    await _must_own(session, conversation, staff)
    details = {"key": key} if key else {}
    contact = await session.get_one(Contact, conversation.contact_id)
    way = desk_texts.way_to(conversation, contact, texts_from)
    if way is not None:
        if not way.number:
            raise DeskRefused("unheard", f"没有发出：电话里听不到写的字，{way.why_not}请直接在电话里说。")
        await desk_texts.send(session, contact, staff, text, texts_from, now)
        details[desk_texts.TEXTED] = "1"
    reply = Reply(text, details=details)
    return await conversations.say(session, conversation, "staff", reply, now, staff_id=staff.id)


async def hand_back(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """``staff`` gives the conversation back to the bot. Raises :class:`DeskRefused` when it is not theirs."""
    conversation = await _locked(session, conversation_id)
    await _must_own(session, conversation, staff)
    await _notice(
        session, conversation, "人工服务到此结束，下面由机器人继续为您服务。随时说“转人工”可以再找我们。", now
    )
    await conversations.hand_back(session, conversation, staff.id, now)


async def close(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """``staff`` ends the conversation. Raises :class:`DeskRefused` when it is not theirs."""
    conversation = await _locked(session, conversation_id)
    await _must_own(session, conversation, staff)
    await _notice(session, conversation, "本次服务已经结束，感谢您的来访。还有事情，直接留言就可以。", now)
    await conversations.close(session, conversation, f"staff:{staff.id}", now)


async def release(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """Puts a taken conversation back into the line: one's own, or one whose owner :func:`may_release` finds gone.

    Raises :class:`DeskRefused` otherwise.
    """
    conversation = await _locked(session, conversation_id)
    if conversation.closed_at is not None:
        raise _closed()
    if conversation.owner != Owner.PERSON.value:
        return
    holder = await _holder(session, conversation)
    if not may_release(staff, holder, now):
        raise await _taken(session, conversation)
    await conversations.release(session, conversation, f"staff:{staff.id}", now)


def _is_danger(conversation: Conversation) -> bool:
    return (conversation.handoff_reason or "").partition(":")[0] == "danger"


async def _must_have_room(session: AsyncSession, staff: Staff) -> None:
    if await held_count(session, staff.id) >= staff.capacity:
        raise DeskRefused("full", f"您正在接待 {staff.capacity} 个会话，已经满了。先交还或结束一个，再接管新的。")


def may_release(staff: Staff, holder: Staff | None, now: datetime) -> bool:
    """Whether ``staff`` may put back what ``holder`` has taken: theirs, or they supervise, or the other has gone."""
    if holder is None or holder.id == staff.id:
        return True
    return staff.role in {Role.SUPERVISOR, Role.ADMINISTRATOR} or not is_present(holder, now)


def _closed() -> DeskRefused:
    return DeskRefused("closed", "这个会话已经结束。市民再留言时会开始新的会话。")


async def _locked(session: AsyncSession, conversation_id: str) -> Conversation:
    if await find(session, conversation_id) is None:
        raise DeskRefused("not_found", "没有找到这个会话。")
    return await conversations.lock(session, conversation_id)


async def _must_own(session: AsyncSession, conversation: Conversation, staff: Staff) -> None:
    if conversation.closed_at is not None:
        raise _closed()
    if conversation.owner != Owner.PERSON.value:
        raise DeskRefused("not_taken", "请先接管这个会话。")
    if conversation.staff_id != staff.id:
        raise await _taken(session, conversation)


async def _taken(session: AsyncSession, conversation: Conversation) -> DeskRefused:
    holder = await _holder(session, conversation)
    who = f"{holder.name}（工号 {holder.number}）" if holder else "其他同事"
    return DeskRefused("taken", f"这个会话已经由{who}接管。")


async def _holder(session: AsyncSession, conversation: Conversation) -> Staff | None:
    return None if conversation.staff_id is None else await by_id(session, conversation.staff_id)


async def _already_said(
    session: AsyncSession, conversation: Conversation, staff: Staff, key: str, text: str
) -> Message | None:
    if not key:
        return None
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.staff_id == staff.id)
        .order_by(Message.seq.desc())
        .limit(_RECENT)
    )
    recent = await session.scalars(statement)
    return next((message for message in recent if _key_of(message) == key and message.text == text), None)


def _key_of(message: Message) -> str | None:
    key: str | None = message.payload.get("details", {}).get("key")
    return key


async def _notice(session: AsyncSession, conversation: Conversation, text: str, now: datetime) -> None:
    await conversations.say(session, conversation, "system", Reply(text), now, kind="notice")
