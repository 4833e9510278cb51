"""
stamina: on which exceptions to repeat a call, and how long to wait before. It is not imported here.
"""

from __future__ import annotations

from collections.abc import Callable

from errortax.integrations._retrying import LONGEST_WAIT, Repeating
from errortax.model import VendorError


def repeatable(
    *, method: str | None = None, idempotency_key: bool | None = None, max_wait: float | None = LONGEST_WAIT
) -> Callable[[BaseException], bool | float]:
    """
    Return a backoff hook for ``stamina.retry(on=…)``: repeat on a `VendorError` after which the same request may succeed.

    *method* and *idempotency_key* tell of the request what the exception does not know, or knows wrongly; a method that
    nobody knows counts as not idempotent. The delay that the server named is waited exactly, else the least one that the
    vendor's document asks for, else what stamina draws from its own backoff. stamina's *timeout* shortens no wait that
    was asked for: where one is longer than *max_wait* seconds, there is neither wait nor repetition; None sets no limit.
    Raise `TypeError` and `ValueError` for bad arguments.
    """
    repeating = Repeating(method, idempotency_key, max_wait)

    def wait(exception: BaseException) -> bool | float:
        if not isinstance(exception, VendorError):
            return False
        decision = repeating.decision(exception)
        if not decision.retry:
            return False
        if decision.server_wait is not None:
            return decision.server_wait
        return exception.error.min_delay or True  # True: stamina's own backoff

    return wait
