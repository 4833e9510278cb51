"""
The JSON form of google.rpc.Status, as Google's HTTP APIs send it (AIP-193, https://google.aip.dev/193).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from errortax.http import RawResponse
from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import error_from, has_verdict_members, seconds_in
from errortax.rendering.names import names_of
from errortax.rendering.view import View, members_of

TYPES: Final = "type.googleapis.com/google.rpc."

_NUMBERS: Final = {"retryAfter": "retry_after", "minDelay": "min_delay"}
"""Name in the metadata (AIP-193 requires lowerCamelCase) → our name."""

_METADATA: Final = {ours: theirs for theirs, ours in _NUMBERS.items()}
_DELAY: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)s")
_NOT_METADATA: Final = frozenset({"category", "request_id", "message", "match", "preserved"})
"""Members with a place of their own in this format, and members that are not texts."""

Detail = Mapping[str, Any]


def details(view: View, registry: Registry) -> Iterator[dict[str, Any]]:
    """
    Yield the details of a google.rpc.Status in their JSON form, each with its type.
    """
    members = members_of(view)
    metadata = {_METADATA.get(name, name): str(value) for name, value in members.items() if name not in _NOT_METADATA}
    yield {
        "@type": f"{TYPES}ErrorInfo",
        "reason": view.category.value.upper(),
        "domain": registry.documentation_url.partition("://")[2].partition("/")[0],
        "metadata": metadata,
    }
    if view.wait is not None:
        yield {"@type": f"{TYPES}RetryInfo", "retryDelay": f"{view.wait}s"}
    if view.field_errors:
        violations = [{"field": error.field or "", "description": error.message} for error in view.field_errors]
        yield {"@type": f"{TYPES}BadRequest", "fieldViolations": violations}
    if view.request_id is not None:
        yield {"@type": f"{TYPES}RequestInfo", "requestId": view.request_id}
    links = [{"description": view.title, "url": view.type}]
    if view.page is not None:
        links.append({"description": f"{view.vendor} {view.code}", "url": view.page})
    yield {"@type": f"{TYPES}Help", "links": links}
    yield {"@type": f"{TYPES}LocalizedMessage", "locale": view.locale, "message": view.detail}
    if view.message is not None:
        yield {"@type": f"{TYPES}DebugInfo", "detail": view.message}


def error_from_details(found: object, status: int | None, registry: Registry) -> CanonicalError | None:
    """
    Return the error in the details of a google.rpc.Status, or None if their ErrorInfo is not one of ours.
    """
    of_type: dict[str, Detail] = {}
    for detail in found if isinstance(found, list) else ():
        if isinstance(detail, dict) and isinstance(name := detail.get("@type"), str):
            of_type.setdefault(name.rpartition(".")[2], detail)
    info = of_type.get("ErrorInfo", {})
    reason, metadata = info.get("reason"), info.get("metadata")
    if not isinstance(reason, str) or not isinstance(metadata, dict):
        return None
    members: dict[str, Any] = {**metadata, "category": reason.lower()}
    if not has_verdict_members(members):
        return None
    for theirs, ours in _NUMBERS.items():
        members[ours] = seconds_in(members.get(theirs))
    if members["retry_after"] is None and members["min_delay"] is None:
        members["retry_after"] = _seconds(of_type.get("RetryInfo", {}).get("retryDelay"))
    members["request_id"] = of_type.get("RequestInfo", {}).get("requestId")
    members["message"] = of_type.get("DebugInfo", {}).get("detail")
    return error_from(members, _violations(of_type.get("BadRequest", {}).get("fieldViolations")), status, registry)


def _violations(violations: object) -> Iterator[tuple[str | None, object]]:
    for violation in violations if isinstance(violations, list) else ():
        if isinstance(violation, dict):
            field = violation.get("field")
            yield field if isinstance(field, str) and field else None, violation.get("description")


def _seconds(delay: object) -> float | None:
    match = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
    if match is None:
        return None
    number = float(match[1])
    return int(number) if number.is_integer() else number


def _write(view: View, registry: Registry) -> Written:
    code = names_of(view.category).grpc
    error = {"code": view.status, "message": view.title, "status": code, "details": list(details(view, registry))}
    return view.status, (), {"error": error}


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    error = document.get("error") if isinstance(document, dict) else None
    return error_from_details(error.get("details"), raw.status, registry) if isinstance(error, dict) else None


FORMAT: Final = Format("application/json", _write, _read)
