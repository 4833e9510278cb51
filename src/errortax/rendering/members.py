"""
The members that errortax adds to the formats which have room for them, and the way back from members to an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import inf, nan
from typing import Any, Final, TypeGuard
from urllib.parse import quote, unquote

from attrs import evolve

from errortax.delays import MAX_DELAY
from errortax.error import CanonicalError
from errortax.model import Details, FieldError, Judgement, Match
from errortax.parsing import Parser, parser_of
from errortax.reading import MOST_COMPLAINTS
from errortax.registry import GENERIC, Registry
from errortax.rendering.view import View
from errortax.taxonomy import BodyKind, Category, Level, Retryability, named
from errortax.verdicts import Verdict

_VENDOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Members = Mapping[str, Any]


def members_of(view: View) -> dict[str, Any]:
    """
    Return the extension members, less the complaints about fields, for which each format has its own place.
    """
    return {**entry_members_of(view), **own_members_of(view)}


def entry_members_of(view: View) -> dict[str, Any]:
    """
    Return those of them that all errors with the same code share.
    """
    return {**view.common} if view.code is None else {**view.common, "code": view.code}


def own_members_of(view: View) -> dict[str, Any]:
    """
    Return those of them that tell of this one error.
    """
    members: dict[str, Any] = {}
    if view.retry_after is not None and (retry_after := seconds(view.retry_after)) is not None:
        members["retry_after"] = _shortest(retry_after)
    if view.min_delay is not None and (min_delay := seconds(view.min_delay)) is not None:
        members["min_delay"] = _shortest(min_delay)
    if view.request_id is not None:
        members["request_id"] = view.request_id
    if view.message is not None:
        members["message"] = view.message
    if view.match is not None:
        members["match"] = view.match
    if view.preserved is not None:
        members["preserved"] = view.preserved
    return members


def tell_a_verdict(members: object) -> TypeGuard[dict[str, Any]]:
    """
    Tell whether *members* are ours, of whatever release: others have a member called ``category`` as well.
    """
    return isinstance(members, dict) and all(isinstance(members.get(name), str) for name in ("category", "retryability"))


def pointer_to(name: str | None) -> str:
    """
    Return the JSON pointer (:rfc:`6901`) to the field that a vendor calls *name*: its dots become steps; None is the whole.
    """
    if name is None or name.startswith("/"):
        return name or ""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in name.split("."))


def field_at(pointer: object) -> str | None:
    """
    Return the name of the field that a JSON *pointer* leads to, its steps joined by dots; None for the whole.
    """
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return None
    return ".".join(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def fragment_to(name: str | None) -> str:
    """
    Return the same as a fragment of a URI (:rfc:`6901#section-6`).
    """
    return "#" + quote(pointer_to(name), safe="/~!$&'()*+,;=:@?", errors="replace")  # half a surrogate pair is no character


def field_in(fragment: object) -> str | None:
    """
    Return the name of the field that the *fragment* leads to.
    """
    return field_at(unquote(fragment[1:])) if isinstance(fragment, str) and fragment.startswith("#") else None


def complaints_of(errors: Iterable[FieldError]) -> list[dict[str, str]]:
    """
    Return the complaints about fields as :rfc:`9457#section-3.1` shows them: where, as a fragment, and what.
    """
    return [{"pointer": fragment_to(error.field), "detail": error.message, **misread_name(error.field)} for error in errors]


def misread_name(name: str | None) -> dict[str, str]:
    """
    Return the *name* of a field as a member, if the pointer to the field would be read as another name; else nothing.
    """
    return {"field": name} if name is not None and name.startswith("/") else {}


def complaints_in(errors: object) -> Iterator[tuple[str | None, object]]:
    """
    Yield field and text of each of the complaints that `complaints_of` wrote.
    """
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            name = error.get("field")
            yield name if isinstance(name, str) else field_in(error.get("pointer")), error.get("detail")


def error_from(
    members: Members, field_errors: Iterable[tuple[str | None, object]], status: int | None, registry: Registry
) -> CanonicalError:
    """
    Return the error that the *members* tell of; what they leave out is what the registry says, or nothing.

    The members come from the network: nothing is raised, secrets are redacted, and names that this release does not know
    read as `Category.UNKNOWN` and so on.
    """
    parser = _parser(members, registry)
    redactor = parser.redactor
    code = _text(members, "code")
    verdict = None if code is None else parser.verdict(code)
    if code is not None and verdict is None:
        code = redactor.code(code)
    judgement = _judgement(members, verdict, parser)
    vendor = _vendor(members)
    if vendor is not None and vendor != judgement.vendor and redactor.code(vendor) is not None:
        judgement = evolve(judgement, vendor=vendor)
    message, request_id = _text(members, "message"), _text(members, "request_id")
    details = Details(
        match=Match(
            level=Level.UNKNOWN if verdict is None else Level.CODE,
            entry=None if verdict is None else verdict.entry,
            body=BodyKind.JSON,
        ),
        message=None if message is None else redactor.text(message),
        field_errors=tuple(
            FieldError(None if name is None else redactor.name(name), redactor.text(text) if isinstance(text, str) else "")
            for name, text in list(field_errors)[:MOST_COMPLAINTS]
        ),
        request_id=None if request_id is None else redactor.identifier(request_id),
        retry_after=seconds(members.get("retry_after")),
    )
    return CanonicalError(code, status, judgement, details)


def seconds(value: object) -> float | None:
    """
    Return *value*, at most `MAX_DELAY`, if it is a number of seconds that one can wait, else None.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(value, MAX_DELAY) if 0 <= value < inf else None


def seconds_in(text: object) -> float | None:
    """
    Return the number of seconds that *text* writes, as `str` does, else None.
    """
    try:
        number = float(text) if isinstance(text, str) else nan
    except ValueError:
        return None
    return seconds(int(number) if number.is_integer() else number)


def _shortest(number: float) -> float:
    """Return 42 for 42.0."""
    return int(number) if number == int(number) else number


def _text(members: Members, name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def _vendor(members: Members) -> str | None:
    vendor = _text(members, "vendor")
    return vendor if vendor is not None and _VENDOR.fullmatch(vendor) else None


def _parser(members: Members, registry: Registry) -> Parser:
    vendor = _vendor(members)
    return parser_of(registry, vendor if vendor in registry.names else GENERIC, None)


def _judgement(members: Members, verdict: Verdict | None, parser: Parser) -> Judgement:
    """Return what the entry says, or one of its variants, where the members agree with that; else what they say themselves."""
    told = {name: text for name in ("category", "retryability") if (text := _text(members, name)) is not None}
    hint = {name: text for name in ("action", "actor") if (text := _text(members, name)) is not None}
    if verdict is not None:
        for judgement in _judgements(verdict):
            first = judgement.hints[0]
            says = {
                "category": judgement.category,
                "retryability": judgement.retryability,
                "action": first.action,
                "actor": first.actor,
            }
            if all(says[name] == text for name, text in (told | hint).items()):
                return judgement
    documented = None if verdict is None else verdict.judgement
    category = named(Category, told.get("category", Category.UNKNOWN if documented is None else documented.category))
    ruling: dict[str, Any] = {**told, "category": category.value, "hints": [hint]}
    if category.value != told.get("category", category.value):
        ruling.setdefault("retryability", Retryability.NEVER.value)
    if (min_delay := seconds(members.get("min_delay"))) is not None:
        ruling["min_delay"] = min_delay
    return parser.verdicts.error(ruling)


def _judgements(verdict: Verdict) -> Iterable[Judgement]:
    candidates = (verdict, *(variant for _, _, variant in verdict.variants))
    return (candidate.judgement for candidate in candidates if candidate.judgement is not None)
