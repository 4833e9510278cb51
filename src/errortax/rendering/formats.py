"""
What a format is: a way to write a view, and the way back.
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
"""What writing yields: the HTTP status, header fields beside the common ones, and the body: JSON to be encoded, or bytes."""

PARTS = frozenset({"category", "retryability", "delay", "code", "request_id", "field_errors", "vendor"})
"""What a format may lose."""


class Format(NamedTuple):
    """
    Write errors in one format, and read them.

    *loses* names what cannot be read again: of `PARTS`. *enriches* tells that what an upstream says in problem details of its
    own stays, where it may be seen. *read* gets the response, its JSON document (None for anything
    else) and the registry, and returns None for what is no error of this format.
    """

    media_type: str
    write: Callable[[View, Registry], Written]
    read: Callable[[RawResponse, Any, Registry], CanonicalError | None]
    loses: frozenset[str] = frozenset()
    enriches: bool = False
