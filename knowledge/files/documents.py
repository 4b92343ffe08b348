"""Documents people read: docx and html. Questions are headings, lines that begin with 问, or rows of a table.

A document is first a list of blocks in its order; the rules that find questions in them are the same for both kinds.
Scripts, styles and everything hidden in a page are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import lxml.html
from docx import Document
from docx.table import Table
from lxml import etree

from knowledge.files.columns import Columns
from knowledge.files.opening import ROW_LIMIT, FileRefused, Row, open_archive, read_text
from knowledge.files.tables import below_names

_ASKS = re.compile(r"\s*(?:问题?|q)\s*\d*\s*[:：]\s*", re.IGNORECASE)
_ANSWERS = re.compile(r"\s*(?:答案?|答复|a)\s*\d*\s*[:：]\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(?:第?[一二三四五六七八九十百\d]{1,4}[、.．)）]|[(（][一二三四五六七八九十\d]{1,3}[)）])\s*")
_NAMED = re.compile(r"\s*([^:：\s]{2,8})\s*[:：]\s*(\S.*)")
_NAMED_FIELDS = frozenset({"id", "department", "source", "valid_from", "valid_to", "variants", "keywords"})
"""Parts of an article a line of their own may tell in a document: 部门：市民政局."""
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*\d", re.IGNORECASE)
_FIGURES = re.compile("[0-9]{1,9}")
_WIDEST = 100
"""Columns a line gets by cells that reach over several."""
_LEFT_OUT = ("script", "style", "noscript", "template", "head", "nav", "iframe", "object", "embed", "form", "svg")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_BREAKS = _HEADINGS | {
    "p", "li", "dd", "blockquote", "pre", "div", "section", "article", "br", "details", "ul", "ol", "dl", "body",
    "main", "td", "th", "tr", "header", "footer", "aside", "figure", "figcaption", "hr",
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A piece of a document: a heading, a line, or a table of cells."""

    text: str = ""
    heading: bool = False
    table: tuple[tuple[str, ...], ...] = ()


def read_docx(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """The questions of a Word document. Raises :class:`FileRefused`."""
    open_archive(path).close()
    try:
        blocks = list(_docx_blocks(Document(str(path))))
    except Exception as error:  # python-docx lets through whatever its parsers raise on a broken part
        raise FileRefused("Word 文件已损坏，无法读取，请用 Word 或 WPS 打开后另存一份再导入。") from error
    return questions(blocks, columns), "docx"


def read_html(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """The questions of a page. Raises :class:`FileRefused`."""
    text, encoding = read_text(path)
    return questions(list(_html_blocks(text)), columns), encoding


def plain_text(markup: str) -> str:
    """The words of a piece of html, one line for each paragraph."""
    return "\n".join(
        block.text or "\n".join("　".join(cells) for cells in block.table) for block in _html_blocks(markup)
    )


def questions(blocks: Sequence[Block], columns: Columns) -> list[Row]:
    """The questions of a document: rows of its tables, lines that begin with 问, or else its headings."""
    rows: list[Row] = []
    for number, block in enumerate((block for block in blocks if block.table), 1):
        lines = [(f"第 {number} 个表格第 {line} 行", list(cells)) for line, cells in enumerate(block.table, 1)]
        rows += below_names(lines, columns, optional=True)
    texts = [block for block in blocks if block.text]
    asked = any(_ASKS.match(block.text) for block in texts)
    rows += _spoken(texts, columns) if asked else [] if rows else _headed(texts, columns)
    if not rows:
        raise FileRefused("没有找到问答：请用标题写问题、正文写答案，或者用“问：”“答：”开头，或者用带列名的表格。")
    return rows


def _spoken(blocks: Sequence[Block], columns: Columns) -> list[Row]:
    """问：…… 答：……; a heading ends an answer."""
    rows: list[Row] = []
    question, lines = "", list[str]()
    for block in (*blocks, Block(heading=True)):
        begins = _ASKS.match(block.text)
        if begins or block.heading:
            if question:
                rows.append(_row(len(rows) + 1, question, lines, columns))
            question, lines = block.text[begins.end() :] if begins else "", []
        elif question:
            lines.append(block.text)
    return rows


def _headed(blocks: Sequence[Block], columns: Columns) -> list[Row]:
    """A heading asks and what stands below it answers; one with nothing below that asks nothing is a chapter's."""
    rows: list[Row] = []
    question, lines = "", list[str]()
    for block in (*blocks, Block(heading=True)):
        if not block.heading:
            lines.append(block.text)
            continue
        if question and (lines or question.endswith(("?", "？"))):
            rows.append(_row(len(rows) + 1, question, lines, columns))
        question, lines = block.text, []
    return rows


def _row(number: int, question: str, lines: Sequence[str], columns: Columns) -> Row:
    values: dict[str, Any] = {"question": _NUMBER.sub("", question, count=1).strip()}
    answer: list[str] = []
    for line in lines:
        named = _NAMED.fullmatch(line)
        field = columns.field(named[1]) if named else None
        if named and field in _NAMED_FIELDS:
            values[named[1] if field == "id" else str(field)] = named[2].strip()  # 编号 may but count
        else:
            answer.append(line if answer else _ANSWERS.sub("", line, count=1))
    values["answer"] = "\n".join(answer).strip()
    return Row(f"第 {number} 个问题", values)


def _docx_blocks(document: Any) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield Block(table=tuple(tuple(cell.text.strip() for cell in row.cells) for row in part.rows))
            continue
        heading = bool(_HEADING_STYLE.match(part.style.name or "")) if part.style is not None else False
        yield from (Block(line.strip(), heading) for line in part.text.splitlines() if line.strip())


def _html_blocks(text: str) -> Iterator[Block]:
    """The blocks of a page; it is walked without recursion, however deep it is."""
    text = re.sub(r"^\s*<\?xml[^>]*>", "", text)  # lxml takes no text that declares an encoding
    try:
        page = lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(no_network=True))
    except (etree.ParserError, ValueError):
        return
    etree.strip_elements(page, *_LEFT_OUT, etree.Comment, with_tail=False)
    pieces, heading = list[str](), False
    for tag, piece in _pieces(page):
        if tag or isinstance(piece, Block):
            if line := " ".join("".join(pieces).split()):
                yield Block(line, heading)
            pieces, heading = [], tag in _HEADINGS
        if isinstance(piece, Block):
            yield piece
        else:
            pieces.append(piece)
    if line := " ".join("".join(pieces).split()):
        yield Block(line, heading)


def _pieces(page: Any) -> Iterator[tuple[str, str | Block]]:
    """Every table and every piece of text with the element that begins a new line there: its tag, "/" at its end."""
    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        breaks = element.tag in _BREAKS
        if event == "end":
            yield ("/" if breaks else "", element.tail or "")
        elif element.tag == "table":
            yield from (("/", Block(table=tuple(_lines(table)))) for table in element.iter("table"))
            walk.skip_subtree()
        else:
            yield (element.tag if breaks else "", element.text or "")


def _lines(table: Any) -> Iterator[tuple[str, ...]]:
    """The cells of a table, line by line, each in its column; of cells that reach further down every line has what
    stands in the first, to the end of its part of the table."""
    held: dict[int, tuple[int, str]] = {}  # by column: the last line reached, and what stands there
    part = None
    rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    for number, row in enumerate(islice(rows, ROW_LIMIT + 1)):
        held = {at: (last, text) for at, (last, text) in held.items() if last >= number and row.getparent() is part}
        part, line, reaching = row.getparent(), list[str](), dict[int, tuple[int, str]]()
        for cell in row.iterchildren("td", "th"):
            _fill(line, held, until=len(line))
            text = " ".join(cell.text_content().split())
            last, at = number + _span(cell, "rowspan") - 1, len(line)
            line += [text, *[""] * (min(_span(cell, "colspan"), _WIDEST - at) - 1)]
            reaching |= {column: (last, line[column]) for column in range(at, len(line))}
        _fill(line, held, until=max(held, default=0))
        held |= reaching
        yield tuple(line)


def _fill(line: list[str], held: dict[int, tuple[int, str]], until: int) -> None:
    """Puts into ``line`` what is held where it ends, up to the column ``until`` whatever is held there."""
    while len(line) in held or len(line) < until:
        line.append(held.get(len(line), (0, ""))[1])


def _span(cell: Any, which: str) -> int:
    """Columns or lines a cell reaches over; 1 where that is not told."""
    told = (cell.get(which) or "").strip()
    return max(int(told), 1) if _FIGURES.fullmatch(told) else 1
