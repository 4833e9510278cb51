"""
The gRPC response of a call that failed before it sent a message: *Trailers-Only* (gRPC over HTTP/2, "Responses").
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final
from urllib.parse import quote

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering import rpc_status
from errortax.rendering.formats import Format, Written
from errortax.rendering.names import names_of
from errortax.rendering.view import View

STATUS: Final = "grpc-status"
MESSAGE: Final = "grpc-message"
DETAILS: Final = "grpc-status-details-bin"
PUSHBACK: Final = "grpc-retry-pushback-ms"

NO_RETRY: Final = "-1"
"""The pushback that forbids clients to repeat the call (gRFC A6, "Pushback")."""

MAX_STATUS_BYTES: Final = 4096
"""The largest status: many clients accept 8 KiB of header fields, and base64 adds a third."""

_OK: Final = 200  # in gRPC, HTTP itself has succeeded
_SUCCESS: Final = "0"
_PLAIN: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_MAX_PUSHBACK: Final = 2**31 - 1  # milliseconds, 24 days; larger numbers are ignored by some clients and overflow in others


def pushback(view: View) -> str | None:
    """
    Return the pushback for a client's retry policy: milliseconds to wait, `NO_RETRY`, or None to let the policy decide.
    """
    if not view.retryability.is_automatic:
        return NO_RETRY
    if view.wait is None:
        return None
    milliseconds = max(view.wait * 1000, 1)  # with 0, grpcio 1.85 waits until the call's deadline
    return str(milliseconds) if milliseconds <= _MAX_PUSHBACK else NO_RETRY  # never earlier than the server asked


def _write(view: View, registry: Registry) -> Written:
    message, status = rpc_status.status_of(view, registry, MAX_STATUS_BYTES)
    fields = [
        (STATUS, str(names_of(view.category).number)),
        (MESSAGE, quote(message, safe=_PLAIN)),
        (DETAILS, b64encode(status).decode().rstrip("=")),
    ]
    if (wait := pushback(view)) is not None:
        fields.append((PUSHBACK, wait))
    return _OK, fields, b""


def _read(raw: RawResponse, _: Any, registry: Registry) -> CanonicalError | None:
    if raw.headers.get(STATUS, _SUCCESS) == _SUCCESS:
        return None
    status = rpc_status.unpadded(raw.headers.get(DETAILS, "").partition(",")[0])  # a proxy may have joined fields of one name
    return None if status is None else rpc_status.error_in(status, registry)


FORMAT: Final = Format("application/grpc", _write, _read)
