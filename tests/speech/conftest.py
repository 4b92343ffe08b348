from __future__ import annotations

from collections.abc import Iterator

import pytest

from speech.vosk_recognition import VoskRecogniser
from tests.fixtures.voices import MODEL


@pytest.fixture(scope="session")
def recogniser() -> Iterator[VoskRecogniser]:
    made = VoskRecogniser(MODEL)
    yield made
    made.close()
