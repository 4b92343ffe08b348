"""A number that is keyed in or said. Pure."""

from __future__ import annotations

from typing import Final

from bot.reading.digits import digit_runs

_LONGEST: Final = 20
_MOBILE_BEGINS: Final = "1"


class Keying:
    """Keys of one number, until it is complete or the citizen says so by #; * begins anew, and empties."""

    def __init__(self, length: int) -> None:
        """``length``: digits of a complete number; 0: only # ends it."""
        self.digits = ""
        self._length = length

    def press(self, key: str) -> bool:
        """One key; whether the number has ended with it."""
        if key == "*":
            ended = not self.digits  # * on nothing: leave
            self.digits = ""
            return ended
        if key == "#":
            return True
        self.digits = (self.digits + key)[:_LONGEST]
        return len(self.digits) == self._length and self._is_of_that_length()

    def spoken(self, text: str) -> str:
        """The digits in what was said, if they are as many as wanted; otherwise the longest run of at least four."""
        runs = sorted(digit_runs(text), key=lambda run: (len(run) == self._length, len(run)))
        return runs[-1] if runs and len(runs[-1]) >= 4 else ""

    def _is_of_that_length(self) -> bool:
        """A landline is as long as it is: only mobile numbers end by themselves at eleven."""
        return self._length != 11 or self.digits.startswith(_MOBILE_BEGINS)
