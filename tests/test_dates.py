"""
Dates of HTTP, ISO 8601 and JavaScript.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.http.dates import date, http_date

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC).timestamp()


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


@pytest.mark.parametrize(
    "value",
    [
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
        "Tue, 01 Jan 2030 12:00:00 GMT" + " " * 80 + ".",
        "2030-01-01T12:00:00Z",
    ],
)
def test_malformed_http_date(value: str) -> None:
    """
    A date that does not exist, has another form or has digits of another script is None.
    """
    assert http_date(value) is None


@given(
    moment=st.integers(0, 250_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds / 100, UTC)),
    form=st.sampled_from(["T%sZ", " %s", "t%s+00:00", " %s UTC"]),
)
def test_iso_dates(moment: datetime, form: str) -> None:
    """
    Every moment is the same after being written as an ISO 8601 date and read again.
    """
    text = moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%d") + form % moment.time().isoformat()
    assert moment.timestamp() == pytest.approx(date(text), abs=1e-4)


@given(moment=st.integers(0, 4_000_000_000), hours=st.integers(-12, 12))
def test_javascript_dates(moment: int, hours: int) -> None:
    """
    Every moment is the same after being written as JavaScript writes it, with and without the zone's name.
    """
    text = datetime.fromtimestamp(moment + hours * 3600, UTC).strftime("%a %b %d %Y %H:%M:%S GMT")
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02}00"
    assert [moment, moment] == [date(text + offset), date(f"{text}{offset} (Central European Standard Time)")]
