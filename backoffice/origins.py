"""How the category and the department of an order came about: what learning may believe depends on it.

See docs/adr/0014-truth-for-learning.md.
"""

from __future__ import annotations

from enum import Enum


class Origin(str, Enum):
    """Who or what decided. History calls the same things by the same words (``why`` of a dispatch)."""

    RULE = "rule"
    """The words categories are known for; the rules of routing."""
    LEARNED = "learned"
    """What was learnt from past orders, alone: no truth to learn from."""
    PERSON = "person"
    """Somebody chose it, or let it stand on a form they sent."""

    @property
    def label(self) -> str:
        """The word staff see."""
        return {Origin.RULE: "规则", Origin.LEARNED: "以往工单", Origin.PERSON: "人工"}[self]
