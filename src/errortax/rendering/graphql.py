"""
The response to a failed GraphQL request (GraphQL over HTTP: a request error, therefore without ``data``).
"""

from __future__ import annotations

from typing import Any, Final

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import complaints_in, complaints_of, error_from, has_verdict_members
from errortax.rendering.view import View, members_of


def _write(view: View, _: Registry) -> Written:
    extensions = {**members_of(view), "type": view.type, "status": view.status}
    vendor_code = extensions.pop("code", None)
    extensions["code"] = view.category.value.upper()  # the member name that GraphQL servers and clients agree on
    if vendor_code is not None:
        extensions["vendor_code"] = vendor_code
    if view.field_errors:
        extensions["errors"] = complaints_of(view.field_errors)
    return view.status, (), {"errors": [{"message": view.detail, "extensions": extensions}]}


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    errors = document.get("errors") if isinstance(document, dict) else None
    for error in errors if isinstance(errors, list) else ():
        extensions = error.get("extensions") if isinstance(error, dict) else None
        if has_verdict_members(extensions):  # the first one that is ours; a server may add errors of its own
            members = {**extensions, "code": extensions.get("vendor_code")}
            return error_from(members, complaints_in(extensions.get("errors")), raw.status, registry)
    return None


FORMAT: Final = Format("application/graphql-response+json", _write, _read)
