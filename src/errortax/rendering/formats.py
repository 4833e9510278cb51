"""
The type of a format: a function that writes a view, and one that reads it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.view import View

Fields: TypeAlias = Iterable[tuple[str, str]]

Written: TypeAlias = tuple[int, Fields, dict[str, Any] | bytes]
"""The result of writing: the HTTP status, header fields besides the common ones, and the body: a JSON document or bytes."""

PARTS = frozenset({"category", "retryability", "delay", "code", "request_id", "field_errors", "vendor"})
"""The parts of an error that a format may lose."""


class Format(NamedTuple):
    """
    Write errors in one format, and read them.

    Attributes:
        media_type: the value of ``Content-Type``.
        write: the function that turns a view into an answer.
        read: the function that reads an error from a response, its JSON document (None if the body is not JSON) and the
            registry; it returns None if the response is not an error in this format.
        loses: the `PARTS` that cannot be read back.
        enriches: whether an answer keeps the members of the upstream's own problem details, if the audience may see texts.

    """

    media_type: str
    write: Callable[[View, Registry], Written]
    read: Callable[[RawResponse, Any, Registry], CanonicalError | None]
    loses: frozenset[str] = frozenset()
    enriches: bool = False
