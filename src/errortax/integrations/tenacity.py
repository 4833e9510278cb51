"""
tenacity: on which exceptions to repeat a call, and how long to wait before. It is imported when a strategy is made.
"""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from typing import TYPE_CHECKING

from errortax.advice import BASE_DELAY, MAX_BACKOFF, check_max_wait
from errortax.integrations._retrying import LONGEST_WAIT, Repeating
from errortax.model import VendorError

if TYPE_CHECKING:
    from tenacity import RetryCallState, retry_if_exception


def repeatable(
    *, method: str | None = None, idempotency_key: bool | None = None, max_wait: float | None = LONGEST_WAIT
) -> retry_if_exception:
    """
    Return a strategy for ``tenacity.retry(retry=…)``: repeat on a `VendorError` after which the same request may succeed.

    *method* and *idempotency_key* tell of the request what the exception does not know, or knows wrongly; a method that
    nobody knows counts as not idempotent. Where server or document ask for a wait longer than *max_wait* seconds, there
    is no repetition; None sets no limit. Raise `TypeError` and `ValueError` for bad arguments.
    """
    from tenacity import retry_if_exception

    repeating = Repeating(method, idempotency_key, max_wait)
    return retry_if_exception(lambda exception: isinstance(exception, VendorError) and repeating.decision(exception).retry)


def wait_for_server(*, max_wait: float | None = LONGEST_WAIT) -> Callable[[RetryCallState], float]:
    """
    Return a strategy for ``tenacity.retry(wait=…)``: wait exactly as long as the server asked for, else draw the wait.

    It is drawn between the least delay that the vendor's document asks for, or nothing, and a ceiling that doubles with
    each attempt, up to 60 or *max_wait* seconds. Raise `TypeError` and `ValueError` for bad arguments.
    """
    from tenacity import wait_exponential

    check_max_wait(max_wait)
    longest = MAX_BACKOFF if max_wait is None else min(MAX_BACKOFF, max_wait)

    def wait(retry_state: RetryCallState) -> float:
        exception = None if retry_state.outcome is None else retry_state.outcome.exception()
        error = exception.error if isinstance(exception, VendorError) else None
        if error is not None and error.retry_after is not None:
            return error.retry_after
        least = 0.0 if error is None else error.min_delay or 0.0
        ceiling = wait_exponential(multiplier=BASE_DELAY, max=longest)(retry_state)
        return uniform(least, max(least, ceiling))  # noqa: S311  # spreads clients out, keeps no secret

    return wait
