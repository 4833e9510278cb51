"""
The exception that a canonical error becomes for programs that would rather catch than look at a value.
"""

from __future__ import annotations

from typing import ClassVar

from errortax.model.error import CanonicalError
from errortax.model.mistakes import ErrortaxError
from errortax.model.vocabulary import Category, Group


class VendorError(ErrortaxError):
    """
    A vendor answered with an error, or no answer came.

    *error* is the canonical error. *method* and *idempotency_key* tell of the request as much as is known, since
    whether it may be repeated depends on that, too. There is one subclass for each group, and below it one for each
    category; `exception_for` finds the one for an error.
    """

    group: ClassVar[Group | None] = None
    category: ClassVar[Category | None] = None

    def __init__(self, error: CanonicalError, *, method: str | None = None, idempotency_key: bool = False) -> None:
        if not isinstance(error, CanonicalError):
            raise TypeError(f"{type(self).__name__}: error is a {type(error).__name__} object; pass an errortax.CanonicalError")
        # `args` holds the error already: making an exception sets them
        self.error, self.method, self.idempotency_key = error, method, idempotency_key

    def __str__(self) -> str:
        error = self.error
        hint = error.hints[0]
        sentences = [f"{error}; {hint.actor}: {hint.text}"]
        if error.request_id is not None:
            sentences.append(f"Request {error.request_id}.")
        if error.documentation_url is not None:
            sentences.append(f"See {error.documentation_url}")
        return " ".join(" ".join(sentences).split())  # one line, whatever a vendor file says
