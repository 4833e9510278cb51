"""
Dates in header fields and bodies → POSIX seconds: those of HTTP, of ISO 8601 and of JavaScript.

Pure and total. The patterns match a text in one way only, so their time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

_YEAR: Final = 31_557_600.0  # seconds, a quarter of a leap day included

MAX_DATE: Final = 96
"""Characters of the longest date; JavaScript writes the name of the time zone behind it."""

_MID_ERA: Final = 1_577_836_800.0  # 2020-01-01, so that two-digit years mean 1970 to 2069

# strings, which `re` compiles at first use: most programs never read a date
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final[Mapping[str, int]] = {
    spelling: number for number, name in enumerate(_MONTH_NAMES, 1) for spelling in (name, f"{number:02}")
}
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTH_NAMES)})"
_CLOCK: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}(?:\.[0-9]+)?)"
_OFFSET: Final = r"[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_ZONE: Final = rf"(?P<zone>GMT|UTC|UT|Z|{_OFFSET})"
_FLAGS: Final = re.ASCII | re.IGNORECASE  # ASCII: digits and letters of other scripts are not allowed in a date
_HTTP_DATES: Final = (
    rf"(?:[a-z]{{3,9}}, *)?(?P<day>[0-9]{{1,2}})([ -]){_MONTH}\2(?P<year>[0-9]{{4}}|[0-9]{{2}}) +{_CLOCK} +{_ZONE}",
    rf"[a-z]{{3}} +{_MONTH} +(?P<day>[0-9]{{1,2}}) +{_CLOCK} +(?P<year>[0-9]{{4}})(?P<zone>)",  # asctime
)
_ALL_DATES: Final = (
    *_HTTP_DATES,
    # ISO 8601, and JavaScript's Date.toString
    rf"(?P<year>[0-9]{{4}})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-9]{{2}})[t ]{_CLOCK} ?{_ZONE}?",
    rf"[a-z]{{3}} {_MONTH} (?P<day>[0-9]{{2}}) (?P<year>[0-9]{{4}}) {_CLOCK} GMT(?P<zone>{_OFFSET})(?: \([^()]*\))?",
)


def http_date(value: str, *, now: float = _MID_ERA) -> float | None:
    """
    Return an HTTP-date in any of its three forms (:rfc:`9110#section-5.6.7`) as POSIX seconds, or None.

    Accept numeric zones too; ignore the weekday. A year of two digits is at most 50 years after *now*.
    """
    return _date(_HTTP_DATES, value, now)


def date(value: str, *, now: float = _MID_ERA) -> float | None:
    """
    Return a date of HTTP, ISO 8601 or JavaScript as POSIX seconds, or None; without a zone it is UTC.
    """
    return _date(_ALL_DATES, value, now)


def _date(patterns: Iterable[str], value: str, now: float) -> float | None:
    text = value.strip(" \t\r\n")
    if len(text) > MAX_DATE:
        return None
    match = next((match for pattern in patterns if (match := re.fullmatch(pattern, text, _FLAGS))), None)
    return None if match is None else _moment(match, now)


def _moment(match: re.Match[str], now: float) -> float | None:
    year, second = int(match["year"]), float(match["second"])
    if year < 100:  # RFC 850's form
        year += 2000
        year -= 100 if year - 1970 > now / _YEAR + 50 else 0
    if second >= 61:  # 60 is a leap second (RFC 9110 §5.6.7)
        return None
    month, day, hour, minute = _MONTHS[match["month"].lower()], int(match["day"]), int(match["hour"]), int(match["minute"])
    try:
        start = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:  # no such day or time
        return None
    return start.timestamp() + second - _offset(match["zone"] or "")


def _offset(zone: str) -> float:
    if not zone.startswith(("+", "-")):
        return 0.0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return minutes * (60.0 if zone[0] == "+" else -60.0)
