"""
From a finding to its details: the vendor's texts, ids and delays, without secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from attrs import evolve

from errortax.http import Headers, RawResponse
from errortax.http.message import HINT_WORDS, NO_HEADERS
from errortax.model import (
    BodyKind,
    Details,
    FieldError,
    Level,
    Match,
    OutcomeKind,
    RateLimit,
    SafeDetails,
    Verdict,
    web_address,
)
from errortax.parsing.budgets import MAX_COMPLAINTS, MAX_NAMES, MAX_TEXT, MAX_TEXTS, REDACTED, WITHHELD
from errortax.parsing.complaints import NO_COMPLAINTS, Complaints, Found, fitting, is_plain, text_of
from errortax.parsing.conditions import Find, first_of, first_to_find
from errortax.parsing.credentials import may_be_secret
from errortax.parsing.decoding import decode
from errortax.parsing.envelopes import Envelope
from errortax.parsing.prepared import Finding, PreparedVendor
from errortax.parsing.secret_values import KnownValues
from errortax.parsing.standards import Standards

if TYPE_CHECKING:
    from errortax.parsing.batches import Batch
    from errortax.parsing.windows import Windows

_UNDECODED_BODIES: Final = frozenset({BodyKind.EMPTY, BodyKind.UNREAD, BodyKind.CUT_OFF, BodyKind.OVER_CAP, BodyKind.TOO_DEEP})

_MANY_MATCHES: Final = 512
_MANY_SHAPES: Final = 512
_MatchKey: TypeAlias = tuple[int, int, bool, str | None, int, bool, bool]
_field_error: Final[Callable[[Iterable[Any]], FieldError]] = partial(tuple.__new__, FieldError)
_STEP: Final = r"[./\[\]]"  # between the names in a path to a field
_NOTHING: Final = SafeDetails(request_id=None, retry_after=None, fields=())


class Shape(NamedTuple):
    """
    The places of the details in one response: for each detail, a function that finds it in a document and header fields.

    It returns None where there is nothing; it is None itself where no file states a place, as a call takes longer than this
    question. *envelope* is the name of the envelope that counts, or None.
    """

    envelope: str | None
    message: Find | None
    user_message: Find | None
    more_info: Find | None
    request_id: Find | None
    retry_after: Find | None
    warnings: Find | None
    field_errors: Find | None
    items: Find | None
    rate_limits: Sequence[Windows]


class DetailsReader:
    """
    Read the details of the responses of one vendor: an `errortax.model.DetailsSource`.
    """

    def __init__(self, vendor: PreparedVendor, standards: Standards | None = None) -> None:
        self._vendor, self._standards, self._redactor, self._credentials = vendor, standards, vendor.redactor, vendor.credentials
        parts = vendor.whole, *vendor.envelopes
        self._has_batches = standards is not None or any("items" in part.data for part in parts)
        self._knows_its_bodies = bool(vendor.envelopes) and not vendor.is_generic  # HTTP itself allows any body
        self._shapes: dict[tuple[Envelope, ...], Shape] = {}
        self._name, self._is_secret = lru_cache(MAX_NAMES)(self._shown_name), lru_cache(MAX_NAMES)(self._is_secret_path)
        self._matches: dict[_MatchKey, tuple[Verdict, Match]] = {}

    def read(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> Details:
        """
        Return the details of one response; dates count from *now*, else from its own date, else from *clock* (POSIX seconds).
        """
        code, _, verdict, level, conflict, decoded = finding
        body, document, lenient = decode(raw) if decoded is None else decoded
        headers, shape = raw.headers, self._shape(finding, raw, document)
        message = shape.message and shape.message(document, headers)
        if message is None and isinstance(document, str) and document:
            message = document
        user_message = shape.user_message and shape.user_message(document, headers)
        warnings = (shape.warnings and shape.warnings(document, headers)) or ()
        texts: Sequence[str] = [message] if message else []
        withheld = message is not None and len(message) > MAX_TEXT
        if user_message:
            texts = [*texts, user_message]
            withheld = withheld or len(user_message) > MAX_TEXT
        complaints: Found = (shape.field_errors and shape.field_errors(document, headers)) or NO_COMPLAINTS
        if complaints.texts or warnings:
            room = complaints.trim(MAX_TEXTS - sum([min(len(text), MAX_TEXT) for text in texts]))
            shown = warnings[: fitting(warnings, room)]
            withheld = withheld or complaints.withheld or len(shown) < len(warnings)
            texts = [*self._masked(complaints), *texts, *shown]
        request_id = shape.request_id and shape.request_id(document, headers)
        more_info = shape.more_info and shape.more_info(document, headers)
        rate_limits, retry_after = self._delays(verdict, raw, shape, document, now, clock)
        secrets: Collection[str] = ()
        if texts or request_id is not None or more_info is not None or rate_limits:
            secrets = known = self._secrets(raw, document, complaints)
            if secrets:
                request_id, more_info = self._without(secrets, request_id, more_info)
            values = known.union(complaints.masked) if complaints.masked else secrets
            redacted = self._redactor.texts(texts, (code, request_id), values) if texts else texts
            if redacted is None or not known.is_complete:
                withheld, redacted = True, [WITHHELD] * len(texts)
            texts = redacted
        rest = iter(texts)
        field_errors = self._field_errors(complaints, rest, secrets) if complaints.texts else ()
        key = id(verdict), id(level), conflict, shape.envelope, id(body), lenient, withheld  # the same few come again
        _, match = self._matches.get(key) or self._match(verdict, level, body, key)
        return Details(
            match,
            None if message is None else next(rest),
            None if user_message is None else next(rest),
            more_info,
            field_errors,
            request_id,
            tuple([self._named_safely(limit, secrets) for limit in rate_limits]) if rate_limits else (),
            retry_after,
            tuple(rest),
            _preserved(verdict, document, headers) if verdict.preserve else {},
        )

    def read_safe(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> SafeDetails:
        """
        Return the details without the texts, whose redaction is slow; gateways use this.
        """
        _, _, verdict, _, _, decoded = finding
        document = (decode(raw) if decoded is None else decoded)[1]
        headers, shape = raw.headers, self._shape(finding, raw, document)
        request_id = shape.request_id and shape.request_id(document, headers)
        more_info = shape.more_info and shape.more_info(document, headers)
        complaints: Found = (shape.field_errors and shape.field_errors(document, headers)) or NO_COMPLAINTS
        _, retry_after = self._delays(verdict, raw, shape, document, now, clock)
        is_harmless = request_id is None and more_info is None and not complaints.texts
        if is_harmless and retry_after is None:
            return _NOTHING  # most errors
        complaints.trim(MAX_TEXTS)
        secrets = () if is_harmless else self._secrets(raw, document, complaints)
        if secrets:
            request_id, more_info = self._without(secrets, request_id, more_info)
        return SafeDetails(request_id, retry_after, tuple(self._names(complaints, secrets)), more_info)

    def batch_of(self, finding: Finding, raw: RawResponse) -> Batch | None:
        """
        Return the results in a response to a batch, or None if it is not one.
        """
        decoded = finding[5]
        document = (decode(raw) if decoded is None else decoded)[1]
        if document is None or not self._has_batches:
            return None
        find = self._shape(finding, raw, document).items
        found: Batch | None = find and find(document, raw.headers)
        return found

    def _shape(self, finding: Finding, raw: RawResponse, document: object) -> Shape:
        """Return the places in a response: those of its standard, if it has one, then those of the vendor."""
        key: tuple[Envelope, ...] = tuple(self._vendor.shapes_of(document, raw.headers))
        standards: Sequence[PreparedVendor] = ()
        if self._standards is not None:
            standards = self._followed(self._standards, finding, raw)
            key = sum((_parts(one, document, raw) for one in standards), key)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= _MANY_SHAPES:
                self._shapes.clear()
            schemes = [_parts(one, document, raw) for one in (*standards, self._vendor)]
            shape = self._shapes[key] = self._combined(schemes)
        return shape

    def _combined(self, schemes: Sequence[Sequence[Envelope]]) -> Shape:
        """
        Return the places of several *schemes*, each a whole file and its envelopes; every one of them may state a rate limit.

        The first scheme that states a detail decides about it: a standard knows better than the vendor what is in the bodies
        it describes.
        """
        names = [envelope.name for scheme in schemes for envelope in scheme if envelope.name is not None]
        finders: dict[str, Any] = {}
        for detail, compiled in self._compilers().items():
            stated = [[part.data[detail] for part in scheme if detail in part.data] for scheme in schemes]
            places = next(filter(None, stated), [])
            different = [one for index, one in enumerate(places) if one not in places[:index]]  # many envelopes have the same
            finders[detail] = first_to_find([*map(compiled, different)]) if different else None
        limits = [part.data["rate_limits"] for part in chain.from_iterable(schemes) if "rate_limits" in part.data]
        return Shape(names[0] if names else None, rate_limits=[*map(_windows_at, limits)], **finders)

    def _compilers(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return for each detail the function that compiles the places that a file states for it."""
        return {
            "message": partial(first_of, usable=text_of),
            "user_message": partial(first_of, usable=text_of),
            "more_info": partial(first_of, usable=self._address),
            "request_id": partial(first_of, usable=self._redactor.identifier),
            "warnings": partial(first_of, usable=_texts),
            "retry_after": _delays_at,
            "field_errors": lambda data: Complaints(data).find,
            "items": self._batches_at,
        }

    def _batches_at(self, data: Mapping[str, Any]) -> Find:
        from errortax.parsing.batches import Batches  # few files name one, as below

        return Batches(data, self._redactor.identifier).find

    def _followed(self, standards: Standards, finding: Finding, raw: RawResponse) -> Sequence[PreparedVendor]:
        """Return the standard that decided, else those that the response declares."""
        if (standard := finding[2].standard) is not None and standard != self._vendor.data["vendor"]:
            return [standards.called(standard)]
        return standards.declared_by(raw, finding[1]) if standards.may_follow(raw, finding[1]) else ()

    def _secrets(self, raw: RawResponse, document: object, complaints: Found) -> KnownValues:
        """Return the values that are known to be secret: those under secret names, and the credentials of the request."""
        found = self._redactor.secret_values(document, complaints.parts, complaints.objects)
        if raw.headers.names not in self._credentials.harmless:  # to ask here saves a call
            found.update(self._credentials.in_fields(raw.headers))
        if raw.request_headers is not NO_HEADERS or raw.url is not None:
            found.update(self._credentials.of_request(raw))
        return found

    def _without(self, secrets: Collection[str], request_id: str | None, more_info: str | None) -> tuple[str | None, str | None]:
        """Return the id of a request unless it is one of the *secrets*, and an address unless it has one in it."""
        [address] = self._clean([more_info or ""], secrets)
        return None if request_id in secrets else request_id, more_info if address == more_info else None

    def _clean(self, texts: Sequence[str], secrets: Collection[str]) -> Sequence[str]:
        """Return *texts* that are not prose without *secrets*."""
        redacted = self._redactor.texts(texts, (), secrets)
        return [WITHHELD] * len(texts) if redacted is None else redacted

    def _delays(
        self, verdict: Verdict, raw: RawResponse, shape: Shape, document: object, now: float | None, clock: float | None
    ) -> tuple[tuple[RateLimit, ...], float | None]:
        headers, windows = raw.headers, shape.rate_limits
        members = (shape.retry_after and shape.retry_after(document, headers)) or ()
        if not members and not windows and not headers.mentions(HINT_WORDS):
            return (), None  # most responses
        from errortax.http import delays  # as in `PreparedVendor.redactor`

        reference = delays.reference_time(headers, now)
        if reference is None:
            reference = clock or 0.0
        declared = [limit for window in windows for limit in window.find(document, headers, reference)]
        known = frozenset[str]().union(*(window.fields for window in windows))
        return delays.stated_delays(headers, verdict.category, now=reference, members=members, declared=declared, known=known)

    def _named_safely(self, limit: RateLimit, secrets: Collection[str]) -> RateLimit:
        """Leave out a name that contains a secret: the server chooses it."""
        if limit.name is None or (self._redactor.name(limit.name) == limit.name and not secrets):
            return limit
        return limit if self._clean([limit.name], secrets) == [limit.name] else evolve(limit, name=None)

    def _match(self, verdict: Verdict, level: Level, body: BodyKind, key: _MatchKey) -> tuple[Verdict, Match]:
        """Return how a verdict was found, and remember it with the verdict itself, so that no other object gets its id."""
        _, _, conflict, envelope, _, lenient, withheld = key
        is_foreign = verdict.kind is OutcomeKind.ERROR and envelope is None and self._knows_its_bodies
        match = Match(
            level=level,
            entry=verdict.entry,
            alternatives=verdict.alternatives,
            status_conflict=conflict,
            envelope=envelope,
            intermediary=is_foreign and body not in _UNDECODED_BODIES,
            body=body,
            lenient=lenient,
            withheld=withheld,
            standard=verdict.standard,
        )
        if len(self._matches) >= _MANY_MATCHES:
            self._matches.clear()
        self._matches[key] = verdict, match
        return verdict, match

    def _address(self, value: object) -> str | None:
        """Return the address of a page, unless it has a secret in it."""
        address = web_address(value)
        return address if address is None or self._redactor.text(address) == address else None

    def _masked(self, complaints: Found) -> Sequence[str]:
        """
        Return the texts of *complaints*; about a secret field, one that may have its value is masked.

        Another text may repeat it; so it is noted, unless it is like a code, which other fields may have as well.
        """
        are_secret, texts = [*map(self._is_secret, complaints.names)], complaints.texts
        if True not in are_secret:
            return texts
        are_masked = [is_secret and not is_plain(text) for is_secret, text in zip(are_secret, texts, strict=True)]
        masked = {text for text, is_masked in zip(texts, are_masked, strict=True) if is_masked}
        complaints.masked = {text for text in masked if may_be_secret(text) and self._redactor.code(text) is None}
        return [REDACTED if is_masked else text for text, is_masked in zip(texts, are_masked, strict=True)]

    def _field_errors(self, complaints: Found, texts: Iterator[str], secrets: Collection[str]) -> tuple[FieldError, ...]:
        """Return the complaints, which take their redacted *texts*."""
        codes: Iterable[str | None] = repeat(None)
        if complaints.codes:
            codes = [self._redactor.code(complaints.codes.get(place, "")) for place in range(len(complaints.texts))]
            if secrets:
                clean = self._clean([code or "" for code in codes], secrets)
                codes = [code if code == shown else None for code, shown in zip(codes, clean, strict=True)]
        complete = zip(self._names(complaints, secrets), texts, codes, strict=False)  # no more texts than there are names
        return tuple(map(_field_error, complete))

    def _names(self, complaints: Found, secrets: Collection[str]) -> Iterable[str | None]:
        """Return the names of the fields that *complaints* are about; a secret name may be the value of another one."""
        names = complaints.names
        if not secrets or not names:
            return map(self._name, names)
        clean = self._clean([name or "" for name in names], secrets)
        return [
            self._name(name) if name is None or self._is_secret(name) else text for name, text in zip(names, clean, strict=True)
        ]

    def _shown_name(self, name: str | None) -> str | None:
        return None if name is None else self._redactor.text(name)

    def _is_secret_path(self, name: str | None) -> bool:
        return name is not None and any(map(self._redactor.is_secret_name, re.split(_STEP, name)))  # of a secret, a part is, too


def _parts(vendor: PreparedVendor, document: object, raw: RawResponse) -> tuple[Envelope, ...]:
    """Return what a file says about the details of one response: the whole file, then the envelopes that the body has."""
    return vendor.whole, *vendor.shapes_of(document, raw.headers)


def _delays_at(places: Iterable[Any]) -> Find:
    from errortax.parsing.windows import delays_at

    return delays_at(places)


def _windows_at(data: Iterable[Mapping[str, Any]]) -> Windows:
    from errortax.parsing.windows import Windows

    return Windows(data)


def _preserved(verdict: Verdict, document: object, headers: Headers) -> dict[str, Any]:
    found = {name: first_of(places, _anything)(document, headers) for name, places in verdict.preserve.items()}
    return {name: member for name, member in found.items() if member is not None}


def _anything(value: object) -> object:
    return value


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a text, or the texts in a list, or None."""
    texts = value if isinstance(value, list) else [value]
    return tuple(text[:MAX_TEXT] for text in texts[:MAX_COMPLAINTS] if isinstance(text, str) and text) or None
