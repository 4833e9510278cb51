"""
What the retry loops of others share: whether an exception means that the same request may be sent once more.
"""

from __future__ import annotations

from typing import Final

from errortax.exceptions import VendorError
from errortax.model import RetryDecision
from errortax.retry import decide_retry

LONGEST_WAIT: Final = 300.0
"""Seconds that a loop waits at most unless it is told otherwise: "a few minutes" in a document, not an hour."""

UNTOLD: Final = "UNKNOWN"  # a method that nobody told is in no list of idempotent ones


class Repeating:
    """
    Decide for a loop, by what an exception knows of the request, or by *method* and *idempotency_key* if they are given.

    A method that nobody knows counts as not idempotent. Raise `TypeError` and `ValueError` for bad arguments.
    """

    __slots__ = ("_idempotency_key", "_max_wait", "_method")

    def __init__(self, method: str | None, idempotency_key: bool | None, max_wait: float | None) -> None:
        if not isinstance(method, (str, type(None))):
            raise TypeError(f"method must be a name such as 'GET', or None if the exception tells it, not {method!r}")
        if method is not None and not method.strip():
            raise ValueError(f"method is {method!r}; pass the request's method, such as 'GET', or None if the exception tells it")
        if not isinstance(idempotency_key, (bool, type(None))):
            raise TypeError("idempotency_key must be True, False or None; the key itself goes into the request")
        check(max_wait)
        self._method, self._idempotency_key, self._max_wait = method, idempotency_key, max_wait

    def decision(self, exception: VendorError) -> RetryDecision:
        """
        Return whether to send the request again that was answered with this exception.
        """
        key = exception.idempotency_key if self._idempotency_key is None else self._idempotency_key
        method = self._method or exception.method or UNTOLD
        return decide_retry(exception.error, method=method, idempotency_key=key, max_wait=self._max_wait)


def check(max_wait: object) -> None:
    """
    Raise `TypeError` or `ValueError` for a *max_wait* that is no number of seconds.
    """
    if max_wait is None:
        return
    if isinstance(max_wait, bool) or not isinstance(max_wait, (int, float)):
        raise TypeError(f"max_wait must be seconds or None, not {max_wait!r}")
    if not max_wait >= 0.0:  # NaN as well
        raise ValueError(f"max_wait is {max_wait!r}; pass seconds, 0 or more, or None for no limit")
