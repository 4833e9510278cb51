"""
From a finding to its details: what the vendor says in texts, ids and headers, secrets redacted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from errortax import delays
from errortax.envelopes import Envelope, first_of
from errortax.model import Details, FieldError, Match, Outline, RateLimit
from errortax.redaction import REDACTED
from errortax.taxonomy import BodyKind, Kind, Level
from errortax.verdicts import Verdict

if TYPE_CHECKING:
    from errortax.headers import Headers
    from errortax.redaction import Redactor

MOST_COMPLAINTS: Final = 1000
"""How many complaints about fields are read; a body of 256 KiB can hold 80,000, and to clean so many takes seconds."""

_GREATEST_ID: Final = 10**30  # what is longer is no id, and Python would not write it out
_MOST_MATCHES: Final = 512
_UNSEEN: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

_NOTHING: Final = Outline(request_id=None, retry_after=None, fields=())

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


class Places(NamedTuple):
    """Where the details stand in one shape of the body: functions that find them in a document."""

    message: Callable[[object], str | None]
    request_id: Callable[[object], str | None]
    retry_after: Callable[[object], object]
    field_errors: Callable[[object], Iterable[tuple[str | None, str]]]


class Reader:
    """
    Read the details of the responses of one vendor.
    """

    def __init__(self, data: Mapping[str, Any], redactor: Redactor, *, is_generic: bool) -> None:
        self._redactor = redactor
        self._request_id_headers: tuple[str, ...] = tuple(data.get("request_id_headers", ()))
        self._dialect: Mapping[str, str] = {
            part: name for part, name in data.get("rate_limit", {}).items() if part in ("limit", "remaining", "reset")
        }
        self._delay_names = delays.telling_names(self._dialect)
        self._outline_names = self._delay_names.union(name.lower() for name in self._request_id_headers)
        self._knows_its_bodies = bool(data.get("envelopes")) and not is_generic  # HTTP itself admits any body
        self._places = {envelope["name"]: self._find_places(envelope) for envelope in data.get("envelopes", ())}
        self._nowhere = self._find_places({})
        self._match = lru_cache(_MOST_MATCHES)(self._new_match)  # they are values, and the same few come again

    def _find_places(self, envelope: Mapping[str, Any]) -> Places:
        return Places(
            message=first_of(envelope.get("message", ()), _text),
            request_id=first_of(envelope.get("request_id", ()), self._identifier),
            retry_after=first_of(envelope.get("retry_after", ()), _anything),
            field_errors=_field_errors(envelope.get("field_errors")),
        )

    def read(
        self, found: tuple[Any, ...], envelope: Envelope | None, headers: Headers, now: float | None, clock: float | None
    ) -> Details:
        """
        Return the details of one response; dates count from *now*, else from its own date, else from *clock*.
        """
        finding = Finding(*found)
        document = finding.document
        places = self._nowhere if envelope is None else self._places[envelope.name]
        message, complaints = places.message(document), list(places.field_errors(document))
        request_id, secrets = self._identified(
            places.request_id(document), document, headers, has_texts=bool(message or complaints)
        )
        keep = [kept for kept in (finding.code, request_id) if kept is not None]

        def clean(text: str) -> str:
            return self._redactor.text(text, keep=keep, values=secrets)

        rate_limit, retry_after = self._delays(finding.verdict, headers, places.retry_after(document), now, clock)
        return Details(
            self._match(
                finding.verdict, finding.level, finding.status_conflict, None if envelope is None else envelope.name, finding.body
            ),
            None if message is None else clean(message),
            tuple(self._field_errors(complaints, clean)) if complaints else (),
            request_id,
            rate_limit,
            retry_after,
            {name: member for name, find in _preserved(finding) if (member := find(document)) is not None},
        )

    def outline(
        self, found: tuple[Any, ...], envelope: Envelope | None, headers: Headers, now: float | None, clock: float | None
    ) -> Outline:
        """
        Return the same, less the texts.
        """
        verdict, document = found[2], found[6]
        places = self._nowhere if envelope is None else self._places[envelope.name]
        identifier, member, complaints = places.request_id(document), places.retry_after(document), places.field_errors(document)
        if identifier is None and member is None and not complaints and not headers.holds_any(self._outline_names):
            return _NOTHING  # as most errors tell
        request_id, _ = self._identified(identifier, document, headers, has_texts=False)
        _, retry_after = self._delays(verdict, headers, member, now, clock)
        return Outline(
            request_id, retry_after, tuple([None if name is None else self._redactor.name(name) for name, _ in complaints])
        )

    def _identified(
        self, request_id: str | None, document: object, headers: Headers, *, has_texts: bool
    ) -> tuple[str | None, Collection[str]]:
        """Return the request id and the secret values of the document, if there is anything in which to look for them."""
        request_id = request_id or self._request_id(headers)
        if request_id is None and not has_texts:
            return None, ()
        secrets = self._redactor.secret_values(document)
        return None if request_id in secrets else request_id, secrets

    def _delays(
        self, verdict: Verdict, headers: Headers, member: object, now: float | None, clock: float | None
    ) -> tuple[RateLimit | None, float | None]:
        if member is None and not headers.holds_any(self._delay_names):
            return None, None  # as in most responses
        reference = delays.reference_time(headers, now)
        if reference is None:
            reference = clock or 0.0
        judgement = verdict.judgement
        category = None if judgement is None else judgement.category
        limit = delays.rate_limit(headers, self._dialect, now=reference)
        return limit, delays.delay(headers, limit, category, now=reference, members=[member])

    def _new_match(self, verdict: Verdict, level: Level, status_conflict: bool, envelope: str | None, body: BodyKind) -> Match:
        return Match(
            level=level,
            entry=verdict.entry,
            alternatives=verdict.alternatives,
            status_conflict=status_conflict,
            envelope=envelope,
            intermediary=verdict.kind is Kind.ERROR and envelope is None and self._knows_its_bodies and body not in _UNSEEN,
            body=body,
        )

    def _request_id(self, headers: Headers) -> str | None:
        for name in self._request_id_headers:
            if (value := headers.get(name)) is not None and (identifier := self._identifier(value)) is not None:
                return identifier
        return None

    def _identifier(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _GREATEST_ID:
            value = str(value)
        return self._redactor.identifier(value) if isinstance(value, str) and value else None

    def _field_errors(self, complaints: Iterable[tuple[str | None, str]], clean: Callable[[str], str]) -> Iterator[FieldError]:
        """Keep the names of fields; what is said about a secret one may hold it in any words, and goes."""
        for name, text in complaints:
            if name is None:
                yield FieldError(None, clean(text))
            else:
                secret = any(map(self._redactor.is_secret_name, name.split(".")))  # what stands within a secret is one
                yield FieldError(self._redactor.name(name), REDACTED if secret else clean(text))


def _preserved(finding: Finding) -> Iterator[tuple[str, Find]]:
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


def _field_errors(data: Mapping[str, Any] | None) -> Callable[[object], Iterable[tuple[str | None, str]]]:
    """Return a function that finds pairs of field and text, by the pointers of an envelope."""
    if data is None:
        return lambda _: ()
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

    def find(document: object) -> Iterable[tuple[str | None, str]]:
        place = at(document)
        return () if place is None else islice(complaints(None, place), MOST_COMPLAINTS)

    return find
