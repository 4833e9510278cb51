"""
Header fields that state a wait or a rate limit, recognised by their names.

The fields of rate limits come in families that no table can list: ``X-RateLimit-Remaining-Tokens``,
``acme-ratelimit-tokens-remaining``, ``X-Rate-Limit-Reset-Ms``. Their names are read word by word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from errortax.http.fields import Role, fields
from errortax.http.message import HINT_WORDS, Headers

MAX_HINTS: Final = 64
"""How many fields are read: the number is the sender's, and no server needs more."""

_MAX_NAME: Final = 64  # characters

_PARTS: Final[Mapping[str, Role]] = {
    "limit": Role.LIMIT,
    "remaining": Role.REMAINING,
    "reset": Role.RESET,
    "resets": Role.RESET,
    "resettime": Role.RESET,
}
# behind "reset", these are not the name of a window
_RESET_WORDS: Final = frozenset({"after", "at", "date", "epoch", "in", "time", "timestamp"})
_UNITS: Final[Mapping[str, float]] = {  # not "second" and "minute": these are names of windows
    **dict.fromkeys(("ns", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "seconds"), 1.0),
    "minutes": 60.0,
}


class Hint(NamedTuple):
    """
    Say what a header field states.

    *role* is DELAY, LIMIT, REMAINING or RESET; LIMITS or POLICIES for the structured fields. *family* and *window* are equal
    for the fields of one rate limit; *window* is None if the name has none. A wait counts in units of *unit* seconds.
    *is_wait* is true for a reset that is a wait by its name, not a moment.
    """

    role: Role
    family: str = ""
    window: str | None = None
    unit: float = 1.0
    is_wait: bool = False


_TABLE: Final = {
    row.key: Hint(row.role, unit=row.unit) for row in fields(Role.DELAY, Role.LIMITS, Role.POLICIES) if not row.is_family
}


def hints(headers: Headers, known: Collection[str] = ()) -> list[tuple[str, Hint]]:
    """
    Return the names of the fields that state a wait or a rate limit, with their meanings; those of the table come first.

    *known* are lower-case names that somebody else reads.
    """
    names = [name for name in headers if any(word in name for word in HINT_WORDS) and name not in known]
    found = [(name, hint) for name, hint in _TABLE.items() if name in names]  # however many others there are
    others = ((name, hint_of(name)) for name in names if name not in _TABLE)
    return [*found, *islice(((name, hint) for name, hint in others if hint), MAX_HINTS)]


def hint_of(name: str) -> Hint | None:
    """
    Return the meaning of the field with this lower-case *name*, or None.
    """
    return _hint_of(name) if len(name) <= _MAX_NAME else None


@lru_cache(maxsize=1024)
def _hint_of(name: str) -> Hint | None:
    words = name.replace("rate-limit", "ratelimit").split("-")
    *rest, last = words
    unit = _UNITS.get(last)
    if unit is not None:
        words = rest
    unit = unit or 1.0
    if "ratelimit" in words:
        start = words.index("ratelimit")
        return _limit_hint("-".join(words[:start]), words[start + 1 :], unit)
    return Hint(Role.DELAY, unit=unit) if words[-2:] == ["retry", "after"] else None


def _limit_hint(family: str, words: list[str], unit: float) -> Hint | None:
    if words[-2:] == ["retry", "after"]:
        return Hint(Role.RESET, family, _window(words[:-2]), unit, is_wait=True)
    part = next((word for word in words if word in _PARTS), None)
    if part is None:
        return None
    place, role = words.index(part), _PARTS[part]
    before, after = words[:place], words[place + 1 :]
    is_wait = role is Role.RESET and after[:1] == ["after"]
    if role is Role.RESET:
        after = [word for word in after if word not in _RESET_WORDS]
    return Hint(role, family, _window([*before, *after]), unit if role is Role.RESET else 1.0, is_wait)


def _window(words: Iterable[str]) -> str | None:
    return "-".join(words) or None
