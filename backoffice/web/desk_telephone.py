"""What one does with the call one is in: 转给部门, 邀请第三方, 三方通话, 让第三方退出, 我退出，由他们通话."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_third, call_transfer
from backoffice.call_wishes import Wishes
from backoffice.desk import DeskRefused
from backoffice.duty import DESK_ROLES
from backoffice.staff import Staff
from backoffice.third_party import Wish
from backoffice.web.desk import DESK, conversation_shown, do
from backoffice.web.guard import SignedIn, field, for_roles
from backoffice.web.layout import is_fragment
from core.texts import whole_number
from core.web.site import runtime_of

blueprint = Blueprint("staff_desk_telephone", url_prefix=DESK)


@blueprint.post("/<conversation_id:uuid>/transfer")
@for_roles(DESK_ROLES)
async def transfer(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """转给部门."""
    department_id = whole_number(field(request, "department"))
    return await do(request, me, str(conversation_id), partial(_transfer, department_id))


async def _transfer(
    department_id: int | None, session: AsyncSession, conversation_id: str, staff: Staff, now: datetime
) -> None:
    await call_transfer.want(session, conversation_id, staff, department_id, now)


@blueprint.post("/<conversation_id:uuid>/third/<wish:(invite|join|dismiss|leave)>")
@for_roles(DESK_ROLES)
async def third(request: Request, me: SignedIn, conversation_id: Any, wish: str) -> HTTPResponse:
    """Has the PBX do it; done or refused, the person sees the conversation as it now is."""
    runtime, wishes = runtime_of(request), request.app.ctx.wishes
    try:
        async with runtime.database.read() as session:
            asked = await call_third.ask(
                session, str(conversation_id), me.staff, Wish(wish), field(request, "third"), runtime.clock.now()
            )
        await _done(wishes, asked)
    except DeskRefused as refused:
        return await conversation_shown(request, me, str(conversation_id), refused=refused)
    if is_fragment(request):
        return await conversation_shown(request, me, str(conversation_id))
    return redirect(f"{DESK}/{conversation_id}", status=303)


async def _done(wishes: Wishes, asked: call_third.Asked) -> None:
    if not await wishes.want(asked):
        raise DeskRefused("pbx_silent", "电话交换机没有应答，请再试一次。")
