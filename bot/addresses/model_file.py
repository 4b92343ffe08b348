"""A model of address elements as a file: a zip with ``meta.json``, the field in CRFsuite's format and plain arrays.

Nothing in it is code. What is no such file, damaged, or of another version is refused with its reason.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from bot.addresses.field import Field, NoField
from bot.addresses.model import ElementModel
from bot.addresses.network import Network
from bot.addresses.refusals import BadAddressModel
from bot.addresses.vectors import Vectors

FORMAT = "huiyin-address-model"
VERSION = 1
"""Raised whenever a model written before would be asked in another way than it was trained."""
_META, _FIELD, _ARRAYS = "meta.json", "field.crfsuite", "arrays.npz"
_LARGEST = {_META: 1024 * 1024, _FIELD: 256 * 1024 * 1024, _ARRAYS: 256 * 1024 * 1024}
_LAYERS = ("hidden", "hidden_offset", "outer", "outer_offset")


def save(model: ElementModel, path: Path) -> None:
    """Writes ``model`` to ``path``, whole or not at all."""
    arrays = io.BytesIO()
    np.savez(arrays, **_arrays(model))
    contents = {_FIELD: model.field.binary, _ARRAYS: arrays.getvalue()}
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "examples": model.examples,
        "labels": model.labels,
        "seconds": len(model.seconds),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    made = path.with_name(path.name + ".part")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_META, json.dumps(meta, ensure_ascii=False, indent=1))
        for name, content in contents.items():
            archive.writestr(name, content)
    made.replace(path)


def load(path: Path) -> ElementModel:
    """The model in ``path``. Raises :class:`BadAddressModel` for whatever is no model of this version."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except BadAddressModel as problem:
        raise BadAddressModel(f"地址模型 {path} 不能用：{problem}") from problem
    except OSError as problem:
        raise BadAddressModel(f"地址模型 {path} 打不开：{problem.strerror or problem}") from problem
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, RuntimeError, EOFError) as problem:
        raise BadAddressModel(f"地址模型 {path} 不能用：不是回音的地址模型，或者文件已损坏") from problem


def _read(archive: zipfile.ZipFile) -> ElementModel:
    meta: dict[str, Any] = json.loads(_content(archive, _META))
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise BadAddressModel("不是回音的地址模型")
    if meta.get("version") != VERSION:
        raise BadAddressModel("是另一个版本的回音训练的，请用 huiyin address train 重新训练")
    contents = {name: _content(archive, name) for name in (_FIELD, _ARRAYS)}
    if any(hashlib.sha256(content).hexdigest() != meta["sha256"][name] for name, content in contents.items()):
        raise BadAddressModel("文件已损坏（校验和不符）")
    labels = tuple(map(str, meta["labels"]))
    try:
        field = Field(contents[_FIELD], labels)
    except NoField as problem:
        raise BadAddressModel("里面的条件随机场不是 CRFsuite 格式") from problem
    with np.load(io.BytesIO(contents[_ARRAYS]), allow_pickle=False) as arrays:
        vectors = Vectors(
            tuple(map(str, arrays["characters"])),
            tuple(map(str, arrays["pairs"])),
            arrays["of_characters"],
            arrays["of_pairs"],
        )
        seconds = tuple(_network(arrays, f"second{position}") for position in range(int(meta["seconds"])))
        return ElementModel(labels, field, vectors, _network(arrays, "first"), seconds, int(meta["examples"]))


def _arrays(model: ElementModel) -> dict[str, Any]:
    arrays = {
        "characters": np.array(model.vectors.characters),
        "pairs": np.array(model.vectors.pairs),
        "of_characters": model.vectors.of_characters,
        "of_pairs": model.vectors.of_pairs,
    }
    for name, network in (("first", model.first), *((f"second{n}", each) for n, each in enumerate(model.seconds))):
        arrays |= {
            f"{name}_{layer}": array for layer, array in zip(_LAYERS, (*network.hidden, *network.outer), strict=True)
        }
    return arrays


def _network(arrays: Any, name: str) -> Network:
    hidden, hidden_offset, outer, outer_offset = (arrays[f"{name}_{layer}"] for layer in _LAYERS)
    return Network((hidden, hidden_offset), (outer, outer_offset))


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    limit = _LARGEST[name]
    with archive.open(name) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise BadAddressModel(f"{name} 太大")
    return content
