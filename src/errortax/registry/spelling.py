"""
Other spellings of codes: those that a vendor's file states, and those that differ in what does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any


def spelled(code: str, alike: Collection[str]) -> str:
    """
    Return the *code* in the one spelling that all its spellings have in common: with hyphens, in lower case.

    *alike* says which of the two do not matter: ``hyphen_underscore``, ``case``.
    """
    if "hyphen_underscore" in alike:
        code = code.replace("_", "-")
    return code.lower() if "case" in alike else code


def by_spelling(codes: Iterable[str], alike: Collection[str]) -> dict[str, str]:
    """
    Return the documented *codes* by that spelling; of two that are alike, the first in the alphabet counts.
    """
    return {spelled(code, alike): code for code in sorted(codes, reverse=True)}


class Spellings:
    """
    Find the documented code that another spelling stands for.

    *entries* are those of a vendor's file, *alike* says which differences do not matter.
    """

    def __init__(self, entries: Collection[Mapping[str, Any]], alike: Collection[str]) -> None:
        codes = [entry["code"] for entry in entries]
        self._alike = alike
        self._others: dict[str, str] = {other: entry["code"] for entry in entries for other in entry.get("also", ())}
        self._spelled = by_spelling(codes, alike) if alike else {}
        if alike:
            self._spelled = {spelled(other, alike): code for other, code in sorted(self._others.items())} | self._spelled

    def documented(self, code: str) -> str | None:
        """
        Return the documented code for which *code* stands, or None.
        """
        if code in self._others:
            return self._others[code]
        return self._spelled.get(spelled(code, self._alike)) if self._alike else None
