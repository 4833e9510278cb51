"""
The common part of the modules for retry loops: whether to repeat a request after an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

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

    def repeats(self, exception: BaseException) -> bool:
        """
        Return whether to send the request again that led to this exception; of a group, all must allow it.

        Only a `VendorError` is repeated, alone or in a group.
        """
        return all(isinstance(member, VendorError) and self._decision(member).retry for member in _members(exception))

    def _decision(self, exception: VendorError) -> RetryDecision:
        key = exception.idempotency_key if self._idempotency_key is None else self._idempotency_key
        return decide_retry(
            exception.error, method=self._method or exception.method, idempotency_key=key, max_wait=self._max_wait
        )


class Delays(NamedTuple):
    """
    Hold how many seconds to wait: *asked* by the servers, exactly, or None; otherwise at *least* so long.
    """

    asked: float | None
    least: float


def delays_of(exception: BaseException) -> Delays:
    """
    Return how long to wait after an *exception*; after a group, as long as the longest of all.
    """
    errors = [member.error for member in _members(exception) if isinstance(member, VendorError)]
    asked = [error.retry_after for error in errors if error.retry_after is not None]
    least = max((error.min_delay or 0.0 for error in errors if error.retry_after is None), default=0.0)
    return Delays(max(*asked, least) if asked else None, least)


def _members(exception: BaseException) -> Iterator[BaseException]:
    """Yield the *exception*, or all exceptions in it if it is a group."""
    pending = [exception]
    while pending:
        member = pending.pop()
        if isinstance(member, BaseExceptionGroup):
            pending += member.exceptions
        else:
            yield member
