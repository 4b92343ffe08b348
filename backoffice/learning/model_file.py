"""A model as a file: numbers and one JSON text in an npz archive, nothing that could run when it is read.

Written beside the old file and put in its place in one step; readable by its owner only.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from backoffice.learning.calibration import Calibration
from backoffice.learning.features import DIMENSIONS, Features, Runs
from backoffice.learning.model import Model

KIND = "huiyin-learned-labels"
VERSION = 1
LARGEST = 2 * 1024**3
"""Bytes a file may unpack to."""
_TRUST_SIGNS = 4


class BrokenModel(ValueError):
    """The file is no model this version can use; the message says why, in plain Chinese."""


def save(model: Model, path: Path) -> None:
    """Writes ``model`` to ``path``; whoever reads at that moment gets the old one or the new one. Raises OSError."""
    content = dumps(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path) -> Model:
    """The model in ``path``. Raises :class:`BrokenModel`, also when there is no file."""
    try:
        return loads(path.read_bytes())
    except FileNotFoundError as missing:
        raise BrokenModel(f"没有找到模型文件 {path}。") from missing
    except OSError as problem:
        raise BrokenModel(f"读不了模型文件 {path}：{problem.strerror or '系统拒绝'}。") from problem


def dumps(model: Model) -> bytes:
    """``model`` as the content of a file."""
    told = {
        "kind": KIND,
        "version": VERSION,
        "labels": list(model.labels),
        "threshold": model.threshold,
        "about": dict(model.about),
    }
    out = io.BytesIO()
    text = np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), np.uint8)
    np.savez_compressed(out, about=text, **_arrays(model))
    return out.getvalue()


def loads(content: bytes) -> Model:
    """The model in the content of a file. Raises :class:`BrokenModel`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise BrokenModel("模型文件太大，不像是本程序写的。")
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            told = json.loads(bytes(stored["about"]).decode())
            _check_kind(told)
            return _model(told, {name: stored[name] for name in stored.files})
    except BrokenModel:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError) as broken:
        raise BrokenModel("模型文件已损坏或者不是模型文件，请重新训练。") from broken


def _arrays(model: Model) -> dict[str, Any]:
    calibrated = model.calibration
    return {
        "body": model.features.body.numbers,
        "body_weights": model.features.body.weights,
        "head": model.features.head.numbers,
        "head_weights": model.features.head.weights,
        "weights": model.weights.astype(np.float16),
        "bias": model.bias,
        "scales": calibrated.scales,
        "offsets": calibrated.offsets,
        "reliability": calibrated.reliability,
        "trust": calibrated.trust,
    }


def _check_kind(told: Any) -> None:
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise BrokenModel("这不是本程序的模型文件。")
    if told.get("version") != VERSION:
        raise BrokenModel(f"模型文件是第 {told.get('version')} 版的，本程序只认第 {VERSION} 版，请重新训练。")


def _model(told: dict[str, Any], arrays: dict[str, Any]) -> Model:
    """Raises ValueError or :class:`BrokenModel` when the parts do not fit together."""
    labels = tuple(told["labels"])
    weights, size = arrays["weights"].astype(np.float16, copy=False), len(labels)
    shape = (len(arrays["body"]) + len(arrays["head"]) + DIMENSIONS, size)
    fits = (
        size >= 1
        and all(isinstance(label, str) for label in labels)
        and all(arrays[part].dtype == np.uint64 for part in ("body", "head"))
        and all(arrays[f"{part}_weights"].shape == arrays[part].shape for part in ("body", "head"))
        and weights.shape == shape
        and arrays["trust"].shape == (_TRUST_SIGNS,)
        and all(arrays[name].shape == (size,) for name in ("bias", "scales", "offsets", "reliability"))
        and all(np.isfinite(part).all() for part in arrays.values() if part.dtype.kind == "f")
    )
    if not fits:
        raise BrokenModel("模型文件的内容前后不一致，请重新训练。")
    calibrated = Calibration(*(arrays[name] for name in ("scales", "offsets", "reliability", "trust")))
    body, head = (Runs(arrays[part], arrays[f"{part}_weights"].astype(np.float32)) for part in ("body", "head"))
    return Model(
        Features(body, head),
        labels,
        weights,
        arrays["bias"].astype(np.float32),
        calibrated,
        float(told["threshold"]),
        told["about"],
    )
