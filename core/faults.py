"""Where an exception came from, for the log: a place in the program holds no personal data, its text may."""

from __future__ import annotations


def place_of(problem: BaseException) -> str:
    """File and line at which ``problem`` was raised; empty for one that was never raised."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
