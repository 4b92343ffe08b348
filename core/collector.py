"""Python's garbage collector: what is there for good need not be looked through again and again."""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """Takes models and modules out of the collector's rounds: a full one over them stopped every call for a second."""
    gc.collect()
    gc.freeze()
