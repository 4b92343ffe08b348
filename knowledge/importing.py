"""Taking over a file of questions and answers in one transaction: what is sound is stored, the rest refused (B10).

Rows for articles that are there already change only what the row tells. Nothing is written before every row has been
read, so a file that breaks in the middle leaves the base as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import china_time
from knowledge import life_cycle
from knowledge.article import Article
from knowledge.articles import Status, StoredArticle
from knowledge.asked import Asked, settle_codes
from knowledge.bulk import drafts_by_code, stored_by_code
from knowledge.drafts import ArticleDraft
from knowledge.entry import KEYS, article_of, digest, faults
from knowledge.files import read_file
from knowledge.files.columns import Columns
from knowledge.grouping import LINE, Comparer
from knowledge.index import empty_index
from knowledge.layout import layout
from knowledge.written import Written, read_row

_QUOTED = 30
"""Characters of a question that are quoted."""
_COMPARED = 20
"""So many phrasings of an article a new question is compared with."""
Step = Callable[[str, float], None]
"""Told what is being done, in Chinese, and the share done (0 to 1)."""


@dataclass(frozen=True)
class Departments:
    """The departments of the city, as far as an import must know them."""

    by_name: Mapping[str, str] = field(default_factory=dict)
    """Code of a department by its code, its name, its short name and its other names."""
    default: str = "12345热线"
    """Who answers where a row names nobody."""
    strict: bool = False
    """Others are refused; if not, they stand as they are written."""


@dataclass(frozen=True)
class Options:
    """How a file is taken over."""

    columns: Columns
    departments: Departments = Departments()
    source: str | None = None
    """The document the answers stand on, where a row names none; None: the file's name."""
    as_drafts: bool = False
    """To be reviewed first, not before the citizens at once."""
    dry_run: bool = False
    """Read and judge only."""
    replace: bool = False
    """An article is overwritten even by a row of its code that asks something else."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken."""

    place: str
    code: str
    reason: str


@dataclass
class ImportReport:
    """What an import did, by article code."""

    file: str
    encoding: str
    rows: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What a person should look at though it was taken."""

    @property
    def written(self) -> bool:
        """Whether the import had anything to write."""
        return bool(self.added or self.changed)


async def import_file(
    session: AsyncSession,
    path: Path,
    options: Options,
    *,
    actor: str,
    now: datetime,
    step: Step = lambda what, share: None,
) -> ImportReport:
    """Takes ``path`` over in the caller's transaction. Raises :class:`knowledge.files.opening.FileRefused`."""
    step("读取文件", 0.0)
    rows, encoding = read_file(path, options.columns)
    today = china_time(now).date()
    report = ImportReport(path.name, encoding, len(rows))
    written, plan = [], layout(rows, options.columns)
    for number, row in enumerate(rows, 1):
        written.append(read_row(row, plan.columns, now=now, headings=plan.headings))
        if number % 100 == 0 or number == len(rows):
            step("读取文件", number / len(rows))
    await settle_codes(session, written, today)
    codes = [str(each.values.get("id")) for each in written]
    stored = await stored_by_code(session, codes)
    drafts = await drafts_by_code(session, codes) if options.as_drafts else {}
    articles = _judge(written, stored, drafts, options, report, path.stem, today)
    report.notices += plan.notices
    _notice(report, written, articles, options)
    if not options.dry_run and articles:
        write = life_cycle.draft_all if options.as_drafts else life_cycle.publish_all
        await write(session, articles, actor=actor, now=now, progress=lambda done, of: step("写入知识库", done / of))
    return report


def _judge(
    written: list[Written],
    stored: Mapping[str, StoredArticle],
    drafts: Mapping[str, ArticleDraft],
    options: Options,
    report: ImportReport,
    stem: str,
    today: date,
) -> list[Article]:
    """The articles to be written; everything is noted in the report."""
    articles: list[Article] = []
    seen, asked = dict[str, str](), Asked(today)
    for each in written:
        code = str(each.values.get("id") or "")
        there = stored.get(code)
        entry, reasons = each.values, list(each.faults)
        if code and code in seen and not reasons:
            reasons.append(f"编号与{seen[code]}重复" if not code.startswith("q-") else f"问题与{seen[code]}重复")
        if there is None and not reasons and (before := asked.by(each.values)):
            reasons.append(f"问题与{before}重复")
        if not reasons:
            entry = _completed(each, there, options, stem, today)
            known = set(options.departments.by_name.values()) if options.departments.strict else None
            reasons += faults(entry, known) + (_stands_against(there, each, known, options) if there else [])
        article = article_of(entry) if not reasons else None
        draft = drafts.get(code)
        if article is not None and draft is not None and digest(draft.article()) != digest(article):
            reasons.append("这一条有人正在修改，等那份稿子处理完再导入")
        if reasons or article is None:
            report.refused.append(RefusedRow(each.place, code, "；".join(reasons)))
            continue
        seen[code] = each.place
        asked.add(each.place, entry)
        if draft is not None or (there is not None and _is_live_as(there, article)):
            report.unchanged.append(code)
            continue
        (report.added if there is None else report.changed).append(code)
        articles.append(article)
    return articles


def _is_live_as(there: StoredArticle, article: Article) -> bool:
    return there.status == Status.PUBLISHED.value and digest(there.article()) == digest(article)


def _completed(each: Written, there: StoredArticle | None, options: Options, stem: str, today: date) -> dict[str, Any]:
    """The whole entry: what the row tells, then what is stored, then what is usual."""
    usual: dict[str, Any] = {
        "valid_from": today,
        "source": options.source or stem,
        "department": options.departments.default,
    }
    if there is not None:
        article = there.article()
        usual = {part: getattr(article, part) for part in KEYS if part != "id"}
        if each.titled:
            usual["question"] = article.question
            each.values.pop("question", None)
    if "valid_to" in each.values and "ends_at" not in each.values:
        usual.pop("ends_at", None)  # another last day has no moment of the former's
    entry = {**usual, **each.values}
    if isinstance(entry.get("valid_to"), date) and entry["valid_from"] > entry["valid_to"]:
        entry["valid_from"] = min(today, entry["valid_to"])
    name = str(entry["department"])
    entry["department"] = options.departments.by_name.get(name, name)
    return entry


def _stands_against(there: StoredArticle, each: Written, known: set[str] | None, options: Options) -> list[str]:
    """Why the article that is there is not to be overwritten."""
    if known is not None and there.department not in known:
        return ["这一条归别的部门维护"]
    if not options.replace and _asks_otherwise(there.article(), each):
        return [f"编号已有另一个问题“{there.question[:_QUOTED]}”，没有覆盖"]
    return []


def _asks_otherwise(there: Article, each: Written) -> bool:
    """Whether a row has an article's code but neither its question nor its answer: two files counted their rows."""
    question = each.values.get("question")
    if question is None or question in (there.question, *there.variants) or each.values["answer"] == there.answer:
        return False
    phrasings = [question, there.question, *there.variants[:_COMPARED]]
    return bool(Comparer(empty_index()).likeness(phrasings)[0, 1:].max() < LINE)


def _notice(report: ImportReport, written: list[Written], articles: list[Article], options: Options) -> None:
    other = sum("没有覆盖" in row.reason for row in report.refused)
    if other:
        report.notices.append(
            f"{other} 行的编号在知识库里是另一个问题，没有覆盖：多半是两个文件各自从 1 编号。"
            "请去掉编号列（--map 列名=-）；确实要改写的，加 --replace。"
        )
    doubled = sum(each.doubles for each in written)
    if doubled:
        report.notices.append(
            f"{doubled} 行的问题在知识库里用的是别的编号，没有重复添加。"
            "要改写那一条，请写它的编号，或者去掉编号列（--map 列名=-）。"
        )
    if report.encoding == "gb18030":
        report.notices.append("文件是 GBK 编码，已按 GBK 读取。")
    titled = sum(each.titled and not each.faults for each in written)
    if titled:
        report.notices.append(f"{titled} 行没有问题，用答案的第一句作标题，请补写。")
    names = set(options.departments.by_name.values()) | {options.departments.default}
    unknown = sorted({article.department for article in articles} - names)
    if unknown:
        more = "……" if len(unknown) > 10 else ""
        report.notices.append(f"{len(unknown)} 个部门不在本市部门表里，按原文保留：{'、'.join(unknown[:10])}{more}")
