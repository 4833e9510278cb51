"""
gRPC: the response of a call that failed before it had anything to say, *Trailers-Only* (gRPC over HTTP/2, "Responses").
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

NOT_AGAIN: Final = "-1"
"""The pushback that forbids clients to repeat the call (gRFC A6, "Pushback")."""

MOST_BYTES: Final = 4096
"""What a status may have at most: many clients take 8 KiB of header fields, and base64 adds a third."""

_OK: Final = 200  # in gRPC, HTTP itself has succeeded
_SUCCESS: Final = "0"
_PLAIN: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_LONGEST_PUSHBACK: Final = 2**31 - 1  # milliseconds, 24 days; some clients read no more, and others overflow


def pushback(view: View) -> str | None:
    """
    Return what a client's retry policy has to obey: milliseconds to wait, `NOT_AGAIN`, or None where the policy decides.
    """
    if not view.retryability.is_automatic:
        return NOT_AGAIN
    if view.wait is None:
        return None
    milliseconds = max(view.wait * 1000, 1)  # for 0 grpcio 1.85 waits until the call's deadline
    return str(milliseconds) if milliseconds <= _LONGEST_PUSHBACK else NOT_AGAIN  # never earlier than asked for


def _write(view: View, registry: Registry) -> Written:
    message, status = rpc_status.status_of(view, registry, MOST_BYTES)
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
    status = rpc_status.unpadded(raw.headers.get(DETAILS, "").partition(",")[0])  # fields of one name may have been joined
    return None if status is None else rpc_status.error_in(status, registry)


FORMAT: Final = Format("application/grpc", _write, _read)
