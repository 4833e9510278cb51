"""
Waits in words: seconds, minutes, hours or days, in each language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final

_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def duration_text(seconds: float, forms: Mapping[str, Sequence[str]]) -> str:
    """
    Return a wait of so many *seconds* in words, never shorter than it is.

    The unit is the largest one that fits exactly, or at least twice: 60 are 1 minute, 90 are 90 seconds, 150 are 3 minutes.
    *forms* are the words of a language for each unit: for one and for several, or one form for both.
    """
    whole = ceil(seconds)
    fitting = (one for one in _UNITS if whole == one[1] or whole >= 2 * one[1])
    unit, size = next(fitting, _UNITS[-1])
    number = -(-whole // size)  # rounded up: nobody comes too early
    return forms[unit][0 if number == 1 else -1].format(n=number)
