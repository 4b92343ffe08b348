"""The knowledge base in and out of files: export of what one keeps, import into review with a report (B10)."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from pathlib import Path
from urllib.parse import quote

from sanic import Blueprint, HTTPResponse, Request
from sanic.request import File
from sanic.response import raw, redirect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.departments import Department
from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_imports import Imports, Job
from backoffice.knowledge_todo import HOME
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.knowledge_parts import departments_kept, own_department
from backoffice.web.layout import staff_fragment, staff_page
from core.clock import china_time
from core.texts import as_cell
from core.web.errors import Refusal
from core.web.site import runtime_of
from knowledge.articles import Status, StoredArticle
from knowledge.exporting import export_file
from knowledge.files.opening import SIZE_LIMIT
from knowledge.moves import Editor

blueprint = Blueprint("staff_knowledge_files", url_prefix=f"{PREFIX}/knowledge/files")

FILES = f"{HOME}/files"
SHOWN = 200
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
_GONE = Refusal(404, "not_found", "这次导入已经不在了，请重新选择文件。")


@blueprint.get("/")
@for_roles(WRITER_ROLES)
async def files_page(request: Request, me: SignedIn) -> HTTPResponse:
    """Export and import."""
    return await _page(request, me)


@blueprint.get("/export/<kind:str>")
@for_roles(WRITER_ROLES)
async def export(request: Request, me: SignedIn, kind: str) -> HTTPResponse:
    """What one keeps, as a file an import takes back; with ``?all=1`` what was taken down as well."""
    if kind not in _TYPES:
        raise Refusal(404, "not_found", "没有这种格式，可以导出 xlsx、csv、jsonl。")
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        editor = await editor_of(session, me.staff)
        statement = select(StoredArticle).order_by(StoredArticle.code)
        if not request.args.get("all"):
            statement = statement.where(StoredArticle.status == Status.PUBLISHED.value)
        articles = [each.article() for each in await session.scalars(statement) if editor.keeps(each.department)]

    def write() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"knowledge.{kind}"
            export_file(path, articles)
            return path.read_bytes()

    name = f"知识库-{china_time(runtime.clock.now()).date().isoformat()}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename=knowledge.{kind}; filename*=UTF-8''{quote(name)}"}
    return raw(await asyncio.to_thread(write), content_type=_TYPES[kind], headers=headers)


@blueprint.post("/import", stream=True)
@for_roles(WRITER_ROLES, file_limit=SIZE_LIMIT)
async def check(request: Request, me: SignedIn) -> HTTPResponse:
    """Takes a file in and begins to check it; nothing is written yet."""
    upload = request.files.get("file") if request.files else None
    if not isinstance(upload, File) or not upload.name:
        return await _page(request, me, problems={"file": "请先选择一个文件。"})
    async with runtime_of(request).database.read() as session:
        editor = await editor_of(session, me.staff)
        names = await _names(session, editor)
        own = await own_department(session, me.staff)
    default = names.get(field(request, "department")) or (own.code if own else "")
    if default not in names.values():
        return await _page(request, me, problems={"department": "请选择没写部门的行归哪个部门。"})
    job = await imports_of(request).check(me.id, upload.name, upload.body, names, default, editor.label)
    return redirect(f"{FILES}/{job.id}", status=303)


@blueprint.get("/<job_id:str>")
@for_roles(WRITER_ROLES)
async def job_page(request: Request, me: SignedIn, job_id: str) -> HTTPResponse:
    """How far a file is, and what was found in it."""
    job = _job(request, me, job_id)
    return await staff_page(
        request, me, "staff/knowledge/import.html", place="knowledge", job=job, shown=SHOWN, address=f"{FILES}/{job.id}"
    )


@blueprint.get("/<job_id:str>/state")
@for_roles(WRITER_ROLES, by_itself=True)
async def job_state(request: Request, me: SignedIn, job_id: str) -> HTTPResponse:
    """The part of that page that changes while one waits."""
    job = _job(request, me, job_id)
    return staff_fragment(
        request, me, "staff/knowledge/import_state.html", job=job, shown=SHOWN, address=f"{FILES}/{job.id}"
    )


@blueprint.post("/<job_id:str>/take")
@for_roles(WRITER_ROLES)
async def take(request: Request, me: SignedIn, job_id: str) -> HTTPResponse:
    """Puts what was found sound into review."""
    job = _job(request, me, job_id)
    imports_of(request).take(job)
    return redirect(f"{FILES}/{job.id}", status=303)


@blueprint.get("/<job_id:str>/refused.csv")
@for_roles(WRITER_ROLES)
async def refused_rows(request: Request, me: SignedIn, job_id: str) -> HTTPResponse:
    """Every row that was not taken, and why: for whoever mends the file."""
    job = _job(request, me, job_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["位置", "编号", "原因"])
    for row in job.report.refused if job.report else ():
        writer.writerow([as_cell(each) for each in (row.place, row.code, row.reason)])
    headers = {"Content-Disposition": "attachment; filename=refused.csv"}
    return raw(out.getvalue().encode("utf-8-sig"), content_type=_TYPES["csv"], headers=headers)


def imports_of(request: Request) -> Imports:
    """The imports of this process."""
    imports: Imports = request.app.ctx.knowledge_imports
    return imports


def _job(request: Request, me: SignedIn, job_id: str) -> Job:
    job = imports_of(request).find(job_id, me.id)
    if job is None:
        raise _GONE
    return job


async def _names(session: AsyncSession, editor: Editor) -> dict[str, str]:
    """Code of every open department ``editor`` keeps, by each of its names."""
    names: dict[str, str] = {}
    opened = select(Department).where(Department.closed_at.is_(None)).order_by(Department.id)
    for each in await session.scalars(opened):
        if editor.keeps(each.code):
            for name in (each.code, each.name, each.short, *each.aliases):
                names.setdefault(name, each.code)
    return names


async def _page(request: Request, me: SignedIn, problems: dict[str, str] | None = None) -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        editor = await editor_of(session, me.staff)
        options = await departments_kept(session, editor)
        own = await own_department(session, me.staff)
    return await staff_page(
        request,
        me,
        "staff/knowledge/files.html",
        place="knowledge",
        status=422 if problems else 200,
        departments=options,
        department=field(request, "department") or (own.code if own else ""),
        problems=problems or {},
        most_mb=SIZE_LIMIT // 1024 // 1024,
        files=FILES,
    )
