"""
From a finding to its details: what the vendor says in texts, ids and headers, secrets redacted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from errortax import delays
from errortax.model import Details, FieldError, Match
from errortax.parsing import Envelope, first_of
from errortax.taxonomy import BodyKind, Kind, Level
from errortax.verdicts import Verdict

if TYPE_CHECKING:
    from errortax.headers import Headers
    from errortax.redaction import Redactor

REDACTED: Final = "[redacted]"

_GREATEST_ID: Final = 10**30  # what is longer is no id, and Python would not write it out
_UNSEEN: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

Find = Callable[[object], object]


class Finding(NamedTuple):
    """A verdict on one response and what it rests on: what `errortax.parsing.Found` holds, by name."""

    code: str | None
    status: int | None
    verdict: Verdict
    level: Level
    status_conflict: bool
    body: BodyKind
    document: object


class Reader:
    """
    Read the details of the responses of one vendor.
    """

    def __init__(self, data: Mapping[str, Any], redactor: Redactor) -> None:
        self._redactor = redactor
        self._request_id_headers: tuple[str, ...] = tuple(data.get("request_id_headers", ()))
        self._dialect: Mapping[str, str] = data.get("rate_limit", {})
        self._has_envelopes = bool(data.get("envelopes"))
        self._members: dict[str, dict[str, Any]] = {
            envelope["name"]: {
                "message": first_of(envelope.get("message", ()), _text),
                "request_id": first_of(envelope.get("request_id", ()), self._identifier),
                "retry_after": first_of(envelope.get("retry_after", ()), _anything),
                "field_errors": _field_errors(envelope.get("field_errors")),
            }
            for envelope in data.get("envelopes", ())
        }

    def read(
        self, found: tuple[Any, ...], envelope: Envelope | None, headers: Headers, now: float | None, clock: float | None
    ) -> Details:
        """
        Return the details of one response; dates count from *now*, else from its own date, else from *clock*.
        """
        finding = Finding(*found)
        document, verdict = finding.document, finding.verdict
        members = {} if envelope is None else self._members[envelope.name]
        request_id = self._request_id(headers, members, document)
        keep = [kept for kept in (finding.code, request_id) if kept is not None]
        secrets = self._redactor.secret_values(document) if document.__class__ in (dict, list) else frozenset[str]()

        def clean(text: str) -> str:
            return self._redactor.text(text, keep=keep, values=secrets)

        message = members["message"](document) if members else None
        reference = delays.reference_time(headers, now)
        reference = clock or 0.0 if reference is None else reference
        category = None if verdict.judgement is None else verdict.judgement.category
        return Details(
            match=self._match(finding, envelope),
            message=None if message is None else clean(message),
            field_errors=tuple(self._field_errors(members, document, clean)),
            request_id=request_id,
            rate_limit=delays.rate_limit(headers, self._dialect, now=reference),
            retry_after=delays.delay(
                headers,
                self._dialect,
                category,
                now=reference,
                members=[members["retry_after"](document)] if members else (),
            ),
            preserved={
                name: found for name, find in self._preserved(finding) if (found := find(document)) is not None
            },
        )

    def _match(self, finding: Finding, envelope: Envelope | None) -> Match:
        return Match(
            level=finding.level,
            entry=finding.verdict.entry,
            alternatives=finding.verdict.alternatives,
            status_conflict=finding.status_conflict,
            envelope=None if envelope is None else envelope.name,
            intermediary=(
                finding.verdict.kind is Kind.ERROR
                and envelope is None
                and self._has_envelopes
                and finding.body not in _UNSEEN
            ),
            body=finding.body,
        )

    def _request_id(self, headers: Headers, members: Mapping[str, Any], document: object) -> str | None:
        """Find the id in the body, which speaks of this very error, else in the headers."""
        found: str | None = members["request_id"](document) if members else None
        if found is None:
            candidates = (self._identifier(headers.get(name)) for name in self._request_id_headers)
            found = next((candidate for candidate in candidates if candidate is not None), None)
        return found

    def _identifier(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _GREATEST_ID:
            value = str(value)
        return self._redactor.identifier(value) if isinstance(value, str) and value else None

    def _field_errors(
        self, members: Mapping[str, Any], document: object, clean: Callable[[str], str]
    ) -> Iterator[FieldError]:
        if not members:
            return
        for name, text in members["field_errors"](document):
            secret = name is not None and self._redactor.is_secret_name(name)
            yield FieldError(None if name is None else clean(name), REDACTED if secret else clean(text))

    def _preserved(self, finding: Finding) -> Iterator[tuple[str, Find]]:
        for name, pointers in (finding.verdict.preserve or {}).items():
            yield name, first_of(pointers, _anything)


def _text(value: object) -> str | None:
    """Read a text, or a list of texts as one."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return "; ".join(text for text in value if isinstance(text, str) and text) or None
    return None


def _anything(value: object) -> object:
    return value


def _field_errors(data: Mapping[str, Any] | None) -> Callable[[object], Iterator[tuple[str | None, str]]]:
    """Return a function that finds pairs of field and text, by the pointers of an envelope."""
    if data is None:
        return lambda document: iter(())
    at = first_of(data["at"], _anything)
    field, message = (first_of(data.get(member, ()), _text) for member in ("field", "message"))

    def complaints(name: str | None, value: object) -> Iterator[tuple[str | None, str]]:
        """Walk from field to texts; the decoder has bounded the depth."""
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            for item in value:
                text = message(item)
                if text is None:
                    yield from complaints(name, item)
                else:
                    yield field(item) or name, text
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from complaints(key if name is None else f"{name}.{key}", item)

    return lambda document: complaints(None, at(document))
