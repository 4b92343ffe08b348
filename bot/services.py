"""What actions may ask of the rooms below: the knowledge base, the order door, who is on duty.

Rasa runs on a thread of its own with a loop of its own; the database belongs to the service's main loop. Every call
that touches it is therefore carried over to that loop and awaited from the bot's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import duty, orders
from backoffice.classify import Classifier
from backoffice.departments import Department
from backoffice.order_tables import Order
from backoffice.orders import CitizenProof, Filed, OrderDraft
from backoffice.refusals import NoSuchOrder
from backoffice.router import load_router
from backoffice.workflow import OPEN
from bot.intake import IntakeReader
from bot.plan import intake_plan
from bot.reading.cues import without_abuse
from bot.reading.places import Gazetteer
from bot.reading.times import instant_of
from bot.situation import Situation
from bot.speaking import filed_reply, progress_reply, service_reply
from core.messages import Reply
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.answering import Answering, LookUp

T = TypeVar("T")
_A_SENTENCE = 6
_SOME_EVIDENCE = 0.3
_GOOD_EVIDENCE = 0.5
_LATEST = 5
"""How many of a citizen's own orders are looked at."""


@dataclass(frozen=True)
class FiledOrder:
    """An order just filed, and how the citizen is told."""

    number: str
    reply: Reply


@dataclass(frozen=True)
class Services:
    """Everything an action may use."""

    runtime: Runtime
    home: asyncio.AbstractEventLoop
    """The loop the runtime's database belongs to."""
    answering: Answering
    reader: IntakeReader
    classifier: Classifier
    departments: Mapping[str, tuple[str, str | None]]
    """Code → name and phone."""

    @classmethod
    async def load(cls, runtime: Runtime, answering: Answering) -> Services:
        """Reads the city from database and city pack; must run on the home loop."""
        async with runtime.database.read() as session:
            router = await load_router(session)
            rows = await session.execute(select(Department.code, Department.name, Department.phone))
            departments = {code: (name, phone) for code, name, phone in rows}
        reader = IntakeReader(intake_plan(), Gazetteer.load(runtime.settings.city_dir))
        home = asyncio.get_running_loop()
        return cls(runtime, home, answering, reader, router.knowledge.classifier, departments)

    # --------------------------------------------------------------------------------------- at hand

    def now(self) -> datetime:
        """The present instant."""
        return self.runtime.clock.now()

    def category_of(self, content: str) -> str | None:
        """Code of the category ``content`` most likely belongs to; None where little speaks for any."""
        found = self.classifier.classify(content)
        return found.code if found.strength >= _SOME_EVIDENCE else None

    def sounds_like_a_matter(self, text: str) -> bool:
        """Whether ``text``, though not understood, tells of something the city deals with."""
        text = without_abuse(text)
        found = self.classifier.classify(text)
        return len(text) >= _A_SENTENCE and found.code is not None and found.strength >= _GOOD_EVIDENCE

    def department_name(self, code: str) -> str:
        """The full name of a department."""
        return self.departments.get(code, (code, None))[0]

    def phone_of(self, code: str) -> str | None:
        """The phone number of a department."""
        return self.departments.get(code, ("", None))[1]

    # -------------------------------------------------------------------------------- over the bridge

    async def people_on_duty(self) -> int:
        """How many people can take a conversation over now."""
        return await self._read(lambda session: duty.on_duty_count(session, self.now()))

    async def numbers_of_contact(self, contact_id: int | None) -> list[str]:
        """Numbers of the latest open orders of a contact, newest first; empty for a stranger."""
        if contact_id is None:
            return []
        statement = (
            select(Order.number)
            .where(Order.contact_id == contact_id, Order.status.in_([status.value for status in OPEN]))
            .order_by(Order.created_at.desc())
            .limit(_LATEST)
        )

        async def numbers(session: AsyncSession) -> list[str]:
            return list(await session.scalars(statement))

        return await self._read(numbers)

    async def file_order(
        self,
        intake: Situation,
        *,
        key: str,
        conversation_id: str,
        metadata: Mapping[str, Any],
        photos: Sequence[Mapping[str, Any]],
    ) -> FiledOrder:
        """Files a confirmed intake; the same ``key`` gives the same order and the same words."""
        given = {name: value for name, value in intake.values.items() if self.reader.plan.was_given(name, value)}
        time = given.get("time")
        draft = OrderDraft(
            kind=intake.kind,
            content=given["content"],
            channel=str(metadata.get("channel", "")),
            conversation_id=conversation_id,
            contact_id=metadata.get("contact_id"),
            address=given.get("address"),
            happened=time,
            happened_at=instant_of(time, intake.now) if time else None,
            target=given.get("target"),
            reporter_name=given.get("name"),
            reporter_phone=given.get("phone"),
            confidential=bool(given.get("confidential")),
            attachments=tuple(dict(photo) for photo in photos),
        )

        async def work(session: AsyncSession) -> FiledOrder:
            filed: Filed = await orders.file(session, draft, key=key, now=self.now())
            proof = CitizenProof(query_code=filed.query_code)
            view = await orders.progress(session, filed.order.number, proof)
            assert view is not None
            return FiledOrder(filed.order.number, filed_reply(view, filed.query_code))

        return await self._write(work)

    async def serve_order(
        self,
        service: str,
        number: str,
        query_code: str | None,
        contact_id: int | None,
        *,
        addition: str | None,
        photos: Sequence[Mapping[str, Any]],
        key: str,
    ) -> Reply:
        """Progress, urging, adding or withdrawing; raises :class:`backoffice.refusals.Refused`."""
        proof = CitizenProof(query_code=query_code, contact_id=contact_id)
        files = tuple(dict(photo) for photo in photos)

        async def work(session: AsyncSession) -> Reply:
            view = await orders.progress(session, number, proof)
            if view is None:
                raise NoSuchOrder
            if service == "progress":
                return progress_reply(view)
            if service == "urge":
                await orders.urge(session, number, proof, key=key, now=self.now())
            elif service == "supplement":
                text = addition or ""
                await orders.supplement(session, number, proof, text, attachments=files, key=key, now=self.now())
            else:
                await orders.withdraw(session, number, proof, key=key, now=self.now())
            return service_reply(service, view)

        return await self._write(work)

    async def record_feedback(self, article: str | None, conversation_id: str, *, helpful: bool) -> None:
        """Writes down whether an answer helped; nothing without an answer."""
        if article is None:
            return

        async def work(session: AsyncSession) -> None:
            await life_cycle.record_feedback(session, article, conversation_id, helpful=helpful, now=self.now())

        await self._write(work)

    async def record_unanswered(self, text: str, conversation_id: str, found: LookUp) -> None:
        """Writes down a question nobody could answer, for the owning department."""

        async def work(session: AsyncSession) -> None:
            await life_cycle.record_unanswered(session, text, conversation_id, found, now=self.now())

        await self._write(work)

    async def _write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def transaction() -> T:
            async with self.runtime.database.write() as session:
                return await work(session)

        return await self._at_home(transaction())

    async def _read(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def reading() -> T:
            async with self.runtime.database.read() as session:
                return await work(session)

        return await self._at_home(reading())

    async def _at_home(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.home))
