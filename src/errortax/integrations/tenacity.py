"""
tenacity: on which exceptions to repeat a call, and how long to wait before. It is imported only to make a strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from typing import TYPE_CHECKING

from errortax.advice import BASE_DELAY, MAX_BACKOFF, check_max_wait
from errortax.integrations._retrying import LONGEST_WAIT, Repeating, delays_of

if TYPE_CHECKING:
    from tenacity import RetryCallState, retry_if_exception


def repeatable(
    *, method: str | None = None, idempotency_key: bool | None = None, max_wait: float | None = LONGEST_WAIT
) -> retry_if_exception:
    """
    Return a strategy for ``tenacity.retry(retry=…)``: repeat after a `VendorError` if the same request may succeed.

    An exception group is repeated if all in it may be, after the longest of their waits.

    Args:
        method: the HTTP method of the request; None means the one that the exception knows. An unknown method counts as
            not idempotent.
        idempotency_key: whether the request has an idempotency key; None means that the exception decides.
        max_wait: seconds; a longer delay that the server or the vendor's document asks for means no retry. None means no
            limit.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: *method* or *max_wait* has a bad value.

    """
    from tenacity import retry_if_exception

    repeating = Repeating(method, idempotency_key, max_wait)
    return retry_if_exception(repeating.repeats)


def wait_for_server(*, max_wait: float | None = LONGEST_WAIT) -> Callable[[RetryCallState], float]:
    """
    Return a strategy for ``tenacity.retry(wait=…)``: wait exactly as long as the server asked, or else a random time.

    The random time is at least the delay that the vendor's document asks for, if any. Its ceiling doubles with each attempt,
    up to 60 seconds or *max_wait* seconds, whichever is less; a *max_wait* of None means 60. Raise `TypeError` and
    `ValueError` for bad arguments.
    """
    from tenacity import wait_exponential

    check_max_wait(max_wait)
    longest = MAX_BACKOFF if max_wait is None else min(MAX_BACKOFF, max_wait)

    def wait(retry_state: RetryCallState) -> float:
        exception = None if retry_state.outcome is None else retry_state.outcome.exception()
        asked, least = (None, 0.0) if exception is None else delays_of(exception)
        if asked is not None:
            return asked
        ceiling = wait_exponential(multiplier=BASE_DELAY, max=longest)(retry_state)
        return uniform(least, max(least, ceiling))  # noqa: S311  # spreads clients out, keeps no secret

    return wait
