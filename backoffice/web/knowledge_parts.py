"""What all knowledge pages share: who works, what the process answers from, refusals as answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from sanic import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments
from backoffice.departments import Department
from backoffice.knowledge_rounds import KnowledgeRounds
from backoffice.knowledge_trial import Trials
from backoffice.staff import Staff
from backoffice.web.guard import field
from backoffice.web.orders_choices import Option, department_options
from core.refusals import BadField, Refused
from core.web.errors import Refusal
from knowledge.moves import Editor
from knowledge.refusals import Faults

KEY_LENGTH = 64
_STATUS = {"no_such_article": 404, "not_for_you": 403, "bad_field": 422, "bad_fields": 422}


def trials_of(request: Request) -> Trials:
    """What questions are tried on in this process."""
    trials: Trials = request.app.ctx.trials
    return trials


def rounds_of(request: Request) -> KnowledgeRounds:
    """The rounds of this process."""
    rounds: KnowledgeRounds = request.app.ctx.knowledge_rounds
    return rounds


def key_of(request: Request) -> str | None:
    """The idempotency key of the form that was sent."""
    return field(request, "key")[:KEY_LENGTH] or None


def code_in(address: str) -> str:
    """An article's code as it stands in an address."""
    return unquote(address)


def refusal(refused: Refused) -> Refusal:
    """What the write door said no to, as an answer over HTTP."""
    return Refusal(_STATUS.get(refused.code, 409), refused.code, refused.reason)


def problems_of(refused: Refused) -> Mapping[str, str]:
    """What is wrong with which field, where it is a matter of fields."""
    if isinstance(refused, Faults):
        return refused.problems
    return {refused.field: refused.reason} if isinstance(refused, BadField) else {}


async def departments_kept(session: AsyncSession, editor: Editor) -> list[Option]:
    """The open departments whose articles ``editor`` keeps."""
    known = await departments.open_departments(session)
    return department_options(department for department in known if editor.keeps(department.code))


async def department_of(session: AsyncSession, code: str) -> tuple[str, str | None]:
    """Name and phone of the department with this code, as an answer gives them."""
    found = await departments.by_code(session, code) if code else None
    return (found.name, found.phone or None) if found is not None else (code, None)


async def names_of(session: AsyncSession, actors: Iterable[str]) -> dict[str, str]:
    """The names of the staff among ``actors`` (``staff:<id>``)."""
    numbers = {actor.partition(":")[2] for actor in actors if actor.startswith("staff:")}
    ids = [int(number) for number in numbers if number.isdigit()]
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {f"staff:{staff_id}": name for staff_id, name in rows}


async def own_department(session: AsyncSession, staff: Staff) -> Department | None:
    """Where a member of staff belongs."""
    return await session.get(Department, staff.department_id) if staff.department_id else None
