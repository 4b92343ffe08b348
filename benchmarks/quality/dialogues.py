"""Dialogues: the written talks through the exchange with the real engine; one counts if all it expects comes true."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.quality import Data, Row
from core.settings import ROOT


class _Count:
    """Counts talks as pytest reports them."""

    def __init__(self) -> None:
        self.passed = self.total = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One talk came to its end, or could not begin."""
        if report.when == "call" or report.failed:
            self.total += 1
            self.passed += report.passed


def measure(data: Data) -> list[Row]:
    """The share of talks that go as expected."""
    count = _Count()
    talks = str(ROOT / "tests" / "bot" / "test_talks.py")
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal"]
    pytest.main([*options, talks], plugins=[count])
    return [Row("written talks: as expected", count.total, count.passed / max(count.total, 1))]
