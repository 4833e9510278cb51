"""
Read an error back from the members that errortax adds to a format; and convert field names to and from JSON Pointers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import nan
from typing import Any, Final, TypeGuard
from urllib.parse import quote, unquote

from attrs import evolve

from errortax.model import (
    BodyKind,
    CanonicalError,
    Category,
    Details,
    FieldError,
    Level,
    Match,
    Retryability,
    Verdict,
    named,
    pointer_to,
    tokens_of,
    web_address,
)
from errortax.parsing import MAX_COMPLAINTS, PreparedVendor, prepared_vendor
from errortax.registry import GENERIC, Registry
from errortax.rendering.view import seconds

_PLAIN_FIELD: Final = re.compile(r"[\w.-]*", re.ASCII)
_VENDOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Members = Mapping[str, Any]


def has_verdict_members(members: object) -> TypeGuard[dict[str, Any]]:
    """
    Return whether *members* are ours, from any release; ``category`` alone is not enough, since other APIs have it as well.
    """
    return isinstance(members, dict) and all(isinstance(members.get(name), str) for name in ("category", "retryability"))


def pointer_to_field(name: str | None) -> str:
    """
    Return the JSON Pointer to the field that a vendor calls *name*: its dots become steps; None is the whole body.
    """
    if name is None or name.startswith("/"):
        return name or ""
    return pointer_to(name.split("."))


def field_at(pointer: object) -> str | None:
    """
    Return the name of the field that a JSON *pointer* leads to, its steps joined by dots; None for the whole body.
    """
    return ".".join(tokens_of(pointer)) if isinstance(pointer, str) and pointer.startswith("/") else None


def fragment_to(name: str | None) -> str:
    """
    Return the pointer to the field called *name* as a URI fragment (:rfc:`6901#section-6`).
    """
    return "#" + quote(pointer_to_field(name), safe="/~!$&'()*+,;=:@?", errors="replace")  # a lone surrogate cannot be encoded


def field_in(fragment: object) -> str | None:
    """
    Return the name of the field that a URI *fragment* leads to; None for the whole body.
    """
    return field_at(unquote(fragment[1:])) if isinstance(fragment, str) and fragment.startswith("#") else None


def complaints_of(errors: Iterable[FieldError]) -> list[dict[str, str]]:
    """
    Return field errors in the form of :rfc:`9457#section-3.1`: the place as a fragment, and the text.
    """
    is_plain = _PLAIN_FIELD.fullmatch
    return [
        {"pointer": "#/" + field.replace(".", "/"), "detail": message}
        if field is not None and is_plain(field)  # nearly always; the other way takes ten times as long
        else {"pointer": fragment_to(field), "detail": message, **explicit_field_member(field)}
        for field, message, _ in errors
    ]


def explicit_field_member(name: str | None) -> dict[str, str]:
    """
    Return the *name* of a field as an extra member if its pointer would be read back as another name; else an empty dict.
    """
    return {"field": name} if name is not None and name.startswith("/") else {}


def complaints_in(errors: object) -> Iterator[tuple[str | None, object]]:
    """
    Yield the field and the text of each field error that `complaints_of` wrote.
    """
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            name = error.get("field")
            yield name if isinstance(name, str) else field_in(error.get("pointer")), error.get("detail")


def error_from(
    members: Members, field_errors: Iterable[tuple[str | None, object]], status: int | None, registry: Registry
) -> CanonicalError:
    """
    Return the error that the *members* describe; the registry supplies missing parts, if it knows them.

    The members come from the network: nothing is raised, secrets are redacted, and a name that this release does not know
    becomes `Category.UNKNOWN` or its like.
    """
    prepared = _vendor_of(members, registry)
    redactor = prepared.redactor
    code = _text(members, "code")
    documented = prepared.verdicts.of_code(code)
    if code is not None and documented is None:
        code = redactor.code(code)
    verdict = _verdict(members, documented, prepared)
    vendor = _vendor(members)
    if vendor is not None and vendor != verdict.vendor and redactor.code(vendor) is not None:
        verdict = evolve(verdict, vendor=vendor)
    message, user_message, request_id = (_text(members, name) for name in ("message", "user_message", "request_id"))
    more_info = web_address(members.get("more_info"))
    details = Details(
        match=Match(
            level=Level.UNKNOWN if documented is None else Level.CODE,
            entry=None if documented is None else documented.entry,
            body=BodyKind.JSON,
        ),
        message=None if message is None else redactor.text(message),
        user_message=None if user_message is None else redactor.text(user_message),
        more_info=more_info if more_info is None or redactor.text(more_info) == more_info else None,
        field_errors=tuple(
            FieldError(None if name is None else redactor.name(name), redactor.text(text) if isinstance(text, str) else "")
            for name, text in list(field_errors)[:MAX_COMPLAINTS]
        ),
        request_id=None if request_id is None else redactor.identifier(request_id),
        retry_after=seconds(members.get("retry_after")),
    )
    return CanonicalError(code, status, verdict, details)


def seconds_in(text: object) -> float | None:
    """
    Return the number of seconds in *text*, the inverse of `str`; None if there is no such number.
    """
    try:
        number = float(text) if isinstance(text, str) else nan
    except ValueError:
        return None
    return seconds(int(number) if number.is_integer() else number)


def _text(members: Members, name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def _vendor(members: Members) -> str | None:
    vendor = _text(members, "vendor")
    return vendor if vendor is not None and _VENDOR.fullmatch(vendor) else None


def _vendor_of(members: Members, registry: Registry) -> PreparedVendor:
    vendor = _vendor(members)
    return prepared_vendor(registry, vendor if vendor in registry else GENERIC)


def _verdict(members: Members, documented: Verdict | None, vendor: PreparedVendor) -> Verdict:
    """Return the verdict of the entry or of a variant that agrees with the members, else a verdict made of the members."""
    stated = {name: text for name in ("category", "retryability") if (text := _text(members, name)) is not None}
    hint = {name: text for name in ("action", "actor", "target") if (text := _text(members, name)) is not None}
    for verdict in () if documented is None else (documented, *documented.variants):
        if verdict.category is None:
            continue
        first = verdict.hints[0]
        says = {
            "category": verdict.category,
            "retryability": verdict.retryability,
            "action": first.action,
            "actor": first.actor,
            "target": first.target,
        }
        if all(says[name] == text for name, text in (stated | hint).items()):
            return verdict
    if "target" in hint:
        hint["target"] = vendor.redactor.name(hint["target"])
    fallback = (documented and documented.category) or Category.UNKNOWN
    category = named(Category, stated.pop("category", fallback))
    changes: dict[str, Any] = {**stated, "hints": [hint]}
    if category.value != (_text(members, "category") or category.value):
        changes.setdefault("retryability", Retryability.NEVER.value)
    if (min_delay := seconds(members.get("min_delay"))) is not None:
        changes["min_delay"] = min_delay
    return vendor.verdicts.of_category(category, **changes)
