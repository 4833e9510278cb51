"""
The retry decision.
"""

from __future__ import annotations

import re
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import Action, Actor, CanonicalError, Category, Hint, Level, Match, Retryability, Verdict, decide_retry
from errortax.advice import BASE_DELAY, IDEMPOTENT_METHODS, MAX_BACKOFF
from errortax.exceptions import exception_for
from errortax.model import Details

REPEATABLE = (Retryability.AFTER_DELAY, Retryability.BACKOFF)


def failure(retryability: Retryability, *, retry_after: float | None = None, min_delay: float | None = None) -> CanonicalError:
    """Return an error in which only the parts about repeating matter."""
    verdict = Verdict(
        vendor="example",
        category=Category.UNAVAILABLE,
        title="Out of order",
        description="The server cannot answer now.",
        retryability=retryability,
        hints=(Hint(Action.WAIT_AND_RETRY, Actor.CLIENT, "Wait, then repeat the request."),),
        emitted_status=503,
        min_delay=min_delay,
    )
    return CanonicalError("out-of-order", 503, verdict, Details(Match(Level.CODE), retry_after=retry_after))


@pytest.mark.parametrize(
    ("retryability", "method", "idempotency_key", "retry"),
    [
        (Retryability.NEVER, "GET", True, False),
        (Retryability.AFTER_ACTION, "GET", True, False),
        (Retryability.RECONCILE, "GET", True, False),
        (Retryability.POLL, "GET", True, False),
        (Retryability.AFTER_DELAY, "GET", False, True),
        (Retryability.AFTER_DELAY, "POST", False, True),
        (Retryability.AFTER_DELAY, "PATCH", False, True),
        *((Retryability.BACKOFF, method, False, True) for method in sorted(IDEMPOTENT_METHODS)),
        (Retryability.BACKOFF, "get", False, True),
        (Retryability.BACKOFF, "POST", False, False),
        (Retryability.BACKOFF, "PATCH", False, False),
        (Retryability.BACKOFF, "CONNECT", False, False),
        (Retryability.BACKOFF, "BREW", False, False),
        (Retryability.BACKOFF, "POST", True, True),
        (Retryability.BACKOFF, "patch", True, True),
    ],
)
def test_permission(retryability: Retryability, method: str, idempotency_key: bool, retry: bool) -> None:
    """
    Retryability, method and idempotency key decide whether a request may be repeated.
    """
    decision = decide_retry(failure(retryability), method=method, idempotency_key=idempotency_key)
    assert (retry, BASE_DELAY if retry else None, False) == (decision.retry, decision.wait, decision.capped)


def test_idempotent_methods() -> None:
    """
    The idempotent methods are those of RFC 9110 §9.2.2.
    """
    assert {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"} == IDEMPOTENT_METHODS


@pytest.mark.parametrize(
    ("retryability", "method", "reason"),
    [
        (Retryability.NEVER, "GET", "the same request cannot succeed; wait_and_retry is up to the client"),
        (
            Retryability.AFTER_ACTION,
            "GET",
            "the same request succeeds only after an action; wait_and_retry is up to the client",
        ),
        (
            Retryability.RECONCILE,
            "PUT",
            "somebody changed it meanwhile: read it again, rebuild the request, send that; wait_and_retry is up to the client",
        ),
        (
            Retryability.POLL,
            "GET",
            "it is accepted but not finished: ask for the result later; wait_and_retry is up to the client",
        ),
        (
            Retryability.BACKOFF,
            "post",
            "POST is not idempotent and may have been applied; find out, or send an idempotency key",
        ),
        (Retryability.BACKOFF, "put", "PUT is idempotent; wait for our own backoff"),
        (
            Retryability.AFTER_DELAY,
            "POST",
            "the request was refused before it was processed; wait for our own backoff",
        ),
    ],
)
def test_reason(retryability: Retryability, method: str, reason: str) -> None:
    """
    The reason says why, and who has to do what.
    """
    assert reason == decide_retry(failure(retryability), method=method).reason


def test_reason_of_an_idempotency_key() -> None:
    """
    The reason names the idempotency key if only that allows a repetition, and the server if it named the delay.
    """
    decision = decide_retry(failure(Retryability.BACKOFF, retry_after=3.0), method="POST", idempotency_key=True)
    assert "the request carries an idempotency key; wait for the server's delay" == decision.reason


@pytest.mark.parametrize("retryability", REPEATABLE)
@pytest.mark.parametrize(
    ("retry_after", "min_delay", "attempt", "elapsed", "wait", "server_wait"),
    [
        (30.0, None, 1, 0.0, 30.0, 30.0),
        (30.0, None, 1, 10.0, 20.0, 20.0),
        (30.0, None, 1, 40.0, 0.0, 0.0),
        (30.0, None, 1, inf, 0.0, 0.0),
        (0.5, None, 9, 0.0, 0.5, 0.5),
        (0.0, 180.0, 9, 0.0, 0.0, 0.0),
        (3600.0, None, 1, 0.0, 3600.0, 3600.0),
        (None, None, 1, 0.0, 1.0, None),
        (None, None, 2, 0.0, 2.0, None),
        (None, None, 5, 0.0, 16.0, None),
        (None, None, 5, 10.0, 16.0, None),
        (None, None, 6, 0.0, 32.0, None),
        (None, None, 7, 0.0, MAX_BACKOFF, None),
        pytest.param(None, None, 10**400, 0.0, MAX_BACKOFF, None, id="huge attempt"),
        (None, 5.0, 1, 0.0, 5.0, None),
        (None, 5.0, 4, 0.0, 8.0, None),
        (None, 180.0, 1, 60.0, 180.0, None),
        (None, 180.0, 99, 0.0, 180.0, None),
    ],
)
def test_wait(
    retryability: Retryability,
    retry_after: float | None,
    min_delay: float | None,
    attempt: int,
    elapsed: float,
    wait: float,
    server_wait: float | None,
) -> None:
    """
    The server's delay counts exactly, minus the time that has passed; else our own backoff doubles up to its cap, with min_delay
    as the floor.
    """
    error = failure(retryability, retry_after=retry_after, min_delay=min_delay)
    decision = decide_retry(error, method="GET", attempt=attempt, elapsed=elapsed)
    assert (True, wait, server_wait, False) == (decision.retry, decision.wait, decision.server_wait, decision.capped)


@pytest.mark.parametrize("retryability", REPEATABLE)
@pytest.mark.parametrize(
    ("retry_after", "min_delay", "attempt", "elapsed", "max_wait", "retry", "wait"),
    [
        (30.0, None, 1, 0.0, 30.0, True, 30.0),
        (30.0, None, 1, 0.0, 29.0, False, 30.0),
        (30.0, None, 1, 1.0, 29.0, True, 29.0),
        (30.0, None, 1, 30.0, 0.0, True, 0.0),
        (None, 180.0, 1, 0.0, 60.0, False, 180.0),
        (None, 180.0, 1, 0.0, inf, True, 180.0),
        (None, None, 5, 0.0, 10.0, True, 10.0),
        (None, None, 1, 0.0, 0.0, True, 0.0),
    ],
)
def test_max_wait(
    retryability: Retryability,
    retry_after: float | None,
    min_delay: float | None,
    attempt: int,
    elapsed: float,
    max_wait: float,
    retry: bool,
    wait: float,
) -> None:
    """
    If server or document ask for a longer wait than allowed, there is no retry; our own backoff is capped instead.
    """
    error = failure(retryability, retry_after=retry_after, min_delay=min_delay)
    decision = decide_retry(error, method="GET", attempt=attempt, elapsed=elapsed, max_wait=max_wait)
    assert (retry, wait, not retry) == (decision.retry, decision.wait, decision.capped)


@pytest.mark.parametrize(
    ("retry_after", "min_delay", "reason"),
    [
        (90.0, None, "the server's delay of 90 s exceeds the longest wait allowed, 0.5 s"),
        (None, 120.0, "the document's least delay of 120 s exceeds the longest wait allowed, 0.5 s"),
    ],
)
def test_reason_of_a_cap(retry_after: float | None, min_delay: float | None, reason: str) -> None:
    """
    A capped decision says whose delay was too long, and by how much.
    """
    error = failure(Retryability.AFTER_DELAY, retry_after=retry_after, min_delay=min_delay)
    assert reason == decide_retry(error, method="GET", max_wait=0.5).reason


@pytest.mark.parametrize("retryability", [retryability for retryability in Retryability if retryability not in REPEATABLE])
def test_refusal_goes_before_cap(retryability: Retryability) -> None:
    """
    A request that may not be repeated is not capped; the decision has the server's delay all the same.
    """
    decision = decide_retry(failure(retryability, retry_after=30.0), method="GET", elapsed=5.0, max_wait=1.0)
    assert (False, None, 25.0, False) == (decision.retry, decision.wait, decision.server_wait, decision.capped)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": ""}, "method is ''; pass the request's method, such as 'GET', or None if it is not known"),
        ({"method": " "}, "method is ' '; pass the request's method, such as 'GET', or None if it is not known"),
        ({"attempt": 0}, "decide_retry: attempt is 0; count the requests sent so far, from 1"),
        ({"attempt": -1}, "decide_retry: attempt is -1; count the requests sent so far, from 1"),
        ({"elapsed": -0.1}, "decide_retry: elapsed is -0.1; pass the seconds since the response was parsed, 0 or more"),
        ({"elapsed": nan}, "decide_retry: elapsed is nan; pass the seconds since the response was parsed, 0 or more"),
        ({"max_wait": -1.0}, "max_wait is -1.0; pass seconds, 0 or more, or None for no limit"),
        ({"max_wait": nan}, "max_wait is nan; pass seconds, 0 or more, or None for no limit"),
    ],
)
@pytest.mark.parametrize("retryability", [Retryability.NEVER, Retryability.BACKOFF])
def test_impossible_arguments(retryability: Retryability, arguments: dict[str, object], message: str) -> None:
    """
    An impossible argument is the caller's mistake and raises at once, for any error.
    """
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        decide_retry(failure(retryability), **({"method": "GET"} | arguments))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": 5}, "method must be a name such as 'GET', or None if it is not known, not 5"),
        ({"idempotency_key": "k-1"}, "idempotency_key must be True or False, or None if not known"),
        ({"attempt": "1"}, "attempt is '1'; count the requests sent so far"),
        ({"attempt": True}, "attempt is True; count the requests sent so far"),
        ({"elapsed": "0"}, "elapsed is '0'; pass the seconds"),
        ({"max_wait": "5"}, "max_wait must be seconds or None, not '5'"),
        ({"max_wait": False}, "max_wait must be seconds or None, not False"),
    ],
)
def test_arguments_of_wrong_types(arguments: dict[str, object], message: str) -> None:
    """
    An argument of a wrong type is the caller's mistake, and the message says what to pass.
    """
    with pytest.raises(TypeError, match=re.escape(message)):
        decide_retry(failure(Retryability.NEVER), **({"method": "GET"} | arguments))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("thing", "advice"),
    [(exception_for(failure(Retryability.NEVER)), "pass its `error`"), (None, "pass what errortax.parse returned")],
)
def test_an_object_that_is_not_an_error(thing: object, advice: str) -> None:
    """
    An exception in place of the error that it has is refused, with advice; so is any other object.
    """
    with pytest.raises(TypeError, match=advice):
        decide_retry(thing, method="GET")  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("idempotency_key", "repeated"), [(False, False), (None, False), (True, True)])
def test_unknown_method(idempotency_key: bool | None, repeated: bool) -> None:
    """
    An unknown method counts as not idempotent.
    """
    decision = decide_retry(failure(Retryability.BACKOFF), method=None, idempotency_key=idempotency_key)
    assert repeated is decision.retry
    assert repeated or "a request of unknown method is not idempotent" in decision.reason


DELAYS = st.none() | st.floats(0.0, 1e9)


@given(
    retryability=st.sampled_from(Retryability),
    retry_after=DELAYS,
    min_delay=DELAYS,
    method=st.sampled_from(["GET", "post", "PUT", "X"]),
    idempotency_key=st.booleans(),
    attempt=st.integers(min_value=1),
    elapsed=st.floats(0.0, inf),
    max_wait=st.none() | st.floats(0.0, inf),
)
def test_any_decision(
    retryability: Retryability,
    retry_after: float | None,
    min_delay: float | None,
    method: str,
    idempotency_key: bool,
    attempt: int,
    elapsed: float,
    max_wait: float | None,
) -> None:
    """
    A decision is consistent: a retry waits as long as the server asked and no longer than allowed, a refusal never waits.
    """
    decision = decide_retry(
        failure(retryability, retry_after=retry_after, min_delay=min_delay),
        method=method,
        idempotency_key=idempotency_key,
        attempt=attempt,
        elapsed=elapsed,
        max_wait=max_wait,
    )
    assert (decision.wait is not None) == (decision.retry or decision.capped)
    assert not (decision.retry and decision.capped)
    assert (decision.server_wait is None) == (retry_after is None)
    assert decision.reason
    if decision.wait is not None:
        asked = min_delay or 0.0 if retry_after is None else max(0.0, retry_after - elapsed)
        assert asked <= decision.wait <= max(asked, MAX_BACKOFF)
        assert decision.retry == (max_wait is None or decision.wait <= max_wait)
