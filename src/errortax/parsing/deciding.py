"""
From a raw response to a finding: the code, the verdict, and how they were found.

This is the hot path. `errortax.parsing.details` reads texts, ids and delays, which decide nothing, at the first access to
a detail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from errortax.http import FIRST_ERROR, STATUSES, RawResponse, host_of
from errortax.model import CanonicalError, Level, Outcome, OutcomeKind, Scheme, UnknownVendorError, Verdict, details_of
from errortax.parsing.budgets import LARGE_BODY
from errortax.parsing.decoding import Decoded, decode
from errortax.parsing.details import DetailsReader, Finding
from errortax.parsing.envelopes import fast_code_member
from errortax.parsing.prepared import PreparedVendor, prepared_vendor
from errortax.registry.registry import GENERIC, Registry, derived_from

_CODE: Final = Level.CODE  # a global is faster than a member of an enumeration


class Clues(NamedTuple):
    """
    The parts of one response that decide.

    *verdict* is the verdict of the *code* if that is documented, else None. *outcome* is the kind of the documented code, else
    of the envelope, else None.
    """

    code: str | None
    verdict: Verdict | None
    outcome: OutcomeKind | None
    status: int | None
    document: object


Decision: TypeAlias = tuple[Verdict, Level, bool]
"""Verdict, level, and whether code and status contradict each other."""


def _documented_error(vendor: PreparedVendor, clues: Clues) -> Decision | None:
    """Decide by the documented code of an error, whatever the status."""
    verdict, status = clues.verdict, clues.status
    if verdict is None or verdict.category is None:
        return None
    conflict = status is not None and (status not in verdict.statuses if verdict.statuses else status < FIRST_ERROR)
    return _refined(vendor, clues, verdict, conflict=conflict)


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
    return _refined(vendor, clues, verdict, conflict=conflict)


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
    _documented_error,
    _documented_outcome,
    _documented_siblings,
    _status_alone,
)
"""The first rule that decides counts, else `_body_alone`. The order of files, entries and members never matters."""


def _refined(vendor: PreparedVendor, clues: Clues, verdict: Verdict, *, conflict: bool) -> Decision:
    variant = vendor.variant_for(verdict, clues.document)
    return (verdict, Level.CODE, conflict) if variant is None else (variant, Level.VARIANT, conflict)


class Parser:
    """
    Parse the raw responses of one vendor. Get one from `parser_of`, and use it for all responses.
    """

    def __init__(self, vendor: PreparedVendor) -> None:
        self.vendor = vendor
        self._reader = DetailsReader(vendor)
        self._code_member = fast_code_member(vendor.envelopes)
        self._final: dict[str, Verdict] = {}  # by code: verdicts that neither the rest of the body nor the status can change
        self._bodiless: dict[int | None, tuple[Verdict, Level]] = {}  # by status: for bodies without a document
        self._by_status: dict[int | None, Finding] = {}  # findings that no body can change
        self._decide = self._decide_by_status if vendor.scheme is Scheme.HTTP_STATUS else self._decide_by_code

    def parse(self, raw: RawResponse, now: float | None, clock: float | None) -> CanonicalError | None:
        """
        Return the canonical error, or None if the response is not an error.

        Dates count from *now*, else from the response's own date, else from *clock*. All are POSIX seconds.
        """
        finding = self._decide(raw)
        verdict = finding[2]
        if verdict.category is None:
            return None
        error = CanonicalError(finding[0], finding[1], verdict, (self._reader, finding, raw, now, clock))
        if raw.body is not None and len(raw.body) > LARGE_BODY:
            details_of(error)  # now, since the error keeps the body until then
        return error

    def classify(self, raw: RawResponse, now: float | None, clock: float | None) -> Outcome:
        """
        Return the outcome of any response; *now* and *clock* are as in `parse`.
        """
        finding = self._decide(raw)
        code, status, verdict, *_ = finding
        details = self._reader.read(finding, raw, now, clock)
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
        )

    def _decide_by_code(self, raw: RawResponse) -> Finding:
        decoded = decode(raw)
        document, status = decoded[1], raw.status
        if isinstance(document, dict) and status is not None:
            code = document.get(self._code_member)
            if isinstance(code, str):
                verdict = self._final.get(code)
                if verdict is not None:
                    return code, status, verdict, _CODE, status not in verdict.statuses, decoded
        elif document is None and (known := self._bodiless.get(status)) is not None:
            return None, status, known[0], known[1], False, decoded
        return self._decide_by_rules(status, decoded)

    def _decide_by_rules(self, status: int | None, decoded: Decoded) -> Finding:
        vendor, document = self.vendor, decoded[1]
        envelope = None if document is None else vendor.recognise(document)
        code = verdict = outcome = None
        if envelope is not None:
            code, outcome = envelope.code(document), envelope.outcome
            status = envelope.status(document) if status is None else status
            verdict = vendor.verdicts.of_code(code)
            if verdict is not None:
                outcome = verdict.kind
            elif code is not None:
                code = vendor.redactor.code(code)
        clues = Clues(code, verdict, outcome, status, document)
        for rule in _RULES:
            decision = rule(vendor, clues)
            if decision is not None:
                break
        else:
            decision = _body_alone(vendor, clues)
        decided, level, conflict = decision
        self._remember(clues, decided, level)
        return code, status, decided, level, conflict, decoded

    def _remember(self, clues: Clues, verdict: Verdict, level: Level) -> None:
        """Keep a verdict that is the same for all responses with this code, or with this status and no code."""
        code, status = clues.code, clues.status
        if level is Level.CODE and verdict.category is not None and verdict.statuses and not verdict.variants:
            if code is not None and code == verdict.entry:
                self._final[code] = verdict
        elif clues.document is None and status in STATUSES:
            self._bodiless[status] = verdict, level

    def _decide_by_status(self, raw: RawResponse) -> Finding:
        known = self._by_status.get(raw.status)
        if known is not None:
            return known
        vendor, status, failed = self.vendor, raw.status, False
        decoded = None
        if status is None:
            decoded = decode(raw)
            document = decoded[1]
            envelope = None if document is None else vendor.recognise(document)
            if envelope is not None:
                status, failed = envelope.status(document), envelope.outcome is OutcomeKind.ERROR
            if status is None:
                outcome = None if envelope is None else envelope.outcome
                return None, None, *_body_alone(vendor, Clues(None, None, outcome, None, document)), decoded
        verdict, level = vendor.verdicts.at_status(status, failed=failed)
        if verdict.variants:
            if decoded is None:
                decoded = decode(raw)
            variant = vendor.variant_for(verdict, decoded[1])
            if variant is not None:
                verdict, level = variant, Level.VARIANT
        finding = str(status) if status in STATUSES else None, status, verdict, level, False, decoded
        if decoded is None and status in STATUSES:
            self._by_status[status] = finding
        return finding


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
        parser = known[vendor] = Parser(prepared_vendor(registry, vendor))
    return parser
