"""Where the lines of confidence are drawn between an answer, a choice and "I do not know". Pure.

A base has lines of its own once it was calibrated (``calibration.py``); until then those of ``thresholds.yml`` hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml


@dataclass(frozen=True)
class Thresholds:
    """The lines, all of confidences from 0 to 1."""

    answer: float
    """From this confidence on the article is the answer."""
    ahead: float
    """…if it is also this many times as likely as the next."""
    choose: float
    """A choice is offered when it is this likely that the right one is in it."""
    offered: int
    """At most this many are offered."""
    beside: float
    """What is offered beside the best must have this confidence."""


@lru_cache(maxsize=1)
def thresholds() -> Thresholds:
    """The lines of a base that was never calibrated."""
    table = read_yaml(Path(__file__).with_name("thresholds.yml"))
    return Thresholds(**table)
