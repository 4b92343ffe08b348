"""The form an article is written in (B9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_list import department_names
from backoffice.knowledge_todo import HOME
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.knowledge_form import blank, read_form, usual_ends, values_of, with_phrasings
from backoffice.web.knowledge_list import words
from backoffice.web.knowledge_parts import code_in, department_of, departments_kept, own_department, refusal
from backoffice.web.layout import staff_page
from backoffice.web.orders_forms import fresh_key
from core.refusals import Refused
from core.texts import whole_number
from core.web.errors import Refusal
from core.web.site import runtime_of
from knowledge.article import Article
from knowledge.articles import find
from knowledge.card import answer_card
from knowledge.checking import LABELS, tidied
from knowledge.drafts import ArticleDraft, find_draft
from knowledge.gaps import question_for
from knowledge.moves import Editor, Move, check
from knowledge.open_questions import phrasings_of
from knowledge.refusals import NoSuchArticle
from knowledge.what_changed import Change

blueprint = Blueprint("staff_knowledge_edit", url_prefix=f"{PREFIX}/knowledge")

SUMMARY_LENGTH = 220
"""Characters of an answer that are still read on a phone without scrolling."""
_MOST_PHRASINGS = 12


@dataclass(frozen=True)
class EditForm:
    """The form as it is to be shown."""

    code: str
    """Empty: of a new article."""
    values: Mapping[str, str]
    edition: int = 0
    """The edition of the draft it is written over."""
    question_id: int | None = None
    """The open question it is to answer."""
    asked: Sequence[str] = ()
    """How that was asked."""
    problems: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    kept: bool = False
    """What was typed is kept as a draft, though not all that was asked for could be done."""
    theirs: Sequence[Change] = ()
    """What somebody else has made of it meanwhile."""
    status: int = 200


@blueprint.get("/new")
@for_roles(WRITER_ROLES)
async def new(request: Request, me: SignedIn) -> HTTPResponse:
    """An empty form; ``?temporary=1``: the short one; ``?question=``: filled in from an open question."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        editor = await editor_of(session, me.staff)
        own = await own_department(session, me.staff)
        values = values_of(blank(own.code if own else "", now))
        question_id, asked = await _asked(request, session, editor)
        if asked:
            values |= await _from_question(session, editor, question_id, asked)
        if request.args.get("temporary"):
            values |= {"temporary": "1", "source": f"{own.name}通知" if own else ""}
    return await show_form(request, me, EditForm("", values, question_id=question_id, asked=asked))


@blueprint.get("/articles/<code:str>/edit")
@for_roles(WRITER_ROLES)
async def edit(request: Request, me: SignedIn, code: str) -> HTTPResponse:
    """The form with the draft of an article, or with the article as it is."""
    code = code_in(code)
    async with runtime_of(request).database.read() as session:
        editor = await editor_of(session, me.staff)
        article, draft = await _text_of(session, editor, code)
        question_id, asked = await _asked(request, session, editor)
    values = values_of(with_phrasings(article, asked)) | {"note": draft.note if draft else ""}
    edition = draft.edition if draft else 0
    return await show_form(request, me, EditForm(code, values, edition, question_id, asked))


async def show_form(request: Request, me: SignedIn, form: EditForm) -> HTTPResponse:
    """The form, with the card citizens would get beside it."""
    now = runtime_of(request).clock.now()
    article = tidied(read_form(form.code, form.values, now).article)
    async with runtime_of(request).database.read() as session:
        editor = await editor_of(session, me.staff)
        options = await departments_kept(session, editor)
        card = answer_card(article, *await department_of(session, article.department))
        names = await department_names(session) if form.theirs else {}
    if not options:
        raise Refusal(403, "forbidden", "您还不属于任何部门，不能写知识。请联系管理员。")
    return await staff_page(
        request,
        me,
        "staff/knowledge/edit.html",
        place="knowledge",
        status=form.status,
        form=form,
        values=form.values,
        problems=form.problems,
        departments=options,
        department_names=names,
        temporary=bool(form.values.get("temporary")),
        ends=usual_ends(now),
        labels=LABELS,
        key=fresh_key(),
        home=HOME,
        card=card,
        article=article,
        long=len(article.answer) > SUMMARY_LENGTH,
        tried=[],
        **words(),
    )


async def _text_of(session: AsyncSession, editor: Editor, code: str) -> tuple[Article, ArticleDraft | None]:
    """What an article is to become as far as it is written, or what it is."""
    draft, stored = await find_draft(session, code), await find(session, code)
    owners = [each.department for each in (draft, stored) if each is not None]
    try:
        if not owners or not all(map(editor.keeps, owners)):
            raise NoSuchArticle
        check(draft.state if draft else None, Move.WRITE, editor, ())
    except Refused as refused:
        raise refusal(refused) from None
    if draft is not None:
        return draft.article(), draft
    assert stored is not None
    return stored.article(), None


async def _asked(request: Request, session: AsyncSession, editor: Editor) -> tuple[int | None, list[str]]:
    """The open question an article is to answer, and how it was asked."""
    given = request.args.get("question", "")
    if not given:
        return None, []
    question_id = whole_number(given)
    try:
        if question_id is None:
            raise NoSuchArticle
        question = await question_for(session, editor, question_id)
    except Refused as refused:
        raise refusal(refused) from None
    found = await phrasings_of(session, question.id, limit=_MOST_PHRASINGS)
    return question.id, [phrasing.text for phrasing in found]


async def _from_question(
    session: AsyncSession, editor: Editor, question_id: int | None, asked: Sequence[str]
) -> dict[str, str]:
    assert question_id is not None
    question = await question_for(session, editor, question_id)
    others = [text for text in asked if text != question.title]
    return {
        "question": question.title,
        "variants": "\n".join(others),
        "keywords": "\n".join(question.words),
        "department": question.department,
    }
