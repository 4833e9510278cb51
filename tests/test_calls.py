"""
The call of a response or an exception is its first request, even after redirects and retries.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import errortax
from errortax import RawResponse, Retryability
from errortax.http import Call, call_of, exception_of


def request(method, **headers):
    """Return an object with the attributes of a client's request that we read."""
    return SimpleNamespace(method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})


def response(status=503, **members):
    """Return an object with the attributes of a client's response that we read."""
    return SimpleNamespace(status_code=status, **members)


class Unsent:
    """A response without a request."""

    @property
    def request(self):
        """Refuse, as httpx does."""
        raise RuntimeError("The request instance has not been set on this response.")


SEEN_OTHER = response(303, request=request("POST", Idempotency_Key="1"))
MOVED = response(302, request=request("GET"))
LOG_IN = response(200, request=request("POST"))


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (response(request=request("PUT", Idempotency_Key="1")), Call("PUT", True)),
        (response(request=request("POST")), Call("POST")),
        (response(request=SimpleNamespace(method="GET", headers=None)), Call("GET")),
        (SimpleNamespace(status=503, request_info=request("DELETE")), Call("DELETE")),
        (response(request=None), Call()),
        (response(), Call()),
        (Unsent(), Call()),
        (response(request=request("GET"), history=[]), Call("GET")),
        (response(request=request("GET"), history=[SEEN_OTHER, MOVED]), Call("POST", False, True)),
        (response(request=request("GET", Idempotency_Key="1"), history=(SEEN_OTHER,)), Call("POST", True, True)),
        (response(request=request("GET"), history=[LOG_IN]), Call("GET")),
        (response(request=request("GET"), history=[SEEN_OTHER, LOG_IN, MOVED]), Call("GET")),
        (response(request=request("POST"), history=[response(307, request=request("POST"))]), Call("POST")),
        (SimpleNamespace(request=request("GET"), response=response(history=[SEEN_OTHER])), Call("POST", False, True)),
        (
            SimpleNamespace(request_info=request("GET"), history=[SimpleNamespace(status=301, request_info=request("POST"))]),
            Call("POST", False, True),
        ),
    ],
)
def test_call(thing, expected):
    """
    The first request of the last series of redirects counts; a log-in before it does not.
    """
    assert expected == call_of(thing)


def test_what_the_caller_knows_goes_first():
    """
    A method, a key or a first request that the caller names counts more than the attributes of the response.
    """
    followed = response(request=request("GET"))
    assert Call("POST", True, True) == call_of(followed, method="POST", has_key=True)
    assert Call("PATCH", False, True) == call_of(followed, first=request("PATCH"))
    assert Call("DELETE") == call_of(response(), request=request("DELETE"))
    assert Call("get") == call_of(followed, method="get")
    assert Call("PATCH", True) == call_of(response(), method="PATCH", has_key=True)


@pytest.mark.parametrize(
    ("raw", "may_be_applied", "expected"),
    [
        (RawResponse(429), False, Retryability.AFTER_DELAY),
        (RawResponse(429), True, Retryability.BACKOFF),
        (RawResponse(503), True, Retryability.BACKOFF),
        (RawResponse(403), True, Retryability.NEVER),
    ],
)
def test_what_was_refused_is_the_later_request(raw, may_be_applied, expected):
    """
    After a redirect to another method, a refusal is about the later request; all other attributes of the error remain.
    """
    error = errortax.parse(raw, "youforce")
    exception = exception_of(error, Call("POST", False, may_be_applied))
    assert (expected, "POST", error.category, error.code) == (
        exception.error.retryability,
        exception.method,
        exception.error.category,
        exception.error.code,
    )
    assert (Retryability.AFTER_DELAY is expected) is errortax.decide_retry(exception.error, method=exception.method).retry
