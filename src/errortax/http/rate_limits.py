"""
Header fields → rate limits: structured fields, and families of fields with a number each.

Pure, total and linear. Every list is read up to `MAX_WINDOWS` members.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final, TypeAlias, TypeVar

from errortax.http.fields import Role
from errortax.http.hints import Hint
from errortax.http.message import Headers
from errortax.http.structured_fields import Item, Value, parse_dictionary, parse_list
from errortax.model import RateLimit

MAX_WINDOWS: Final = 32
"""How many rate limits of one response are read."""

_MAX_LIST: Final = 8192  # characters; no server sends a longer list
_MAX_NAME: Final = 64
_COUNT: Final = r"(?a)\s*([0-9]{1,15})(?:\.[0-9]*)?\s*(?:;|$)"  # 15 digits: RFC 9651 §3.3.1
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_T = TypeVar("_T")

ReadWait: TypeAlias = Callable[[object, float], float | None]
"""Read a wait in seconds from a value, whose numbers count so many seconds."""


def members(headers: Headers, name: str) -> list[str]:
    """
    Return the members of the list in the fields called *name* (:rfc:`9110#section-5.6.1`), at most `MAX_WINDOWS`.

    The comma behind a weekday belongs to a date.
    """
    return members_in(",".join(headers.get_all(name)))


def members_in(text: str) -> list[str]:
    """
    Return the members of the list that a field with this *text* is, at most `MAX_WINDOWS`, as `members` does.
    """
    if "," not in text:
        return [text]
    pieces = text.split(",", 2 * MAX_WINDOWS)[: 2 * MAX_WINDOWS]
    found: list[str] = []
    is_date = False
    for piece in pieces:
        if is_date:
            found[-1] += f",{piece}"
        else:
            found.append(piece)
        is_date = not is_date and piece.strip()[:3].lower() in _WEEKDAYS
    return found[:MAX_WINDOWS]


def rate_limits(headers: Headers, hints: Sequence[tuple[str, Hint]], read_wait: ReadWait) -> tuple[RateLimit, ...]:
    """
    Return all rate limits of a response: those of the structured fields first, each once.

    The structured fields are ``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers). A policy
    without a state is a rate limit of its own, unless another one has its quota.
    """
    found: list[RateLimit] = []
    policies: list[tuple[str | None, int]] = []
    for name, hint in hints:
        if hint.role is Role.POLICIES:
            policies += _policies(_joined(headers, name))
    for name, hint in hints:
        if hint.role is Role.LIMITS:
            found += _structured(_joined(headers, name), dict(reversed(policies)), read_wait)
    found += _families(headers, hints, read_wait)
    if policies:
        stated = {limit.limit for limit in found}
        found += (RateLimit(quota, name=name) for name, quota in policies if quota not in stated)
    return tuple(dict.fromkeys(found))[:MAX_WINDOWS]


def _joined(headers: Headers, name: str) -> str:
    text = ", ".join(headers.get_all(name))
    return text if len(text) <= _MAX_LIST else ""


def _policies(text: str) -> list[tuple[str | None, int]]:
    """Return name and quota of each policy; in older drafts the quota is in the place of the name."""
    members = ((_name(value), _whole(parameters.get("q", value))) for value, parameters in parse_list(text) or ())
    return [(name, quota) for name, quota in members if quota is not None]


def _structured(text: str, quotas: Mapping[str | None, int], read_wait: ReadWait) -> Iterator[RateLimit]:
    for value, parameters in parse_list(text) or ():
        name = _name(value)
        yield from _usable(quotas.get(name), _whole(parameters.get("r")), _wait(parameters.get("t"), read_wait), name)
    older = parse_dictionary(text) or {}  # limit=100, remaining=50, reset=30
    limit, remaining, reset = (_value(older, key) for key in ("limit", "remaining", "reset"))
    yield from _usable(_whole(limit), _whole(remaining), _wait(reset, read_wait), None)


def _value(dictionary: Mapping[str, Item], key: str) -> Value:
    return dictionary[key][0] if key in dictionary else None


def _name(value: Value) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _MAX_NAME else None


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _wait(value: Value, read_wait: ReadWait) -> float | None:
    return None if isinstance(value, str) else read_wait(value, 1.0)


class _Family:
    """The values of the fields of one rate limit, or of several in the same fields; None: no such field."""

    __slots__ = ("limits", "remaining", "resets")

    def __init__(self) -> None:
        self.limits: list[int | None] | None = None
        self.remaining: list[int | None] | None = None
        self.resets: list[float | None] | None = None

    def windows(self, name: str | None) -> Iterator[RateLimit]:
        """Yield one window for each place if all fields have as many values, else one of the first readable values."""
        limits, remaining, resets = self.limits or (), self.remaining or (), self.resets or ()
        count = max(len(limits), len(remaining), len(resets))
        if {len(limits), len(remaining), len(resets)} <= {0, count}:
            for limit, left, reset in zip_longest(limits, remaining, resets):
                yield from _usable(limit, left, reset, name)
        else:
            yield from _usable(_first(limits), _first(remaining), _first(resets), name)


def _families(headers: Headers, hints: Iterable[tuple[str, Hint]], read_wait: ReadWait) -> Iterator[RateLimit]:
    """Yield the rate limits of fields that state one part of a limit each, and whose names belong together."""
    families: defaultdict[tuple[str, str | None], _Family] = defaultdict(_Family)
    for name, (role, key, window, unit, is_wait) in hints:
        family = families[key, window]
        if role is Role.LIMIT and family.limits is None:
            family.limits = [_count(member) for member in _without_policies(members(headers, name))]
        elif role is Role.REMAINING and family.remaining is None:
            family.remaining = [_count(member) for member in _without_policies(members(headers, name))]
        elif role is Role.RESET and (is_wait or family.resets is None):
            family.resets = [read_wait(member.partition(";")[0], unit) for member in members(headers, name)]
    for (_, window), family in families.items():
        yield from family.windows(window)


def _without_policies(values: list[str]) -> list[str]:
    """Leave out the members that only describe the first one: ``100, 100;w=60`` in older drafts."""
    return values if len(values) == 1 or ";" in values[0] else [value for value in values if ";" not in value]


def _count(text: str) -> int | None:
    match = re.match(_COUNT, text)
    return int(match[1]) if match else None


def _first(values: Iterable[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)


def _usable(limit: int | None, remaining: int | None, reset_after: float | None, name: str | None) -> Iterator[RateLimit]:
    if any(part is not None for part in (limit, remaining, reset_after)):
        yield RateLimit(limit, remaining, reset_after, name)
