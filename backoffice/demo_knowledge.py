"""A knowledge base at work, for the demo: drafts at every step, an answer that changed, questions nobody could answer.

Everything goes through the write doors, as if the demo's own clerk and head had done it in the last days; the notes say
that it is the demo's. The material is ``knowledge_at_work.yml`` of a city pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.editors import editor_of
from backoffice.pack_problems import CityPackRefused
from backoffice.staff import Staff
from core import conversations
from core.channels import WEBCHAT
from core.clock import china_time
from core.contacts import Identity, Sender
from core.conversations import TurnOutcome
from core.messages import InboundMessage, Reply
from core.yaml_files import read_yaml
from knowledge import life_cycle
from knowledge.answering import LookUp
from knowledge.article import Article
from knowledge.drafts import ArticleDraft
from knowledge.life_cycle import Text
from knowledge.moves import Editor

ACCOUNT = "demo"
"""By which the demo's invented talks are known."""
_BEGUN = timedelta(days=12)
_STEP = timedelta(hours=5)


class Reached(str, Enum):
    """How far an article has come."""

    DRAFT = "draft"
    REVIEW = "review"
    RETURNED = "returned"
    PUBLISHED = "published"


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class DemoArticle:
    """An article, and how far it has come."""

    state: Reached
    department: str
    note: str
    question: str
    answer: str
    source: str = ""
    variants: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    fee: str | None = None
    place: str | None = None
    office_hours: str | None = None
    phone: str | None = None
    earlier: dict[Literal["answer", "fee", "place", "office_hours", "phone"], str] = field(default_factory=dict)
    """Fields as they were in a version before."""
    reason: str = ""
    """Why it was returned."""
    lasts_days: int | None = None
    ends_in_hours: int | None = None
    helpful: int = 0
    useless: int = 0
    """How many citizens found it so."""


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class DemoQuestion:
    """What a citizen asked, in a talk of its own."""

    text: str
    days_ago: int


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class KnowledgeAtWork:
    """Everything ``knowledge_at_work.yml`` holds."""

    articles: tuple[DemoArticle, ...] = ()
    asked: tuple[DemoQuestion, ...] = ()


def read_knowledge_at_work(folder: Path) -> KnowledgeAtWork:
    """The material in a city pack; nothing where it has none. Raises :class:`CityPackRefused`."""
    path = folder / "knowledge_at_work.yml"
    if not path.exists():
        return KnowledgeAtWork()
    try:
        data = read_yaml(path)
        return TypeAdapter(KnowledgeAtWork).validate_python(data)
    except (OSError, yaml.YAMLError, ValidationError) as problem:
        raise CityPackRefused(f"{path.name}: {problem}") from problem


async def load_knowledge_at_work(
    session: AsyncSession, material: KnowledgeAtWork, clerk: Staff, head: Staff, now: datetime
) -> bool:
    """Writes the material, once; whether it did. ``head`` approves and returns what ``clerk`` writes."""
    if await session.scalar(select(Identity.id).where(Identity.account == ACCOUNT).limit(1)) is not None:
        return False
    scene = _Scene(session, await editor_of(session, clerk), await editor_of(session, head), now)
    for article in material.articles:
        await scene.bring(article)
    for question in material.asked:
        await scene.ask(question)
    return True


@dataclass
class _Scene:
    """Plays what happened in the last days."""

    session: AsyncSession
    clerk: Editor
    head: Editor
    now: datetime
    talks: int = 0

    async def bring(self, wanted: DemoArticle) -> None:
        """Takes an article as far as it has come."""
        at, code = self.now - _BEGUN, ""
        if wanted.earlier:
            fields: dict[str, Any] = {str(name): text for name, text in wanted.earlier.items()}
            before = replace(self._article(wanted), **fields)
            code = (await self._write(before, "演示：第一次写", at)).code
            await self._publish(code, at)
        at += timedelta(days=4)
        draft = await self._write(replace(self._article(wanted), code=code), wanted.note, at)
        if wanted.state is Reached.DRAFT:
            return
        if wanted.state is Reached.PUBLISHED:
            await self._publish(draft.code, at)
            await self._judge(draft.code, [True] * wanted.helpful + [False] * wanted.useless)
            return
        await life_cycle.submit(self.session, draft.code, self.clerk, now=at + _STEP)
        if wanted.state is Reached.RETURNED:
            await life_cycle.return_to_authors(self.session, draft.code, self.head, wanted.reason, now=at + 2 * _STEP)

    async def ask(self, question: DemoQuestion) -> None:
        """A citizen asks; nobody can answer."""
        at = self.now - timedelta(days=question.days_ago)
        talk = await self._talk(question.text, "这个问题我还答不出，已经记下来请有关部门补充。", at)
        await life_cycle.record_unanswered(self.session, question.text, talk, LookUp("unknown", []), now=at)

    def _article(self, wanted: DemoArticle) -> Article:
        today = china_time(self.now).date()
        return Article(
            code="",
            question=wanted.question,
            answer=wanted.answer,
            department=wanted.department,
            source=wanted.source,
            valid_from=today - _BEGUN,
            valid_to=today + timedelta(days=wanted.lasts_days) if wanted.lasts_days else None,
            variants=wanted.variants,
            keywords=wanted.keywords,
            materials=wanted.materials,
            fee=wanted.fee,
            place=wanted.place,
            office_hours=wanted.office_hours,
            phone=wanted.phone,
            ends_at=self.now + timedelta(hours=wanted.ends_in_hours) if wanted.ends_in_hours else None,
        )

    async def _write(self, article: Article, note: str, at: datetime) -> ArticleDraft:
        return await life_cycle.write(self.session, self.clerk, Text(article, note=note), now=at)

    async def _publish(self, code: str, at: datetime) -> None:
        draft = await life_cycle.submit(self.session, code, self.clerk, now=at + _STEP)
        edition, base, later = draft.edition, draft.base_version, at + 2 * _STEP
        await life_cycle.approve(self.session, code, self.head, edition=edition, base=base, now=later)

    async def _judge(self, code: str, verdicts: Sequence[bool]) -> None:
        for days, helpful in enumerate(verdicts):
            at = self.now - timedelta(hours=9 * (days + 1))
            talk = await self._talk("有用" if helpful else "没用", "谢谢您的评价。", at)
            await life_cycle.record_feedback(self.session, code, talk, helpful=helpful, now=at)

    async def _talk(self, said: str, answer: str, at: datetime) -> str:
        """A talk of one question and one answer, over by now; its id."""
        self.talks += 1
        sender = Sender(WEBCHAT, ACCOUNT, f"demo-{self.talks}")
        inbound = InboundMessage(sender, f"demo-{self.talks}", said)
        received, conversation = await conversations.receive(self.session, inbound, at)
        outcome = TurnOutcome((Reply(answer),), "{}")
        await conversations.finish_turn(self.session, received.message_id, conversation.epoch, outcome, at)
        await conversations.close(self.session, conversation, "system", at)
        return received.conversation_id
