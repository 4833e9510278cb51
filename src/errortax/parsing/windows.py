"""
Rate limits and delays at the places that a vendor's file names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from errortax.http import Headers
from errortax.http.rate_limits import MAX_WINDOWS, members_in
from errortax.model import RateLimit
from errortax.parsing.conditions import all_of
from errortax.parsing.places import field_of

Delay: TypeAlias = tuple[object, float]
"""A value that states a delay, and how many seconds its numbers count."""

_UNITS: Final[Mapping[str | None, float]] = {None: 1.0, "s": 1.0, "ms": 0.001}
_MAX_DIGITS: Final = 15  # RFC 9651, section 3.3.1
_PARTS: Final = ("limit", "remaining", "used", "reset")


class Windows:
    """
    Find the rate limits in responses, at the places of the windows in ``rate_limits``.

    *fields* are the lower-case names of the header fields that they are in.
    """

    def __init__(self, data: Iterable[Mapping[str, Any]]) -> None:
        self._windows = [_Window(window) for window in data]
        self.fields = frozenset(name for window in self._windows for name in window.fields)

    def find(self, document: object, headers: Headers, now: float) -> list[RateLimit]:
        """
        Return the rate limits of a response; moments count from *now*, POSIX seconds.
        """
        limits = (limit for window in self._windows for limit in window.limits(document, headers, now))
        return [*dict.fromkeys(limits)][:MAX_WINDOWS]


class _Window:
    """One window; a response that states several values in each place has several windows there."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._name: str | None = data.get("name")
        self._unit = _unit_of(data.get("reset", ""))
        self._parts = {part: all_of([_without_unit(data[part])] if part in data else (), _stated) for part in _PARTS}
        places = (data[part] for part in _PARTS if part in data)
        self.fields = [name.lower() for place in places if (name := field_of(_without_unit(place)))]

    def limits(self, document: object, headers: Headers, now: float) -> Iterator[RateLimit]:
        counts, found = {}, {part: find(document, headers) for part, find in self._parts.items()}
        for part in ("limit", "remaining", "used"):
            counts[part] = [_count(value) for value in _listed(found[part])]
        from errortax.http import delays  # as in `PreparedVendor.redactor`

        resets = [delays.wait(value, now=now, unit=self._unit) for value in _listed(found["reset"])]
        columns: list[list[Any]] = [counts["limit"], counts["remaining"], counts["used"], resets]
        if len({len(column) for column in columns if column}) > 1:  # not the same windows
            columns = [column[:1] for column in columns]
        for limit, remaining, used, reset in zip_longest(*columns):
            left = max(0, limit - used) if remaining is None and limit is not None and used is not None else remaining
            if limit is not None or left is not None or reset is not None:
                yield RateLimit(limit, left, reset, self._name)


def delays_at(places: Iterable[Any]) -> Callable[[object, Headers], list[Delay] | None]:
    """
    Return a function that returns the values at the *places* of delays, each with its unit, or None if there are none.
    """
    finders = [(all_of([_without_unit(place)], _stated), _unit_of(place)) for place in places]

    def find(document: object, headers: Headers) -> list[Delay] | None:
        return [(value, unit) for values, unit in finders for value in values(document, headers)][:MAX_WINDOWS] or None

    return find


def _unit_of(place: Any) -> float:
    return _UNITS[None if isinstance(place, str) else place.get("unit")]


def _without_unit(place: Any) -> Any:
    return place if isinstance(place, str) else {name: part for name, part in place.items() if name != "unit"}


def _stated(value: object) -> object | None:
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _listed(values: Iterable[object]) -> Iterator[object]:
    """Yield the values; a text may be a list of them (:rfc:`9110#section-5.6.1`)."""
    for value in values:
        yield from members_in(value) if isinstance(value, str) else (value,)


def _count(value: object) -> int | None:
    """Return a number of requests or of anything else that is limited, without fractions and parameters."""
    if isinstance(value, str):
        digits = value.partition(";")[0].strip().partition(".")[0]
        value = int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= _MAX_DIGITS else None
    if not isinstance(value, (int, float)) or not 0 <= value < 10**_MAX_DIGITS:
        return None
    return int(value)
