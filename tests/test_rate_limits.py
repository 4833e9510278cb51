"""
The rate limits of header fields.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from errortax import Headers, RateLimit
from errortax.http.delays import stated_delays
from errortax.http.rate_limits import MAX_WINDOWS
from errortax.model import tightest
from errortax.parsing.windows import Windows

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC).timestamp()
OWN = {"limit": {"header": "my-limit"}, "remaining": {"header": "MY-LEFT"}, "reset": {"header": "My-Reset"}}


def limits(fields: object, *declared: dict[str, object], document: object = None) -> tuple[RateLimit, ...]:
    """Return the rate limits that a response states at noon, those of the *declared* windows first."""
    headers, windows = Headers(fields), Windows(declared)  # type: ignore[arg-type]
    found = windows.find(document, headers, NOON)
    return stated_delays(headers, None, now=NOON, declared=found, known=windows.fields)[0]


RATE_LIMITS = [
    ({}, ()),
    ({"Retry-After": "3"}, ()),
    ({"RateLimit": '"default";r=50;t=30'}, [RateLimit(None, 50, 30.0, "default")]),
    ({"RateLimit": '"default";r=50;t=30', "RateLimit-Policy": '"default";q=100;w=60'}, [RateLimit(100, 50, 30.0, "default")]),
    (
        {"ratelimit": '"a";r=50;t=30, "b";r=3;t=1', "RATELIMIT-POLICY": '"a";q=100;w=60,"b";q=9'},
        [RateLimit(100, 50, 30.0, "a"), RateLimit(9, 3, 1.0, "b")],
    ),
    (
        {"RateLimit": '"a";r=5', "RateLimit-Policy": '"a";q=9, "b";q=8'},
        [RateLimit(9, 5, None, "a"), RateLimit(8, None, None, "b")],
    ),
    ({"RateLimit": '"a;r=0, \\"b;r=1";r=50;t=30'}, [RateLimit(None, 50, 30.0, 'a;r=0, "b;r=1')]),
    ({"RateLimit": "default;r=50;pk=:AAAA:;flag;t=30"}, [RateLimit(None, 50, 30.0, "default")]),
    ({"RateLimit": '"a";r=50;t=1.5'}, [RateLimit(None, 50, 1.5, "a")]),
    ({"RateLimit": '"a";r=5,'}, ()),
    ({"RateLimit": '"a";r=5, ;;'}, ()),
    ({"RateLimit": '"a";r=5;T=3'}, ()),
    ({"RateLimit": '"a";r=5, "never closed;r=1'}, ()),
    ({"RateLimit": '"a";r=5,', "RateLimit-Remaining": "7"}, [RateLimit(None, 7)]),
    ({"RateLimit": '"a";r=-1;t=-1'}, ()),
    ({"RateLimit": '"a";r="1";t=?1'}, ()),
    ({"RateLimit": '"a";r=1;t="30"'}, [RateLimit(None, 1, None, "a")]),
    ({"RateLimit": '"' + "a" * 65 + '";r=1'}, [RateLimit(None, 1)]),
    ({"RateLimit": '"a"' + " " * 8192 + ";r=1"}, ()),
    ({"RateLimit": "limit=100, remaining=50, reset=30"}, [RateLimit(100, 50, 30.0)]),
    ({"RateLimit": "limit=100, remaining=50, reset=30,"}, ()),
    ({"RateLimit": "limit=100", "X-RateLimit-Limit": "7"}, [RateLimit(100), RateLimit(7)]),
    ({"RateLimit-Policy": '"a";w=60, "b";q=100;w=60'}, [RateLimit(100, name="b")]),
    ({"RateLimit-Policy": "100;w=60, 5000;w=3600"}, [RateLimit(100), RateLimit(5000)]),
    ({"RateLimit-Policy": "100;w=60", "RateLimit-Limit": "100", "RateLimit-Remaining": "9"}, [RateLimit(100, 9)]),
    ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": " 50 "}, [RateLimit(100, 50)]),
    ({"RateLimit-Limit": "100, 100;w=60"}, [RateLimit(100)]),
    ({"X-RateLimit-Limit": "100, 100;window=60, 9;window=1", "X-RateLimit-Remaining": "98"}, [RateLimit(100, 98)]),
    ({"RateLimit-Limit": "100;w=60", "RateLimit-Remaining": "76;w=60"}, [RateLimit(100, 76)]),
    ({"RateLimit-Limit": "1234", "RateLimit-Reset": "Tue, 01 Jan 2030 12:02:00 GMT"}, [RateLimit(1234, None, 120.0)]),
    (
        {"RateLimit-Remaining": "1, 2", "RateLimit-Reset": "Tue, 01 Jan 2030 12:02:00 GMT, Tue, 01 Jan 2030 12:03:00 GMT"},
        [RateLimit(None, 1, 120.0), RateLimit(None, 2, 180.0)],
    ),
    ({"RateLimit-Limit": "1", "X-RateLimit-Limit": "2", "X-Rate-Limit-Limit": "3"}, [RateLimit(1), RateLimit(2)]),
    ({"RateLimit-Remaining": "2", "X-RateLimit-Remaining": "2"}, [RateLimit(None, 2)]),
    ({"x-rate-limit-remaining": "3.0", "X-Rate-Limit-Reset": "60"}, [RateLimit(None, 3, 60.0)]),
    ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "later"}, ()),
    ({"X-RateLimit-Limit": "9" * 16, "X-RateLimit-Remaining": "\u0663"}, ()),
    (
        {"X-RateLimit-Limit": "1, 15000", "X-RateLimit-Remaining": "1,0", "X-RateLimit-Reset": "1, 1419704"},
        [RateLimit(1, 1, 1.0), RateLimit(15000, 0, 1_419_704.0)],
    ),
    ({"X-RateLimit-Remaining": "1, x, 3"}, [RateLimit(None, 1), RateLimit(None, 3)]),
    ({"X-RateLimit-Limit": "1, 2, 3", "X-RateLimit-Remaining": "x, 4"}, [RateLimit(1, 4)]),
    (
        {"x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "9", "x-ratelimit-reset-requests": "1m30s"},
        [RateLimit(60, None, 90.0, "requests"), RateLimit(9, name="tokens")],
    ),
    (
        {"anthropic-ratelimit-input-tokens-remaining": "0", "anthropic-ratelimit-input-tokens-reset": "2030-01-01T12:00:30Z"},
        [RateLimit(None, 0, 30.0, "input-tokens")],
    ),
    (
        {"X-RateLimit-Remaining-Minute": "4", "X-RateLimit-Limit-Minute": "5", "X-RateLimit-Limit-Second": "1"},
        [RateLimit(5, 4, None, "minute"), RateLimit(1, name="second")],
    ),
    ({"X-RateLimit-Reset": "1893499290", "X-RateLimit-Reset-After": "64.57"}, [RateLimit(None, None, 64.57)]),
    ({"X-RateLimit-Reset-After": "64.57", "X-RateLimit-Reset": "1893499290"}, [RateLimit(None, None, 64.57)]),
    ({"X-RateLimit-Reset-Ms": "1500", "X-RateLimit-Remaining": "0"}, [RateLimit(None, 0, 1.5)]),
    ({"X-Rate-Limit-Retry-After-Milliseconds": "1500", "X-Rate-Limit-Remaining": "0"}, [RateLimit(None, 0, 1.5)]),
    (
        {"X-RateLimit-ResetTime": "7", "X-RateLimit-Reset-At-Tokens": "8"},
        [RateLimit(None, None, 7.0), RateLimit(None, None, 8.0, "tokens")],
    ),
    ({"X-RateLimit-Used": "7", "X-RateLimit-Resource": "core", "Limit": "3", "X-Rate-Remaining": "4"}, ()),
    ({"My-Limit": "8", "My-Left": "0", "My-Reset": "1", "RateLimit-Limit": "5"}, [RateLimit(8, 0, 1.0), RateLimit(5)]),
    ({"X-RateLimit-Remaining": "1", "My-Reset": "3"}, [RateLimit(None, None, 3.0), RateLimit(None, 1)]),
]


@pytest.mark.parametrize(("fields", "expected"), RATE_LIMITS)
def test_rate_limits(fields: dict[str, str], expected: list[RateLimit]) -> None:
    """
    Each known form of rate limits is read; a malformed structured field is ignored whole (RFC 9651 §4.2).
    """
    assert tuple(expected) == limits(fields, OWN)


LEFT, MANY, MILLISECONDS = {"at": "/left"}, {"header": "Many"}, {"header": "My-Reset", "unit": "ms"}


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"reset": {"header": "My-Reset"}}, [RateLimit(None, None, 4.0), RateLimit(6, 0, 90.0)]),
        ({"name": "a", "reset": MILLISECONDS}, [RateLimit(None, None, 0.004, "a"), RateLimit(6, 0, 90.0)]),
        ({"limit": {"header": "x-ratelimit-limit"}, "used": {"header": "My-Reset"}}, [RateLimit(6, 2), RateLimit(None, 0, 90.0)]),
        ({"limit": "/limit", "remaining": LEFT, "reset": "/reset"}, [RateLimit(9, 3, 60.0), RateLimit(6, 0, 90.0)]),
        ({"limit": "/limit", "used": "/used"}, [RateLimit(9, 0), RateLimit(6, 0, 90.0)]),
        ({"remaining": {"header": "Usage", "pattern": "api=([0-9]+)"}}, [RateLimit(None, 7), RateLimit(6, 0, 90.0)]),
        ({"limit": "/text", "remaining": "/none"}, [RateLimit(6, 0, 90.0)]),
        ({"limit": MANY, "remaining": {"header": "Left"}}, [RateLimit(1, 1), RateLimit(15000, 0), RateLimit(6, 0, 90.0)]),
        ({"limit": {"header": "Many"}, "remaining": LEFT}, [RateLimit(1, 3), RateLimit(6, 0, 90.0)]),
    ],
)  # fmt: skip
def test_declared_windows(window: dict[str, object], expected: list[RateLimit]) -> None:
    """
    Windows at the places of a vendor's file count first; the fields that they are in are not read otherwise.
    """
    fields = {
        "X-RateLimit-Limit": "6", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "90", "My-Reset": "4", "Usage": "api=7/9",
        "Many": "1, 15000", "Left": "1, 0",
    }  # fmt: skip
    document = {"limit": 9, "left": "3.0;w=1", "reset": "PT1M", "used": 12, "text": "many", "none": -1}
    assert tuple(expected) == limits(fields, window, document=document)


def test_rate_limit_in_several_fields() -> None:
    """
    The list of limits may be in several fields (RFC 9651 §4.2).
    """
    fields = [("RateLimit", '"a";r=9'), ("ratelimit", '"b";r=4')]
    assert (RateLimit(None, 9, None, "a"), RateLimit(None, 4, None, "b")) == limits(fields)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ('"a";r=0;t=5, "b";r=0;t=90, "c";r=0', RateLimit(None, 0, 90.0, "b")),
        ('"a";t=5, "b";r=7', RateLimit(None, 7, None, "b")),
        ('"a";r=7;t=90, "b";r=3;t=1', RateLimit(None, 3, 1.0, "b")),
        ('"a";t=5, "b";t=7', RateLimit(None, None, 7.0, "b")),
        ("", None),
    ],
)
def test_tightest(field: str, expected: RateLimit | None) -> None:
    """
    The tightest limit is the used-up one with the longest wait, else the one with least left.
    """
    assert expected == tightest(limits({"RateLimit": field}))


@pytest.mark.parametrize(
    "fields",
    [
        [("X-RateLimit-Remaining", "1")] * 20_000,
        [("X-RateLimit-Remaining", ",".join(map(str, range(20_000))))],
        [(f"X-RateLimit-Remaining-{number}", "1") for number in range(20_000)],
        [(f"X-RateLimit-Reset-{number}", "1m" * 40) for number in range(20_000)],
        [("RateLimit", ", ".join(f'"{number}";r=1' for number in range(600)))],
    ],
    ids=["fields", "members", "names", "durations", "structured"],
)
def test_many_rate_limits(fields: list[tuple[str, str]]) -> None:
    """
    No more limits are read than any server has.
    """
    assert 0 < len(stated_delays(Headers(fields), None, now=NOON)[0]) <= MAX_WINDOWS
