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

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import duplicates, duty, orders, own_orders
from backoffice.city_facts import CityFacts, read_city_facts
from backoffice.city_pack import read_categories
from backoffice.classify import Classifier
from backoffice.deadline_policies import load_policies
from backoffice.deadlines import Term, policy_for
from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.orders import CitizenProof, Filed, Joined, OrderDraft
from backoffice.own_orders import OwnOrder
from backoffice.refusals import NoSuchOrder, NotAllowed
from backoffice.router import load_router
from backoffice.workflow import Status
from bot.addresses.refusals import BadAddressModel
from bot.intake import IntakeReader
from bot.order_draft import order_draft
from bot.plan import intake_plan
from bot.reading.cues import without_abuse
from bot.reading.places import PlaceReader
from bot.situation import Situation
from bot.speaking import filed_reply, joined_reply, progress_reply, service_reply
from core import conversations
from core.clock import china_time
from core.messages import Reply
from core.runtime import Runtime
from core.settings import Settings
from knowledge import life_cycle
from knowledge.answering import Answering, LookUp

log = structlog.get_logger(__name__)

T = TypeVar("T")
_A_SENTENCE = 4
_SOME_EVIDENCE = 0.3
_GOOD_EVIDENCE = 0.5
_LATEST = 5
"""How many of a citizen's own orders are looked at."""


def _places(settings: Settings) -> PlaceReader:
    """The reader of places; without the city's own model where that cannot be used (``huiyin doctor`` says why)."""
    try:
        return PlaceReader.load(settings.city_dir, settings.address_model)
    except BadAddressModel as problem:
        log.error("address model is not used", reason=str(problem))
        return PlaceReader.load(settings.city_dir)


@dataclass(frozen=True)
class FiledOrder:
    """An order just filed, and how the citizen is told."""

    number: str
    reply: Reply


@dataclass(frozen=True)
class GivenAnswer:
    """An article that was given as an answer."""

    article: str
    message_id: int | None = None
    """The message it was given in, where that is known."""


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
    city: CityFacts

    @classmethod
    async def load(cls, runtime: Runtime, answering: Answering) -> Services:
        """Reads the city from database and city pack; must run on the home loop."""
        async with runtime.database.read() as session:
            router = await load_router(session)
            rows = await session.execute(select(Department.code, Department.name, Department.phone))
            departments = {code: (name, phone) for code, name, phone in rows}
        plan = intake_plan().of_city(read_categories(runtime.settings.city_dir))
        reader = IntakeReader(plan, _places(runtime.settings))
        home = asyncio.get_running_loop()
        city = read_city_facts(runtime.settings.city_dir)
        return cls(runtime, home, answering, reader, router.knowledge.classifier, departments, city)

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

    async def orders_meant(self, contact_id: int | None) -> list[OwnOrder]:
        """The latest orders a contact may mean who tells no number, newest first; empty for a stranger."""
        now = self.now()
        return (await self._read(lambda session: own_orders.likely_meant(session, contact_id, now)))[:_LATEST]

    async def is_own_order(self, number: str, contact_id: int | None) -> bool:
        """Whether an order, open or not, belongs to the contact."""
        return await self._read(lambda session: own_orders.belongs_to(session, number, contact_id))

    async def term_of_answer(self, kind: Kind) -> Term:
        """How long an answer to an order of ``kind`` filed now may take."""
        return policy_for(await self._read(load_policies), china_time(self.now()).date()).answer[kind]

    async def likely_duplicate(
        self, intake: Situation, conversation_id: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """What may be told of an open order that is likely about the same matter (B5); None where none is."""
        draft = order_draft(self.reader.plan, intake, conversation_id, metadata)
        found = await self._read(lambda session: duplicates.offer_for(session, draft, self.now()))
        if found is None:
            return None
        return {
            "number": found.number,
            "about": found.about,
            "place": found.place,
            "at": found.at.isoformat(),
            "own": found.own,
        }

    async def file_order(
        self,
        intake: Situation,
        *,
        key: str,
        conversation_id: str,
        metadata: Mapping[str, Any],
        photos: Sequence[Mapping[str, Any]],
        same_as: Mapping[str, Any] | None = None,
    ) -> FiledOrder:
        """Files a confirmed intake; the same ``key`` gives the same order and the same words.

        ``same_as``: what :meth:`likely_duplicate` found, if the citizen says that it is the same matter. That order is
        joined, or added to where it is their own, if it is still open; otherwise the matter is filed by itself.
        """
        draft = order_draft(self.reader.plan, intake, conversation_id, metadata, photos)

        async def work(session: AsyncSession) -> FiledOrder:
            joined = await self._joined(session, same_as, draft, key) if same_as else None
            filed: Filed | Joined = joined or await orders.file(session, draft, key=key, now=self.now())
            view = await orders.progress(session, filed.order.number, CitizenProof(query_code=filed.query_code))
            assert view is not None
            if joined is None or same_as is None:
                return FiledOrder(filed.order.number, filed_reply(view, filed.query_code))
            return FiledOrder(filed.order.number, joined_reply(view, filed.query_code, own=same_as["own"]))

        return await self._write(work)

    async def _joined(
        self, session: AsyncSession, same_as: Mapping[str, Any], draft: OrderDraft, key: str
    ) -> Joined | None:
        number, now = same_as["number"], self.now()
        try:
            if same_as["own"]:
                proof = CitizenProof(contact_id=draft.contact_id)
                await orders.add_report(session, number, proof, draft, key=key, now=now)
            return await orders.join(session, number, draft, key=key, now=now)
        except (NoSuchOrder, NotAllowed):  # not there for them, or not open, any more: filed by itself
            return None

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
        keyed: bool = False,
    ) -> Reply:
        """Progress, urging, adding or withdrawing; raises :class:`backoffice.refusals.Refused`."""
        proof = CitizenProof(query_code=query_code, contact_id=contact_id, keyed=keyed and service != "withdraw")
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
                order = await orders.withdraw(session, number, proof, key=key, now=self.now())
                return service_reply("withdraw" if order.status == Status.WITHDRAWN.value else "leave", view)
            return service_reply(service, view)

        return await self._write(work)

    async def answer_at(self, conversation_id: str, seq: int, contact_id: int | None) -> GivenAnswer | None:
        """The answer that stands at a place of a citizen's own conversations; None where none does."""

        async def work(session: AsyncSession) -> GivenAnswer | None:
            message = await conversations.message_at(session, conversation_id, seq, contact_id)
            article = message.payload.get("details", {}).get("article") if message is not None else None
            return GivenAnswer(article, message.id) if message is not None and article else None

        return await self._read(work)

    async def record_feedback(self, given: GivenAnswer | None, conversation_id: str, *, helpful: bool) -> None:
        """Writes down whether an answer helped; nothing without an answer."""
        if given is None:
            return

        async def work(session: AsyncSession) -> None:
            code, message_id, now = given.article, given.message_id, self.now()
            await life_cycle.record_feedback(
                session, code, conversation_id, helpful=helpful, now=now, message_id=message_id
            )

        await self._write(work)

    async def record_choice(self, article: str, conversation_id: str) -> None:
        """Writes down that an article was taken from a choice."""

        async def work(session: AsyncSession) -> None:
            await life_cycle.record_choice(session, article, conversation_id, now=self.now())

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
