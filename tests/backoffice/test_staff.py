"""Who may be added to the staff: each refusal says what is wrong, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice import staff
from backoffice.staff import NewStaff, Role, StaffRefused
from core.runtime import Runtime

GOOD = NewStaff("li", "1001", "李梅", Role.AGENT)
PASSWORD = "heron-lake-ninety"


async def add(runtime: Runtime, new: NewStaff) -> None:
    async with runtime.database.write() as session:
        await staff.create(session, new, PASSWORD, "system", runtime.clock.now())


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (replace(GOOD, username=" "), "都要填写"),
        (replace(GOOD, username="a" * 41), "用户名最多 40 个字。"),
        (replace(GOOD, number="9" * 21), "工号最多 20 个字。"),
        (replace(GOOD, name="长" * 41), "姓名最多 40 个字。"),
        (replace(GOOD, capacity=0), "至少是 1"),
        (replace(GOOD, role=Role.HANDLER), "必须属于一个部门"),
        (replace(GOOD, role=Role.HANDLER, department_id=999), "没有这个部门"),
    ],
)
async def test_an_account_that_cannot_be_is_refused(any_runtime: Runtime, new: NewStaff, told: str) -> None:
    with pytest.raises(StaffRefused, match=told):
        await add(any_runtime, new)


@pytest.mark.parametrize("again", [replace(GOOD, number="1002"), replace(GOOD, username="wang")])
async def test_a_name_or_number_has_one_owner(any_runtime: Runtime, again: NewStaff) -> None:
    await add(any_runtime, GOOD)
    with pytest.raises(StaffRefused, match="已经有人在用"):
        await add(any_runtime, again)
