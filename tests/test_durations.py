"""
Durations with units and of ISO 8601.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.http.durations import UNITS, duration

DAY = 86_400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1m30s", 90.0),
        ("6m0s", 360.0),
        ("12ms", 0.012),
        ("8.64s", 8.64),
        ("27s", 27.0),
        ("1h0m0.5s", 3600.5),
        ("0s", 0.0),
        ("250\u00b5s", 250e-6),
        ("250\u00c2\u00b5s", 250e-6),
        ("250\u03bcs", 250e-6),
        ("100ns", 1e-7),
        ("2 minutes 3 seconds", 123.0),
        (" 1 Day ", DAY),
        ("PT30S", 30.0),
        ("pt1m30.5s", 90.5),
        ("PT0,5S", 0.5),
        ("P1DT2H", DAY + 7200),
        ("P2W", 14 * DAY),
        ("P1M", 31 * DAY),
        ("P1Y", 366 * DAY),
    ],
)
def test_duration(value: str, seconds: float) -> None:
    """
    A duration is the sum of its parts; a month or a year is the longest one, so that no wait is too short.
    """
    assert seconds == pytest.approx(duration(value))


@pytest.mark.parametrize(
    "value",
    ["", "s", "1", "1 2s", "1x", "-1s", "1s-", "1s later", "1..5s", "P", "PT", "P1DT", "P1S", "PT1D", "\u0663s", "1s" * 49],
)
def test_malformed_duration(value: str) -> None:
    """
    A text that is not a duration from its first to its last character is None.
    """
    assert duration(value) is None


@given(
    value=st.text()
    | st.text("0123456789.,pthmsd w")
    | st.tuples(st.integers(0), st.sampled_from(list(UNITS))).map("{0[0]}{0[1]}".format)
)
def test_any_duration(value: str) -> None:
    """
    No text raises, and no duration is negative or infinite.
    """
    seconds = duration(value)
    assert seconds is None or 0.0 <= seconds < 1e300
