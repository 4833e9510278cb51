"""
How much room a text takes on a screen with characters of equal width.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width


def cells(text: str) -> int:
    """
    Return how many columns *text* takes: two for a wide character, none for a combining one.
    """
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 1 + is_wide(char) for char in text)


def is_wide(char: str) -> bool:
    """
    Return whether a character takes two columns, as those of Chinese and Japanese do.
    """
    return not char.isascii() and east_asian_width(char) in "WF"


def padded(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """
    Return *rows* of cells with blanks, so that each column has one width.
    """
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [[cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows]
