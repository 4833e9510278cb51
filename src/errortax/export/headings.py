"""
The heading of each generated file.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Final

MARK: Final = "Made by errortax"
"""The mark in every generated file whose format has a place for it."""


def heading(command: str, limits: Iterable[str] = (), *, comment: str = "# ") -> str:
    """
    Return the lines at the top of a generated file: the *command* that made it, the version, and the *limits*.
    """
    lines = [f"{MARK} {_version()} with `{command}`; change the data or the options and run it again."]
    if found := tuple(limits):
        lines += ["Limits:", *(f"- {limit}" for limit in found)]
    return "".join(f"{comment}{line}".rstrip() + "\n" for line in lines)


def _version() -> str:
    try:
        return version("errortax")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"
