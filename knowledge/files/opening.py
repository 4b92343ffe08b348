"""Opening a file nobody has vouched for: its size, its encoding, what an archive would unpack to."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes of a file: some 40,000 articles of usual length."""
UNPACKED_LIMIT = 256 * 1024 * 1024
"""Bytes an xlsx or docx may unpack to."""
ROW_LIMIT = 100_000
_HEAD = 4096
_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{])")
_COMMON = ("的", "是", "一", "不", "在", "有", "了", "办", "和", "请", "人", "可", "要", "理", "部", "市", "答", "问")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class FileRefused(ValueError):
    """A file that cannot be taken at all; the message says why, in Chinese."""


@dataclass(frozen=True)
class Row:
    """One question as it stood in a file."""

    place: str
    """Where, for a person to find it: 第 3 行."""
    values: Mapping[str, Any]
    """By column as written; a formula is a :class:`Formula`."""


@dataclass(frozen=True)
class Formula:
    """What a cell would compute; nothing is ever computed here."""

    text: str


def check_size(path: Path) -> None:
    """Raises :class:`FileRefused` for what is no file, is empty or is too big."""
    if not path.is_file():
        raise FileRefused(f"找不到文件：{path}")
    size = path.stat().st_size
    if not size:
        raise FileRefused("文件是空的。")
    if size > SIZE_LIMIT:
        raise FileRefused(
            f"文件有 {size / 1024 / 1024:.0f} MB，超过 {SIZE_LIMIT // 1024 // 1024} MB 的上限，请拆成几个文件再导入。"
        )


def is_json(text: str) -> bool:
    """Whether a text without a kind of its own begins as JSON: not a title in brackets ([常见问题])."""
    return _JSON.match(text) is not None


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file and its encoding (``utf-8``, ``utf-16``, ``gb18030``). Raises :class:`FileRefused`."""
    content = path.read_bytes()
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding), encoding.removesuffix("-sig")
    if b"\x00" in content:
        raise FileRefused("这不是文本文件，请确认文件格式和扩展名一致。")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = _decoded(content, "gb18030")
    # nearly every run of bytes can be read as GB18030; Chinese it is only if everyday characters stand in it
    if not any(character in text for character in _COMMON) or _odd_share(text) > 0.02:
        raise FileRefused("无法识别文件的编码，请另存为 UTF-8 或 GBK 编码再导入。")
    return text, "gb18030"


def open_archive(path: Path) -> zipfile.ZipFile:
    """An xlsx or docx as the archive it is; raises :class:`FileRefused` for broken ones, bombs and macros."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise FileRefused("文件已损坏，或者不是 xlsx／docx 文件（旧的 .xls、.doc 请先另存为新格式）。") from error
    members = archive.infolist()
    if sum(member.file_size for member in members) > UNPACKED_LIMIT:
        raise FileRefused("文件解压后过大，可能是压缩炸弹，已拒绝。")
    if any(member.filename.lower().endswith("vbaproject.bin") for member in members):
        raise FileRefused("文件带有宏，请另存为不带宏的 .xlsx 或 .docx 再导入。")
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused("文件设有密码，请去掉密码再导入。")
    if any(_declares_entities(archive, member) for member in members if member.filename.endswith((".xml", ".rels"))):
        raise FileRefused("文件含有不安全的内容，已拒绝。")
    return archive


def _declares_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """No office program writes a document type; it is the way to entities that unfold without end."""
    try:
        with archive.open(member) as part:
            return b"<!DOCTYPE" in part.read(_HEAD)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise FileRefused("文件已损坏，请用 Office 或 WPS 打开后另存一份再导入。") from error


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused("无法识别文件的编码，请另存为 UTF-8 或 GBK 编码再导入。") from error


def _odd_share(text: str) -> float:
    """The share of characters no Chinese text is written with: private ones, controls, rare scripts."""
    odd = sum(
        not ("一" <= letter <= "鿿" or letter < "ÿ" or "‐" <= letter <= "㏿" or "！" <= letter <= "￥")
        for letter in text
    )
    return odd / max(len(text), 1)
