"""
Decide whether and when to repeat a request: pure functions. The caller has the loop, the clock and the random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeGuard

from attrs import frozen

from errortax.model import CanonicalError, Retryability

BASE_DELAY: Final = 1.0
"""The ceiling of our own first backoff, in seconds; it doubles with each attempt."""

MAX_BACKOFF: Final = 60.0
"""The highest ceiling of our own backoff, in seconds. A vendor's `min_delay` may be longer."""

IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""The methods that may be repeated even if the server has applied them (:rfc:`9110#section-9.2.2`)."""

_UNKNOWN_METHOD: Final = "a request of unknown method"  # instead of the method; it counts as not idempotent

_ENOUGH_DOUBLINGS: Final = 32  # far beyond MAX_BACKOFF, far below an overflow

_REFUSALS: Final[Mapping[Retryability, str]] = {
    Retryability.NEVER: "the same request cannot succeed",
    Retryability.AFTER_ACTION: "the same request succeeds only after an action",
    Retryability.RECONCILE: "somebody changed it meanwhile: read it again, rebuild the request, send that",
    Retryability.POLL: "it is accepted but not finished: ask for the result later",
}


@frozen
class RetryDecision:
    """
    Say whether to repeat a request, and when.

    *wait* is in seconds: the exact wait if the server named one, else the ceiling for the random wait of the loop; None if
    *retry* is false and not *capped*. *server_wait* is the rest of the server's own delay in seconds; None if it named none.
    *capped* is true if server or document asked for a longer wait than allowed. *reason* is a sentence for logs.
    """

    retry: bool
    wait: float | None
    server_wait: float | None
    capped: bool
    reason: str


def decide_retry(
    error: CanonicalError,
    *,
    method: str | None,
    idempotency_key: bool | None = False,
    attempt: int = 1,
    elapsed: float = 0.0,
    max_wait: float | None = None,
) -> RetryDecision:
    """
    Decide whether to send the request of *error* again, and how long to wait first.

    If the server named a delay, `wait` is exactly that. Otherwise `wait` is the ceiling of our own backoff, at least
    `error.min_delay`; the loop waits for a random part of it.

    Args:
        error: the canonical error of the last response.
        method: the HTTP method of the request; None if it is not known, which counts as not idempotent.
        idempotency_key: whether the request has an idempotency key; None if it is not known, which counts as no key.
        attempt: the number of requests sent so far, from 1.
        elapsed: seconds since the response was parsed.
        max_wait: the longest wait in seconds that the caller accepts; None means no limit. If server or document ask for
            more, there is no retry, `capped` is true and `wait` is the wait that they ask for.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: an argument has an impossible value, such as a negative number.

    """
    _check(error, method, idempotency_key, attempt, elapsed, max_wait)
    method = _UNKNOWN_METHOD if method is None else method.upper()
    server_wait = None if error.retry_after is None else max(0.0, error.retry_after - elapsed)
    refusal = _refusal(error, method, idempotency_key)
    if refusal is not None:
        return RetryDecision(retry=False, wait=None, server_wait=server_wait, capped=False, reason=refusal)
    wait = _backoff(attempt, error.min_delay, max_wait) if server_wait is None else server_wait
    if max_wait is not None and wait > max_wait:
        origin = "the document's least delay" if server_wait is None else "the server's delay"
        reason = f"{origin} of {wait:.10g} s exceeds the longest wait allowed, {max_wait:.10g} s"
        return RetryDecision(retry=False, wait=wait, server_wait=server_wait, capped=True, reason=reason)
    origin = "our own backoff" if server_wait is None else "the server's delay"
    reason = f"{_permission(error, method)}; wait for {origin}"
    return RetryDecision(retry=True, wait=wait, server_wait=server_wait, capped=False, reason=reason)


def _refusal(error: CanonicalError, method: str, idempotency_key: bool | None) -> str | None:
    if error.retryability in _REFUSALS:
        return f"{_REFUSALS[error.retryability]}; {error.action} is up to the {error.actor}"
    if error.retryability is Retryability.BACKOFF and not idempotency_key and method not in IDEMPOTENT_METHODS:
        return f"{method} is not idempotent and may have been applied; find out, or send an idempotency key"
    return None


def _permission(error: CanonicalError, method: str) -> str:
    if error.retryability is Retryability.AFTER_DELAY:
        return "the request was refused before it was processed"
    return f"{method} is idempotent" if method in IDEMPOTENT_METHODS else "the request carries an idempotency key"


def _backoff(attempt: int, min_delay: float | None, max_wait: float | None) -> float:
    ceiling = min(MAX_BACKOFF, BASE_DELAY * 2.0 ** min(attempt - 1, _ENOUGH_DOUBLINGS))
    if max_wait is not None:
        ceiling = min(ceiling, max_wait)  # max_wait caps our own backoff, never a delay that was asked for
    return max(ceiling, min_delay or 0.0)


def _check(
    error: object, method: str | None, idempotency_key: object, attempt: int, elapsed: float, max_wait: float | None
) -> None:
    if not isinstance(error, CanonicalError):
        advice = "pass its `error`" if hasattr(error, "error") else "pass what errortax.parse returned"
        raise TypeError(f"decide_retry: error is a {type(error).__name__} object, not a CanonicalError; {advice}")
    check_request(method, idempotency_key)
    if isinstance(attempt, bool) or not isinstance(attempt, int):
        raise TypeError(f"decide_retry: attempt is {attempt!r}; count the requests sent so far, from 1")
    if attempt < 1:
        raise ValueError(f"decide_retry: attempt is {attempt!r}; count the requests sent so far, from 1")
    if not _is_number(elapsed):
        raise TypeError(f"decide_retry: elapsed is {elapsed!r}; pass the seconds since the response was parsed")
    if not elapsed >= 0.0:  # NaN as well
        raise ValueError(f"decide_retry: elapsed is {elapsed!r}; pass the seconds since the response was parsed, 0 or more")
    check_max_wait(max_wait)


def check_request(method: object, idempotency_key: object) -> None:
    """
    Raise `TypeError` or `ValueError` unless *method* is a name or None, and *idempotency_key* true, false or None.
    """
    if not isinstance(method, (str, type(None))):
        raise TypeError(f"method must be a name such as 'GET', or None if it is not known, not {method!r}")
    if method is not None and not method.strip():
        raise ValueError(f"method is {method!r}; pass the request's method, such as 'GET', or None if it is not known")
    if not isinstance(idempotency_key, (bool, type(None))):
        raise TypeError("idempotency_key must be True or False, or None if not known; the key itself goes into the request")


def check_max_wait(max_wait: object) -> None:
    """
    Raise `TypeError` or `ValueError` unless *max_wait* is None or a number of seconds, 0 or more.
    """
    if max_wait is None:
        return
    if not _is_number(max_wait):
        raise TypeError(f"max_wait must be seconds or None, not {max_wait!r}")
    if not max_wait >= 0.0:  # NaN as well
        raise ValueError(f"max_wait is {max_wait!r}; pass seconds, 0 or more, or None for no limit")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
