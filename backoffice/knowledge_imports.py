"""Files of articles taken over from a page: checked first, then put into review, with progress to look at (B10).

A job runs on a thread with a database connection of its own: a large file must not keep citizens waiting. It is known
to this process only, and forgotten after an hour; what it has written is in the base or not at all.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from core.database import Database
from core.runtime import Runtime
from knowledge.files.columns import Columns
from knowledge.files.opening import FileRefused
from knowledge.importing import Departments, ImportReport, Options, import_file

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=1)
_FOLDER = "imports"


@dataclass
class Job:
    """One file on its way into the base."""

    id: str
    owner: int
    """Id of the member of staff: nobody else sees it."""
    name: str
    """The file's name, as they call it."""
    path: Path
    options: Options
    actor: str
    begun_at: datetime
    doing: str = "读取文件"
    share: float = 0.0
    report: ImportReport | None = None
    """What the check or the import found, once it has ended."""
    refused: str = ""
    """Why the file cannot be taken at all."""
    written: bool = False
    """Whether it was more than a check."""
    _running: bool = field(default=False, repr=False)

    @property
    def is_running(self) -> bool:
        """Whether there is something to wait for."""
        return self._running


class Imports:
    """The jobs of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    async def check(
        self, owner: int, name: str, content: bytes, departments: Mapping[str, str], default: str, actor: str
    ) -> Job:
        """Begins to check a file. ``departments``: codes by every name, of those ``owner`` may write for."""
        now = self._runtime.clock.now()
        self._forget_old(now)
        job_id = secrets.token_urlsafe(12)
        path = self._runtime.settings.data_dir / _FOLDER / job_id / f"{_stem(name)}{Path(name).suffix.lower()[:10]}"
        await asyncio.to_thread(_keep, path, content)
        places = Departments(departments, default, strict=True)
        options = Options(Columns(), places, as_drafts=True, dry_run=True)
        job = self._jobs[job_id] = Job(job_id, owner, name, path, options, actor, now)
        self._begin(job)
        return job

    def take(self, job: Job) -> None:
        """Begins to write what was checked; a second time does nothing."""
        if job.is_running or job.written or job.report is None:
            return
        job.written, job.report, job.share = True, None, 0.0
        options = job.options
        job.options = Options(options.columns, options.departments, options.source, as_drafts=True)
        self._begin(job)

    def find(self, job_id: str, owner: int) -> Job | None:
        """The job, for whoever began it."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.owner == owner else None

    async def wait(self) -> None:
        """Until nothing runs any more."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, job: Job) -> None:
        job._running = True
        task = asyncio.ensure_future(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> None:
        try:
            async with self._one_at_a_time:
                job.report = await asyncio.to_thread(lambda: asyncio.run(self._work(job)))
        except FileRefused as refused:
            job.refused = str(refused)
        except Exception:
            log.exception("knowledge_import_failed")
            job.refused = "系统出了点问题，没有导入。知识库没有变，请稍后再试。"
        finally:
            job._running = False
            if job.written or job.refused:
                await asyncio.to_thread(_drop, job.path)

    async def _work(self, job: Job) -> ImportReport:
        database = Database(self._runtime.settings.resolved_database_url)

        def step(doing: str, share: float) -> None:
            job.doing, job.share = doing, share

        try:
            async with database.write() as session:
                now = self._runtime.clock.now()
                return await import_file(session, job.path, job.options, actor=job.actor, now=now, step=step)
        finally:
            await database.close()

    def _forget_old(self, now: datetime) -> None:
        for job in [job for job in self._jobs.values() if not job.is_running and now - job.begun_at > KEPT]:
            del self._jobs[job.id]
            _drop(job.path)


def _stem(name: str) -> str:
    """What the file is called, without anything that leads elsewhere: it stands as the source where rows name none."""
    stem = "".join(c for c in Path(name).stem if c.isalnum() or c in "-_（）《》·")
    return stem[:60] or "导入"


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        path.parent.rmdir()
