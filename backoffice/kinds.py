"""The six kinds of matter a citizen brings (B2, [S2])."""

from __future__ import annotations

from enum import Enum


class Kind(str, Enum):
    """What a citizen wants of the hotline."""

    CONSULT = "consult"
    HELP = "help"
    SUGGEST = "suggest"
    PRAISE = "praise"
    COMPLAIN = "complain"
    REPORT = "report"

    @property
    def label(self) -> str:
        """The field's word for it."""
        return _LABELS[self]


_LABELS = {
    Kind.CONSULT: "咨询",
    Kind.HELP: "求助",
    Kind.SUGGEST: "建议",
    Kind.PRAISE: "表扬",
    Kind.COMPLAIN: "投诉",
    Kind.REPORT: "举报",
}
