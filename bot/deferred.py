"""Parts of Rasa that are imported when somebody uses them, and not before.

To read a model Rasa imports the classes it was trained by, among them all neural components, and TensorFlow with them:
half of the time of a start and a third of the memory, for a pipeline that has none. The modules named here stand for
themselves until one of their classes is called, derived from or asked for an attribute; then they are imported and the
real class answers. Pipelines with neural components therefore work as they always do.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType, new_class
from typing import Any, Final

MODULES: Final = frozenset(
    {
        "rasa.graph_components.validators.default_recipe_validator",
        "rasa.utils.tensorflow.callback",
        "rasa.utils.tensorflow.data_generator",
    }
)
"""Modules that hold nothing but classes, and through which alone a process that only predicts meets TensorFlow."""


def defer() -> None:
    """Defers :data:`MODULES` from now on; those that have been imported stay as they are."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def import_now() -> None:
    """Imports every deferred module: training reads their classes' descent, which no stand-in has."""
    for name in MODULES:
        import_module(name)
        _imported(name)


class _StandIn(type):
    """The class of classes that stand for one of a deferred module."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
        """A stand-in; or, when somebody derives from one, a class derived from the real one."""
        if not bases:
            return super().__new__(mcs, name, bases, namespace)
        real = tuple(_real(base) if isinstance(base, _StandIn) else base for base in bases)
        return new_class(name, real, exec_body=lambda body: body.update(namespace))

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """An instance of the real class."""
        return _real(cls)(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        """An attribute of the real class; what Python itself asks every class for is no use of it."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(cls), name)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _real(cls))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _real(cls))


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Our own spec for a deferred module."""
        return ModuleSpec(fullname, _Loader()) if fullname in MODULES else None


class _Loader(Loader):
    def exec_module(self, module: ModuleType) -> None:
        """Fills a module with stand-ins, as they are asked for."""
        module.__getattr__ = partial(_stand_in, module)  # type: ignore[method-assign]


def _stand_in(module: ModuleType, name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    made = _StandIn(name, (), {"__module__": module.__name__})
    setattr(module, name, made)
    return made


def _real(stand_in: type) -> Any:
    """The class a stand-in stands for."""
    module = _imported(stand_in.__module__)
    return getattr(module, stand_in.__name__)


def _imported(name: str) -> ModuleType:
    """The module itself; imported by the first who needs it."""
    present = sys.modules[name]
    if not isinstance(present.__spec__ and present.__spec__.loader, _Loader):
        return present
    package = sys.modules[name.rpartition(".")[0]]
    spec = PathFinder.find_spec(name, list(package.__path__))
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules[name] = present
        raise
    setattr(package, name.rpartition(".")[2], module)
    return module
