"""
One reader for every delay hint: seconds, durations, dates, moments, rate limits, members of a body.

Pure and total: no text makes it raise, every delay is finite and not negative, time is linear in the input. An unreadable
or impossible value is None. *now* is always POSIX seconds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import partial
from itertools import chain
from typing import Final

from errortax.http.dates import MAX_DATE, date, http_date
from errortax.http.durations import duration
from errortax.http.fields import Role
from errortax.http.hints import hints
from errortax.http.message import Headers
from errortax.http.rate_limits import MAX_WINDOWS, rate_limits
from errortax.http.rate_limits import members as members_of
from errortax.model import MAX_DELAY, Category, RateLimit

_MAX_NUMBER: Final = 1e65  # a larger one is not a delay in any unit
_NUMBER: Final = r"[0-9]{1,64}(?:\.[0-9]{1,64})?"
_MOMENTS: Final = ((1e18, 1e9), (1e15, 1e6), (1e12, 1e3), (1e9, 1.0))
"""From how many seconds on a number is a moment, in nanoseconds, …, seconds: as a delay, 1e9 s would be 31 years."""


def reference_time(headers: Headers, now: float | None) -> float | None:
    """
    Return the POSIX time from which dates count: *now*, else the response's ``Date`` (:rfc:`9110#section-6.6.1`), else None.
    """
    if now is not None:
        return now
    return next((moment for value in members_of(headers, "Date") if (moment := http_date(value)) is not None), None)


def stated_delays(
    headers: Headers,
    category: Category | None,
    *,
    now: float,
    members: Iterable[tuple[object, float]] = (),
    declared: Iterable[RateLimit] = (),
    known: Collection[str] = (),
) -> tuple[tuple[RateLimit, ...], float | None]:
    """
    Return all rate limits of a response, and the wait in seconds that it asks for; None if it asks for none.

    ``Retry-After`` counts first, then its relatives, then the first readable one of *members*. The reset of a rate limit
    counts only if *category* is rate_limited or nothing remains of it.

    Args:
        headers: the header fields of the response.
        category: the category of the error, if it is one.
        now: POSIX seconds from which moments and dates count.
        members: values at the places that the vendor's file declares as delays, each with the seconds that its numbers count.
        declared: the rate limits at the places that the vendor's file declares.
        known: the lower-case names of the fields that those are in.

    """
    found = hints(headers, known)
    read = partial(_wait_in, now)
    named = (read(text, hint.unit) for name, hint in found if hint.role is Role.DELAY for text in members_of(headers, name))
    limits = tuple(dict.fromkeys((*declared, *rate_limits(headers, found, read))))[:MAX_WINDOWS]
    in_places = (read(value, unit) for value, unit in members)
    explicit = next((seconds for seconds in chain(named, in_places) if seconds is not None), None)
    return limits, _reset(limits, category) if explicit is None else explicit


def wait(value: object, *, now: float, unit: float = 1.0) -> float | None:
    """
    Return the wait in seconds that a field or a member of a body states, or None if it is not readable.

    A text is a number, a duration or a date. A number counts *unit* seconds; one of a billion seconds or more is a moment:
    POSIX time in seconds, milliseconds, microseconds or nanoseconds by its size. A moment in the past means 0.0; a longer
    wait than `MAX_DELAY` means `MAX_DELAY`.
    """
    if isinstance(value, str):
        return _wait_in_text(value.strip(" \t\r\n"), now, unit)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _wait_in_number(value, now, unit)
    return None


def _wait_in(now: float, value: object, unit: float = 1.0) -> float | None:
    return wait(value, now=now, unit=unit)


def _wait_in_text(text: str, now: float, unit: float) -> float | None:
    if not 0 < len(text) <= MAX_DATE:
        return None
    if re.fullmatch(_NUMBER, text):
        return _wait_in_number(float(text), now, unit)
    seconds = duration(text)
    return _until(date(text, now=now), now) if seconds is None else _capped(seconds)


def _wait_in_number(number: float, now: float, unit: float) -> float | None:
    if not 0 <= number < _MAX_NUMBER:  # before any arithmetic: an integer may be too large for a float
        return None
    seconds = number * unit
    fraction = next((fraction for least, fraction in _MOMENTS if seconds >= least), None)
    return _capped(float(seconds)) if fraction is None else _until(seconds / fraction, now)


def _until(moment: float | None, now: float) -> float | None:
    if moment is None:
        return None
    return 0.0 if moment < now else _capped(moment - now)


def _capped(seconds: float) -> float | None:
    return min(seconds, MAX_DELAY) if seconds >= 0.0 else None  # None for NaN, too


def _reset(limits: Iterable[RateLimit], category: Category | None) -> float | None:
    """Return the reset of the tightest limit that states one, if that limit is used up."""
    for limit in sorted(limits, key=lambda limit: limit.tightness):
        if category is not Category.RATE_LIMITED and limit.remaining != 0:
            return None
        if limit.reset_after is not None:
            return limit.reset_after
    return None
