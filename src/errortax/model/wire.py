"""
The wire form of a canonical error (``schemas/canonical-error.schema.json``): plain dicts, lists, texts and numbers.

The reader accepts names that a newer release added. It replaces each by the fall-back of its enumeration and keeps the
original, which is written again unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from errortax.model.addresses import web_address
from errortax.model.details import Details, FieldError, Match, Path, RateLimit, tightest
from errortax.model.mistakes import WireFormError
from errortax.model.verdict import Alternative, Hint, Source, Verdict
from errortax.model.vocabulary import Action, Actor, Basis, BodyKind, Category, Level, Retryability
from errortax.model.wire_members import REQUIRED, Members

FORMAT: Final = "1.0"

_MAX_STATUS: Final = 999_999  # what `RawResponse` takes for a status
_EMITTED: Final = (400, 599)


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
        "user_message": details.user_message,
        "more_info": details.more_info,
        "field_errors": [_write_complaint(complaint) for complaint in details.field_errors],
        "request_id": details.request_id,
        "rate_limit": None if (limit := tightest(details.rate_limits)) is None else _write_rate_limit(limit),
        "rate_limits": [_write_rate_limit(limit) for limit in details.rate_limits],
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


def _write_rate_limit(limit: RateLimit) -> dict[str, Any]:
    return {"limit": limit.limit, "remaining": limit.remaining, "reset_after": limit.reset_after, "name": limit.name}


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
        "standard": match.standard,
    }


def _put(document: Any, path: Path, value: object) -> None:
    *parents, last = path
    for step in parents:
        document = document[step]
    document[last] = value


def read(document: object) -> tuple[str | None, int | None, Verdict, Details]:
    """
    Return code, status, verdict and details from the wire form.

    Ignore members that a newer release may have added. Raise `WireFormError` if a member is missing, has a wrong type or
    cannot mean anything; `errortax.model.wire_members` says which values are mended instead.
    """
    foreign: dict[Path, Any] = {}
    root = Members((), document, foreign)
    category, match = root.named("category", Category), _read_match(root.inside("match"), cut=root.has_more("field_errors"))
    verdict = Verdict(
        vendor=root.name("vendor"),
        category=category,
        title=root.sentence("title"),
        description=root.sentence("description"),
        retryability=root.named("retryability", Retryability),
        hints=_read_hints(root),
        emitted_status=root.number("emitted_status", *_EMITTED, default=REQUIRED),
        min_delay=root.delay("min_delay"),
        source=_read_source(root),
        basis=root.named("basis", Basis),
        documentation_url=root.name("documentation_url", None),
        entry=match.entry,
        alternatives=match.alternatives,
    )
    if not verdict.hints:
        raise WireFormError("/hints", "the list is empty; an error needs at least one hint")
    if category.value != root.name("category"):
        root.keep("group", category.group.value)
    if verdict.retryability.value != root.name("retryability"):
        root.keep("retryable", verdict.retryability.is_automatic)
    details = Details(
        match=match,
        message=root.sentence("message", None),
        user_message=root.sentence("user_message", None),
        more_info=web_address(root.get("more_info", str, None)),
        field_errors=tuple(
            FieldError(item.sentence("field", None), item.sentence("message"), item.name("code", None))
            for item in root.items("field_errors")
        ),
        request_id=root.name("request_id", None),
        rate_limits=_read_rate_limits(root),
        retry_after=root.delay("retry_after"),
        foreign=foreign,
    )
    return root.name("code", None), root.number("status", -_MAX_STATUS, _MAX_STATUS), verdict, details


def _read_hints(parent: Members) -> tuple[Hint, ...]:
    return tuple(
        Hint(
            action=item.named("action", Action),
            actor=item.named("actor", Actor),
            text=item.sentence("text"),
            target=item.sentence("target", None),
            url=item.name("url", None),
        )
        for item in parent.items("hints")
    )


def _read_source(parent: Members) -> Source | None:
    if parent.get("source", Mapping, None) is None:
        return None
    source = parent.inside("source")
    return Source(source.sentence("document"), source.sentence("section", None), source.name("url", None))


def _read_rate_limits(parent: Members) -> tuple[RateLimit, ...]:
    """Return all limits; a document with the tightest one alone has only this one."""
    single = () if parent.get("rate_limit", Mapping, None) is None else (parent.inside("rate_limit"),)
    return _read_limits(parent.items("rate_limits")) or _read_limits(single)


def _read_limits(limits: Iterable[Members]) -> tuple[RateLimit, ...]:
    return tuple(
        RateLimit(
            limit.number("limit"),
            limit.number("remaining"),
            limit.delay("reset_after"),
            limit.name("name", None),
        )
        for limit in limits
    )


def _read_match(match: Members, *, cut: bool) -> Match:
    return Match(
        level=match.named("level", Level),
        entry=match.name("entry", None),
        alternatives=tuple(
            Alternative(item.named("category", Category), item.sentence("reason"), _read_hints(item))
            for item in match.items("alternatives")
        ),
        status_conflict=match.get("status_conflict", bool, False),
        envelope=match.name("envelope", None),
        intermediary=match.get("intermediary", bool, False),
        body=match.named("body", BodyKind),
        lenient=match.get("lenient", bool, False),
        withheld=match.get("withheld", bool, False) or cut,
        standard=match.name("standard", None),
    )
