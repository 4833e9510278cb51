"""
The HTTP statuses and their classes (:rfc:`9110#section-15`).
"""

from __future__ import annotations

from typing import Final

STATUSES: Final = frozenset(range(100, 600))
"""All possible statuses."""

FIRST_ERROR: Final = 400
"""The lowest status of an error."""

SUCCESSES: Final = range(200, 300)
REDIRECTS: Final = range(300, 400)
ERRORS: Final = range(FIRST_ERROR, 600)

WITH_BODY: Final = frozenset(range(200, 600)) - {204, 205, 304}
"""The statuses of a final answer that may have a body."""

CHANGING_METHOD: Final = frozenset({301, 302, 303})
"""The redirects after which a client may send a GET instead of the first method (:rfc:`9110#section-15.4`)."""

CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")


def class_of(status: int) -> str:
    """
    Return the class of a *status* in `STATUSES`, such as ``4xx``.
    """
    return f"{status // 100}xx"
