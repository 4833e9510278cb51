"""
HTTP itself: responses and their header fields, statuses, delays, and the calls of clients.

`delays` and the table of `fields` are modules of their own, since most programs never need them.
"""

from errortax.http.calls import IDEMPOTENCY_KEY, Call, call_of, exception_of, request_of, url_of
from errortax.http.message import (
    BODY_CAP,
    Headers,
    RawResponse,
    host_of,
    is_short_json,
    is_too_long,
    note_request,
    unchecked_response,
)
from errortax.http.responses import raw_response, request_fields
from errortax.http.statuses import (
    CHANGING_METHOD,
    CLASSES,
    ERRORS,
    FIRST_ERROR,
    REDIRECTS,
    STATUSES,
    SUCCESSES,
    WITH_BODY,
    class_of,
)

__all__ = [
    "BODY_CAP",
    "CHANGING_METHOD",
    "CLASSES",
    "ERRORS",
    "FIRST_ERROR",
    "IDEMPOTENCY_KEY",
    "REDIRECTS",
    "STATUSES",
    "SUCCESSES",
    "WITH_BODY",
    "Call",
    "Headers",
    "RawResponse",
    "call_of",
    "class_of",
    "exception_of",
    "host_of",
    "is_short_json",
    "is_too_long",
    "note_request",
    "raw_response",
    "request_fields",
    "request_of",
    "unchecked_response",
    "url_of",
]
