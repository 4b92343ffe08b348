"""What the back office says no to: a code for programs and a reason for people."""

from __future__ import annotations


class Refused(Exception):
    """Something cannot be done. ``code`` is for programs, ``reason`` is plain Chinese for people."""

    code = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoSuchOrder(Refused):
    """There is no such order, or not for whoever asks: both look the same from outside (I1)."""

    code = "no_such_order"

    def __init__(self) -> None:
        super().__init__("没有找到这件工单,请核对受理号。")


class NotAllowed(Refused):
    """The order's status does not allow it (any more)."""

    code = "not_allowed"


class NotForYou(Refused):
    """Somebody else may do it, but not this person."""

    code = "not_for_you"


class BadField(Refused):
    """A value is missing or wrong; ``field`` names it."""

    code = "bad_field"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
