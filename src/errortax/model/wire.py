"""
The wire form of a canonical error (``schemas/canonical-error.schema.json``): plain dicts, lists, texts and numbers.

The reader accepts names that a newer release added. It replaces each by the fall-back of its enumeration and keeps the
original, which is written again unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from errortax.model.details import Details, FieldError, Match, Path, RateLimit
from errortax.model.mistakes import WireFormError
from errortax.model.names import Basis, BodyKind, Level, named
from errortax.model.pointers import pointer_to
from errortax.model.verdict import Alternative, Hint, Source, Verdict
from errortax.model.vocabulary import Action, Actor, Category, Retryability

FORMAT: Final = "1.0"

_Name = TypeVar("_Name", bound=StrEnum)
_REQUIRED: Final = object()


def write(code: str | None, status: int | None, category: Category, verdict: Verdict, details: Details) -> dict[str, Any]:
    """
    Return the wire form, without the `preserved` members, which may be secret.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "vendor": verdict.vendor,
        "code": code,
        "status": status,
        "category": category.value,
        "group": category.group.value,
        "title": verdict.title,
        "description": verdict.description,
        "retryability": verdict.retryability.value,
        "retryable": verdict.retryability.is_automatic,
        "retry_after": details.retry_after,
        "min_delay": verdict.min_delay,
        "hints": [_write_hint(hint) for hint in verdict.hints],
        "message": details.message,
        "field_errors": [_write_complaint(complaint) for complaint in details.field_errors],
        "request_id": details.request_id,
        "rate_limit": _write_rate_limit(details.rate_limit),
        "emitted_status": verdict.emitted_status,
        "match": _write_match(details.match),
        "source": _write_source(verdict.source),
        "basis": verdict.basis.value,
        "documentation_url": verdict.documentation_url,
    }
    for path, value in details.foreign.items():
        _put(document, path, value)
    return document


def _write_hint(hint: Hint) -> dict[str, Any]:
    return {
        "action": hint.action.value,
        "actor": hint.actor.value,
        "text": hint.text,
        "target": hint.target,
        "url": hint.url,
    }


def _write_complaint(complaint: FieldError) -> dict[str, Any]:
    return {"field": complaint.field, "message": complaint.message, "code": complaint.code}


def _write_rate_limit(limit: RateLimit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return {"limit": limit.limit, "remaining": limit.remaining, "reset_after": limit.reset_after}


def _write_source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {"document": source.document, "section": source.section, "url": source.url}


def _write_match(match: Match) -> dict[str, Any]:
    return {
        "level": match.level.value,
        "entry": match.entry,
        "alternatives": [
            {
                "category": alternative.category.value,
                "reason": alternative.reason,
                "hints": [_write_hint(hint) for hint in alternative.hints],
            }
            for alternative in match.alternatives
        ],
        "status_conflict": match.status_conflict,
        "envelope": match.envelope,
        "intermediary": match.intermediary,
        "body": match.body.value,
        "lenient": match.lenient,
        "withheld": match.withheld,
    }


def _put(document: Any, path: Path, value: object) -> None:
    *parents, last = path
    for step in parents:
        document = document[step]
    document[last] = value


def read(document: object) -> tuple[str | None, int | None, Verdict, Details]:
    """
    Return code, status, verdict and details from the wire form.

    Ignore members that a newer release may have added. Raise `WireFormError` if a member is missing or has a wrong type.
    """
    foreign: dict[Path, Any] = {}
    root = _Reader((), document, foreign)
    category, match = root.name("category", Category), _read_match(root.inside("match"))
    verdict = Verdict(
        vendor=root.text("vendor"),
        category=category,
        title=root.text("title"),
        description=root.text("description"),
        retryability=root.name("retryability", Retryability),
        hints=_read_hints(root),
        emitted_status=root.get("emitted_status", int),
        min_delay=root.get("min_delay", (int, float), None),
        source=_read_source(root),
        basis=root.name("basis", Basis),
        documentation_url=root.get("documentation_url", str, None),
        entry=match.entry,
        alternatives=match.alternatives,
    )
    if not verdict.hints:
        raise WireFormError("/hints", "the list is empty; an error needs at least one hint")
    if category.value != root.text("category"):
        root.keep("group", category.group.value)
    if verdict.retryability.value != root.text("retryability"):
        root.keep("retryable", verdict.retryability.is_automatic)
    details = Details(
        match=match,
        message=root.get("message", str, None),
        field_errors=tuple(
            FieldError(item.get("field", str, None), item.text("message"), item.get("code", str, None))
            for item in root.items("field_errors")
        ),
        request_id=root.get("request_id", str, None),
        rate_limit=_read_rate_limit(root),
        retry_after=root.get("retry_after", (int, float), None),
        foreign=foreign,
    )
    return root.get("code", str, None), root.get("status", int, None), verdict, details


def _read_hints(parent: _Reader) -> tuple[Hint, ...]:
    return tuple(
        Hint(
            action=item.name("action", Action),
            actor=item.name("actor", Actor),
            text=item.text("text"),
            target=item.get("target", str, None),
            url=item.get("url", str, None),
        )
        for item in parent.items("hints")
    )


def _read_source(parent: _Reader) -> Source | None:
    if parent.get("source", Mapping, None) is None:
        return None
    source = parent.inside("source")
    return Source(source.text("document"), source.get("section", str, None), source.get("url", str, None))


def _read_rate_limit(parent: _Reader) -> RateLimit | None:
    if parent.get("rate_limit", Mapping, None) is None:
        return None
    limit = parent.inside("rate_limit")
    return RateLimit(
        limit.get("limit", int, None), limit.get("remaining", int, None), limit.get("reset_after", (int, float), None)
    )


def _read_match(match: _Reader) -> Match:
    return Match(
        level=match.name("level", Level),
        entry=match.get("entry", str, None),
        alternatives=tuple(
            Alternative(item.name("category", Category), item.text("reason"), _read_hints(item))
            for item in match.items("alternatives")
        ),
        status_conflict=match.get("status_conflict", bool, False),
        envelope=match.get("envelope", str, None),
        intermediary=match.get("intermediary", bool, False),
        body=match.name("body", BodyKind),
        lenient=match.get("lenient", bool, False),
        withheld=match.get("withheld", bool, False),
    )


class _Reader:
    """One object of the wire form, with its path for error messages."""

    def __init__(self, path: Path, document: object, foreign: dict[Path, Any]) -> None:
        if not isinstance(document, Mapping):
            raise WireFormError(pointer_to(path), f"expected an object, got {document!r}")
        self.path, self.document, self.foreign = path, document, foreign

    def get(self, member: str, types: Any, default: Any = _REQUIRED) -> Any:
        value = self.document.get(member, default)
        if value is _REQUIRED:
            raise WireFormError(pointer_to(self.path), f"member {member!r} is missing")
        if value is None and default is None:
            return None
        if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
            raise WireFormError(pointer_to((*self.path, member)), f"{value!r} has a wrong type; see canonical-error.schema.json")
        return value

    def text(self, member: str) -> str:
        text: str = self.get(member, str)
        return text

    def name(self, member: str, names: type[_Name]) -> _Name:
        name = self.text(member)
        known = named(names, name)
        if known.value != name:
            self.foreign[*self.path, member] = name
        return known

    def keep(self, member: str, ours: object) -> None:
        """Keep a value that only a newer release can work out, if it differs from *ours*."""
        if self.document.get(member, ours) != ours:
            self.foreign[*self.path, member] = self.document[member]

    def inside(self, member: str) -> _Reader:
        return _Reader((*self.path, member), self.get(member, Mapping), self.foreign)

    def items(self, member: str) -> list[_Reader]:
        items: Sequence[object] = self.get(member, (list, tuple), ())
        return [_Reader((*self.path, member, i), item, self.foreign) for i, item in enumerate(items)]
