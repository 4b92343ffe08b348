"""The page of an article: what it says, what is to become of it, what happened, what can be done now (B9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.knowledge_list import article_rows, department_names
from backoffice.knowledge_sheet import ArticleSheet, article_sheet, version_pair
from backoffice.knowledge_todo import article_at
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.knowledge_list import words
from backoffice.web.knowledge_parts import (
    code_in,
    department_of,
    names_of,
    refusal,
    trials_of,
)
from backoffice.web.knowledge_words import DONE, MOVE_ICONS, actor_words, happenings
from backoffice.web.layout import staff_fragment, staff_page
from backoffice.web.orders_forms import fresh_key
from core.refusals import BadField, Refused
from core.web.site import runtime_of
from knowledge.card import answer_card
from knowledge.moves import Move
from knowledge.reminders import Kind
from knowledge.what_changed import changes

blueprint = Blueprint("staff_knowledge_article", url_prefix=f"{PREFIX}/knowledge/articles")


@dataclass(frozen=True)
class Deed:
    """One thing that can be done from an article's page."""

    label: str
    """What its form asks for."""
    submit: str
    consequence: str


REASONED: dict[str, Deed] = {
    "return": Deed("退回的理由", "退回修改", "稿子回到写稿人手里，理由他看得到；改好以后重新提交。"),
    "take_down": Deed("下架的原因", "确认下架", "市民马上就查不到这条了。内容都还在，可以修改后重新发布。"),
    "look_expiring": Deed("不用改的理由", "不再提醒", "到期以后机器人就不再用它回答。"),
    "look_unhelpful": Deed("不用改的理由", "看过了", "从待办里去掉；以后又有好几个市民说没用，会再提醒。"),
}
"""What asks for a reason before it is done."""


@blueprint.get("/<code:str>")
@for_roles()
async def article_page(request: Request, me: SignedIn, code: str) -> HTTPResponse:
    """The page; ``?do=…`` opens the form of a deed."""
    return await show_article(request, me, code_in(code), doing=request.args.get("do", ""))


@blueprint.get("/<code:str>/versions/<number:int>")
@for_roles()
async def version_page(request: Request, me: SignedIn, code: str, number: int) -> HTTPResponse:
    """What a version changed, and the whole of it as citizens had it."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.read() as session:
            version, before = await version_pair(session, me.staff, code_in(code), number)
            names = await names_of(session, [version.actor, *version.authors])
            card = answer_card(version.article(), *await department_of(session, version.department))
            departments = await department_names(session)
    except Refused as refused:
        raise refusal(refused) from None
    return await staff_page(
        request,
        me,
        "staff/knowledge/version.html",
        place="knowledge",
        version=version,
        before=before,
        changed=changes(before.article() if before else None, version.article()),
        names=names,
        departments=departments,
        card=card,
        article=version.article(),
        long=False,
        address=article_at(version.code),
        **words(),
    )


@blueprint.get("/<code:str>/ask")
@for_roles()
async def ask(request: Request, me: SignedIn, code: str) -> HTTPResponse:
    """What the bot would say, were the draft of this article published."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.read() as session:
            sheet = await article_sheet(session, me.staff, code_in(code))
    except Refused as refused:
        raise refusal(refused) from None
    draft = sheet.draft.article() if sheet.draft else None
    heard = await trials_of(request).ask(request.args.get("text", "").splitlines()[:1], runtime.clock.now(), draft)
    return staff_fragment(request, me, "staff/knowledge/heard.html", heard=heard[0] if heard else None, **words())


async def show_article(
    request: Request,
    me: SignedIn,
    code: str,
    *,
    doing: str = "",
    refused: Refused | None = None,
    reason: str = "",
) -> HTTPResponse:
    """The page, with one form open or none."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    try:
        async with runtime.database.read() as session:
            sheet = await article_sheet(session, me.staff, code)
            values = await _values(session, sheet, now)
    except Refused as problem:
        raise refusal(problem) from None
    error = refused.reason if isinstance(refused, BadField) and refused.field == "reason" else ""
    return await staff_page(
        request,
        me,
        "staff/knowledge/article.html",
        place="knowledge",
        status=refusal(refused).status_code if refused else 200,
        sheet=sheet,
        doing=doing if doing in REASONED else "",
        deed=REASONED.get(doing),
        error=error,
        reason=reason,
        refused=refused.reason if refused and not error else "",
        done=DONE.get(request.args.get("done", ""), ""),
        key=fresh_key(),
        address=article_at(code),
        **words(),
        **values,
    )


async def _values(session: AsyncSession, sheet: ArticleSheet, now: datetime) -> dict[str, Any]:
    article = sheet.article
    actors = {entry.actor for entry in sheet.entries} | set(sheet.draft.authors if sheet.draft else ())
    names = await names_of(session, actors)
    rows = await article_rows(session, [sheet.stored], now) if sheet.stored else []
    return {
        "article": article,
        "card": answer_card(article, *await department_of(session, article.department)),
        "long": False,
        "row": rows[0] if rows else None,
        "names": names,
        "departments": await department_names(session),
        "authors": [actor_words(author, names) for author in (sheet.draft.authors if sheet.draft else ())],
        "happenings": happenings(sheet.entries, names),
        "move_icons": MOVE_ICONS,
        "Move": Move,
        "Kind": Kind,
    }
