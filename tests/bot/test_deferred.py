"""What Rasa would import and we never use waits until somebody uses it, and is then the real thing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from bot import deferred
from core.settings import ROOT
from tests.fixtures.model import shared_model_dir

_HEAVY = """
class Numbers:
    '''A class others derive from.'''
    made = 0
    def __init__(self, *numbers):
        type(self).made += 1
        self.numbers = numbers
    def total(self):
        return sum(self.numbers)
    @classmethod
    def of(cls, text):
        return cls(*map(int, text.split()))
"""


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A deferred module that says aloud when it is imported."""
    package = tmp_path / "weighty"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "heavy.py").write_text("import builtins; builtins.heavy_was_imported = True\n" + _HEAVY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(deferred, "MODULES", frozenset({"weighty.heavy"}))
    monkeypatch.setattr("builtins.heavy_was_imported", False, raising=False)
    yield "weighty.heavy"
    for name in [name for name in sys.modules if name.startswith("weighty")]:
        del sys.modules[name]


def was_imported() -> bool:
    """Whether the module itself has run."""
    import builtins

    return bool(vars(builtins)["heavy_was_imported"])


def test_a_process_that_answers_never_meets_the_neural_network_library() -> None:
    models = shared_model_dir()
    answers = (
        "import sys; from rasa.core.agent import Agent; import bot.engine; from bot import training;"
        "from core.settings import Settings;"
        f"model = training.trained_model(Settings(_env_file=None, data_dir={str(models.parent)!r}));"
        "Agent.load(str(model)); print([name for name in ('tensorflow', 'keras', 'jax') if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import bot; " + answers],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip().splitlines()[-1] == "[]"


def test_looking_at_a_deferred_class_imports_nothing(heavy: str) -> None:
    numbers = import_module(heavy).Numbers
    assert isinstance(numbers, type)
    assert f"{numbers.__module__}.{numbers.__name__}" == "weighty.heavy.Numbers"
    assert not hasattr(numbers, "__abstractmethods__")
    assert not was_imported()


def test_an_instance_is_the_real_classs_own(heavy: str) -> None:
    numbers = import_module(heavy).Numbers
    made = numbers(1, 2, 3)
    assert was_imported()
    assert made.total() == 6
    assert type(made) is import_module(heavy).Numbers
    assert isinstance(made, numbers)
    assert not isinstance("text", numbers)


def test_attributes_of_a_class_are_the_real_ones(heavy: str) -> None:
    assert import_module(heavy).Numbers.of("4 5").total() == 9


def test_who_derives_from_a_stand_in_derives_from_the_real_class(heavy: str) -> None:
    numbers = import_module(heavy).Numbers

    class Doubled(numbers):  # type: ignore[misc, valid-type]
        def total(self) -> int:
            return 2 * int(super().total())

    assert Doubled(1, 2).total() == 6
    assert Doubled.__mro__[1] is import_module(heavy).Numbers
    assert issubclass(Doubled, numbers)


def test_a_module_that_cannot_be_imported_says_so_every_time(heavy: str, tmp_path: Path) -> None:
    numbers = import_module(heavy).Numbers
    (tmp_path / "weighty" / "heavy.py").write_text("raise ImportError('no such library')")
    for _ in range(2):
        with pytest.raises(ImportError, match="no such library"):
            numbers()
