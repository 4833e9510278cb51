"""
The exception for a canonical error, for programs that catch exceptions instead of checking a value.
"""

from __future__ import annotations

from typing import Any, ClassVar

from errortax.model.addresses import safe_url
from errortax.model.error import CanonicalError
from errortax.model.mistakes import ErrortaxError
from errortax.model.vocabulary import Category, Group


class VendorError(ErrortaxError):
    """
    A vendor answered with an error, or no answer came.

    There is one subclass for each group, and below it one for each category; `exception_for` finds the class for an error.
    The arguments are attributes, too. Whether the request may be repeated depends on all three.

    Args:
        error: the canonical error.
        method: the HTTP method of the request; None if it is not known.
        idempotency_key: whether the request had an idempotency key.
        url: the address of the request; None if it is not known. The attribute has no user information, no fragment and no
            values in its query.
        response: the client's own response object; None if there is none. Copies and pickles leave it behind.

    """

    group: ClassVar[Group | None] = None
    category: ClassVar[Category | None] = None

    def __init__(
        self,
        error: CanonicalError,
        *,
        method: str | None = None,
        idempotency_key: bool = False,
        url: str | None = None,
        response: Any = None,
    ) -> None:
        if not isinstance(error, CanonicalError):
            raise TypeError(f"{type(self).__name__}: error is a {type(error).__name__} object; pass an errortax.CanonicalError")
        # `args` holds the error already: `BaseException.__new__` sets it
        self.error, self.method, self.idempotency_key = error, method, idempotency_key
        self.url = None if url is None else safe_url(url)
        self.response = response

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, {**vars(self), "response": None}  # it may hold sockets, and the credentials of its request

    def __str__(self) -> str:
        error = self.error
        hint = error.hints[0]
        sentences = [f"{error}; {hint.actor}: {hint.text}"]
        request = " ".join(filter(None, (self.url and self.method, self.url)))
        if request or error.request_id is not None:
            sentences.append(f"Request {', '.join(filter(None, (request, error.request_id)))}.")
        if error.documentation_url is not None:
            sentences.append(f"See {error.documentation_url}")
        return " ".join(" ".join(sentences).split())  # one line, even if a vendor file has texts of several lines
