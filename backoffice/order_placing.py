"""Where an order belongs: the department it is sent to, the category a person says it has. Part of the write door.

A category moves nothing: the clocks go by the kind of the matter, and an order that lies with a department stays there
until somebody sends it elsewhere (:func:`backoffice.dispatch_desk.rules_point_to` says where the rules would).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import categories, departments, notices
from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.order_changes import Opened, check_move, open_for, take_step
from backoffice.order_fields import REMARK_LIMIT, optional
from backoffice.order_tables import Order
from backoffice.origins import Origin
from backoffice.refusals import BadField, NotForYou
from backoffice.staff import Role, Staff
from backoffice.workflow import Action, Status


async def dispatch(
    session: AsyncSession,
    number: str,
    actor: Staff,
    department_code: str,
    *,
    category_code: str | None = None,
    note: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Order:
    """派单: sends the order to an open department; the citizen is told which.

    ``category_code``: the category as it stood on the form, chosen or let stand; None where none was asked. A head may
    send it to a department below their own only (D4).
    """
    opened = await open_for(session, number, actor, Action.DISPATCH, key)
    if opened.repeated:
        return opened.order
    department = await _destination(session, opened.order, actor, department_code)
    remark = optional("note", "派单说明", note, REMARK_LIMIT)
    said: dict[str, Any] = {"why": Origin.PERSON.value}
    if category_code is not None:
        check_move(Opened(opened.order, Action.CLASSIFY, opened.actor))
        said |= await _categorise(session, opened.order, await _category(session, category_code))
    opened.order.department_origin = Origin.PERSON.value
    return await take_step(
        session, opened, now, department=department, remark=remark, data=said, notice=notices.handed_to
    )


async def classify(
    session: AsyncSession, number: str, actor: Staff, category_code: str, *, key: str | None = None, now: datetime
) -> Order:
    """改分类: a person says what the order is about, or confirms it. Nothing moves, nobody is told."""
    opened = await open_for(session, number, actor, Action.CLASSIFY, key)
    if opened.repeated:
        return opened.order
    category = await _category(session, category_code)
    if (category.id, Origin.PERSON.value) == (opened.order.category_id, opened.order.category_origin):
        raise BadField("category", "工单已经是这个分类，请另选一个。")
    return await take_step(session, opened, now, data=await _categorise(session, opened.order, category))


async def _categorise(session: AsyncSession, order: Order, category: Category) -> dict[str, Any]:
    """Writes the category down as a person's; for the history: which it is, and which it was."""
    before = await session.get(Category, order.category_id) if order.category_id else None
    order.category_id, order.category_origin = category.id, Origin.PERSON.value
    return {"category": category.code, "category_before": before.code if before else None}


async def _category(session: AsyncSession, code: str) -> Category:
    category = await categories.by_code(session, code)
    if category is None or category.retired:
        raise BadField("category", "没有这个分类，请另选一个。")
    return category


async def _destination(session: AsyncSession, order: Order, actor: Staff, code: str) -> Department:
    department = await departments.by_code(session, code)
    if department is None or not department.is_open:
        raise BadField("department", "没有这个部门，或者它已经停用，请另选一个。")
    if department.id == order.department_id and order.status != Status.PENDING_DISPATCH.value:
        raise BadField("department", "工单已经在这个部门，请另选一个。")
    if actor.role is Role.HEAD and not await _below(session, department, actor):
        raise NotForYou("您只能把工单转给本部门的下级单位。")
    return department


async def _below(session: AsyncSession, department: Department, head: Staff) -> bool:
    return head.department_id is not None and await departments.is_within(session, department.id, head.department_id)
