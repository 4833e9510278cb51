"""
From a finding to its details: the vendor's texts, ids and delays, without secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from errortax.http import Headers, RawResponse, delays
from errortax.model import BodyKind, Details, FieldError, Level, Match, OutcomeKind, RateLimit, SafeDetails, Verdict
from errortax.parsing.decoding import decode
from errortax.parsing.envelopes import Envelope
from errortax.parsing.places import first_of
from errortax.parsing.prepared import PreparedVendor

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

MAX_COMPLAINTS: Final = 1000
"""How many complaints about fields are read; a body of 256 KiB may have 80,000, whose redaction takes seconds."""

_MAX_ID: Final = 10**30  # larger numbers are not ids, and may be too long to write
_UNDECODED_BODIES: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

_NOTHING: Final = SafeDetails(request_id=None, retry_after=None, fields=())

Finding: TypeAlias = tuple[str | None, int | None, Verdict, Level, bool, BodyKind | None, object]
"""
The meaning of one response, and how it was found: code, status, verdict, level, status conflict, kind of the body (None:
not decoded yet), document.

A plain tuple takes a fifth of the time of a named tuple.
"""

Find = Callable[[object], object]


class Places(NamedTuple):
    """The places of the details in one shape of the body: functions that find them in a document."""

    message: Callable[[object], str | None]
    request_id: Callable[[object], str | None]
    retry_after: Callable[[object], object]
    field_errors: Callable[[object], Iterable[tuple[str | None, str]]]


class DetailsReader:
    """
    Read the details of the responses of one vendor: an `errortax.model.DetailsSource`.

    It prepares nothing before the first response: many programs never use details.
    """

    def __init__(self, vendor: PreparedVendor) -> None:
        self._vendor, self._recognise = vendor, vendor.recognise

    def read(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> Details:
        """
        Return the details of one response; dates count from *now*, else from its own date, else from *clock* (POSIX seconds).
        """
        code, _, verdict, level, conflict, body, document = finding
        if body is None:
            body, document = decode(raw.body, raw.headers)
        headers = raw.headers
        envelope = None if document is None else self._recognise(document)
        places = self._places(envelope)
        message, complaints = places.message(document), list(places.field_errors(document))
        request_id, secrets = self._identified(
            places.request_id(document), document, headers, has_texts=bool(message or complaints)
        )
        keep = [kept for kept in (code, request_id) if kept is not None]

        def clean(text: str) -> str:
            return self._redactor.text(text, keep=keep, values=secrets)

        rate_limit, retry_after = self._delays(verdict, headers, places.retry_after(document), now, clock)
        return Details(
            self._match(verdict, level, conflict, None if envelope is None else envelope.name, body),
            None if message is None else clean(message),
            tuple(self._field_errors(complaints, clean)) if complaints else (),
            request_id,
            rate_limit,
            retry_after,
            {name: member for name, find in _preserved(verdict) if (member := find(document)) is not None},
        )

    def read_safe(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> SafeDetails:
        """
        Return the details without the texts, whose redaction is slow; gateways use this.
        """
        _, _, verdict, _, _, body, document = finding
        if body is None:
            _, document = decode(raw.body, raw.headers)
        headers = raw.headers
        places = self._places(None if document is None else self._recognise(document))
        identifier, member, complaints = places.request_id(document), places.retry_after(document), places.field_errors(document)
        if identifier is None and member is None and not complaints and not headers.has_any(self._names):
            return _NOTHING  # most errors
        request_id, _ = self._identified(identifier, document, headers, has_texts=False)
        _, retry_after = self._delays(verdict, headers, member, now, clock)
        return SafeDetails(
            request_id, retry_after, tuple([None if name is None else self._redactor.name(name) for name, _ in complaints])
        )

    @cached_property
    def _redactor(self) -> Redactor:
        return self._vendor.redactor

    @cached_property
    def _request_id_headers(self) -> tuple[str, ...]:
        return tuple(self._vendor.data.get("request_id_headers", ()))

    @cached_property
    def _dialect(self) -> Mapping[str, str]:
        limit = self._vendor.data.get("rate_limit", {})
        parts = {part: limit.get(part) for part in ("limit", "remaining", "reset")}
        return {part: str(name) for part, name in parts.items() if name is not None}

    @cached_property
    def _delay_names(self) -> frozenset[str]:
        return delays.delay_header_names(self._dialect)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._delay_names.union(name.lower() for name in self._request_id_headers)

    @cached_property
    def _knows_its_bodies(self) -> bool:
        return bool(self._vendor.envelopes) and not self._vendor.is_generic  # HTTP itself allows any body

    @cached_property
    def _places_by_name(self) -> dict[str | None, Places]:
        places = {None: self._find_places({})}
        return places | {envelope.name: self._find_places(envelope.data) for envelope in self._vendor.envelopes}

    def _places(self, envelope: Envelope | None) -> Places:
        return self._places_by_name[None if envelope is None else envelope.name]

    def _find_places(self, envelope: Mapping[str, Any]) -> Places:
        return Places(
            message=first_of(envelope.get("message", ()), _text),
            request_id=first_of(envelope.get("request_id", ()), self._identifier),
            retry_after=first_of(envelope.get("retry_after", ()), _anything),
            field_errors=_field_errors(envelope.get("field_errors")),
        )

    def _identified(
        self, request_id: str | None, document: object, headers: Headers, *, has_texts: bool
    ) -> tuple[str | None, Collection[str]]:
        """Return the request id, and the secret values of the document, which are searched only if there is a text or an id."""
        request_id = request_id or self._request_id(headers)
        if request_id is None and not has_texts:
            return None, ()
        secrets = self._redactor.secret_values(document)
        return None if request_id in secrets else request_id, secrets

    def _delays(
        self, verdict: Verdict, headers: Headers, member: object, now: float | None, clock: float | None
    ) -> tuple[RateLimit | None, float | None]:
        if member is None and not headers.has_any(self._delay_names):
            return None, None  # most responses
        reference = delays.reference_time(headers, now)
        if reference is None:
            reference = clock or 0.0
        limit = delays.rate_limit(headers, self._dialect, now=reference)
        return limit, delays.delay(headers, limit, verdict.category, now=reference, members=[member])

    def _match(self, verdict: Verdict, level: Level, status_conflict: bool, envelope: str | None, body: BodyKind) -> Match:
        return Match(
            level=level,
            entry=verdict.entry,
            alternatives=verdict.alternatives,
            status_conflict=status_conflict,
            envelope=envelope,
            intermediary=verdict.kind is OutcomeKind.ERROR
            and envelope is None
            and self._knows_its_bodies
            and body not in _UNDECODED_BODIES,
            body=body,
        )

    def _request_id(self, headers: Headers) -> str | None:
        for name in self._request_id_headers:
            if (value := headers.get(name)) is not None and (identifier := self._identifier(value)) is not None:
                return identifier
        return None

    def _identifier(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_ID:
            value = str(value)
        return self._redactor.identifier(value) if isinstance(value, str) and value else None

    def _field_errors(self, complaints: Iterable[tuple[str | None, str]], clean: Callable[[str], str]) -> Iterator[FieldError]:
        """Keep the names of fields; hide the text about a secret field, which may contain the secret in any form."""
        from errortax.parsing.redaction import REDACTED  # as in `PreparedVendor.redactor`

        for name, text in complaints:
            if name is None:
                yield FieldError(None, clean(text))
            else:
                secret = any(map(self._redactor.is_secret_name, name.split(".")))  # a member of a secret is secret, too
                yield FieldError(self._redactor.name(name), REDACTED if secret else clean(text))


def _preserved(verdict: Verdict) -> Iterator[tuple[str, Find]]:
    for name, pointers in verdict.preserve.items():
        yield name, first_of(pointers, _anything)


def _text(value: object) -> str | None:
    """Return a text, or a list of texts as one text, or None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return "; ".join(text for text in value if isinstance(text, str) and text) or None
    return None


def _anything(value: object) -> object:
    return value


def _field_errors(data: Mapping[str, Any] | None) -> Callable[[object], Iterable[tuple[str | None, str]]]:
    """Return a function that finds pairs of field (or None) and text, by the pointers of an envelope."""
    if data is None:
        return lambda _: ()
    at = first_of(data["at"], _anything)
    field, message = (first_of(data.get(member, ()), _text) for member in ("field", "message"))

    def complaints(name: str | None, value: object) -> Iterator[tuple[str | None, str]]:
        """Yield the texts below *value* with their fields; the decoder has limited the depth."""
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

    def find(document: object) -> Iterable[tuple[str | None, str]]:
        place = at(document)
        return () if place is None else islice(complaints(None, place), MAX_COMPLAINTS)

    return find
