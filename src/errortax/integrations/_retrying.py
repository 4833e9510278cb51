"""
What the retry loops of others share: whether an exception means that the same request may be sent once more.
"""

from __future__ import annotations

from typing import Final

from errortax.advice import RetryDecision, check_max_wait, check_request, decide_retry
from errortax.model import VendorError

LONGEST_WAIT: Final = 300.0
"""Seconds that a loop waits at most unless it is told otherwise: "a few minutes" in a document, not an hour."""


class Repeating:
    """
    Decide for a loop, by what an exception knows of the request, or by *method* and *idempotency_key* if they are given.

    A method that nobody knows counts as not idempotent. Raise `TypeError` and `ValueError` for bad arguments.
    """

    __slots__ = ("_idempotency_key", "_max_wait", "_method")

    def __init__(self, method: str | None, idempotency_key: bool | None, max_wait: float | None) -> None:
        check_request(method, idempotency_key)
        check_max_wait(max_wait)
        self._method, self._idempotency_key, self._max_wait = method, idempotency_key, max_wait

    def decision(self, exception: VendorError) -> RetryDecision:
        """
        Return whether to send the request again that was answered with this exception.
        """
        key = exception.idempotency_key if self._idempotency_key is None else self._idempotency_key
        return decide_retry(
            exception.error, method=self._method or exception.method, idempotency_key=key, max_wait=self._max_wait
        )
