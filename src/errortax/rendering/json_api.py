"""
Error objects of JSON:API 1.1 (https://jsonapi.org/format/1.1/#error-objects): one for each field error, at least one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import error_from, explicit_field_member, field_at, has_verdict_members, pointer_to_field
from errortax.rendering.view import View, members_of


def _write(view: View, _: Registry) -> Written:
    meta = members_of(view)
    common: dict[str, Any] = {"status": str(view.status), "code": view.category.value, "title": view.title}
    if "request_id" in meta and len(view.field_errors) <= 1:  # an id belongs to a single error object
        common["id"] = meta.pop("request_id")
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
            "source": {"pointer": pointer_to_field(error.field)},
            "meta": {**meta, **explicit_field_member(error.field)},
        }
        for error in view.field_errors
    )
    return view.status, (), {"errors": list(complaints)}


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    errors = document.get("errors") if isinstance(document, dict) else None
    objects = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    ours = [error for error in objects if has_verdict_members(error.get("meta"))]
    if not ours:
        return None
    return error_from({"request_id": ours[0].get("id"), **ours[0]["meta"]}, _complaints(ours), raw.status, registry)


def _complaints(objects: list[dict[str, Any]]) -> Iterator[tuple[str | None, object]]:
    for error in objects:
        source, name = error.get("source"), error["meta"].get("field")
        if isinstance(source, dict):
            yield name if isinstance(name, str) else field_at(source.get("pointer")), error.get("detail")


FORMAT: Final = Format("application/vnd.api+json", _write, _read)
