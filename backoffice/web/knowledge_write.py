"""What is written in the form of an article: kept, previewed, tried out before anybody else meets it (B9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_todo import article_at
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.knowledge_edit import SUMMARY_LENGTH, EditForm, show_form
from backoffice.web.knowledge_form import LISTS, TEXTS, Written, read_form
from backoffice.web.knowledge_list import words
from backoffice.web.knowledge_parts import department_of, key_of, problems_of, refusal, trials_of
from backoffice.web.layout import staff_fragment
from core.refusals import Refused
from core.texts import whole_number
from core.web.caller import wants_json
from core.web.site import runtime_of
from knowledge import life_cycle
from knowledge.article import Article
from knowledge.articles import find
from knowledge.card import answer_card
from knowledge.checking import faults, tidied
from knowledge.drafts import find_draft
from knowledge.life_cycle import Text
from knowledge.refusals import ChangedMeanwhile, Faults
from knowledge.what_changed import Change, changes

blueprint = Blueprint("staff_knowledge_write", url_prefix=f"{PREFIX}/knowledge")

_FIELDS = (*TEXTS, *LISTS, "valid_from", "valid_to", "temporary", "ends_at", "note")


@dataclass(frozen=True)
class Sent:
    """A form as it was sent."""

    code: str
    written: Written
    edition: int
    question_id: int | None
    kept: bool = False
    """It has been kept as a draft already."""


@blueprint.post("/write")
@for_roles(WRITER_ROLES)
async def write(request: Request, me: SignedIn) -> HTTPResponse:
    """Keeps what was written as a draft; with ``then=submit`` it goes to review at once."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    code = field(request, "code")
    question_id = _number(request, "open_question_id") or None
    sent = Sent(code, _read(request, code, now), _number(request, "edition"), question_id)
    try:
        if sent.written.problems:
            raise Faults(sent.written.problems)
        async with runtime.database.write() as session:
            editor = await editor_of(session, me.staff)
            text = Text(_completed(sent.written.article, request), sent.edition, field(request, "note"), question_id)
            draft = await life_cycle.write(session, editor, text, key=key_of(request), now=now)
        sent = replace(sent, code=draft.code, edition=draft.edition, kept=True)
        if field(request, "then") != "submit":
            return redirect(f"{article_at(draft.code)}?done=write", status=303)
        async with runtime.database.write() as session:
            await life_cycle.submit(session, draft.code, editor, key=key_of(request), now=now)
    except Refused as refused:
        return await _refused(request, me, sent, refused)
    return redirect(f"{article_at(draft.code)}?done=submit", status=303)


@blueprint.post("/preview")
@for_roles(WRITER_ROLES)
async def preview(request: Request, me: SignedIn) -> HTTPResponse:
    """The card a citizen would get, while somebody writes."""
    article = tidied(_read(request, field(request, "code"), runtime_of(request).clock.now()).article)
    async with runtime_of(request).database.read() as session:
        card = answer_card(article, *await department_of(session, article.department))
    long = len(article.answer) > SUMMARY_LENGTH
    return staff_fragment(request, me, "staff/knowledge/card.html", card=card, article=article, long=long)


@blueprint.post("/try")
@for_roles(WRITER_ROLES)
async def try_out(request: Request, me: SignedIn) -> HTTPResponse:
    """What the bot would say to each line of ``asked``, were the text in the form published."""
    now = runtime_of(request).clock.now()
    article = tidied(_read(request, field(request, "code"), now).article)
    heard = await trials_of(request).ask(field(request, "asked").splitlines(), now, article)
    return staff_fragment(request, me, "staff/knowledge/tried.html", tried=heard, **words())


def _read(request: Request, code: str, now: datetime) -> Written:
    return read_form(code, {name: field(request, name) for name in _FIELDS}, now)


def _number(request: Request, name: str) -> int:
    return whole_number(field(request, name)) or 0


def _completed(article: Article, request: Request) -> Article:
    """A temporary article written in a hurry gets the words that say what it is about as keywords."""
    if article.ends_at is None or article.keywords or not article.question:
        return article
    told = trials_of(request).index.query(article.question).informative
    return replace(article, keywords=tuple(word for word in told if len(word) > 1)[:6])


async def _refused(request: Request, me: SignedIn, sent: Sent, refused: Refused) -> HTTPResponse:
    """The form again with everything typed into it, and what is wrong."""
    if wants_json(request):
        raise refusal(refused)
    problems = problems_of(refused)
    if isinstance(refused, Faults) and field(request, "then") == "submit":  # all that is missing, not one after another
        problems = {**faults(tidied(sent.written.article), runtime_of(request).clock.now()), **problems}
    theirs, edition = await _theirs(request, sent) if isinstance(refused, ChangedMeanwhile) else ((), sent.edition)
    form = EditForm(
        sent.code,
        sent.written.values,
        edition,
        sent.question_id,
        problems=problems,
        refused=refused.reason if not problems or isinstance(refused, Faults) else "",
        kept=sent.kept,
        theirs=theirs,
        status=refusal(refused).status_code,
    )
    return await show_form(request, me, form)


async def _theirs(request: Request, sent: Sent) -> tuple[Sequence[Change], int]:
    """What somebody else has made of it: how that differs from what was typed, and its edition."""
    async with runtime_of(request).database.read() as session:
        draft, stored = await find_draft(session, sent.code), await find(session, sent.code)
    latest = draft or stored
    if latest is None:
        return (), 0
    return changes(tidied(sent.written.article), latest.article()), draft.edition if draft else 0
