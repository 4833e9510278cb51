"""
stamina: on which exceptions to repeat a call, and how long to wait before. This module does not import stamina.
"""

from __future__ import annotations

from collections.abc import Callable

from errortax.integrations._retrying import LONGEST_WAIT, Repeating, delays_of


def repeatable(
    *, method: str | None = None, idempotency_key: bool | None = None, max_wait: float | None = LONGEST_WAIT
) -> Callable[[BaseException], bool | float]:
    """
    Return a backoff hook for ``stamina.retry(on=…)``: repeat after a `VendorError` if the same request may succeed.

    An exception group is repeated if all in it may be, after the longest of their waits.

    The hook waits exactly as long as the server asks. If the server names no delay, it waits the least delay of the vendor's
    document, or else as stamina's own backoff says. stamina's *timeout* does not shorten a wait that was asked for.

    Args:
        method: the HTTP method of the request; None means the one that the exception knows. An unknown method counts as
            not idempotent.
        idempotency_key: whether the request has an idempotency key; None means that the exception decides.
        max_wait: seconds; a longer delay that was asked for means neither wait nor retry. None means no limit.

    Returns:
        A function of an exception that returns the seconds to wait, True for stamina's own backoff, or False for no retry.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: *method* or *max_wait* has a bad value.

    """
    repeating = Repeating(method, idempotency_key, max_wait)

    def wait(exception: BaseException) -> bool | float:
        if not repeating.repeats(exception):
            return False
        delays = delays_of(exception)
        return (delays.least or True) if delays.asked is None else delays.asked  # True: stamina's own backoff

    return wait
