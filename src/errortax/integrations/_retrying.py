"""
The common part of the modules for retry loops: whether to repeat a request after an exception.
"""

from __future__ import annotations

from typing import Final

from errortax.advice import RetryDecision, check_max_wait, check_request, decide_retry
from errortax.model import VendorError

LONGEST_WAIT: Final = 300.0
"""The default of the longest wait in seconds: enough for "a few minutes" in a document, not for an hour."""


class Repeating:
    """
    Decide for a loop. *method* and *idempotency_key* take precedence over those that an exception knows of its request.

    An unknown method counts as not idempotent. Raise `TypeError` and `ValueError` for bad arguments.
    """

    __slots__ = ("_idempotency_key", "_max_wait", "_method")

    def __init__(self, method: str | None, idempotency_key: bool | None, max_wait: float | None) -> None:
        check_request(method, idempotency_key)
        check_max_wait(max_wait)
        self._method, self._idempotency_key, self._max_wait = method, idempotency_key, max_wait

    def decision(self, exception: VendorError) -> RetryDecision:
        """
        Return whether to send the request again that led to this exception.
        """
        key = exception.idempotency_key if self._idempotency_key is None else self._idempotency_key
        return decide_retry(
            exception.error, method=self._method or exception.method, idempotency_key=key, max_wait=self._max_wait
        )
