"""Fetches the recognition model: a large file over a line that may break, checked before it is used."""

from __future__ import annotations

import hashlib
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

Progress = Callable[[int, int | None], None]
"""Called with bytes there and bytes there will be (None: not told)."""

_CHUNK: Final = 1 << 18
_TIME_LIMIT: Final = 30.0
_LARGEST: Final = 4 * 1024**3
"""Bytes an archive may unpack to."""


@dataclass(frozen=True)
class SpeechModel:
    """A model that can be fetched."""

    name: str
    url: str
    sha256: Mapping[str, str]
    """Of files in it, by path."""


SMALL_MANDARIN: Final = SpeechModel(
    "vosk-model-small-cn-0.22",
    "https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
    {
        "am/final.mdl": "91eda2c04c4f599361cb92b0e5298ccdf6b3c7a1fa52bfcefcd2c4e07aa1c131",
        "graph/Gr.fst": "46d41a9b1723abccdcb354d731a5b58d87c060100d88ada1a3e31220f52b0434",
        "graph/HCLr.fst": "798af0d9ba6f2d727747f58e1e7b2305f8618bc8ea7f6c51beecd8a2c965b965",
        "ivector/final.ie": "c39d46fbff04efb7baa9660ae7a728b0e2f35a4a1250b56ed3a599e26956df86",
    },
)
"""The official small model (42 MB): good enough for a telephone, light enough for two cores."""


class InstallFailed(Exception):
    """The model could not be installed; the text says why and what to do, in Chinese."""


def install(model: SpeechModel, folder: Path, progress: Progress) -> Path:
    """Fetches, checks and unpacks ``model`` into ``folder``; where it lies then.

    A broken download goes on where it stopped. A model that is there already is checked and left alone. Raises
    :class:`InstallFailed`; nothing half done is ever at the place of the model.
    """
    place = folder / model.name
    if place.is_dir():
        _check(model, place)
        return place
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{model.name}.zip.part"
    _download(model.url, archive, progress)
    draft = folder / f".{model.name}.unpacking"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        _unpack(archive, draft)
        _check(model, draft / model.name)
    except InstallFailed:
        archive.unlink()  # what it holds is wrong: going on with it would not mend it
        shutil.rmtree(draft, ignore_errors=True)
        raise
    (draft / model.name).rename(place)
    shutil.rmtree(draft)
    archive.unlink()
    return place


def _download(url: str, archive: Path, progress: Progress) -> None:
    there = archive.stat().st_size if archive.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIME_LIMIT) as answer:  # noqa: S310 - our own address
            there = there if answer.status == 206 else 0  # a server that cannot go on sends all of it
            length = answer.headers.get("Content-Length")
            whole = there + int(length) if length else None
            with archive.open("ab" if there else "wb") as out:
                while chunk := answer.read(_CHUNK):
                    out.write(chunk)
                    there += len(chunk)
                    progress(there, whole)
    except urllib.error.HTTPError as problem:
        if problem.code == 416:  # all of it is there
            return
        raise InstallFailed(f"下载失败：{url} 返回 {problem.code}") from problem
    except OSError as problem:
        raise InstallFailed(f"下载中断，已保存 {there} 字节，再次运行会接着下载：{problem}") from problem
    if whole is not None and there < whole:
        raise InstallFailed(f"下载中断，已保存 {there} 字节，再次运行会接着下载")


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST:
                raise InstallFailed("压缩包异常：解压后过大")
            for entry in packed.infolist():
                path = PurePosixPath(entry.filename)
                if path.is_absolute() or ".." in path.parts:
                    raise InstallFailed(f"压缩包异常：{entry.filename}")
            packed.extractall(folder)
    except (zipfile.BadZipFile, OSError) as problem:
        raise InstallFailed(f"压缩包损坏，请重新运行：{problem}") from problem


def _check(model: SpeechModel, folder: Path) -> None:
    for name, right in model.sha256.items():
        path = folder / name
        if not path.is_file():
            raise InstallFailed(f"模型不完整，缺少 {name}；请删除 {folder} 后重新运行")
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != right:
            raise InstallFailed(f"校验不符：{name} 不是官方文件；请删除 {folder} 后重新运行")
