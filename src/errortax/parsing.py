"""
From a raw response to a verdict: which envelope, which code, which entry.

This is the hot path. What does not decide the verdict (texts, ids, delays) is left to `errortax.reading`, which is
asked when the first detail of an error is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from errortax.conditions import compile_condition, required_members
from errortax.decoding import decode
from errortax.error import CanonicalError, Outcome
from errortax.model import Details, RawResponse
from errortax.pointers import compile_pointer
from errortax.registry import GENERIC, Registry
from errortax.taxonomy import BodyKind, Category, Kind, Level, Scheme
from errortax.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    from errortax.reading import Reader
    from errortax.redaction import Redactor

_Usable = TypeVar("_Usable")

_LONGEST_CODE: Final = 128  # characters; what is longer is no code
_FIRST_ERROR: Final = 400
_DOCUMENTED: Final = frozenset(range(100, 600))  # RFC 9110, section 15


class Envelope:
    """A shape of the body, compiled: how to recognise it and where its code and status are."""

    __slots__ = ("code", "demands", "name", "outcome", "recognises", "status")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.name: str = data["name"]
        self.recognises = compile_condition(data["recognise"])
        self.demands = required_members(data["recognise"])
        self.outcome = Kind(data["outcome"]) if "outcome" in data else None
        self.code = _code_finder(data.get("code", ()))
        self.status = first_of(data.get("status", ()), _status)


def first_of(pointers: Iterable[str], usable: Callable[[object], _Usable | None]) -> Callable[[object], _Usable | None]:
    """
    Return a function that makes *usable* what the first of the JSON *pointers* with a usable value leads to.
    """
    finders = tuple(map(compile_pointer, pointers))

    def find(document: object) -> _Usable | None:
        for finder in finders:
            if (found := usable(finder(document))) is not None:
                return found
        return None

    return find


def _code_finder(pointers: Sequence[str]) -> Callable[[object], object | None]:
    """Most codes are in one place, where whatever else may stand is not found in a table of codes either."""
    return compile_pointer(pointers[0]) if len(pointers) == 1 else first_of(pointers, _word)


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _status(value: object) -> int | None:
    """Read an HTTP status that a body repeats, as a number or as digits."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdecimal():  # noqa: PLR2004  # three digits
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _DOCUMENTED:
        return value
    return None


class Finding(NamedTuple):
    """A verdict on one response, and what it rests on; *body* is None until the body has been decoded."""

    code: str | None
    status: int | None
    verdict: Verdict
    level: Level
    status_conflict: bool = False
    envelope: Envelope | None = None
    body: BodyKind | None = None
    document: object = None


class Parser:
    """
    Judge the raw responses of one vendor: prepared once, then used for each response.
    """

    def __init__(self, registry: Registry, vendor: str) -> None:
        self.data = data = registry.document(vendor)
        self._generic = registry.document(GENERIC)
        self._verdicts = Verdicts(data, registry.documentation_url)
        self._envelopes = sorted(map(Envelope, data.get("envelopes", ())), key=lambda envelope: (-envelope.demands, envelope.name))
        self._rulings = {entry["code"]: entry for entry in data["entries"]}
        self._generic_rulings = {entry["code"]: entry for entry in self._generic["entries"]}
        self._spellings = _spellings(data)
        self._siblings: dict[str, list[Mapping[str, Any]]] | None = None
        self._is_dotted = data["scheme"] == Scheme.DOTTED
        self._by_code: dict[object, Verdict] = {}  # grows with the documented codes that turn up
        self._by_status: dict[tuple[int | None, bool], tuple[Verdict, Level]] = {}  # at most twice the statuses there are
        self._reader: Reader | None = None
        self._redactor_of_vendor: Redactor | None = None
        self._judge = self._judge_by_status if data["scheme"] == Scheme.HTTP_STATUS else self._judge_by_code

    def parse(self, raw: RawResponse, now: float | None, clock: float | None) -> CanonicalError | None:
        """
        Return the canonical error, or None where the response is none.

        Dates count from *now*, else from the response's own date, else from *clock*: POSIX seconds all.
        """
        finding = self._judge(raw)
        judgement = finding[2].judgement
        if judgement is None:
            return None
        return CanonicalError(finding[0], finding[1], judgement, (self.read, finding, raw, now, clock))

    def classify(self, raw: RawResponse, now: float | None, clock: float | None) -> Outcome:
        """
        Return the outcome, whatever the response; for the clocks see `parse`.
        """
        finding = self._judge(raw)
        verdict = finding.verdict
        details = self.read(finding, raw, now, clock)
        error = None if verdict.judgement is None else CanonicalError(finding.code, finding.status, verdict.judgement, details)
        return Outcome(
            kind=verdict.kind,
            entry=verdict.entry,
            error=error,
            retryability=verdict.retryability,
            retry_after=details.retry_after,
            hints=verdict.hints,
            request_id=details.request_id,
            rate_limit=details.rate_limit,
            match=details.match,
        )

    def read(self, finding: Finding, raw: RawResponse, now: float | None, clock: float | None) -> Details:
        """
        Return the details of the response that led to *finding*.
        """
        if self._reader is None:
            from errortax.reading import Reader  # a program that never looks at details never pays for their patterns

            self._reader = Reader(self.data, self._redactor())
        if finding.body is None:
            body, document = decode(raw.body, raw.headers)
            finding = finding._replace(body=body, document=document, envelope=self.recognise(document))
        return self._reader.read(finding, raw.headers, now, clock)

    def recognise(self, document: object) -> Envelope | None:
        """
        Return the most demanding envelope that the *document* fits in, or None.
        """
        for envelope in self._envelopes:
            if envelope.recognises(document):
                return envelope
        return None

    def verdict(self, code: object) -> Verdict | None:
        """
        Return what the vendor's documented *code* means, or None for any other code.

        Look it up byte for byte, then with hyphens and underscores alike where the vendor's file says so.
        """
        if not isinstance(code, str) or len(code) > _LONGEST_CODE:
            return None
        documented = code if code in self._rulings else self._spellings.get(code.replace("_", "-"))
        if documented is None:
            return None
        verdict = self._by_code.get(documented)
        if verdict is None:
            page = f"{self.data['vendor']}/{documented}"
            verdict = self._by_code[documented] = self._verdicts.of(self._rulings[documented], documented, page=page)
        return verdict

    def _judge_by_code(self, raw: RawResponse) -> Finding:
        status = raw.status
        body, document = decode(raw.body, raw.headers)
        for envelope in self._envelopes:
            if envelope.recognises(document):
                code = envelope.code(document)
                break
        else:
            return self._judge_without_code(None, status, None, body, document)
        if status is None:
            status = envelope.status(document)
        verdict = self._by_code.get(code) if code.__class__ is str else None
        if verdict is None:
            verdict = self.verdict(code)
            if verdict is None:
                return self._judge_without_code(code, status, envelope, body, document)
        conflict = bool(verdict.statuses) and status is not None and status not in verdict.statuses
        level = Level.CODE
        if verdict.variants:
            verdict, level = _variant(verdict, document)
        if verdict.judgement is None and status is not None and status >= _FIRST_ERROR:
            verdict, level = self._at_status(status, True)
            conflict = True
        return Finding(code, status, verdict, level, conflict, envelope, body, document)  # type: ignore[arg-type]  # a text

    def _judge_without_code(
        self, code: object, status: int | None, envelope: Envelope | None, body: BodyKind, document: object
    ) -> Finding:
        """No documented code decides: try its documented siblings, then the status."""
        outcome = None if envelope is None else envelope.outcome
        failed = outcome is Kind.ERROR
        kept = self._surviving(code)
        if kept is not None and self._is_dotted and (failed or status is None or status >= _FIRST_ERROR):
            sibling = self._by_prefix(kept, status)
            if sibling is not None:
                conflict = status is not None and status < _FIRST_ERROR
                return Finding(kept, status, sibling, Level.PREFIX, conflict, envelope, body, document)
        if status is None:
            verdict = self._verdicts.plain(Kind.SUCCESS) if outcome is Kind.SUCCESS else self._verdicts.unknown()
            return Finding(kept, None, verdict, Level.UNKNOWN, False, envelope, body, document)
        verdict, level = self._at_status(status, failed)
        conflict = failed if status < _FIRST_ERROR else outcome is Kind.SUCCESS
        return Finding(kept, status, verdict, level, conflict, envelope, body, document)

    def _judge_by_status(self, raw: RawResponse) -> Finding:
        status = raw.status
        if status is None:
            return self._judge_without_status(raw)
        verdict, level = self._at_status(status, False)
        code = str(status) if status in _DOCUMENTED else None
        if not verdict.variants:
            return Finding(code, status, verdict, level)
        body, document = decode(raw.body, raw.headers)
        verdict, refined = _variant(verdict, document)
        level = refined if refined is Level.VARIANT else level
        return Finding(code, status, verdict, level, False, self.recognise(document), body, document)

    def _judge_without_status(self, raw: RawResponse) -> Finding:
        body, document = decode(raw.body, raw.headers)
        envelope = self.recognise(document)
        status = None if envelope is None else envelope.status(document)
        if status is not None:
            verdict, level = self._at_status(status, envelope is not None and envelope.outcome is Kind.ERROR)
            verdict, refined = _variant(verdict, document)
            level = refined if refined is Level.VARIANT else level
            return Finding(str(status), status, verdict, level, False, envelope, body, document)
        succeeded = envelope is not None and envelope.outcome is Kind.SUCCESS
        verdict = self._verdicts.plain(Kind.SUCCESS) if succeeded else self._verdicts.unknown()
        return Finding(None, None, verdict, Level.UNKNOWN, False, envelope, body, document)

    def _surviving(self, code: object) -> str | None:
        """Keep a code that nobody documented only if it looks like one and like no secret."""
        if not isinstance(code, str) or not code:
            return None
        return self._redactor().code(code)

    def _at_status(self, status: int, failed: bool) -> tuple[Verdict, Level]:
        """Return what the status alone says; where the body has said that it *failed*, a success says nothing."""
        found = self._by_status.get((status, failed))
        if found is None:
            found = self._find_status(status, failed)
            if status in _DOCUMENTED:
                self._by_status[status, failed] = found
        return found

    def _find_status(self, status: int, failed: bool) -> tuple[Verdict, Level]:
        if status in _DOCUMENTED:
            for level, rulings, key, page in self._tables(status):
                ruling = rulings.get(key)
                if ruling is not None and not (failed and ruling.get("outcome", Kind.ERROR) != Kind.ERROR):
                    return self._verdicts.of(ruling, key, page=page), level
        return self._verdicts.unknown(), Level.UNKNOWN

    def _tables(self, status: int) -> Iterable[tuple[Level, Mapping[str, Any], str, str]]:
        """Yield where to look a status up, the most specific first: level, table, key and our page about it."""
        name, code = self.data["vendor"], str(status)
        if self.data["scheme"] == Scheme.HTTP_STATUS and self.data is not self._generic:
            yield Level.CODE, self._rulings, code, f"{name}/{code}"
        yield Level.STATUS, self.data.get("statuses", {}), code, name
        yield Level.GENERIC_STATUS, self._generic_rulings, code, f"{GENERIC}/{code}"
        family = f"{code[0]}xx"
        yield Level.STATUS_CLASS, self._generic_rulings, family, f"{GENERIC}/{family}"

    def _by_prefix(self, code: str, status: int | None) -> Verdict | None:
        """Judge by the documented siblings under the longest shared prefix, where they agree and the status does too."""
        siblings = self._siblings
        if siblings is None:
            siblings = self._siblings = _siblings(self.data["entries"])
        prefix = code
        while "." in prefix:
            prefix = prefix.rpartition(".")[0]
            if prefix in siblings:
                break
        else:
            return None
        categories = {Category(sibling["category"]) for sibling in siblings[prefix]}
        statuses = {documented for sibling in siblings[prefix] for documented in sibling.get("statuses", ())}
        if len(categories) > 1 or (statuses and status is not None and status not in statuses):
            return None
        return self._verdicts.unknown(categories.pop(), f"{prefix}.*")

    def _redactor(self) -> Redactor:
        if self._redactor_of_vendor is None:
            from errortax.redaction import Redactor  # many patterns, and most programs meet only documented codes

            secrets = self.data.get("secrets", {})
            self._redactor_of_vendor = Redactor(
                (*secrets.get("headers", ()), *secrets.get("members", ())), secrets.get("patterns", ())
            )
        return self._redactor_of_vendor


def _variant(verdict: Verdict, document: object) -> tuple[Verdict, Level]:
    for condition, variant in verdict.variants:
        if condition(document):
            return variant, Level.VARIANT
    return verdict, Level.CODE


def _spellings(data: Mapping[str, Any]) -> dict[str, str]:
    """Index the codes by their spelling with hyphens, where the vendor does not tell the two apart."""
    if not data.get("hyphen_underscore_alike"):
        return {}
    return {code.replace("_", "-"): code for code in sorted((entry["code"] for entry in data["entries"]), reverse=True)}


def _siblings(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Index the documented errors by every prefix of their codes."""
    siblings: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        if entry.get("outcome", Kind.ERROR) == Kind.ERROR:
            prefix = entry["code"]
            while "." in prefix:
                prefix = prefix.rpartition(".")[0]
                siblings.setdefault(prefix, []).append(entry)
    return siblings


def parser_of(registry: Registry, vendor: str | None, url: str | None) -> Parser:
    """
    Return the parser of *vendor*; None means the vendor that answers at the host of *url*, else the generic one.

    Raise `errortax.exceptions.UnknownVendorError`.
    """
    if vendor is None:
        vendor = (None if url is None else registry.vendor_of_host(host_of(url))) or GENERIC
    parser = registry.prepared.get(vendor)
    if parser is None:
        parser = registry.prepared[vendor] = Parser(registry, vendor)
    return parser  # type: ignore[no-any-return]  # the registry keeps it, and stands below


def host_of(url: str) -> str:
    """
    Return the host of a URL (:rfc:`3986#section-3.2.2`), or an empty text.
    """
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    host = authority.rpartition("@")[2]
    return host if host.startswith("[") else host.partition(":")[0]
