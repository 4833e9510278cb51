"""
Reports on outcomes: blocks of text for people, JSON for programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import ceil
from typing import Any, Final

from attrs import asdict

from errortax.advice import texts
from errortax.advice.durations import duration_text
from errortax.cli.classifying import Result
from errortax.cli.screen import Block, Row
from errortax.cli.terminal import Span
from errortax.http import BODY_CAP
from errortax.model import MAX_DELAY, BodyKind, CanonicalError, Hint, Level, Match, Outcome, OutcomeKind, RateLimit, Retryability
from errortax.model.addresses import safe_url
from errortax.parsing import DEPTH_LIMIT, unsupported_coding
from errortax.registry import GENERIC, loading

FORMAT: Final = "1.0"
"""The version of JSON reports; ``schemas/report.schema.json`` describes them."""

_COLOURS: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.SUCCESS: "green",
    OutcomeKind.PENDING: "yellow",
    OutcomeKind.REDIRECT: "yellow",
    OutcomeKind.ERROR: "red",
}
_RETRY_COLOURS: Final[Mapping[Retryability, str]] = {
    Retryability.NEVER: "red",
    Retryability.AFTER_ACTION: "yellow",
    Retryability.AFTER_DELAY: "green",
    Retryability.BACKOFF: "green",
    Retryability.RECONCILE: "yellow",
    Retryability.POLL: "cyan",
}
_UNREAD: Final[Mapping[BodyKind, int | None]] = {
    BodyKind.UNREAD: None,
    BodyKind.CUT_OFF: None,
    BodyKind.OVER_CAP: BODY_CAP // 1024,
    BodyKind.TOO_DEEP: DEPTH_LIMIT,
    BodyKind.UNDECODABLE: None,
}
"""Kind of a body that does not count → the limit that it exceeds, in the unit of the phrase about it."""


class Reports:
    """Make reports in one language; with *evidence* they say, too, how each entry was found."""

    def __init__(self, locale: str = "en", *, evidence: bool = False) -> None:
        self._locale, self._evidence = locale, evidence
        self._tag = texts.match_locale(locale, texts.locales())
        document = loading.bundled(f"locales/{self._tag}.json")
        self._durations, words = document["durations"], document["report"]
        self._labels, self._phrases, self._actors = words["labels"], words["phrases"], words["actors"]
        self._retryabilities, self._outcomes = words["retryabilities"], words["outcomes"]

    def block(self, result: Result) -> Block:
        """
        Return the text for one *result*.
        """
        error, response = result.outcome.error, result.reading.response
        request = _request(response.method, _shown(response.url))
        place = f"{result.reading.where}{f'  {request}' if request else ''}"
        notes = [self._row("note", text) for text in self._notes(result)]
        rows = self._rows_of_outcome(result.outcome, notes) if error is None else self._rows_of_error(error, notes)
        headline = [*self._headline(result)]
        line = f"{place}: {'  '.join(span.text for span in headline)}  {(error or result.outcome).retryability}"
        return Block(headline, place, [row for row in rows if row.text], line)

    def document(self, result: Result) -> dict[str, Any]:
        """
        Return the JSON for one *result*: the same members for every outcome, and *error* in its wire form.
        """
        outcome, response = result.outcome, result.reading.response
        return {
            "format": FORMAT,
            "input": result.reading.where,
            "vendor": result.vendor,
            "method": response.method,
            "url": _shown(response.url),
            "status": response.status,
            "outcome": outcome.kind.value,
            "entry": outcome.entry,
            "retryability": outcome.retryability.value,
            "retry_after": outcome.retry_after,
            "hints": _hints(outcome.hints),
            "request_id": outcome.request_id,
            "rate_limit": outcome.rate_limit and asdict(outcome.rate_limit),
            "rate_limits": [asdict(limit) for limit in outcome.rate_limits],
            "warnings": list(outcome.warnings),
            "items": [{"index": item.index, "id": item.id, "error": item.error.to_dict()} for item in outcome.items],
            "item_count": outcome.item_count,
            "items_truncated": outcome.items_truncated,
            "body": (outcome.error or outcome).match.body.value,
            "error": None if outcome.error is None else self._wire_form(outcome.error),
        }

    def _wire_form(self, error: CanonicalError) -> dict[str, Any]:
        wire = error.to_dict()
        if self._tag != "en":  # the wire form is in English
            wire["title"], wire["description"] = self._title_and_description(error)
            for hint, text in zip(wire["hints"], texts.hint_texts(error, locale=self._tag), strict=True):
                hint["text"] = text
        return wire

    def _headline(self, result: Result) -> Iterator[Span]:
        error, status = result.outcome.error, result.reading.response.status
        colour = f"bold {_COLOURS[result.outcome.kind]}"
        if error is None:
            yield Span(result.outcome.kind.value, colour)
            yield Span(self._http(status), "bold")
            return
        named = error.code is not None and error.code != str(error.status)
        yield Span(f"{error.vendor} {error.code}" if named else f"{error.vendor}", colour, error.documentation_url or "")
        yield Span(self._http(error.status), "bold")
        yield Span(error.category.value, colour)

    def _http(self, status: int | None) -> str:
        return self._phrases["no_status"] if status is None else f"HTTP {status}"

    def _rows_of_outcome(self, outcome: Outcome, notes: Iterable[Row]) -> Iterator[Row]:
        if outcome.kind is not OutcomeKind.SUCCESS:
            prose = self._outcomes[outcome.kind.value]
            yield self._row("retry", self._retry(outcome.retryability, prose, outcome.retry_after, None), outcome.retryability)
            yield from (self._row("do", self._hint(hint, hint.text)) for hint in outcome.hints)
        yield from (self._row("warning", warning) for warning in outcome.warnings)
        yield from self._rows_of_items(outcome)
        yield self._row("request", outcome.request_id or "")
        yield from (self._row("limit", self._limit(limit)) for limit in outcome.rate_limits)
        yield from notes

    def _rows_of_items(self, outcome: Outcome) -> Iterator[Row]:
        for item in outcome.items:
            yield self._row("failed", f"{item.index if item.id is None else item.id}: {item.error}")

    def _rows_of_error(self, error: CanonicalError, notes: Iterable[Row]) -> Iterator[Row]:
        title, description = self._title_and_description(error)
        yield self._row("what", title)
        yield Row("", description)
        prose = self._retryabilities[error.retryability.value]
        yield self._row("retry", self._retry(error.retryability, prose, error.retry_after, error.min_delay), error.retryability)
        for hint, text in zip(error.hints, texts.hint_texts(error, locale=self._tag), strict=True):
            yield self._row("do", self._hint(hint, text))
        for found in error.field_errors:
            if found.field is not None or found.message != error.message:  # else the message below is the same
                yield self._row("field", found.message if found.field is None else f"{found.field}: {found.message}")
        yield self._row("message", error.message or "")
        yield self._row("tell", error.user_message or "")
        yield self._row("request", error.request_id or "")
        yield from (self._row("limit", self._limit(limit)) for limit in error.rate_limits)
        yield from notes
        yield self._row("more", error.more_info or "")
        if self._evidence:
            yield from self._rows_of_evidence(error)

    def _rows_of_evidence(self, error: CanonicalError) -> Iterator[Row]:
        match, source = error.match, error.source
        entry = f" {match.entry}" if match.entry else ""
        body = f"{match.body}{f' ({match.envelope})' if match.envelope else ''}"
        yield self._row("keep", ", ".join(error.preserved))  # the names; the values may be secret
        standard = f" of {match.standard}" if match.standard else ""
        yield self._row("match", f"{match.level}{entry}{standard}, {error.basis}; body: {body}")
        yield from (self._row("perhaps", f"{other.category}: {other.reason}") for other in match.alternatives)
        if source is not None:
            yield self._row("source", ", ".join(filter(None, (source.document, source.section, source.url))))
        yield self._row("more", error.documentation_url or "")

    def _notes(self, result: Result) -> Iterator[str]:
        """Yield the sentences about what is odd with a response."""
        match = (result.outcome.error or result.outcome).match
        if match.status_conflict:
            yield self._phrases["status_conflict"]
        yield from self._notes_about_body(result, match)
        if match.lenient:
            yield self._phrases["lenient"]
        if match.withheld:
            yield self._phrases["withheld"]

    def _notes_about_body(self, result: Result, match: Match) -> Iterator[str]:
        if match.level is Level.TRANSPORT:
            return  # no response, no body
        is_any_body_fine = result.outcome.error is None and result.vendor == GENERIC  # such as an image
        coding, limit = unsupported_coding(result.reading.response), _UNREAD.get(match.body)
        if coding is not None:
            yield self._phrases["encoded"].format(coding=coding)
        elif limit is not None or (match.body in _UNREAD and not is_any_body_fine):
            yield self._phrases[match.body].format(n=limit)
        elif match.intermediary:
            yield self._phrases["intermediary"]

    def _row(self, label: str, text: str, retryability: Retryability | None = None) -> Row:
        return Row(self._labels[label], text, "" if retryability is None else _RETRY_COLOURS[retryability])

    def _title_and_description(self, error: CanonicalError) -> tuple[str, str]:
        return (error.title, error.description) if self._tag == "en" else texts.category_text(error.category, self._tag)

    def _retry(self, retryability: Retryability, prose: str, retry_after: float | None, min_delay: float | None) -> str:
        parts = [f"{retryability}: {prose}"]
        if retry_after is not None:
            parts.append(self._phrases["server_delay"].format(wait=self._wait(retry_after)))
        elif min_delay is not None:
            parts.append(self._phrases["min_delay"].format(wait=self._wait(min_delay)))
        return ("" if prose.endswith("。") else " ").join(parts)

    def _wait(self, seconds: float) -> str:
        """Return a wait in words and, where these round it, in seconds."""
        words, exact = duration_text(seconds, self._durations), ceil(seconds)
        if exact >= 60:
            words = f"{words} ({exact} s)"
        return self._phrases["or_more"].format(wait=words) if seconds >= MAX_DELAY else words

    def _hint(self, hint: Hint, text: str) -> str:
        target = f" [{hint.target}]" if hint.target else ""
        return f"{self._actors[hint.actor.value]}: {text}{target}{f' {hint.url}' if hint.url else ''}"

    def _limit(self, limit: RateLimit) -> str:
        parts = (
            self._phrases["allowed"].format(n=limit.limit) if limit.limit is not None else "",
            self._phrases["left"].format(n=limit.remaining) if limit.remaining is not None else "",
            self._phrases["resets"].format(wait=self._wait(limit.reset_after)) if limit.reset_after is not None else "",
        )
        return ("" if limit.name is None else f"{limit.name}: ") + ", ".join(filter(None, parts))


@lru_cache(maxsize=256)
def _hints(hints: tuple[Hint, ...]) -> list[dict[str, Any]]:
    """Return *hints* as JSON; all responses with one verdict share it."""
    return [asdict(hint) for hint in hints]


@lru_cache(maxsize=256)
def _shown(url: str | None) -> str | None:
    return None if url is None else safe_url(url)


def _request(method: str | None, url: str | None) -> str:
    return " ".join(filter(None, (method, url)))
