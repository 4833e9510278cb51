"""
The error of a unary call in the Connect protocol (https://connectrpc.com/docs/protocol); it is always JSON.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.names import names_of
from errortax.rendering.rpc_status import Packed, error_from_packed, packed, unpadded
from errortax.rendering.view import View


def _write(view: View, registry: Registry) -> Written:
    names = names_of(view.category)
    details = [
        {"type": detail.type, "value": b64encode(detail.value).decode().rstrip("="), "debug": detail.members}
        for detail in packed(view, registry)
    ]
    return names.connect_status, (), {"code": names.connect, "message": view.title, "details": details}


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    if not isinstance(document, dict) or not isinstance(document.get("code"), str):
        return None
    return error_from_packed(_details(document.get("details")), raw.status, registry)


def _details(found: Any) -> Iterator[Packed]:
    for detail in found if isinstance(found, list) else ():
        if isinstance(detail, dict) and isinstance(name := detail.get("type"), str):
            value = unpadded(detail.get("value"))
            if value is not None:
                yield name, value


FORMAT: Final = Format("application/json", _write, _read)
