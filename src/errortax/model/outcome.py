"""
The outcome: what `errortax.classify` returns.
"""

from __future__ import annotations

from attrs import frozen

from errortax.model.details import Match, RateLimit, tightest
from errortax.model.error import CanonicalError
from errortax.model.verdict import Hint
from errortax.model.vocabulary import OutcomeKind, Retryability


@frozen
class FailedItem:
    """
    Hold one result of a batch that failed.

    *index* is its position among all results, or the name of the member that it is. *id* says what it is about, or is None.
    """

    index: int | str
    id: str | None
    error: CanonicalError


@frozen
class Outcome:
    """
    Say whether a response means success, pending, redirect or error.

    *entry* is the documented code that decided, or None. *error* is None exactly if *kind* is not error. *retry_after* is
    in seconds, or None. The other attributes mean the same for every kind: a 202 may state when to ask again, and a
    success how much of the rate limit remains. *warnings* are the vendor's texts or codes that warn although the request
    succeeded, redacted.

    *items* are the results of a batch that failed, of *item_count* in all. They never change *kind*: a repetition would do
    again what was done. *items_truncated* is true if there are more results than are looked at.
    """

    kind: OutcomeKind
    entry: str | None
    error: CanonicalError | None
    retryability: Retryability
    retry_after: float | None
    hints: tuple[Hint, ...]
    request_id: str | None
    rate_limits: tuple[RateLimit, ...]
    match: Match
    warnings: tuple[str, ...] = ()
    items: tuple[FailedItem, ...] = ()
    item_count: int = 0
    items_truncated: bool = False

    @property
    def rate_limit(self) -> RateLimit | None:
        """Return the used-up rate limit with the longest wait, else the one with least left; None without a rate limit."""
        return tightest(self.rate_limits)

    @property
    def partial(self) -> bool:
        """Return whether some results of a batch failed, and others did not."""
        return 0 < len(self.items) < self.item_count
