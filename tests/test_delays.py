"""
The reader of delay hints.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate
from math import inf, isfinite, nan
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errortax import Category, Headers, RateLimit
from errortax.http.delays import MAX_DELAY, delay, delay_header_names, http_date, rate_limit, reference_time, retry_after

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC).timestamp()


def delay_of(
    headers: Headers,
    dialect: dict[str, str] | None,
    category: Category | None,
    *,
    now: float = NOON,
    members: tuple[object, ...] = (),
) -> float | None:
    """Read the rate limit and then the delay, as the parser does."""
    return delay(headers, rate_limit(headers, dialect, now=now), category, now=now, members=members)


SECONDS = [
    ("0", 0.0),
    ("120", 120.0),
    ("1.5", 1.5),
    (" 30\t", 30.0),
    ("007", 7.0),
    ("Tue, 01 Jan 2030 12:01:00 GMT", 60.0),
    ("Tuesday, 01-Jan-30 12:01:00 GMT", 60.0),
    ("Tue Jan  1 12:01:00 2030", 60.0),
    ("Tue, 01 Jan 2030 13:01:00 +0100", 60.0),
    ("Tue, 01 Jan 2030 10:31:00 -01:30", 60.0),
    ("tue, 1 jan 2030 12:00:60 utc", 60.0),
    ("01 Jan 2030 12:00:30 GMT", 30.0),
    ("Tue, 01 Jan 2030 11:00:00 GMT", 0.0),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
    ("Sat, 01 Jan 0099 00:00:00 GMT", 0.0),
]

MALFORMED = [
    "",
    "soon",
    "-1",
    "+1",
    ".5",
    "1.",
    "1e3",
    "0x10",
    "1_000",
    "1,5",
    "1 2",
    "10s",
    "nan",
    "inf",
    "Infinity",
    "\u0663",
    "1\u0663",
    "\uff13\uff10",
    "\u00b2",
    "\ud800",
    pytest.param("9" * 5000, id="digits"),
    pytest.param("1." + "0" * 5000, id="decimals"),
    "Tue, 32 Jan 2030 12:00:00 GMT",
    "Tue, 30 Feb 2030 12:00:00 GMT",
    "Tue, 00 Jan 2030 12:00:00 GMT",
    "Tue, 01 Jab 2030 12:00:00 GMT",
    "Tue, 01 Jan 2030 24:00:00 GMT",
    "Tue, 01 Jan 2030 12:60:00 GMT",
    "Tue, 01 Jan 2030 12:00:61 GMT",
    "Tue, 01 Jan 2030 12:00:00 +2400",
    "Tue, 01 Jan 2030 12:00:00 +0060",
    "Tue, 01 Jan 2030 12:00:00 CET",
    "Tue, 01 Jan 2030 12:00:00",
    "Tue, 01-Jan 2030 12:00:00 GMT",
    "Tue, \u0660\u0661 Jan 2030 12:00:00 GMT",
    "Tue, 01 Jan 2030 12:00:00 GMT" + " " * 40 + ".",
]


@pytest.mark.parametrize(("value", "seconds"), SECONDS)
def test_retry_after(value: str, seconds: float) -> None:
    """
    Retry-After is read as seconds and as a date in each of the three forms; a date in the past means now.
    """
    assert seconds == retry_after(value, now=NOON)


@pytest.mark.parametrize("value", MALFORMED)
def test_retry_after_malformed(value: str) -> None:
    """
    A malformed Retry-After is None.
    """
    assert retry_after(value, now=NOON) is None


@pytest.mark.parametrize("value", [str(MAX_DELAY), str(int(MAX_DELAY) + 1), "9" * 17, "9" * 64, "Thu, 01 Jan 2060 12:00:00 GMT"])
def test_longest_delay(value: str) -> None:
    """
    A delay beyond the longest one is cut to that, so that the request is not repeated at once.
    """
    assert MAX_DELAY == retry_after(value, now=NOON)


@pytest.mark.parametrize("value", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_http_date(value: str) -> None:
    """
    The three forms of a date are the same time.
    """
    assert 784111777.0 == http_date(value)


@pytest.mark.parametrize(
    ("digits", "now", "year"),
    [("69", None, 2069), ("70", None, 1970), ("75", NOON, 2075), ("85", NOON, 1985), ("00", NOON, 2000)],
)
def test_two_digit_year(digits: str, now: float | None, year: int) -> None:
    """
    A year of two digits is never more than fifty years ahead (RFC 9110 §5.6.7).
    """
    value = f"Sunday, 06-Nov-{digits} 00:00:00 GMT"
    expected = datetime(year, 11, 6, tzinfo=UTC).timestamp()
    assert expected == (http_date(value) if now is None else http_date(value, now=now))


@given(moment=st.integers(-2_000_000_000, 250_000_000_000))
def test_http_date_of_any_moment(moment: int) -> None:
    """
    Every time is the same after being written as an HTTP-date and read again.
    """
    assert moment == http_date(formatdate(moment, usegmt=True))


@given(moment=st.integers(0, 4_000_000_000), minutes=st.integers(-1439, 1439))
def test_zones(moment: int, minutes: int) -> None:
    """
    A numeric zone shifts the time by that much.
    """
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    assert moment - minutes * 60 == http_date(formatdate(moment).replace("-0000", zone))


RATE_LIMITS = [
    ({}, None),
    ({"Retry-After": "3"}, None),
    ({"RateLimit": '"default";r=50;t=30'}, RateLimit(None, 50, 30.0)),
    ({"RateLimit": '"default";r=50;t=30', "RateLimit-Policy": '"default";q=100;w=60'}, RateLimit(100, 50, 30.0)),
    ({"ratelimit": '"a";r=50;t=30, "b";r=3;t=1', "RATELIMIT-POLICY": '"a";q=100;w=60,"b";q=9'}, RateLimit(9, 3, 1.0)),
    ({"RateLimit": '"a";r=0;t=5, "b";r=0;t=90, "c";r=0'}, RateLimit(None, 0, 90.0)),
    ({"RateLimit": '"a";t=5, "b";r=7'}, RateLimit(None, 7, None)),
    ({"RateLimit": '"a;r=0, \\"b;r=1";r=50;t=30'}, RateLimit(None, 50, 30.0)),
    ({"RateLimit": "default;r=50;pk=:AAAA:;flag;t=30"}, RateLimit(None, 50, 30.0)),
    ({"RateLimit": ', ;;"a" ; r=5 ;t= 2,'}, RateLimit(None, 5, 2.0)),
    ({"RateLimit": '"never closed;r=1'}, None),
    ({"RateLimit": '"a";r=-1;t=-1'}, None),
    ({"RateLimit": '"a";r="1";t=?1'}, None),
    ({"RateLimit": '"a"' + " " * 8192 + ";r=1"}, None),
    ({"RateLimit": "limit=100, remaining=50, reset=30"}, RateLimit(100, 50, 30.0)),
    ({"RateLimit": "limit=100", "X-RateLimit-Limit": "7"}, RateLimit(100, None, None)),
    ({"RateLimit-Policy": '"a";w=60, "b";q=100;w=60'}, RateLimit(100, None, None)),
    ({"RateLimit-Policy": "100;w=60"}, RateLimit(100, None, None)),
    ({"RateLimit-Policy": "100;w=60", "RateLimit-Limit": "100", "RateLimit-Remaining": "9"}, RateLimit(100, 9, None)),
    ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": " 50 "}, RateLimit(100, 50, None)),
    ({"RateLimit-Limit": "1234", "RateLimit-Reset": "Tue, 01 Jan 2030 12:02:00 GMT"}, RateLimit(1234, None, 120.0)),
    ({"RateLimit-Limit": "1", "X-RateLimit-Limit": "2", "X-Rate-Limit-Limit": "3"}, RateLimit(1, None, None)),
    ({"X-RateLimit-Limit": "2", "X-Rate-Limit-Limit": "3"}, RateLimit(2, None, None)),
    ({"x-rate-limit-remaining": "3.0", "X-Rate-Limit-Reset": "60"}, RateLimit(None, 3, 60.0)),
    ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "later"}, None),
    ({"X-RateLimit-Limit": "9" * 16, "X-RateLimit-Remaining": "\u0663"}, None),
    ({"My-Limit": "8", "My-Left": "0", "My-Reset": "1", "RateLimit-Limit": "5"}, RateLimit(8, 0, 1.0)),
]


@pytest.mark.parametrize(("fields", "expected"), RATE_LIMITS)
def test_rate_limit(fields: dict[str, str], expected: RateLimit | None) -> None:
    """
    Each known form of rate-limit headers is read, the vendor's own first; without a usable value the result is None.
    """
    assert expected == rate_limit(Headers(fields), {"limit": "my-limit", "remaining": "MY-LEFT", "reset": "My-Reset"}, now=NOON)


def test_partial_dialect() -> None:
    """
    A dialect may name only some headers; the usual names are tried for missing ones.
    """
    dialect = {"reset": "My-Reset"}
    assert RateLimit(None, None, 4.0) == rate_limit(Headers({"My-Reset": "4"}), dialect, now=NOON)
    assert RateLimit(6, None, None) == rate_limit(Headers({"RateLimit-Limit": "6"}), dialect, now=NOON)
    assert RateLimit(6, None, None) == rate_limit(Headers({"RateLimit-Limit": "6"}), None, now=NOON)


def test_rate_limit_in_several_fields() -> None:
    """
    The list of limits may be in several fields (RFC 9651 §4.2).
    """
    headers = Headers([("RateLimit", '"a";r=9'), ("ratelimit", '"b";r=4')])
    assert RateLimit(None, 4, None) == rate_limit(headers, None, now=NOON)


RESETS = [
    ("30", 30.0),
    ("0.5", 0.5),
    (str(int(NOON) + 90), 90.0),
    (f"{int(NOON) + 90}.25", 90.25),
    (str((int(NOON) + 90) * 1000), 90.0),
    (str(int(NOON) - 90), 0.0),
    ("Tue, 01 Jan 2030 12:01:30 GMT", 90.0),
    ("2030-01-01T12:01:30Z", 90.0),
    ("2030-01-01t12:01:30.500z", 90.5),
    ("2030-01-01 12:01:30 UTC", 90.0),
    ("2030-01-01T14:01:30+02:00", 90.0),
    ("2030-01-01T12:01:30", 90.0),
    ("2030-01-01T11:01:30Z", 0.0),
    ("2030-13-01T12:01:30Z", None),
    ("2030-02-29T12:01:30Z", None),
    ("2030-01-01", None),
    ("999999999", MAX_DELAY),
    ("9" * 16, MAX_DELAY),
    ("30, 30", 30.0),
    ("tomorrow", None),
]


@pytest.mark.parametrize(("value", "seconds"), RESETS)
def test_reset(value: str, seconds: float | None) -> None:
    """
    The value of a reset decides its kind: a delay, a time in seconds or milliseconds, a date of HTTP or ISO 8601.
    """
    limit = rate_limit(Headers({"RateLimit-Limit": "1", "RateLimit-Reset": value}), None, now=NOON)
    assert RateLimit(1, None, seconds) == limit


@pytest.mark.parametrize(("value", "seconds"), RESETS[:-2])
def test_member_text(value: str, seconds: float | None) -> None:
    """
    A text in the body is read like a reset.
    """
    assert seconds == delay(Headers(), None, None, now=NOON, members=(value,))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0.0),
        (30, 30.0),
        (1.5, 1.5),
        (NOON + 90, 90.0),
        (int(NOON + 90) * 1000, 90.0),
        (10**9, MAX_DELAY),
        (-1, None),
        (nan, None),
        (inf, None),
        (-inf, None),
        pytest.param(10**5000, None, id="huge"),
        pytest.param(-(10**5000), None, id="huge and negative"),
        (True, None),
        (None, None),
        ([30], None),
        ({"seconds": 30}, None),
        (b"30", None),
    ],
)
def test_member_value(value: object, seconds: float | None) -> None:
    """
    A number in the body is a delay or a time; a value that is neither number nor text is ignored.
    """
    assert seconds == delay(Headers(), None, None, now=NOON, members=(value,))


LEFT = {"RateLimit-Remaining": "5", "RateLimit-Reset": "900"}
NOTHING_LEFT = {"RateLimit-Remaining": "0", "RateLimit-Reset": "900"}


@pytest.mark.parametrize(
    ("fields", "category", "members", "seconds"),
    [
        ({}, Category.RATE_LIMITED, (), None),
        ({"Retry-After": "3"} | NOTHING_LEFT, Category.RATE_LIMITED, (7,), 3.0),
        ({"Retry-After": "soon"} | NOTHING_LEFT, Category.RATE_LIMITED, (None, "x", 7, 8), 7.0),
        ({"Retry-After": "soon"} | NOTHING_LEFT, Category.RATE_LIMITED, (), 900.0),
        ({"Retry-After": "0"} | NOTHING_LEFT, Category.RATE_LIMITED, (7,), 0.0),
        (LEFT, Category.RATE_LIMITED, (), 900.0),
        (LEFT, Category.INTERNAL, (), None),
        (LEFT, None, (), None),
        (NOTHING_LEFT, Category.INTERNAL, (), 900.0),
        (NOTHING_LEFT, None, (), 900.0),
        ({"RateLimit-Remaining": "0"}, Category.RATE_LIMITED, (), None),
        ({"My-Reset": "5"}, Category.RATE_LIMITED, (), 5.0),
    ],
)
def test_delay(fields: dict[str, str], category: Category | None, members: tuple[object, ...], seconds: float | None) -> None:
    """
    Retry-After counts before the body, the body before the reset; a reset counts only for a used-up limit.
    """
    assert seconds == delay_of(Headers(fields), {"reset": "My-Reset"}, category, members=members)


@pytest.mark.parametrize("values", [["soon", "9", "8"], ["9", "8"], ["9, 8"], ["soon", "9, 8"]])
def test_several_retry_after_fields(values: list[str]) -> None:
    """
    Of several Retry-After fields, joined by a client or not, the first readable one counts.
    """
    headers = Headers([("retry-after", value) for value in values])
    assert 9.0 == delay_of(headers, None, Category.UNAVAILABLE)


@pytest.mark.parametrize(
    ("date", "now", "reference"),
    [
        ("Tue, 01 Jan 2030 12:00:00 GMT", None, NOON),
        ("Tue, 01 Jan 2030 12:00:00 GMT", 5.0, 5.0),
        ("Tue, 01 Jan 2030 12:00:00 GMT", 0.0, 0.0),
        ("noon", None, None),
        ("noon", 5.0, 5.0),
    ],
)
def test_reference_time(date: str, now: float | None, reference: float | None) -> None:
    """
    The caller's time counts before the response's own date; without either there is none.
    """
    assert reference == reference_time(Headers({"date": date}), now)


def test_no_reference_time() -> None:
    """
    A response without a date has no time of its own.
    """
    assert reference_time(Headers(), None) is None


HINTS = st.one_of(
    st.text(),
    st.text("0123456789.,;=+-: \"\\'TZGMTJanrtqw\ud800\u0663"),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from([value for value, _ in SECONDS + RESETS] + [value for fields, _ in RATE_LIMITS for value in fields.values()]),
)
NAMES = ("Retry-After", "Date", "RateLimit", "RateLimit-Policy", "RateLimit-Remaining", "X-RateLimit-Limit", "X-Rate-Limit-Reset")


def sound(seconds: float | None) -> bool:
    """Return whether *seconds* keep the promise of the reader."""
    return seconds is None or (isfinite(seconds) and 0.0 <= seconds <= MAX_DELAY)


@given(
    fields=st.lists(st.tuples(st.sampled_from(NAMES), HINTS), max_size=4),
    members=st.lists(st.one_of(HINTS, st.integers(), st.floats(), st.none(), st.booleans()), max_size=3),
    category=st.none() | st.sampled_from(Category),
    now=st.floats(),
)
@example(fields=[("Retry-After", "Tue, 01 Jan 2030 12:01:00 GMT")], members=[], category=None, now=nan)
@example(fields=[("Retry-After", "Tue, 01 Jan 2030 12:01:00 GMT")], members=[], category=None, now=-inf)
def test_any_text(fields: list[tuple[str, str]], members: list[object], category: Category | None, now: float) -> None:
    """
    For any text and time, nothing raises, and no delay is negative, infinite or longer than the longest.
    """
    headers = Headers(fields)
    limit = rate_limit(headers, None, now=now) or RateLimit(limit=1)
    assert sound(delay_of(headers, None, category, now=now, members=members))
    assert sound(limit.reset_after)
    assert all(count is None or 0 <= count < 10**15 for count in (limit.limit, limit.remaining))
    assert limit != RateLimit()
    assert all(sound(retry_after(value, now=now)) for _, value in fields)
    assert isfinite(reference_time(headers, None) or 0.0)


@given(delays=st.floats(0.0, MAX_DELAY), now=st.floats(0.0, 4e9))
def test_any_number_of_seconds(delays: float, now: float) -> None:
    """
    A delay in seconds means the same at any time.
    """
    value = f"{delays:.3f}"
    assert float(value) == retry_after(value, now=now)


@pytest.mark.parametrize("piece", ['"', '"a;', "1", " ", ' "', '\\"', '"\\', "\\", ",", "1;", "1.", "a=", "-", "Tue, "])
def test_huge_text(piece: str) -> None:
    """
    Time is linear in the text: a megabyte takes a short time.
    """
    huge = piece * (1_000_000 // len(piece))
    headers = Headers(
        {"Retry-After": huge, "Date": huge, "RateLimit": huge, "RateLimit-Limit": huge, "RateLimit-Policy": huge[:8000]}
    )
    start = process_time()
    retry_after(huge, now=NOON)
    rate_limit(headers, None, now=NOON)
    delay_of(headers, None, Category.RATE_LIMITED, members=(huge,))
    reference_time(headers, None)
    assert process_time() - start < 2.0


@given(
    name=st.sampled_from(["Retry-After", "RATELIMIT", "RateLimit-Policy", "x-ratelimit-reset", "X-Rate-Limit-Limit", "My-Reset"]),
)
def test_delay_header_names(name: str) -> None:
    """
    The names of all header fields that may contain a delay are known, in any letter case, with the vendor's dialect.
    """
    assert not delay_header_names({"reset": "My-Reset"}).isdisjoint(Headers({name: "1"}))
