"""The desk's pages: the list, one conversation, and everything a person does with it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import empty, redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import desk, desk_texts, duty
from backoffice.call_sheet import recordings_of
from backoffice.desk import READERS, DeskRefused
from backoffice.desk_detail import PAGE, Detail, detail, has_unmasked, messages, note_unmasking
from backoffice.desk_lists import fingerprint, overview
from backoffice.duty import DESK_ROLES
from backoffice.web.calls_words import span
from backoffice.web.desk_bubbles import Bubble, bubbles
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import is_fragment, staff_fragment, staff_page
from backoffice.web.wording import channel_name, handoff_reason, status_label
from core.conversations import Conversation
from core.live import live, staff_typing_topic
from core.masking import mask_text
from core.runtime import Runtime
from core.texts import whole_number
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of

DESK = f"{PREFIX}/desk"
blueprint = Blueprint("staff_desk", url_prefix=DESK)

_STATUS = {
    "not_found": 404,
    "taken": 409,
    "full": 409,
    "closed": 409,
    "not_taken": 409,
    "unheard": 409,
    "empty": 422,
    "too_long": 422,
    "no_department": 422,
    "no_third": 422,
    "not_now": 409,
    "pbx_silent": 503,
}
_WORDS = {"channel_name": channel_name, "handoff_reason": handoff_reason, "status_label": status_label}


@blueprint.get("/")
@for_roles(READERS)
async def desk_page(request: Request, me: SignedIn) -> HTTPResponse:
    """The desk with no conversation open."""
    return await staff_page(request, me, "staff/desk/page.html", place="desk", one=None, **await _list(request, me))


@blueprint.get("/list")
@for_roles(READERS, by_itself=True)
async def list_part(request: Request, me: SignedIn) -> HTTPResponse:
    """The list alone, for live updates."""
    values = await _list(request, me)
    return staff_fragment(request, me, "staff/desk/list.html", current=request.args.get("current", ""), **values)


@blueprint.get("/<conversation_id:uuid>")
@for_roles(READERS)
async def conversation_page(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """One conversation: the whole page, or its two panes alone."""
    return await conversation_shown(request, me, str(conversation_id))


@blueprint.get("/<conversation_id:uuid>/messages")
@for_roles(READERS, by_itself=True)
async def messages_part(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """Messages after ``after`` (resuming by sequence number) or before ``before`` (reading back)."""
    runtime = runtime_of(request)
    after, before = _whole_number(request, "after") or 0, _whole_number(request, "before")
    async with runtime.database.read() as session:
        await _existing(session, str(conversation_id))
        found = await messages(session, str(conversation_id), after=after, before=before)
        first_seq = found[0].seq if found else 1
        earlier = await messages(session, str(conversation_id), after=first_seq - 2, before=first_seq)
        in_full = await has_unmasked(session, str(conversation_id), me.staff)
    previous = earlier[-1].created_at if earlier else None
    return staff_fragment(
        request,
        me,
        "staff/desk/messages.html",
        bubbles=bubbles(found, runtime.clock.now(), previous=previous),
        conversation_id=str(conversation_id),
        hide=_hide(in_full),
        more_before=found[0].seq if before is not None and first_seq > 1 else None,
    )


@blueprint.get("/<conversation_id:uuid>/state")
@for_roles(READERS, by_itself=True)
async def state_part(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """The conversation's head and what can be done with it now, after its owner changed."""
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        conversation = await _existing(session, str(conversation_id))
        one = await detail(session, me.staff, conversation, runtime.clock.now())
    return staff_fragment(request, me, "staff/desk/state.html", one=one, **_doing(me, one))


@blueprint.post("/<conversation_id:uuid>/take")
@for_roles(DESK_ROLES)
async def take(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """接管."""
    return await do(request, me, str(conversation_id), desk.take)


@blueprint.post("/<conversation_id:uuid>/hand-back")
@for_roles(DESK_ROLES)
async def hand_back(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """交还机器人."""
    return await do(request, me, str(conversation_id), desk.hand_back)


@blueprint.post("/<conversation_id:uuid>/close")
@for_roles(DESK_ROLES)
async def close(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """结束会话."""
    return await do(request, me, str(conversation_id), desk.close)


@blueprint.post("/<conversation_id:uuid>/release")
@for_roles(DESK_ROLES)
async def release(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """放回队列."""
    return await do(request, me, str(conversation_id), desk.release)


@blueprint.post("/<conversation_id:uuid>/say")
@for_roles(DESK_ROLES)
async def say(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """A word to the citizen. When it cannot be said, what was written comes back with the reason."""
    runtime = runtime_of(request)
    text = field(request, "text")
    try:
        async with runtime.database.write() as session:
            key, now = field(request, "key")[:64], runtime.clock.now()
            texts_from = _texts_from(runtime)
            await desk.say(session, str(conversation_id), me.staff, text, key, now, texts_from=texts_from)
    except DeskRefused as refused:
        if wants_json(request):
            raise _refusal(refused) from None
        return await conversation_shown(request, me, str(conversation_id), refused=refused, text=text)
    if is_fragment(request):
        return empty()
    return redirect(f"{DESK}/{conversation_id}", status=303)


@blueprint.post("/<conversation_id:uuid>/typing")
@for_roles(DESK_ROLES)
async def typing(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """The owner is typing; whoever does not own the conversation types unseen."""
    async with runtime_of(request).database.read() as session:
        conversation = await _existing(session, str(conversation_id))
    if conversation.staff_id == me.id:
        live.signal(staff_typing_topic(conversation.id))
    return empty()


@blueprint.post("/<conversation_id:uuid>/unmask")
@for_roles(DESK_ROLES)
async def unmask(request: Request, me: SignedIn, conversation_id: Any) -> HTTPResponse:
    """Shows the citizen's numbers in full; that somebody looked is written down."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.write() as session:
        conversation = await _existing(session, str(conversation_id))
        await note_unmasking(session, conversation.id, me.staff, now)
    return await conversation_shown(request, me, conversation.id)


# ---------------------------------------------------------------------------------------------------- parts


Deed = Callable[[AsyncSession, str, Any, Any], Awaitable[None]]


async def do(request: Request, me: SignedIn, conversation_id: str, deed: Deed) -> HTTPResponse:
    """Carries out a deed; refused or not, the person sees the conversation as it now is."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            await deed(session, conversation_id, me.staff, runtime.clock.now())
    except DeskRefused as refused:
        if refused.code == "not_found" or (wants_json(request) and not is_fragment(request)):
            raise _refusal(refused) from None
        return await conversation_shown(request, me, conversation_id, refused=refused)
    if is_fragment(request):
        return await conversation_shown(request, me, conversation_id)
    return redirect(f"{DESK}/{conversation_id}", status=303)


async def conversation_shown(
    request: Request,
    me: SignedIn,
    conversation_id: str,
    *,
    refused: DeskRefused | None = None,
    text: str = "",
) -> HTTPResponse:
    """The conversation as it now is, and why something could not be done."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        conversation = await _existing(session, conversation_id)
        in_full = await has_unmasked(session, conversation_id, me.staff)
        one = await detail(session, me.staff, conversation, now, unmasked=in_full)
        found = await messages(session, conversation_id)
        heard = await recordings_of(session, me.staff, conversation_id, runtime.settings.media_dir)
    said = bubbles(found, now)
    values = {
        "one": one,
        "bubbles": said,
        "heard": heard,
        "span": span,
        "hide": _hide(in_full),
        "masked": not in_full and not (one.unmasked and all(_is_plain(bubble) for bubble in said)),
        "more_before": found[0].seq if len(found) == PAGE and found[0].seq > 1 else None,
        "refused": refused.reason if refused else "",
        "text": text,
        "way": desk_texts.way_to(conversation, one.contact, _texts_from(runtime)),
        "status": _STATUS[refused.code] if refused else 200,
        **_doing(me, one),
    }
    if is_fragment(request):
        return staff_fragment(request, me, "staff/desk/panes.html", **values)
    values = {**await _list(request, me), **values}
    return await staff_page(request, me, "staff/desk/page.html", place="desk", **values)


def _texts_from(runtime: Runtime) -> str:
    """Our number for texts; empty where they are switched off."""
    return runtime.settings.sms_account if runtime.settings.kannel_send_url else ""


def _hide(in_full: bool) -> Callable[[str], str]:
    """What stands between a text and the page: numbers are masked until somebody asks, and the asking is kept."""
    return str if in_full else mask_text


def _is_plain(bubble: Bubble) -> bool:
    lines = bubble.card.lines if bubble.card and not bubble.card.public else []
    return all(mask_text(said) == said for said in (bubble.text, *(value for _, value in lines)))


def _doing(me: SignedIn, one: Detail) -> dict[str, Any]:
    """What this person may do with the conversation now."""
    return {
        "conversation_id": one.conversation.id,
        "may_act": me.role in DESK_ROLES,
        "key": secrets.token_urlsafe(12),
        "text_limit": desk.TEXT_LIMIT,
        **_WORDS,
    }


async def _list(request: Request, me: SignedIn) -> dict[str, Any]:
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        return {
            "overview": await overview(session, me.staff, now),
            "fingerprint": await fingerprint(session),
            "on_duty": await duty.on_duty_count(session, now),
            "present": duty.is_present(me.staff, now),
            **_WORDS,
        }


async def _existing(session: AsyncSession, conversation_id: str) -> Conversation:
    conversation = await desk.find(session, conversation_id)
    if conversation is None:
        raise Refusal(404, "not_found", "没有找到这个会话。")
    return conversation


def _refusal(refused: DeskRefused) -> Refusal:
    return Refusal(_STATUS[refused.code], refused.code, refused.reason)


def _whole_number(request: Request, name: str) -> int | None:
    return whole_number(request.args.get(name, ""))
