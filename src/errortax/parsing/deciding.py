"""
From a raw response to a finding: the code, the verdict, and how they were found.

This is the hot path. `errortax.parsing.details` reads texts, ids and delays, which decide nothing, at the first access to
a detail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from errortax.http import FIRST_ERROR, STATUSES, Headers, RawResponse, host_of
from errortax.model import (
    CanonicalError,
    Details,
    DetailsSource,
    FailedItem,
    Level,
    Outcome,
    OutcomeKind,
    SafeDetails,
    Scheme,
    UnknownVendorError,
    Verdict,
)
from errortax.parsing.budgets import MAX_ITEMS
from errortax.parsing.decoding import Decoded, decode
from errortax.parsing.envelopes import Envelope, fast_code_member
from errortax.parsing.prepared import Finding, PreparedVendor, prepared_vendor
from errortax.parsing.standards import BY_STATUS, Standards
from errortax.registry.registry import GENERIC, Registry, derived_from

if TYPE_CHECKING:
    from errortax.parsing.batches import BatchItem
    from errortax.parsing.details import DetailsReader

_CODE: Final = Level.CODE  # a global is faster than a member of an enumeration


class Clues(NamedTuple):
    """
    The parts of one response that decide.

    *verdict* is the verdict of the first documented code, else None; *code* is the first code of all. *envelope* is the one
    that counts.
    """

    envelope: Envelope | None
    code: str | None
    verdict: Verdict | None
    status: int | None

    @property
    def outcome(self) -> OutcomeKind | None:
        """Return the kind of the documented code, else of the envelope, else None."""
        if self.verdict is not None:
            return self.verdict.kind
        return None if self.envelope is None else self.envelope.outcome


Decision: TypeAlias = tuple[Verdict, Level, bool]
"""Verdict, level, and whether code and status contradict each other."""


def _documented_outcome(vendor: PreparedVendor, clues: Clues) -> Decision | None:
    """Decide by the code of another outcome, unless the status contradicts: an error status is never a success."""
    verdict, status = clues.verdict, clues.status
    if verdict is None:
        return None
    conflict = status is not None and bool(verdict.statuses) and status not in verdict.statuses
    if (
        status is not None
        and (conflict or status >= FIRST_ERROR)
        and vendor.verdicts.at_status(status)[0].kind is not verdict.kind
    ):
        return None
    return verdict, Level.CODE, conflict


def _documented_siblings(vendor: PreparedVendor, clues: Clues) -> Decision | None:
    """Decide by the documented siblings of an undocumented dotted code, if they agree."""
    code, status = clues.code, clues.status
    if code is None or clues.verdict is not None or vendor.scheme is not Scheme.DOTTED:
        return None
    succeeded = status is not None and status < FIRST_ERROR
    if succeeded and clues.outcome is not OutcomeKind.ERROR:
        return None
    verdict = vendor.by_siblings(code, status)
    return None if verdict is None else (verdict, Level.PREFIX, succeeded)


def _envelope_alone(vendor: PreparedVendor, clues: Clues) -> Decision | None:
    """Decide by the category that the envelope states for bodies without a code."""
    envelope, status = clues.envelope, clues.status
    if envelope is None or envelope.category is None or clues.code is not None:
        return None
    succeeded = status is not None and status < FIRST_ERROR
    if succeeded and envelope.outcome is not OutcomeKind.ERROR:
        return None
    return vendor.verdicts.of_envelope(envelope.category), Level.ENVELOPE, succeeded


def _status_alone(vendor: PreparedVendor, clues: Clues) -> Decision | None:
    """Decide by the status; a different outcome of code or envelope is a conflict."""
    status, failed = clues.status, clues.outcome is OutcomeKind.ERROR
    if status is None:
        return None
    verdict, level = vendor.verdicts.at_status(status, failed=failed)
    return verdict, level, failed if status < FIRST_ERROR else clues.outcome not in (None, OutcomeKind.ERROR)


def _body_alone(vendor: PreparedVendor, clues: Clues) -> Decision:
    """Decide without a status: the envelope may state a success; everything else is unknown."""
    succeeded = clues.outcome is OutcomeKind.SUCCESS
    return vendor.verdicts.of_outcome(OutcomeKind.SUCCESS) if succeeded else vendor.verdicts.unknown(), Level.UNKNOWN, False


_RULES: Final[tuple[Callable[[PreparedVendor, Clues], Decision | None], ...]] = (
    _documented_outcome,
    _documented_siblings,
    _envelope_alone,
    _status_alone,
)
"""The first rule that decides counts, else `_body_alone`. The order of files, entries and members never matters."""


def decide(vendor: PreparedVendor, clues: Clues) -> Decision:
    """
    Return the verdict that the *clues* lead to, without its variants, where it is not that of a documented error.
    """
    for rule in _RULES:
        decision = rule(vendor, clues)
        if decision is not None:
            return decision
    return _body_alone(vendor, clues)


class _DetailsLater:
    """
    Read the details of the first response of a *parser*: an `errortax.model.DetailsSource`.

    `errortax.parsing.details` and what it needs are imported at the first detail: many programs never use one.
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def read(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> Details:
        """Return the details."""
        return self._parser.reader.read(finding, raw, now, clock)

    def read_safe(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None, /) -> SafeDetails:
        """Return the details without the texts."""
        return self._parser.reader.read_safe(finding, raw, now, clock)


class Parser:
    """
    Parse the raw responses of one vendor. Get one from `parser_of`, and use it for all responses.
    """

    def __init__(self, vendor: PreparedVendor, standards: Standards | None = None) -> None:
        self.vendor, self._standards = vendor, standards
        self._details: DetailsSource = _DetailsLater(self)
        self._reader: DetailsReader | None = None
        self._general_codes = vendor.whole.codes if vendor.whole.has_code else None  # they come before those of envelopes
        self._code_member = fast_code_member(vendor.envelopes)
        self._final: dict[str | None, Verdict] = {}  # by entry: what neither the rest of the body nor the status can change
        self._by_status: dict[int | None, Finding] = {}  # findings without a document that nothing else can change
        self._is_by_status = vendor.scheme is Scheme.HTTP_STATUS
        shapes_decide = any(envelope.outcome or envelope.category for envelope in vendor.envelopes)
        self._decide_alone = self._decide_by_status if self._is_by_status and not shapes_decide else self._decide_by_body
        self._decide = partial(self._decide_with_standards, standards) if standards else self._decide_alone

    @property
    def reader(self) -> DetailsReader:
        """Return the reader of details, which errors ask without a detour from now on."""
        if self._reader is None:
            from errortax.parsing.details import DetailsReader

            self._details = self._reader = DetailsReader(self.vendor, self._standards)
        return self._reader

    def parse(self, raw: RawResponse, now: float | None, clock: float | None) -> CanonicalError | None:
        """
        Return the canonical error, or None if the response is not an error. It keeps *raw* until a detail is read.

        Dates count from *now*, else from the response's own date, else from *clock*. All are POSIX seconds.
        """
        finding = self._decide(raw)
        verdict = finding[2]
        if verdict.category is None:
            return None
        return CanonicalError(finding[0], finding[1], verdict, None, (self._details, finding, raw, now, clock))

    def classify(self, raw: RawResponse, now: float | None, clock: float | None) -> Outcome:
        """
        Return the outcome of any response; *now* and *clock* are as in `parse`.
        """
        finding = self._decide(raw)
        code, status, verdict, *_ = finding
        details = self.reader.read(finding, raw, now, clock)
        return Outcome(
            kind=verdict.kind,
            entry=verdict.entry,
            error=None if verdict.category is None else CanonicalError(code, status, verdict, details),
            retryability=verdict.retryability,
            retry_after=details.retry_after,
            hints=verdict.hints,
            request_id=details.request_id,
            rate_limits=details.rate_limits,
            match=details.match,
            warnings=details.warnings,
            **self._batch(finding, raw, now, clock),
        )

    def _batch(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None) -> dict[str, Any]:
        """Return the results of a batch that failed, each a response of this vendor by itself."""
        batch = self.reader.batch_of(finding, raw)
        if batch is None:
            return {}
        failed: list[FailedItem] = []
        secrets = self.vendor.credentials.of_request(raw)
        for item in batch.items:
            own = item.raw
            part = RawResponse(own.status, own.headers, own.body, raw.url, request_headers=raw.request_headers)  # for its secrets
            found = self._decide_by_rules(part, item.decoded)
            code, status, verdict, level, conflict, _ = found
            says_nothing = level is Level.UNKNOWN and not conflict and not self._is_error_shape(item)
            if verdict.category is not None and not says_nothing:
                error = CanonicalError(code, status, verdict, None, (self._details, found, part, now, clock))
                failed.append(FailedItem(item.place, None if item.id in secrets else item.id, error))
        return {"items": tuple(failed), "item_count": batch.total, "items_truncated": batch.total > MAX_ITEMS}

    def _is_error_shape(self, item: BatchItem) -> bool:
        shapes = self.vendor.shapes_of(item.decoded[1], item.raw.headers)
        return bool(shapes) and shapes[0].outcome is OutcomeKind.ERROR

    def _decide_with_standards(self, standards: Standards, raw: RawResponse) -> Finding:
        finding = self._decide_alone(raw)
        if finding[3] in BY_STATUS and standards.may_follow(raw, finding[1]):
            return self._decide_by_standard(standards, raw, finding)
        return finding

    def _decide_by_standard(self, standards: Standards, raw: RawResponse, finding: Finding) -> Finding:
        """Return what a standard makes of a response whose status alone decided so far."""
        own_code, status, own, level, conflict, decoded = finding
        decoded = decode(raw) if decoded is None else decoded
        answer = standards.decide(raw, status, own, decoded[1])
        if answer is None:
            return finding
        code, verdict = answer
        if code is None:
            return own_code, status, verdict, level, conflict, decoded
        return code, status, verdict, Level.STANDARD, status not in verdict.statuses, decoded

    def _decide_by_body(self, raw: RawResponse) -> Finding:
        decoded = decode(raw)
        document, status = decoded[1], raw.status
        if status is None:
            return self._decide_by_rules(raw, decoded)
        if self._general_codes is not None:
            codes = self._general_codes(document, raw.headers)
            verdict = self._final.get(codes[0]) if codes else None
            if verdict is None:
                return self._decide_by_rules(raw, decoded, codes)
            return codes[0], status, verdict, _CODE, status not in verdict.statuses, decoded
        if isinstance(document, dict):
            code = document.get(self._code_member)
            if isinstance(code, str):
                verdict = self._final.get(code)
                if verdict is not None:
                    return code, status, verdict, _CODE, status not in verdict.statuses, decoded
        elif document is None and (known := self._by_status.get(status)) is not None:
            return known[0], status, known[2], known[3], False, decoded
        return self._decide_by_rules(raw, decoded)

    def _decide_by_status(self, raw: RawResponse) -> Finding:
        known = self._by_status.get(raw.status)
        if known is not None:
            return known
        needs_body = raw.status is None or self.vendor.verdicts.at_status(raw.status)[0].variants
        return self._decide_by_rules(raw, decode(raw) if needs_body else None)

    def _decide_by_rules(self, raw: RawResponse, decoded: Decoded | None, general: Sequence[str] | None = None) -> Finding:
        vendor, headers, status = self.vendor, raw.headers, raw.status
        document = None if decoded is None else decoded[1]
        envelope, code, verdict = vendor.find_code(document, headers, general)
        if status is None:
            status = self._stated_status(document, headers)
        if verdict is None and code is not None:
            code = vendor.shown_code(code, raw)
        if verdict is not None and verdict.category is not None:  # a documented error, whatever the status
            conflict = status is not None and (status not in verdict.statuses if verdict.statuses else status < FIRST_ERROR)
            if not verdict.variants:
                if verdict.statuses:
                    self._final[verdict.entry] = verdict
                return code, status, verdict, _CODE, conflict, decoded
            decided, level = verdict, _CODE
        elif code is None and status is not None and (envelope is None or envelope.says_nothing):
            decided, level = vendor.verdicts.at_status(status)
            conflict = False
        else:
            decided, level, conflict = decide(vendor, Clues(envelope, code, verdict, status))
        if decided.variants and (variant := vendor.variant_for(decided, status, document, headers)) is not None:
            decided, level = variant, Level.VARIANT
        if self._is_by_status and status in STATUSES:
            code = str(status)
        finding: Finding = code, status, decided, level, conflict, decoded
        is_settled = level is not Level.VARIANT and not decided.variants and self._general_codes is None
        if document is None and is_settled and raw.status in STATUSES:
            self._by_status[status] = (*finding[:5], None)
        return finding

    def _stated_status(self, document: object, headers: Headers) -> int | None:
        """Return the status that the response states elsewhere, or None."""
        for shape in (self.vendor.whole, *self.vendor.shapes_of(document, headers)):
            if (status := shape.status(document, headers)) is not None:
                return status
        return None


def parser_of(registry: Registry, vendor: str | None, url: str | None = None) -> Parser:
    """
    Return the parser of *vendor*; None means the vendor at the host of *url*, else plain HTTP.

    Raise `errortax.exceptions.UnknownVendorError`.
    """
    known = derived_from(registry)[Parser]
    if vendor is None:
        vendor = (None if url is None else registry.vendor_of_host(host_of(url))) or GENERIC
    elif not isinstance(vendor, str):
        raise UnknownVendorError(str(vendor), registry)
    parser: Parser | None = known.get(vendor)
    if parser is None:
        prepared = prepared_vendor(registry, vendor)
        standards = Standards(registry, prepared)
        parser = known[vendor] = Parser(prepared, standards or None)
    return parser
