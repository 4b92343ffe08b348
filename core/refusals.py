"""What the write doors say no to: a code for programs and a reason for people."""

from __future__ import annotations


class Refused(Exception):
    """Something cannot be done. ``code`` is for programs, ``reason`` is plain Chinese for people."""

    code = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAllowed(Refused):
    """The state of the thing does not allow it (any more)."""

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
