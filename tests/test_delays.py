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

from errortax import Category, Headers
from errortax.http.delays import reference_time, stated_delays, wait
from errortax.http.hints import MAX_HINTS
from errortax.http.message import HINT_WORDS
from errortax.model import MAX_DELAY

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC).timestamp()


def delay(fields: object, category: Category | None = None, **options: object) -> float | None:
    """Return the wait that header fields ask for at noon."""
    return stated_delays(Headers(fields), category, **{"now": NOON, **options})[1]  # type: ignore[arg-type]


WAITS = [
    ("0", 0.0),
    ("120", 120.0),
    ("1.5", 1.5),
    (" 30\t", 30.0),
    ("007", 7.0),
    ("10s", 10.0),
    ("6m0s", 360.0),
    ("PT30S", 30.0),
    ("999999999", MAX_DELAY),
    (str(int(NOON) + 90), 90.0),
    (f"{int(NOON) + 90}.25", 90.25),
    (str((int(NOON) + 90) * 10**3), 90.0),
    (str((int(NOON) + 90) * 10**6), 90.0),
    (str((int(NOON) + 90) * 10**9), 90.0),
    (str(int(NOON) - 90), 0.0),
    ("1000000000", 0.0),
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
    ("2030-01-01T12:01:30Z", 90.0),
    ("2030-01-01t12:01:30.500z", 90.5),
    ("2030-01-01 12:01:30 UTC", 90.0),
    ("2030-01-01T14:01:30+02:00", 90.0),
    ("2030-01-01T12:01:30", 90.0),
    ("2030-01-01T11:01:30Z", 0.0),
    ("Tue Jan 01 2030 13:01:30 GMT+0100 (Central European Standard Time)", 90.0),
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
    "-10s",
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
    "2030-13-01T12:01:30Z",
    "2030-02-29T12:01:30Z",
    "2030-01-01",
    "Tue, 01 Jan 2030 12:00:00 GMT" + " " * 80 + ".",
]


@pytest.mark.parametrize(("value", "seconds"), WAITS)
def test_any_form(value: str, seconds: float) -> None:
    """
    A wait is read in every form from Retry-After, from a reset and from the body; a moment in the past means now.
    """
    assert seconds == wait(value, now=NOON)
    assert seconds == delay({"Retry-After": value})
    assert seconds == delay({"RateLimit-Limit": "1", "RateLimit-Reset": value}, Category.RATE_LIMITED)
    assert seconds == delay((), members=[(value, 1.0)])


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed(value: str) -> None:
    """
    A malformed wait is None.
    """
    assert wait(value, now=NOON) is None


@pytest.mark.parametrize(
    "value", [str(MAX_DELAY), str(int(MAX_DELAY) + 1), "9" * 17, "9" * 64, "Thu, 01 Jan 2060 12:00:00 GMT", "P99Y", f"{10**9}h"]
)
def test_longest_delay(value: str) -> None:
    """
    A delay beyond the longest one is cut to that, so that the request is not repeated at once.
    """
    assert MAX_DELAY == wait(value, now=NOON)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0.0),
        (30, 30.0),
        (1.5, 1.5),
        (NOON + 90, 90.0),
        (int(NOON + 90) * 10**3, 90.0),
        (int(NOON + 90) * 10**6, 90.0),
        (int(NOON + 90) * 10**9, 90.0),
        (10**9 - 1, MAX_DELAY),
        (10**9, 0.0),
        (10**40, MAX_DELAY),
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
    A number in the body is a delay or a moment; a value that is neither number nor text is ignored.
    """
    assert seconds == delay((), members=[(value, 1.0)])


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("Retry-After-Ms", "250", 0.25),
        ("retry-after-ms", "1500.5", 1.5005),
        ("x-ms-retry-after-ms", "1000", 1.0),
        ("X-Amz-Retry-After", "500", 0.5),
        ("X-Retry-After", "7", 7.0),
        ("X-Retry-After-Ms", "7", 0.007),
        ("Retry-After-Milliseconds", "7", 0.007),
        ("acme-retry-after-seconds", "7", 7.0),
        ("Retry-After-Ms", "2s", 2.0),
        ("Retry-After-Ms", str(int(NOON + 90) * 1000), 90.0),
        ("Retry-After-Ms", "Tue, 01 Jan 2030 12:01:00 GMT", 60.0),
        ("X-Retry-After-Hint", "7", None),
        ("X-Retry", "7", None),
        ("After-Retry-Ms", "7", None),
        ("a" * 60 + "-retry-after", "7", None),
    ],
)
def test_relatives_of_retry_after(name: str, value: str, seconds: float | None) -> None:
    """
    The name of a field says in which unit its number counts; a text with a unit of its own keeps that.
    """
    assert seconds == delay({name: value})


def test_retry_after_counts_before_its_relatives() -> None:
    """
    Retry-After counts before all other fields, wherever it is.
    """
    fields = [("Acme-Retry-After", "4"), ("x-ms-retry-after-ms", "3000"), ("retry-after-ms", "2000"), ("retry-after", "1")]
    assert [1.0, 2.0, 3.0, 4.0] == [delay(fields[:count]) for count in (4, 3, 2, 1)]


def test_retry_after_behind_many_fields() -> None:
    """
    Retry-After counts however many other fields there are, of which a limited number is read.
    """
    others = [(f"X{number}-Retry-After", "soon") for number in range(2 * MAX_HINTS)]
    assert 1.0 == delay([*others, ("Retry-After", "1")])
    assert delay([*others, ("Acme-Retry-After", "1")]) is None


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
        ({"X-RateLimit-Retry-After": "5"}, Category.RATE_LIMITED, (), 5.0),
        ({"X-RateLimit-Retry-After": "5"}, None, (), None),
        ({"X-RateLimit-Remaining-A": "1", "X-RateLimit-Retry-After": "5"}, Category.RATE_LIMITED, (), 5.0),
        ({"X-RateLimit-Remaining-A": "0", "X-RateLimit-Reset-B": "5"}, None, (), None),
    ],
)
def test_order(fields: dict[str, str], category: Category | None, members: tuple[object, ...], seconds: float | None) -> None:
    """
    Retry-After counts before the body, the body before the reset; a reset counts only for a used-up limit.
    """
    assert seconds == delay(fields, category, members=[(member, 1.0) for member in members])


@pytest.mark.parametrize("values", [["soon", "9", "8"], ["9", "8"], ["9, 8"], ["soon", "9, 8"], ["9,8"], ["Tue, soon", "9"]])
def test_several_retry_after_fields(values: list[str]) -> None:
    """
    Of several Retry-After fields, joined by a client or not, the first readable one counts.
    """
    assert 9.0 == delay([("retry-after", value) for value in values], Category.UNAVAILABLE)


@pytest.mark.parametrize(
    ("date", "now", "reference"),
    [
        ("Tue, 01 Jan 2030 12:00:00 GMT", None, NOON),
        ("Tue, 01 Jan 2030 12:00:00 GMT, Tue, 01 Jan 2030 13:00:00 GMT", None, NOON),
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


NAMES = (
    "Retry-After", "Retry-After-Ms", "Date", "RateLimit", "RateLimit-Policy", "RateLimit-Remaining", "X-RateLimit-Limit",
)  # fmt: skip
HINTS = st.one_of(
    st.text(),
    st.text("0123456789.,;=+-: \"\\'TZGMTJanrtqwhms\ud800\u0663"),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from([value for value, _ in WAITS] + ['"a";r=0;t=5, "b";r=3', "limit=100, remaining=0, reset=30", "1, 15000"]),
)


def is_sound(seconds: float | None) -> bool:
    """Return whether *seconds* keep the promise of the reader."""
    return seconds is None or (isfinite(seconds) and 0.0 <= seconds <= MAX_DELAY)


@given(
    fields=st.lists(st.tuples(st.sampled_from(NAMES), HINTS), max_size=6),
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
    limits, seconds = stated_delays(headers, category, now=now, members=[(member, 1.0) for member in members])
    assert is_sound(seconds)
    for limit in limits:
        assert is_sound(limit.reset_after)
        assert all(count is None or 0 <= count < 10**15 for count in (limit.limit, limit.remaining))
        assert (None, None, None) != (limit.limit, limit.remaining, limit.reset_after)
    assert isfinite(reference_time(headers, None) or 0.0)
    assert headers.mentions(HINT_WORDS) or ((), None) == stated_delays(headers, category, now=now)


@given(
    fields=st.lists(st.tuples(st.sampled_from(NAMES), HINTS.map(str.strip)), max_size=6),
    separator=st.sampled_from([", ", ",", " ,\t"]),
)
@example(fields=[("Retry-After", "Tue, 01 Jan 2030 12:01:00 GMT"), ("Retry-After", "3")], separator=",")
@example(fields=[("X-RateLimit-Remaining", "3"), ("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "0")], separator=", ")
def test_joined_fields(fields: list[tuple[str, str]], separator: str) -> None:
    """
    A client that joins the fields of a name changes nothing (RFC 9110 §5.3).
    """
    together: dict[str, str] = {}
    for name, value in fields:
        together[name] = f"{together[name]}{separator}{value}" if name in together else value
    seen = [stated_delays(Headers(it), Category.RATE_LIMITED, now=NOON) for it in (fields, together)]
    assert seen[0] == seen[1]


@given(seconds=st.floats(0.0, MAX_DELAY), now=st.floats(0.0, 4e9))
def test_any_number_of_seconds(seconds: float, now: float) -> None:
    """
    A delay in seconds means the same at any time.
    """
    value = f"{seconds:.3f}"
    assert float(value) == wait(value, now=now)


FORMS = {
    "seconds": str,
    "decimals": lambda seconds: f"{seconds}.0",
    "Go": lambda seconds: f"{seconds // 3600}h{seconds // 60 % 60}m{seconds % 60}s",
    "protobuf": lambda seconds: f"{seconds}s",
    "milliseconds": lambda seconds: f"{seconds * 1000}ms",
    "words": lambda seconds: f"{seconds} seconds",
    "ISO 8601": lambda seconds: f"PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S",
    "ISO 8601 in days": lambda seconds: f"P{seconds // 86400}DT{seconds % 86400}S",
    "epoch": lambda seconds: str(int(NOON) + seconds),
    "epoch in ms": lambda seconds: str((int(NOON) + seconds) * 10**3),
    "epoch in \u00b5s": lambda seconds: str((int(NOON) + seconds) * 10**6),
    "epoch in ns": lambda seconds: str((int(NOON) + seconds) * 10**9),
    "HTTP-date": lambda seconds: formatdate(NOON + seconds, usegmt=True),
    "RFC 3339": lambda seconds: f"{datetime.fromtimestamp(NOON + seconds, UTC).isoformat()}",
}


@pytest.mark.parametrize("form", FORMS)
@given(seconds=st.integers(0, int(MAX_DELAY)))
def test_written_forms(form: str, seconds: int) -> None:
    """
    Every delay is the same after being written in any form and read again.
    """
    assert seconds == pytest.approx(wait(FORMS[form](seconds), now=NOON), abs=1e-3)


@pytest.mark.parametrize(
    "piece", ['"', '"a;', "1", " ", ' "', '\\"', '"\\', "\\", ",", "1;", "1.", "a=", "-", "Tue, ", "1m", "1, ", '"a",']
)
def test_huge_text(piece: str) -> None:
    """
    Time is linear in the text: a megabyte takes a short time.
    """
    huge = piece * (1_000_000 // len(piece))
    names = ("Retry-After", "Date", "RateLimit", "RateLimit-Limit", "RateLimit-Remaining", "X-RateLimit-Reset-A")
    headers = Headers({**dict.fromkeys(names, huge), "RateLimit-Policy": huge[:8000]})
    start = process_time()
    stated_delays(headers, Category.RATE_LIMITED, now=NOON, members=[(huge, 1.0)])
    reference_time(headers, None)
    assert process_time() - start < 1.0


@pytest.mark.parametrize(
    "name", ["Retry-After", "RATELIMIT", "RateLimit-Policy", "x-ratelimit-reset", "X-Rate-Limit-Limit", "retry-after-ms"]
)
def test_hints_are_noticed(name: str) -> None:
    """
    Every field that may state a delay is noticed, in any letter case, the vendor's own too.
    """
    assert Headers({"Vary": "a", name: "1"}).mentions(HINT_WORDS)
    assert not Headers({"Vary": "a", "My-Limb": "1"}).mentions(HINT_WORDS)
