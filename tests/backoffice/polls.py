"""Polls as tests hold them."""

from __future__ import annotations

from backoffice import polls
from backoffice.poll_tables import Poll
from backoffice.polls import DraftQuestion, PollDraft
from backoffice.staff import NewStaff, Role, Staff, create
from core.runtime import Runtime

LIFTS = PollDraft(
    title="老旧小区加装电梯意见征集",
    opening="想听听您的看法",
    closes_on=None,
    questions=(
        DraftQuestion("您赞成加装电梯吗", ("赞成", "不赞成", "无所谓")),
        DraftQuestion("您住几楼", ("一二楼", "三楼以上")),
    ),
)


async def open_poll(runtime: Runtime, staff: Staff, draft: PollDraft = LIFTS) -> Poll:
    """A poll citizens are asked from now on."""
    at = runtime.clock.now()
    async with runtime.database.write() as session:
        poll = await polls.save(session, staff, None, draft, at)
        await polls.open_poll(session, staff, poll.id, at)
        return poll


async def hold_poll(runtime: Runtime) -> Poll:
    """The same, where nobody is there yet to hold it."""
    async with runtime.database.write() as session:
        keeper = NewStaff(username="keeper", number="900", name="督办员甲", role=Role.SUPERVISOR)
        staff = await create(session, keeper, "heron-lake-ninety", "system", runtime.clock.now())
    return await open_poll(runtime, staff)
