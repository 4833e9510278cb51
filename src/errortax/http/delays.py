"""
One reader for every delay hint: seconds, dates, epochs, rate-limit headers, members of a body.

Pure and total: no text makes it raise, every delay is finite and not negative, time is linear in the input. An unreadable
or impossible value is None. *now* is always POSIX seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from math import inf
from typing import Final, TypeAlias, TypeVar

from errortax.http.fields import Role, fields
from errortax.http.message import Headers
from errortax.model import Category, RateLimit

_YEAR: Final = 31_557_600.0  # seconds, a quarter of a leap day included

MAX_DELAY: Final = 10 * _YEAR
"""The longest delay in seconds, ten years; longer ones are cut to this, since dropping one would retry at once."""

_MAX_HINT: Final = 64  # characters; the longest date has 40, and a limit on the text limits the time of the patterns
_EPOCH_SECONDS: Final = 1e9  # a larger number is a point in time: as a delay, 1e9 s would be 31 years
_EPOCH_MILLISECONDS: Final = 1e12
_MAX_NUMBER: Final = 1e16
_MID_ERA: Final = 1_577_836_800.0  # 2020-01-01, so that two-digit years mean 1970 to 2069

# strings, which `re` compiles at first use: most programs never read a date or a list
_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_COUNT: Final = r"(?a)\s*([0-9]{1,15})(?:\.[0-9]*)?\s*(?:[,;]|$)"  # 15 digits: RFC 9651 §3.3.1
_SEGMENT: Final = r'(?s)((?:"[^"\\]*(?:\\.[^"\\]*)*"?|[^",;]+)*)([,;]|\Z)'  # it never fails, so its time is linear
_MAX_LIST: Final = 8192  # characters; no server sends a longer list

_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final[Mapping[str, int]] = {
    spelling: number for number, name in enumerate(_MONTH_NAMES, 1) for spelling in (name, f"{number:02}")
}
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTH_NAMES)})"
_CLOCK: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}(?:\.[0-9]+)?)"
_ZONE: Final = r"(?P<zone>GMT|UTC|UT|Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
_DATE_FLAGS: Final = re.ASCII | re.IGNORECASE  # ASCII: digits and letters of other scripts are not allowed in a date
_HTTP_DATES: Final = (
    rf"(?:[a-z]{{3,9}}, *)?(?P<day>[0-9]{{1,2}})([ -]){_MONTH}\2(?P<year>[0-9]{{4}}|[0-9]{{2}}) +{_CLOCK} +{_ZONE}",
    rf"[a-z]{{3}} +{_MONTH} +(?P<day>[0-9]{{1,2}}) +{_CLOCK} +(?P<year>[0-9]{{4}})(?P<zone>)",  # asctime
)
_ANY_DATES: Final = (
    *_HTTP_DATES,
    rf"(?P<year>[0-9]{{4}})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-9]{{2}})[t ]{_CLOCK} ?{_ZONE}?",  # ISO 8601
)

_T = TypeVar("_T")

Dialect: TypeAlias = Mapping[str, str]  # the header names under `limit`, `remaining` and `reset`

_DELAYS: Final = tuple(row.name for row in fields(Role.DELAY))
_LIMITS: Final = tuple(row.name for row in fields(Role.LIMITS) if not row.is_family)
_POLICIES: Final = tuple(row.name for row in fields(Role.POLICIES))
_COMMON_DIALECTS: Final = tuple(
    {"limit": limit.name, "remaining": remaining.name, "reset": reset.name}
    for limit, remaining, reset in zip(fields(Role.LIMIT), fields(Role.REMAINING), fields(Role.RESET), strict=True)
)


def delay_header_names(dialect: Dialect | None) -> frozenset[str]:
    """
    Return the lower-case names of all header fields that may contain a delay or a rate limit.
    """
    names = {*_DELAYS, *_LIMITS, *_POLICIES, *(dialect or {}).values()}
    return frozenset(name.lower() for name in names.union(*(common.values() for common in _COMMON_DIALECTS)))


def reference_time(headers: Headers, now: float | None) -> float | None:
    """
    Return the POSIX time from which dates count: *now*, else the response's ``Date`` (:rfc:`9110#section-6.6.1`), else None.
    """
    return _first(headers, "Date", http_date) if now is None else now


def delay(
    headers: Headers,
    limit: RateLimit | None,
    category: Category | None,
    *,
    now: float,
    members: Iterable[object] = (),
) -> float | None:
    """
    Return the wait in seconds that a response asks for, or None if it asks for none.

    ``Retry-After`` counts first, then the first readable one of *members*: values of the body that the vendor's file
    declares as delays. The reset of the rate *limit* counts only if *category* is rate_limited or nothing remains.
    """
    named = (_first(headers, name, lambda text: retry_after(text, now=now)) for name in _DELAYS)
    in_body = (_member(member, now) for member in members)
    for explicit in chain(named, in_body):
        if explicit is not None:
            return explicit
    if limit is not None and (category is Category.RATE_LIMITED or limit.remaining == 0):
        return limit.reset_after
    return None


def retry_after(value: str, *, now: float) -> float | None:
    """
    Return the wait in seconds of a ``Retry-After`` field (:rfc:`9110#section-10.2.3`), or None if it is malformed.

    Accept decimals too. A date in the past means 0.0; a longer wait than `MAX_DELAY` means `MAX_DELAY`.
    """
    text = _trimmed(value)
    if re.fullmatch(_NUMBER, text):
        return _capped(float(text))
    return _until(http_date(text, now=now), now)


def http_date(value: str, *, now: float = _MID_ERA) -> float | None:
    """
    Return an HTTP-date in any of its three forms (:rfc:`9110#section-5.6.7`) as POSIX seconds, or None.

    Accept numeric zones too; ignore the weekday. A year of two digits is at most 50 years after *now*.
    """
    return _date(_HTTP_DATES, _trimmed(value), now)


def rate_limit(headers: Headers, dialect: Dialect | None, *, now: float) -> RateLimit | None:
    """
    Return the rate limit that the headers state, or None.

    Try the vendor's *dialect*, then the structured field ``RateLimit`` with ``RateLimit-Policy``
    (draft-ietf-httpapi-ratelimit-headers), then the usual triples of headers, then the policy alone.
    """
    return next((limit for limit in _rate_limits(headers, dialect, now) if limit is not None), None)


def _rate_limits(headers: Headers, dialect: Dialect | None, now: float) -> Iterator[RateLimit | None]:
    if dialect is not None:
        yield _from_dialect(headers, dialect, now)
    policies = _members(headers, _POLICIES)
    quotas = {name: _count(parameters.get("q", name)) for name, parameters in policies}  # in older drafts the name is the quota
    if members := _members(headers, _LIMITS):
        yield _tightest(members, quotas, now)
    for common in _COMMON_DIALECTS:
        yield _from_dialect(headers, common, now)
    yield _usable(next((quota for quota in quotas.values() if quota is not None), None), None, None)


def _from_dialect(headers: Headers, dialect: Dialect, now: float) -> RateLimit | None:
    return _usable(
        _first(headers, dialect.get("limit"), _count),
        _first(headers, dialect.get("remaining"), _count),
        _first(headers, dialect.get("reset"), lambda text: _reset(text, now)),
    )


def _tightest(members: list[tuple[str, dict[str, str]]], quotas: Mapping[str, int | None], now: float) -> RateLimit | None:
    limits = [
        _usable(quotas.get(name), _count(parameters.get("r", "")), _reset(parameters.get("t", ""), now))
        for name, parameters in members
        if parameters
    ]
    older = {key: value for key, _, value in (name.partition("=") for name, _ in members)}  # limit=100, remaining=50, reset=30
    limits.append(
        _usable(_count(older.get("limit", "")), _count(older.get("remaining", "")), _reset(older.get("reset", ""), now))
    )
    return min((limit for limit in limits if limit is not None), key=_rank, default=None)


def _rank(limit: RateLimit) -> tuple[float, float]:
    remaining = inf if limit.remaining is None else limit.remaining
    return remaining, -(limit.reset_after or 0.0)  # of two used-up limits, the longer wait counts


def _usable(limit: int | None, remaining: int | None, reset_after: float | None) -> RateLimit | None:
    if limit is None and remaining is None and reset_after is None:
        return None
    return RateLimit(limit, remaining, reset_after)


def _members(headers: Headers, names: Iterable[str]) -> list[tuple[str, dict[str, str]]]:
    """Return item and parameters of each member of a list (:rfc:`9651#section-3.1`); malformed text never fails."""
    members: list[tuple[str, dict[str, str]]] = []
    within = False
    field = ", ".join(value for name in names for value in headers.get_all(name)).lower()
    if not 0 < len(field) <= _MAX_LIST:
        return members
    for text, end in re.findall(_SEGMENT, field):
        if within:
            key, _, value = text.partition("=")
            members[-1][1][key.strip()] = value
        else:
            members.append((text.strip(), {}))
        within = end == ";"
    return members


def _first(headers: Headers, name: str | None, read: Callable[[str], _T | None]) -> _T | None:
    if name is None:
        return None
    for value in headers.get_all(name):
        for text in (value, value.partition(", ")[0]):  # some clients join fields with the same name (RFC 9110 §5.3)
            found = read(text)
            if found is not None:
                return found
    return None


def _member(value: object, now: float) -> float | None:
    if isinstance(value, str):
        return _reset(value, now)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _after(value, now)
    return None


def _reset(value: str, now: float) -> float | None:
    text = _trimmed(value)
    if re.fullmatch(_NUMBER, text):
        return _after(float(text), now)
    return _until(_date(_ANY_DATES, text, now), now)


def _after(number: float, now: float) -> float | None:
    if not 0 <= number <= _MAX_NUMBER:  # before any arithmetic: an integer may be too large for a float
        return None
    if number > _EPOCH_MILLISECONDS:
        return _until(number / 1000, now)
    if number > _EPOCH_SECONDS:
        return _until(float(number), now)
    return _capped(float(number))


def _until(moment: float | None, now: float) -> float | None:
    if moment is None:
        return None
    return 0.0 if moment < now else _capped(moment - now)


def _capped(seconds: float) -> float | None:
    return min(seconds, MAX_DELAY) if seconds >= 0.0 else None  # None for NaN, too


def _count(text: str) -> int | None:
    match = re.match(_COUNT, text)
    return int(match[1]) if match else None


def _trimmed(value: str) -> str:
    text = value.strip(" \t\r\n")
    return text if len(text) <= _MAX_HINT else ""


def _date(patterns: Iterable[str], text: str, now: float) -> float | None:
    match = next((match for pattern in patterns if (match := re.fullmatch(pattern, text, _DATE_FLAGS))), None)
    return None if match is None else _moment(match, now)


def _moment(date: re.Match[str], now: float) -> float | None:
    year, second = int(date["year"]), float(date["second"])
    if year < 100:  # RFC 850's form
        year += 2000
        year -= 100 if year - 1970 > now / _YEAR + 50 else 0
    if second >= 61:  # 60 is a leap second (RFC 9110 §5.6.7)
        return None
    try:
        minute = datetime(
            year, _MONTHS[date["month"].lower()], int(date["day"]), int(date["hour"]), int(date["minute"]), tzinfo=UTC
        )
    except ValueError:  # no such day or time
        return None
    return minute.timestamp() + second - _offset(date["zone"] or "")  # an ISO 8601 date without a zone is read as UTC


def _offset(zone: str) -> float:
    if not zone.startswith(("+", "-")):
        return 0.0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return minutes * (60.0 if zone[0] == "+" else -60.0)
