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
class Outcome:
    """
    Say whether a response means success, pending, redirect or error.

    *entry* is the documented code that decided, or None. *error* is None exactly if *kind* is not error. *retry_after* is
    in seconds, or None. The other attributes mean the same for every kind: a 202 may state when to ask again, and a
    success how much of the rate limit remains.
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

    @property
    def rate_limit(self) -> RateLimit | None:
        """Return the used-up rate limit with the longest wait, else the one with least left; None without a rate limit."""
        return tightest(self.rate_limits)
