"""How fast calls are, for Prometheus and for the page of each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.2, 1.5, 2, 3, 5, 8)

_HISTOGRAMS: Final = {
    "turn": Histogram("huiyin_call_turn_seconds", "End of the citizen's speech to the first sound of the answer.",
                      buckets=_SECONDS),
    "recognition": Histogram("huiyin_call_recognition_seconds", "End of the citizen's speech to its words.",
                             buckets=_SECONDS),
    "answer": Histogram("huiyin_call_answer_seconds", "The citizen's words to the answer of the dialogue.",
                        buckets=_SECONDS),
    "synthesis": Histogram("huiyin_call_synthesis_seconds", "A sentence asked for to its first audio.",
                           buckets=_SECONDS),
    "barge_in": Histogram("huiyin_call_barge_in_seconds", "Beginning of an interruption to our silence.",
                          buckets=_SECONDS),
}  # fmt: skip
calls_now = Gauge("huiyin_calls", "Calls the bot is leading.")
calls_ended = Counter("huiyin_calls_ended", "Calls that have ended.", ["ending"])


class Measures:
    """The measures of one call, turn by turn. A turn: the citizen has spoken or pressed a key, and hears something."""

    def __init__(self, note: Callable[[str, Any], None] = lambda *_: None) -> None:
        """``note``: told what is measured, as soon as it is (:class:`channels.voice.journal.Journal`)."""
        self._note_down = note
        self._turns: list[dict[str, float]] = []
        self._interruptions: list[dict[str, float]] = []
        self._turn: dict[str, float] | None = None
        """The turn that waits for its first sound."""
        self._ended_at = self._told_at = 0.0

    def citizen_ended(self, ended: float, place: int, *, understood: float | None = None) -> None:
        """The citizen's words (or key) ended at ``ended``, loop time, and are at ``place`` ms of the recording.

        ``understood``: when words were known; None for a key.
        """
        self._turn, self._ended_at, self._told_at = {"at": place}, ended, understood or ended
        if understood is not None:
            self._note("recognition", understood - ended)

    def answered(self, now: float) -> None:
        """The dialogue has answered."""
        if self._turn is not None and "answer" not in self._turn:
            self._note("answer", now - self._told_at)

    def synthesised(self, seconds: float) -> None:
        """The first audio of a sentence took so long; a turn keeps that of its first sentence."""
        if self._turn is not None and "synthesis" not in self._turn:
            self._note("synthesis", seconds)
        else:
            _HISTOGRAMS["synthesis"].observe(seconds)

    def sounded(self, now: float) -> None:
        """We are heard."""
        if self._turn is not None:
            self._note("turn", now - self._ended_at)
            self._turns.append(self._turn)
            self._note_down("turns", self._turn)
            self._turn = None

    def interrupted(self, seconds: float, place: int) -> None:
        """The citizen spoke over us, and we were silent ``seconds`` after they had begun, or might first have."""
        _HISTOGRAMS["barge_in"].observe(seconds)
        interruption = {"at": place, "barge_in": round(seconds, 3)}
        self._interruptions.append(interruption)
        self._note_down("interruptions", interruption)

    def kept(self) -> dict[str, Any]:
        """All of them, in order: :attr:`backoffice.calls.Call.measures`."""
        return {"turns": self._turns, "interruptions": self._interruptions}

    def _note(self, what: str, seconds: float) -> None:
        _HISTOGRAMS[what].observe(seconds)
        if self._turn is not None:
            self._turn[what] = round(seconds, 3)
