"""
From a finding to its details: the vendor's texts, ids and delays, without secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from attrs import evolve

from errortax.http import Headers, RawResponse
from errortax.http.fields import Role
from errortax.http.hints import has_hints
from errortax.model import BodyKind, Details, FieldError, Level, Match, OutcomeKind, RateLimit, SafeDetails, Verdict
from errortax.parsing.budgets import MAX_TEXT, MAX_TEXTS
from errortax.parsing.complaints import Complaint, Complaints, text_of
from errortax.parsing.decoding import Decoded, decode
from errortax.parsing.envelopes import Envelope
from errortax.parsing.places import first_of
from errortax.parsing.prepared import PreparedVendor

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_MAX_ID: Final = 10**30  # larger numbers are not ids, and may be too long to write
_UNDECODED_BODIES: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.CUT_OFF, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

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

    message: Callable[[object], str | None]
    request_id: Callable[[object], str | None]
    retry_after: Callable[[object], object]
    complaints: Callable[[object], tuple[list[Complaint], bool]]


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
        code, _, verdict, level, conflict, decoded = finding
        body, document, lenient = decode(raw) if decoded is None else decoded
        headers = raw.headers
        envelope = None if document is None else self._recognise(document)
        places = self._places(envelope)
        message = places.message(document) or (document if isinstance(document, str) and document else None)
        complaints, withheld = places.complaints(document)
        message, complaints, cut = _within_limits(message, complaints)
        request_id, secrets = self._identified(
            places.request_id(document), document, headers, has_texts=bool(message or complaints)
        )
        keep = [kept for kept in (code, request_id) if kept is not None]

        def clean(text: str) -> str:
            return self._redactor.text(text, keep=keep, values=secrets)

        rate_limits, retry_after = self._delays(verdict, headers, places.retry_after(document), now, clock)
        return Details(
            Match(
                level=level,
                entry=verdict.entry,
                alternatives=verdict.alternatives,
                status_conflict=conflict,
                envelope=None if envelope is None else envelope.name,
                intermediary=self._is_foreign(verdict, envelope, body),
                body=body,
                lenient=lenient,
                withheld=withheld or cut,
            ),
            None if message is None else clean(message),
            tuple(self._field_errors(complaints, clean)) if complaints else (),
            request_id,
            tuple(map(self._named_safely, rate_limits)),
            retry_after,
            {name: member for name, find in _preserved(verdict) if (member := find(document)) is not None},
        )

    def read_safe(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> SafeDetails:
        """
        Return the details without the texts, whose redaction is slow; gateways use this.
        """
        _, _, verdict, _, _, decoded = finding
        document = (decode(raw) if decoded is None else decoded)[1]
        headers = raw.headers
        places = self._places(None if document is None else self._recognise(document))
        identifier, member, (complaints, _) = (
            places.request_id(document), places.retry_after(document), places.complaints(document)
        )  # fmt: skip
        if identifier is None and member is None and not complaints and not self._has_details(headers):
            return _NOTHING  # most errors
        request_id, _ = self._identified(identifier, document, headers, has_texts=False)
        _, retry_after = self._delays(verdict, headers, member, now, clock)
        return SafeDetails(
            request_id, retry_after, tuple([None if name is None else self._redactor.name(name) for name, _, _ in complaints])
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
            message=first_of(envelope.get("message", ()), text_of),
            request_id=first_of(envelope.get("request_id", ()), self._identifier),
            retry_after=first_of(envelope.get("retry_after", ()), _anything),
            complaints=Complaints(envelope["field_errors"]).find if "field_errors" in envelope else _no_complaints,
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

    def _is_foreign(self, verdict: Verdict, envelope: Envelope | None, body: BodyKind) -> bool:
        """Return whether the body of an error is not one of the vendor's."""
        return verdict.kind is OutcomeKind.ERROR and envelope is None and self._knows_its_bodies and body not in _UNDECODED_BODIES

    def _request_id(self, headers: Headers) -> str | None:
        for name in self._request_id_headers:
            if (value := headers.get(name)) is not None and (identifier := self._identifier(value)) is not None:
                return identifier
        return None

    def _identifier(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_ID:
            value = str(value)
        return self._redactor.identifier(value) if isinstance(value, str) and value else None

    def _field_errors(self, complaints: Iterable[Complaint], clean: Callable[[str], str]) -> Iterator[FieldError]:
        """Keep the names of fields; hide the text about a secret field, which may contain the secret in any form."""
        from errortax.parsing.redaction import REDACTED  # as in `PreparedVendor.redactor`

        for name, text, code in complaints:
            shown = None if code is None else self._redactor.code(code)
            if name is None:
                yield FieldError(None, clean(text), shown)
            else:
                secret = any(map(self._redactor.is_secret_name, name.split(".")))  # a member of a secret is secret, too
                yield FieldError(self._redactor.name(name), REDACTED if secret else clean(text), shown)


def _preserved(verdict: Verdict) -> Iterator[tuple[str, Find]]:
    for name, pointers in verdict.preserve.items():
        yield name, first_of(pointers, _anything)


def _anything(value: object) -> object:
    return value


def _no_complaints(_: object) -> tuple[list[Complaint], bool]:
    return [], False


def _within_limits(message: str | None, complaints: list[Complaint]) -> tuple[str | None, list[Complaint], bool]:
    """Return the texts that fit into `MAX_TEXTS`, and whether any was left out or cut."""
    left = MAX_TEXTS - min(len(message or ""), MAX_TEXT)
    cut = len(message or "") > MAX_TEXT
    for kept, (_, text, _) in enumerate(complaints):
        left -= min(len(text), MAX_TEXT)
        cut = cut or len(text) > MAX_TEXT
        if left < 0:
            return message, complaints[:kept], True
    return message, complaints, cut
