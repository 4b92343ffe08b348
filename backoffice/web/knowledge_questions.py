"""Open questions: what people asked and nobody could answer, as a to-do of the department that should (B9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments
from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_list import department_names
from backoffice.knowledge_todo import HOME, article_at
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.knowledge_list import words
from backoffice.web.knowledge_parts import key_of, problems_of, refusal, trials_of
from backoffice.web.knowledge_words import owner_words
from backoffice.web.layout import staff_page
from backoffice.web.orders_choices import department_options
from backoffice.web.orders_forms import fresh_key
from core.refusals import BadField, Refused
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of
from knowledge import gaps
from knowledge.grouping import Comparer
from knowledge.moves import Editor
from knowledge.open_questions import OpenQuestion, Stand, list_questions, phrasings_of

blueprint = Blueprint("staff_knowledge_questions", url_prefix=f"{PREFIX}/knowledge/questions")

LIST = f"{HOME}/questions"
SHOWN = 100
_EXAMPLES = 3
DONE = {
    "assign": "已转给别的部门。",
    "dismiss": "记下了，不用写。以后再有人这样问，也不会再提醒。",
    "reopen": "已重新打开。",
    "split": "已分成两个问题。",
}
FORMS = frozenset({"assign", "dismiss"})
"""Deeds that ask for something before they are done."""


@blueprint.get("/")
@for_roles(WRITER_ROLES)
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """All of one stand, what most people asked first, with a few phrasings each."""
    stand = request.args.get("stand", "")
    shown = Stand(stand) if stand in set(Stand) else Stand.OPEN
    async with runtime_of(request).database.read() as session:
        editor = await editor_of(session, me.staff)
        found = await list_questions(session, editor, shown, limit=SHOWN)
        examples = {q.id: [p.text for p in await phrasings_of(session, q.id, limit=_EXAMPLES + 1)] for q in found}
        names = await department_names(session)
    return await staff_page(
        request,
        me,
        "staff/knowledge/questions.html",
        place="knowledge",
        questions=found,
        examples={key: [t for t in texts if t != _title(found, key)][:_EXAMPLES] for key, texts in examples.items()},
        shown=shown,
        Stand=Stand,
        names=names,
        done=DONE.get(request.args.get("done", ""), ""),
        home=HOME,
    )


def _title(found: list[OpenQuestion], question_id: int) -> str:
    return next(question.title for question in found if question.id == question_id)


@blueprint.get("/<question_id:int>")
@for_roles(WRITER_ROLES)
async def question_page(request: Request, me: SignedIn, question_id: int) -> HTTPResponse:
    """One open question: how it was asked, what the base has near to it, what can be done."""
    return await _show(request, me, question_id, doing=request.args.get("do", ""))


@blueprint.post("/<question_id:int>/<deed:str>")
@for_roles(WRITER_ROLES)
async def act(request: Request, me: SignedIn, question_id: int, deed: str) -> HTTPResponse:
    """Does one thing to an open question."""
    doing = _DOING.get(deed)
    if doing is None:
        raise Refusal(404, "not_found", "没有这个操作。")
    try:
        async with runtime_of(request).database.write() as session:
            await doing(session, await editor_of(session, me.staff), question_id, request)
    except Refused as refused:
        if wants_json(request) or refused.code == "no_such_article":
            raise refusal(refused) from None
        return await _show(request, me, question_id, doing=deed, refused=refused)
    stays = deed in ("split", "reopen")
    return redirect(f"{LIST}/{question_id}?done={deed}" if stays else f"{LIST}?done={deed}", status=303)


Doing = Callable[[AsyncSession, Editor, int, Request], Awaitable[None]]


async def _assign(session: AsyncSession, editor: Editor, question_id: int, request: Request) -> None:
    now, code = runtime_of(request).clock.now(), field(request, "department")
    found = await departments.by_code(session, code)
    if found is None or not found.is_open:
        raise BadField("department", "请选择一个部门。")
    reason = field(request, "reason")
    await gaps.assign(session, question_id, editor, code, reason, key=key_of(request), now=now)


async def _dismiss(session: AsyncSession, editor: Editor, question_id: int, request: Request) -> None:
    now, reason = runtime_of(request).clock.now(), field(request, "reason")
    await gaps.dismiss(session, question_id, editor, reason, key=key_of(request), now=now)


async def _reopen(session: AsyncSession, editor: Editor, question_id: int, request: Request) -> None:
    await gaps.reopen(session, question_id, editor, key=key_of(request), now=runtime_of(request).clock.now())


async def _split(session: AsyncSession, editor: Editor, question_id: int, request: Request) -> None:
    chosen = request.form.getlist("phrasing") if request.form else None
    texts = [text for text in chosen or () if isinstance(text, str)]
    comparer, now = Comparer(trials_of(request).index), runtime_of(request).clock.now()
    await gaps.split_off(session, question_id, editor, texts, comparer, key=key_of(request), now=now)


_DOING: dict[str, Doing] = {"assign": _assign, "dismiss": _dismiss, "reopen": _reopen, "split": _split}


async def _show(
    request: Request, me: SignedIn, question_id: int, *, doing: str, refused: Refused | None = None
) -> HTTPResponse:
    runtime = runtime_of(request)
    try:
        async with runtime.database.read() as session:
            editor = await editor_of(session, me.staff)
            question = await gaps.question_for(session, editor, question_id)
            phrasings = await phrasings_of(session, question_id)
            names = await department_names(session)
            places = department_options(await departments.open_departments(session)) if doing == "assign" else []
    except Refused as problem:
        raise refusal(problem) from None
    heard = await trials_of(request).ask([phrasing.text for phrasing in phrasings], runtime.clock.now())
    problems = problems_of(refused) if refused else {}
    return await staff_page(
        request,
        me,
        "staff/knowledge/question.html",
        place="knowledge",
        status=refusal(refused).status_code if refused else 200,
        question=question,
        phrasings=phrasings,
        heard={each.text: each for each in heard},
        near=_near(heard, editor),
        owner=owner_words(question.owner_why, names),
        names=names,
        places=[place for place in places if place.code != question.department],
        doing=doing if doing in FORMS else "",
        problems=problems,
        refused=refused.reason if refused and not set(problems) & {"reason", "department"} else "",
        values={name: field(request, name) for name in ("department", "reason")},
        done=DONE.get(request.args.get("done", ""), ""),
        key=fresh_key(),
        Stand=Stand,
        article_at=article_at,
        home=HOME,
        **words(),
    )


def _near(heard: list[Any], editor: Editor) -> list[Any]:
    """The articles the editor keeps that come near, the surest first: perhaps one only lacks these phrasings."""
    best: dict[str, Any] = {}
    for each in heard:
        for found in each.found:
            if found.code not in best or found.confidence > best[found.code].confidence:
                best[found.code] = found
    return sorted((c for c in best.values() if editor.keeps(c.department)), key=lambda found: -found.confidence)[:3]
