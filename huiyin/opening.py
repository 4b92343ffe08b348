"""Opens an installation's database: the schema up to date, and its content readable with the key at hand."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.call_list import make_findable, not_findable
from backoffice.order_tables import Order
from core.conversations import Message
from core.database import Database
from core.privacy import KeyRefused
from huiyin.migrate import migrate


async def open_up(database: Database) -> None:
    """Brings the schema up to date and makes sure that what is stored can be read with this installation's key.

    Raises :class:`core.database.DatabaseUnreachable` and :class:`core.privacy.KeyRefused`.
    """
    await migrate(database)
    async with database.read() as session:
        await check_key(session)
        more = await session.scalar(not_findable().limit(1)) is not None
    while more:
        async with database.write() as session:
            more = await make_findable(session) > 0


async def check_key(session: AsyncSession) -> None:
    """Raises :class:`core.privacy.KeyRefused` when what is stored was encrypted with another master key."""
    try:
        for sealed in (Message.text, Order.query_code):
            await session.scalar(select(sealed).limit(1))
    except (InvalidTag, ValueError) as problem:
        raise KeyRefused("数据库里的内容是用另一个主密钥加密的：请放回原来的主密钥") from problem
