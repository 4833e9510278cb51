"""
An error to render, and others that differ from it in what a test is about.
"""

from __future__ import annotations

from typing import Any

import errortax
from errortax import CanonicalError, RawResponse

_limited = errortax.parse(RawResponse(429, {"Retry-After": "20"}), "youforce")
assert _limited is not None
LIMITED: CanonicalError = _limited


def changed(error: CanonicalError = LIMITED, **members: Any) -> CanonicalError:
    """
    Return the *error* with other *members* of the wire form.
    """
    return CanonicalError.from_dict({**error.to_dict(), **members})
