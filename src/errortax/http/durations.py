"""
Durations in header fields and bodies → seconds: numbers with units, such as ``1m30s``, and those of ISO 8601.

Pure and total: a text that is not a duration is None; no duration is negative or infinite.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MAX_DURATION: Final = 96
"""Characters of the longest duration."""

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86_400.0

UNITS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    # the micro sign, the Greek letter, and the sign in UTF-8 read as ISO 8859-1, as header fields are
    **dict.fromkeys(("us", "\u00b5s", "\u03bcs", "\u00e2\u00b5s", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), _MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), _HOUR),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * _DAY),
}
"""Lower-case unit → seconds."""

_NUMBER: Final = r"[0-9]{1,32}(?:[.,][0-9]{1,32})?"
_PART: Final = r"([0-9]{1,32}(?:\.[0-9]{1,32})?) *([a-z\u00b5\u03bc\u00e2]{1,12}) *"
_ISO_UNITS: Final = (366 * _DAY, 31 * _DAY, 7 * _DAY, _DAY, _HOUR, _MINUTE, 1.0)  # the longest, so that no wait is too short
_ISO: Final = (
    rf"p(?=.)(?:({_NUMBER})y)?(?:({_NUMBER})m)?(?:({_NUMBER})w)?(?:({_NUMBER})d)?"
    rf"(?:t(?=.)(?:({_NUMBER})h)?(?:({_NUMBER})m)?(?:({_NUMBER})s)?)?"
)


def duration(value: str) -> float | None:
    """
    Return a duration in seconds, or None: ``1m30s``, ``6m0s``, ``12ms``, ``30 seconds``, or ``PT30S`` (ISO 8601).
    """
    text = value.strip(" \t\r\n").lower()
    if not 0 < len(text) <= MAX_DURATION:
        return None
    return _iso(text) if text.startswith("p") else _with_units(text)


def _iso(text: str) -> float | None:
    match = re.fullmatch(_ISO, text, re.ASCII)
    if match is None:
        return None
    numbers = (float(number.replace(",", ".")) if number else 0.0 for number in match.groups())
    return sum(number * unit for number, unit in zip(numbers, _ISO_UNITS, strict=True))


def _with_units(text: str) -> float | None:
    part = re.compile(_PART)
    total, position = 0.0, 0
    while position < len(text):
        match = part.match(text, position)
        unit = None if match is None else UNITS.get(match[2])
        if match is None or unit is None:
            return None
        total += float(match[1]) * unit
        position = match.end()
    return total
