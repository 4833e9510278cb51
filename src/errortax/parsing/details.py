"""
From a finding to its details: the vendor's texts, ids and delays, without secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from attrs import evolve

from errortax.http import Headers, RawResponse
from errortax.http.fields import Role
from errortax.http.hints import has_hints
from errortax.model import BodyKind, Details, FieldError, Level, Match, OutcomeKind, RateLimit, SafeDetails, Verdict
from errortax.parsing.budgets import MAX_TEXT, MAX_TEXTS, REDACTED, WITHHELD
from errortax.parsing.complaints import NO_COMPLAINTS, Complaints, Found, is_plain, text_of
from errortax.parsing.credentials import credentials_in
from errortax.parsing.decoding import Decoded, decode
from errortax.parsing.envelopes import Envelope
from errortax.parsing.places import first_of
from errortax.parsing.prepared import PreparedVendor

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_MAX_ID: Final = 10**30  # larger numbers are not ids, and may be too long to write
_UNDECODED_BODIES: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.CUT_OFF, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

_MANY_NAMES: Final = 1024  # of fields that are remembered
_SHORT_NAME: Final = 64  # characters of those
_MANY_MATCHES: Final = 512
_NO_ERRORS: Final[tuple[FieldError, ...]] = ()
_field_error: Final[Callable[[Iterable[Any]], FieldError]] = partial(tuple.__new__, FieldError)
_NOTHING: Final = SafeDetails(request_id=None, retry_after=None, fields=())

Finding: TypeAlias = tuple[str | None, int | None, Verdict, Level, bool, Decoded | None]
"""
The meaning of one response, and how it was found: code, status, verdict, level, status conflict, decoded body (None: not
decoded yet).

A plain tuple takes a fifth of the time of a named tuple.
"""

Find = Callable[[object], object]


class Places(NamedTuple):
    """The places of the details in one shape of the body: functions that find them in a document."""

    envelope: str | None
    message: Callable[[object], str | None]
    request_id: Callable[[object], str | None]
    retry_after: Callable[[object], object]
    complaints: Callable[[object, int], Found]


class DetailsReader:
    """
    Read the details of the responses of one vendor: an `errortax.model.DetailsSource`.

    It prepares nothing before the first response: many programs never use details.
    """

    def __init__(self, vendor: PreparedVendor) -> None:
        self._vendor, self._recognise = vendor, vendor.recognise
        self._fields: dict[str | None, tuple[str | None, bool]] = {}
        self._matches: dict[tuple[Any, ...], tuple[Verdict, Match]] = {}

    def read(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> Details:
        """
        Return the details of one response; dates count from *now*, else from its own date, else from *clock* (POSIX seconds).
        """
        code, _, verdict, level, conflict, decoded = finding
        body, document, lenient = decode(raw) if decoded is None else decoded
        envelope = None if document is None else self._recognise(document)
        name, find_message, find_id, find_delay, find_complaints = self._places(envelope)
        message = find_message(document) or (document if isinstance(document, str) and document else None)
        length = 0 if message is None else len(message)
        complaints = find_complaints(document, MAX_TEXTS - min(length, MAX_TEXT))
        request_id = find_id(document) or self._request_id(raw.headers)
        field_errors, withheld = _NO_ERRORS, length > MAX_TEXT or complaints.withheld
        if length or complaints.texts or request_id is not None:
            secrets = self._secrets(raw, document, complaints)
            if request_id in secrets:
                request_id = None
            message, field_errors, hidden = self._texts(message, complaints, (code, request_id), secrets)
            withheld = withheld or hidden
        rate_limits, retry_after = self._delays(verdict, raw.headers, find_delay(document), now, clock)
        return Details(
            self._match(verdict, level, conflict, name, body, lenient, withheld),
            message,
            field_errors,
            request_id,
            tuple(map(self._named_safely, rate_limits)) if rate_limits else (),
            retry_after,
            _preserved(verdict, document) if verdict.preserve else {},
        )

    def read_safe(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> SafeDetails:
        """
        Return the details without the texts, whose redaction is slow; gateways use this.
        """
        _, _, verdict, _, _, decoded = finding
        document = (decode(raw) if decoded is None else decoded)[1]
        headers = raw.headers
        places = self._places(None if document is None else self._recognise(document))
        request_id, member = places.request_id(document), places.retry_after(document)
        complaints = places.complaints(document, MAX_TEXTS)
        if request_id is None and member is None and not complaints.texts and not self._has_details(headers):
            return _NOTHING  # most errors
        request_id = request_id or self._request_id(headers)
        if request_id is not None and request_id in self._secrets(raw, document, complaints):
            request_id = None
        _, retry_after = self._delays(verdict, headers, member, now, clock)
        return SafeDetails(
            request_id, retry_after, tuple([(self._fields.get(name) or self._field(name))[0] for name in complaints.names])
        )

    @cached_property
    def _redactor(self) -> Redactor:
        return self._vendor.redactor

    @cached_property
    def _request_id_headers(self) -> tuple[str, ...]:
        return tuple(self._vendor.data.get("request_id_headers", ()))

    @cached_property
    def _dialect(self) -> Mapping[Role, str]:
        limit = self._vendor.data.get("rate_limit", {})
        names = {Role.LIMIT: limit.get("limit"), Role.REMAINING: limit.get("remaining"), Role.RESET: limit.get("reset")}
        return {role: name for role, name in names.items() if name is not None}

    def _has_details(self, headers: Headers) -> bool:
        return any(name in headers for name in self._request_id_headers) or has_hints(headers, self._dialect)

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
            envelope=envelope.get("name"),
            message=first_of(envelope.get("message", ()), text_of),
            request_id=first_of(envelope.get("request_id", ()), self._identifier),
            retry_after=first_of(envelope.get("retry_after", ()), _anything),
            complaints=Complaints(envelope["field_errors"]).find if "field_errors" in envelope else _no_complaints,
        )

    def _delays(
        self, verdict: Verdict, headers: Headers, member: object, now: float | None, clock: float | None
    ) -> tuple[tuple[RateLimit, ...], float | None]:
        if member is None and not has_hints(headers, self._dialect):
            return (), None  # most responses
        from errortax.http import delays  # as in `PreparedVendor.redactor`

        reference = delays.reference_time(headers, now)
        if reference is None:
            reference = clock or 0.0
        return delays.stated_delays(headers, verdict.category, now=reference, members=[member], dialect=self._dialect)

    def _named_safely(self, limit: RateLimit) -> RateLimit:
        """Leave out a name that contains a secret: the server chooses it."""
        return limit if limit.name is None or self._redactor.name(limit.name) == limit.name else evolve(limit, name=None)

    def _match(
        self, verdict: Verdict, level: Level, conflict: bool, envelope: str | None, body: BodyKind, lenient: bool, withheld: bool
    ) -> Match:
        """Return how a verdict was found; the same few values come again, and to make one takes as long as a look at a text."""
        key = (id(verdict), id(level), conflict, envelope, id(body), lenient, withheld)
        known = self._matches.get(key)
        if known is None:
            if len(self._matches) >= _MANY_MATCHES:
                self._matches.clear()
            match = self._new_match(verdict, level, conflict, envelope, body, lenient, withheld)
            known = self._matches[key] = verdict, match  # the verdict is kept, so that no other object gets its id
        return known[1]

    def _new_match(
        self, verdict: Verdict, level: Level, conflict: bool, envelope: str | None, body: BodyKind, lenient: bool, withheld: bool
    ) -> Match:
        is_foreign = verdict.kind is OutcomeKind.ERROR and envelope is None and self._knows_its_bodies
        return Match(
            level=level,
            entry=verdict.entry,
            alternatives=verdict.alternatives,
            status_conflict=conflict,
            envelope=envelope,
            intermediary=is_foreign and body not in _UNDECODED_BODIES,
            body=body,
            lenient=lenient,
            withheld=withheld,
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

    def _secrets(self, raw: RawResponse, document: object, complaints: Found) -> set[str]:
        """Return the values that are known to be secret: those under secret names, and the credentials of the request."""
        found = self._redactor.secret_values(document, complaints.place, complaints.objects)
        if (sent := raw.request_headers.raw) or raw.url is not None:
            found.update(credentials_in(sent, raw.url, self._redactor.is_secret_name))
        return found

    def _texts(
        self, message: str | None, complaints: Found, keep: Collection[str | None], secrets: Collection[str]
    ) -> tuple[str | None, tuple[FieldError, ...], bool]:
        """Return message and complaints without secrets, all of one response at once, and whether they had to be withheld."""
        redactor, texts = self._redactor, complaints.texts
        if not texts:
            if message is None:
                return None, (), False
            redacted = redactor.texts((message,), keep, secrets)
            return (WITHHELD, (), True) if redacted is None else (redacted[0], (), False)
        known, learn = self._fields.get, self._field
        names, are_secret = zip(*[known(name) or learn(name) for name in complaints.names], strict=True)
        if any(are_secret):
            pairs = zip(are_secret, texts, strict=True)
            texts = [REDACTED if is_secret and not is_plain(text) else text for is_secret, text in pairs]
        redacted = redactor.texts(texts if message is None else [*texts, message], keep, secrets)
        clean = [WITHHELD] * (len(texts) + 1) if redacted is None else redacted
        if message is not None:
            message = clean[-1]
        codes: Iterable[str | None] = repeat(None)
        if complaints.codes:
            codes = [code and redactor.code(code) for code in map(complaints.codes.get, range(len(texts)))]
        complete = zip(names, clean, codes, strict=False)  # the message is behind the complaints
        return message, tuple(map(_field_error, complete)), redacted is None

    def _field(self, name: str | None) -> tuple[str | None, bool]:
        """Return the *name* of a field without secrets, and whether it is a secret name; both are remembered."""
        if name is None:
            return None, False
        known = self._redactor.name(name), self._is_secret_path(name)
        if len(self._fields) < _MANY_NAMES and len(name) <= _SHORT_NAME:
            self._fields[name] = known
        return known

    def _is_secret_path(self, name: str) -> bool:
        return any(map(self._redactor.is_secret_name, name.split(".")))  # a member of a secret is secret, too


def _preserved(verdict: Verdict, document: object) -> dict[str, Any]:
    found = {name: first_of(pointers, _anything)(document) for name, pointers in verdict.preserve.items()}
    return {name: member for name, member in found.items() if member is not None}


def _anything(value: object) -> object:
    return value


def _no_complaints(_: object, __: int) -> Found:
    return NO_COMPLAINTS
