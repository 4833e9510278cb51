"""
Codes of vendors that do not distinguish hyphens and underscores.
"""

from __future__ import annotations

from collections.abc import Iterable


def spelled(code: str) -> str:
    """
    Return the *code* in the one spelling that all its spellings have in common: with hyphens.
    """
    return code.replace("_", "-")


def by_spelling(codes: Iterable[str]) -> dict[str, str]:
    """
    Return the documented *codes* by that spelling; of two that are alike, the first in the alphabet counts.
    """
    return {spelled(code): code for code in sorted(codes, reverse=True)}
