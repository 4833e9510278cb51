"""
The outcome: what `errortax.classify` returns.
"""

from __future__ import annotations

from attrs import frozen

from errortax.model.details import Match, RateLimit
from errortax.model.error import CanonicalError
from errortax.model.verdict import Hint
from errortax.model.vocabulary import Kind, Retryability


@frozen
class Outcome:
    """
    Tell what a response means at all: success, pending, redirect, or an error.

    *entry* is the documented code that decided; *error* is set exactly when *kind* is error. The rest holds for every
    kind: a 202 may say when to ask again, a success how much of the rate limit is left.
    """

    kind: Kind
    entry: str | None
    error: CanonicalError | None
    retryability: Retryability
    retry_after: float | None
    hints: tuple[Hint, ...]
    request_id: str | None
    rate_limit: RateLimit | None
    match: Match
