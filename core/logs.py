"""Logs: JSON lines without personal data.

What citizens say never belongs in a log. Rasa's own debug and info lines quote every message, so Rasa is silenced
below errors; and whatever reaches a line is stripped of texts and masked, whoever wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

from core.masking import mask_text

_SILENCED = ("rasa", "rasa_sdk", "tensorflow", "absl", "matplotlib", "asyncio", "aiosqlite", "sanic.access")
_NEVER_LOGGED = frozenset(
    {"text", "content", "body", "payload", "phone", "name", "address", "slot_values", "rasa_events",
     "parse_data_text", "current_states", "latest_message", "message"}
)  # fmt: skip
"""Keys whose values may hold what a citizen said or who they are; a number (an id) may pass."""

_frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
_SAYS_NOTHING = ("exc_value", "exc_notes", "syntax_error", "exceptions")


def _where(exc_info: Any) -> Any:
    """What was raised and where; never what it says, nor the values of variables: both may quote a citizen."""
    return [{key: value for key, value in part.items() if key not in _SAYS_NOTHING} for part in _frames(exc_info)]


_tracebacks = structlog.processors.ExceptionRenderer(_where)
_QUOTES = re.compile(r"\b(uri|exception):.*", re.DOTALL)
"""How Sanic ends a line with an address or with what an exception says."""


def configure_logs(level: str = "INFO") -> None:
    """Sets the process up to log JSON lines to standard error, from structlog and from logging alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_personal_data,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # whoever configures anew, a test too, is heard by every module
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[without_quotations, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _tracebacks,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("jieba").disabled = True  # it sets its own level and handler when it is imported
    warnings.simplefilter("ignore")  # libraries' deprecations are for those who lift the pins, not for operators


def without_quotations(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes out of a library's line what it quotes: an exception, the address of a request, a task and its result."""
    record: logging.LogRecord = line["_record"]
    if isinstance(record.msg, BaseException):
        line["event"] = type(record.msg).__name__
    elif record.exc_info:
        line["event"] = re.split(r"[:\n]", str(line["event"]), maxsplit=1)[0]
    else:
        line["event"] = _QUOTES.sub(r"\1", str(line["event"]))
    return line


def without_personal_data(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes texts out of a log line and masks numbers in what is left."""
    for key, value in list(line.items()):
        if key in _NEVER_LOGGED and not isinstance(value, int):
            line[key] = "…"
        elif isinstance(value, str):
            line[key] = mask_text(value)
    return line
