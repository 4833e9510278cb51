"""
Error objects of JSON:API 1.1 (https://jsonapi.org/format/1.1/#error-objects): one for each complaint about a field, or one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from errortax.error import CanonicalError
from errortax.model import RawResponse
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import error_from, field_at, members_of, misread_name, pointer_to
from errortax.rendering.view import View

_PLACED: Final = ("request_id", "documentation")
"""Members that error objects have a place for."""


def _write(view: View, _: Registry) -> Written:
    meta = members_of(view)
    common: dict[str, Any] = {"status": str(view.status), "code": view.category.value, "title": view.title}
    if (request_id := meta.pop("request_id", None)) is not None:
        common["id"] = request_id
    links = {"type": view.type}
    if (page := meta.pop("documentation", None)) is not None:
        links["about"] = page
    common["links"] = links
    if not view.field_errors:
        return view.status, (), {"errors": [{**common, "detail": view.detail, "meta": meta}]}
    complaints = (
        {
            **common,
            "detail": error.message,
            "source": {"pointer": pointer_to(error.field)},
            "meta": {**meta, **misread_name(error.field)},
        }
        for error in view.field_errors
    )
    return view.status, (), {"errors": list(complaints)}


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    errors = document.get("errors") if isinstance(document, dict) else None
    objects = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    first = objects[0] if objects else {}
    meta = first.get("meta")
    if not isinstance(meta, dict) or not isinstance(meta.get("category"), str):
        return None
    return error_from({**meta, "request_id": first.get("id")}, _complaints(objects), raw.status, registry)


def _complaints(objects: list[dict[str, Any]]) -> Iterator[tuple[str | None, object]]:
    for error in objects:
        source, meta = error.get("source"), error.get("meta")
        if isinstance(source, dict):
            name = meta.get("field") if isinstance(meta, dict) else None
            yield name if isinstance(name, str) else field_at(source.get("pointer")), error.get("detail")


FORMAT: Final = Format("application/vnd.api+json", _write, _read)
