"""
errortax as it is in another environment, such as one without an optional library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import module_from_spec
from types import ModuleType

import pytest


def imported_anew(module: ModuleType, libraries: Mapping[str, object]) -> ModuleType:
    """
    Return the *module* as it is imported where *libraries* are found under these names; None is found nowhere.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, library in libraries.items():
            patch.setitem(sys.modules, name, library)
        assert module.__spec__ is not None
        assert module.__spec__.loader is not None
        anew = module_from_spec(module.__spec__)
        module.__spec__.loader.exec_module(anew)
        return anew


@contextmanager
def errortax_without(*libraries: str) -> Iterator[ModuleType]:
    """
    Give the whole package, imported anew, as it is where *libraries* are not installed.
    """
    before = _forgotten()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for library in libraries:
                patch.setitem(sys.modules, library, None)
            yield import_module("errortax")
    finally:
        _forgotten()  # also what was not imported before
        sys.modules.update(before)


def _forgotten() -> dict[str, ModuleType]:
    """Take all modules of errortax out of those that are imported, and return them."""
    return {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] == "errortax"}
