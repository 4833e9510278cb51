"""
Reports on outcomes: blocks of text for people, JSON for programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import asdict

from errortax.advice import texts
from errortax.cli.readings import Reading
from errortax.cli.screen import Block
from errortax.model import BodyKind, CanonicalError, Hint, Match, Outcome, OutcomeKind, RateLimit, Retryability
from errortax.registry import loading

_COLOURS: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.SUCCESS: "green",
    OutcomeKind.PENDING: "yellow",
    OutcomeKind.REDIRECT: "yellow",
    OutcomeKind.ERROR: "red",
}


def block(reading: Reading, outcome: Outcome, *, locale: str) -> Block:
    """
    Return the text for the *outcome* of one *reading*.
    """
    where, error = reading.where, outcome.error
    if error is None:
        headline = f"{where}: {outcome.kind}, {_http(reading.response.status)}"
        return Block(headline, _COLOURS[outcome.kind], [row for row in _rows_of_outcome(outcome) if row[1]])
    headline = f"{where}: {error.vendor} {_name(error)}"
    return Block(headline, _COLOURS[OutcomeKind.ERROR], [row for row in _rows_of_error(error, locale) if row[1]])


def document(reading: Reading, outcome: Outcome, *, locale: str) -> dict[str, Any]:
    """
    Return the JSON for the *outcome* of one *reading*: an error in its wire form, anything else as the known parts.
    """
    where, error = reading.where, outcome.error
    if error is not None:
        wire = error.to_dict()
        if locale != "en":  # the wire form is in English
            wire["title"], wire["description"] = _title_and_description(error, locale)
            for hint, text in zip(wire["hints"], texts.hint_texts(error, locale=locale), strict=True):
                hint["text"] = text
        return {"input": where, "outcome": outcome.kind.value, "error": wire, **_batch(outcome)}
    return {
        "input": where,
        "outcome": outcome.kind.value,
        "error": None,
        "entry": outcome.entry,
        "retryability": outcome.retryability.value,
        "retry_after": outcome.retry_after,
        "hints": [asdict(hint) for hint in outcome.hints],
        "request_id": outcome.request_id,
        "rate_limit": outcome.rate_limit and asdict(outcome.rate_limit),
        "rate_limits": [asdict(limit) for limit in outcome.rate_limits],
        "warnings": list(outcome.warnings),
        **_batch(outcome),
    }


def _batch(outcome: Outcome) -> dict[str, Any]:
    """Return the results of a batch that failed; nothing for any other response."""
    if not outcome.item_count:
        return {}
    items = [{"index": item.index, "id": item.id, "error": item.error.to_dict()} for item in outcome.items]
    return {"items": items, "item_count": outcome.item_count, "items_truncated": outcome.items_truncated}


def _rows_of_outcome(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.kind is not OutcomeKind.SUCCESS:
        yield "retry", _retry(outcome.retryability, outcome.retry_after, None)
        yield from (("do", _hint(hint, hint.text)) for hint in outcome.hints)
    yield from (("warning", warning) for warning in outcome.warnings)
    yield from (("failed", f"{item.index if item.id is None else item.id}: {item.error}") for item in outcome.items)
    yield "request", outcome.request_id or ""
    yield from (("limit", _limit(limit)) for limit in outcome.rate_limits)


def _rows_of_error(error: CanonicalError, locale: str) -> Iterator[tuple[str, str]]:
    title, description = _title_and_description(error, locale)
    yield "what", f"{title} ({error.category}, {error.category.group})"
    yield "", description
    yield "retry", _retry(error.retryability, error.retry_after, error.min_delay)
    for hint, text in zip(error.hints, texts.hint_texts(error, locale=locale), strict=True):
        yield "do", _hint(hint, text)
    for found in error.field_errors:
        if found.field is not None or found.message != error.message:  # else the message below is the same
            yield "field", found.message if found.field is None else f"{found.field}: {found.message}"
    yield "message", error.message or ""
    yield "tell", error.user_message or ""
    yield "keep", ", ".join(error.preserved)  # the names; the values may be secret
    yield "request", error.request_id or ""
    yield from (("limit", _limit(limit)) for limit in error.rate_limits)
    yield from _rows_of_match(error.match, error.basis)
    if error.source is not None:
        yield "source", ", ".join(filter(None, (error.source.document, error.source.section, error.source.url)))
    yield "more", error.documentation_url or ""
    yield "more", error.more_info or ""


def _rows_of_match(match: Match, basis: str) -> Iterator[tuple[str, str]]:
    entry = f" {match.entry}" if match.entry else ""
    standard = f" of {match.standard}" if match.standard else ""
    yield (
        "match",
        f"{match.level}{entry}{standard}, {basis}; body: {match.body}{f' ({match.envelope})' if match.envelope else ''}",
    )
    if match.status_conflict:
        yield "note", "the code and the HTTP status contradict each other"
    if match.intermediary:
        what = "cannot be decoded" if match.body is BodyKind.UNDECODABLE else "does not look like the vendor's"
        yield "note", f"the body {what}; a proxy or a gateway may have answered or cut it off"
    if match.lenient:
        yield "note", "the body breaks the rules of its format; it was read leniently"
    if match.withheld:
        yield "note", "the body has more texts than are shown"
    yield from (("perhaps", f"{other.category}: {other.reason}") for other in match.alternatives)


def _title_and_description(error: CanonicalError, locale: str) -> tuple[str, str]:
    if texts.match_locale(locale, texts.locales()) == "en":
        return error.title, error.description
    return texts.category_text(error.category, locale)


def _name(error: CanonicalError) -> str:
    if error.code is None or error.code == str(error.status):
        return _http(error.status)
    return f"{error.code}, {_http(error.status)}"


def _http(status: int | None) -> str:
    return "no HTTP status" if status is None else f"HTTP {status}"


def _retry(retryability: Retryability, retry_after: float | None, min_delay: float | None) -> str:
    prose = loading.bundled("taxonomy.json")["retryabilities"][retryability.value]["description"]
    wait = f" The server asks to wait {retry_after:g} s." if retry_after is not None else ""
    least = f" Wait at least {min_delay:g} s." if min_delay is not None else ""
    return f"{retryability}: {prose}{wait or least}"


def _hint(hint: Hint, text: str) -> str:
    target = f" [{hint.target}]" if hint.target else ""
    return f"{hint.actor}: {text}{target}{f' {hint.url}' if hint.url else ''}"


def _limit(limit: RateLimit) -> str:
    parts = (
        f"{limit.limit} allowed" if limit.limit is not None else "",
        f"{limit.remaining} left" if limit.remaining is not None else "",
        f"starts anew in {limit.reset_after:g} s" if limit.reset_after is not None else "",
    )
    return ("" if limit.name is None else f"{limit.name}: ") + ", ".join(filter(None, parts))
