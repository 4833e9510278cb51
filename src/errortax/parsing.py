"""
From a raw response to a verdict: which envelope, which code, which entry.

This is the hot path. What does not decide the verdict (texts, ids, delays) is left to `errortax.reading`, which is
asked when the first detail of an error is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from errortax.decoding import decode
from errortax.envelopes import STATUSES, Envelope, ranked, sure_code_member
from errortax.error import CanonicalError, Outcome
from errortax.model import Details, Outline, RawResponse
from errortax.registry import GENERIC, Registry
from errortax.taxonomy import BodyKind, Category, Kind, Level, Scheme, named
from errortax.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    from errortax.reading import Reader
    from errortax.redaction import Redactor

_LONGEST_CODE: Final = 128  # characters; what is longer is no code
_FIRST_ERROR: Final = 400
_CODE: Final = Level.CODE  # a global is found faster than a member of an enumeration


# What a judge returns: code, status, verdict, level, status conflict, kind of body (None: not decoded), document. A
# plain tuple costs a fifth of one with names; `errortax.reading.Finding` has the names.
Found: TypeAlias = tuple[str | None, int | None, Verdict, Level, bool, BodyKind | None, object]


class Parser:
    """
    Judge the raw responses of one vendor: prepared once, then used for each response.
    """

    def __init__(self, registry: Registry, vendor: str) -> None:
        self.data = data = registry.document(vendor)
        self._generic = registry.document(GENERIC)
        self.verdicts = Verdicts(data, registry.documentation_url)
        self._envelopes = ranked(data.get("envelopes", ()))
        self._rulings = {entry["code"]: entry for entry in data["entries"]}
        self._generic_rulings = {entry["code"]: entry for entry in self._generic["entries"]}
        self._spellings = _spellings(data)
        self._siblings: dict[str, list[Mapping[str, Any]]] | None = None
        self._is_dotted = data["scheme"] == Scheme.DOTTED
        self._code_member = sure_code_member(self._envelopes)
        self._by_code: dict[str, Verdict] = {}  # grows with the documented codes that turn up
        self._settled: dict[str, Verdict] = {}  # those that the rest of the body and the status cannot change
        self._by_status: tuple[dict[int | None, tuple[Verdict, Level]], ...] = ({}, {})  # of bodies that say nothing, or failure
        self._reader: Reader | None = None
        self._redactor_of_vendor: Redactor | None = None
        self._judge = self._judge_by_status if data["scheme"] == Scheme.HTTP_STATUS else self._judge_by_code

    def parse(self, raw: RawResponse, now: float | None, clock: float | None) -> CanonicalError | None:
        """
        Return the canonical error, or None where the response is none.

        Dates count from *now*, else from the response's own date, else from *clock*: POSIX seconds all.
        """
        found = self._judge(raw)
        judgement = found[2].judgement
        if judgement is None:
            return None
        return CanonicalError(found[0], found[1], judgement, (self, found, raw, now, clock))

    def classify(self, raw: RawResponse, now: float | None, clock: float | None) -> Outcome:
        """
        Return the outcome, whatever the response; for the clocks see `parse`.
        """
        found = self._judge(raw)
        code, status, verdict = found[:3]
        details = self.read(found, raw, now, clock)
        return Outcome(
            kind=verdict.kind,
            entry=verdict.entry,
            error=None if verdict.judgement is None else CanonicalError(code, status, verdict.judgement, details),
            retryability=verdict.retryability,
            retry_after=details.retry_after,
            hints=verdict.hints,
            request_id=details.request_id,
            rate_limit=details.rate_limit,
            match=details.match,
        )

    def read(self, found: Found, raw: RawResponse, now: float | None, clock: float | None) -> Details:
        """
        Return the details of the response that was judged.
        """
        if found[5] is None:
            found = _decoded(found, raw)
        reader = self._reader or self._new_reader()
        return reader.read(found, self.recognise(found[6]), raw.headers, now, clock)

    def outline(self, found: Found, raw: RawResponse, now: float | None, clock: float | None) -> Outline:
        """
        Return the same, less the texts.
        """
        if found[5] is None:
            found = _decoded(found, raw)
        reader = self._reader or self._new_reader()
        return reader.outline(found, self.recognise(found[6]), raw.headers, now, clock)

    def _new_reader(self) -> Reader:
        from errortax.reading import Reader  # a program that never looks at details never pays for their patterns

        self._reader = reader = Reader(self.data, self.redactor, is_generic=self.data is self._generic)
        return reader

    def recognise(self, document: object) -> Envelope | None:
        """
        Return the most demanding envelope that the *document* fits in, or None.
        """
        if document is None:  # most often there is none
            return None
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
            verdict = self._by_code[documented] = self.verdicts.of(self._rulings[documented], documented, page=page)
        return verdict

    def _judge_by_code(self, raw: RawResponse) -> Found:
        body, document = decode(raw.body, raw.headers)
        status = raw.status
        if isinstance(document, dict) and status is not None:
            code = document.get(self._code_member)
            if isinstance(code, str):
                verdict = self._settled.get(code)
                if verdict is not None:
                    return code, status, verdict, _CODE, status not in verdict.statuses, body, document
        elif document is None and (known := self._by_status[False].get(status)) is not None:
            return None, status, known[0], known[1], False, body, None
        return self._judge_carefully(status, body, document)

    def _judge_carefully(self, status: int | None, body: BodyKind, document: object) -> Found:
        envelope = self.recognise(document)
        if envelope is None:
            return self._judge_without_code(None, status, None, body, document)
        code = envelope.code(document)
        if status is None:
            status = envelope.status(document)
        verdict = None if code is None else self.verdict(code)
        if code is None or verdict is None:
            return self._judge_without_code(code, status, envelope, body, document)
        conflict = status is not None and (
            status not in verdict.statuses if verdict.statuses else status < _FIRST_ERROR and verdict.judgement is not None
        )
        if verdict.judgement is None and status is not None and (conflict or status >= _FIRST_ERROR):
            by_status, level = self._at_status(status, False)
            if by_status.kind is not verdict.kind:  # a failure for certain, or not finished yet, or elsewhere
                return code, status, by_status, level, status >= _FIRST_ERROR, body, document
        if verdict.judgement is not None and verdict.statuses and not verdict.variants and code == verdict.entry:
            self._settled[code] = verdict
        verdict, level = _variant(verdict, document, Level.CODE)
        return code, status, verdict, level, conflict, body, document

    def _judge_without_code(
        self, code: str | None, status: int | None, envelope: Envelope | None, body: BodyKind, document: object
    ) -> Found:
        """No documented code decides: try its documented siblings, then the status."""
        outcome = None if envelope is None else envelope.outcome
        failed = outcome is Kind.ERROR
        kept = None if code is None else self.redactor.code(code)
        if kept is not None and self._is_dotted and (failed or status is None or status >= _FIRST_ERROR):
            sibling = self._by_prefix(kept, status)
            if sibling is not None:
                conflict = status is not None and status < _FIRST_ERROR
                return kept, status, sibling, Level.PREFIX, conflict, body, document
        if status is None:
            verdict = self.verdicts.plain(Kind.SUCCESS) if outcome is Kind.SUCCESS else self.verdicts.unknown()
            return kept, None, verdict, Level.UNKNOWN, False, body, document
        verdict, level = self._at_status(status, failed)
        conflict = failed if status < _FIRST_ERROR else outcome is Kind.SUCCESS
        return kept, status, verdict, level, conflict, body, document

    def _judge_by_status(self, raw: RawResponse) -> Found:
        status = raw.status
        if status is None:
            return self._judge_without_status(raw)
        verdict, level = self._at_status(status, False)
        code = str(status) if status in STATUSES else None
        if not verdict.variants:
            return code, status, verdict, level, False, None, None
        body, document = decode(raw.body, raw.headers)
        verdict, level = _variant(verdict, document, level)
        return code, status, verdict, level, False, body, document

    def _judge_without_status(self, raw: RawResponse) -> Found:
        body, document = decode(raw.body, raw.headers)
        envelope = self.recognise(document)
        outcome = None if envelope is None else envelope.outcome
        status = None if envelope is None else envelope.status(document)
        if status is None:
            verdict = self.verdicts.plain(Kind.SUCCESS) if outcome is Kind.SUCCESS else self.verdicts.unknown()
            return None, None, verdict, Level.UNKNOWN, False, body, document
        verdict, level = self._at_status(status, outcome is Kind.ERROR)
        verdict, level = _variant(verdict, document, level)
        return str(status), status, verdict, level, False, body, document

    def _at_status(self, status: int, failed: bool) -> tuple[Verdict, Level]:
        """Return what the status alone says; where the body has said that it *failed*, a success says nothing."""
        known = self._by_status[failed]
        found = known.get(status)
        if found is None:
            found = self._find_status(status, failed)
            if status in STATUSES:
                known[status] = found
        return found

    def _find_status(self, status: int, failed: bool) -> tuple[Verdict, Level]:
        if status in STATUSES:
            for level, rulings, key, page in self._tables(status):
                ruling = rulings.get(key)
                if ruling is not None and not (failed and ruling.get("outcome", Kind.ERROR) != Kind.ERROR):
                    return self.verdicts.of(ruling, key, page=page), level
        return self.verdicts.unknown(), Level.UNKNOWN

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
        categories = {named(Category, sibling["category"]) for sibling in siblings[prefix]}
        statuses = {documented for sibling in siblings[prefix] for documented in sibling.get("statuses", ())}
        if len(categories) > 1 or (statuses and status is not None and status not in statuses):
            return None
        return self.verdicts.unknown(categories.pop(), f"{prefix}.*")

    @property
    def redactor(self) -> Redactor:
        """Return what knows the secrets of this vendor."""
        if self._redactor_of_vendor is None:
            from errortax.redaction import Redactor  # many patterns, and most programs meet only documented codes

            secrets = self.data.get("secrets", {})
            self._redactor_of_vendor = Redactor(
                (*secrets.get("headers", ()), *secrets.get("members", ())), secrets.get("patterns", ())
            )
        return self._redactor_of_vendor


def _decoded(found: Found, raw: RawResponse) -> Found:
    return (*found[:5], *decode(raw.body, raw.headers))


def _variant(verdict: Verdict, document: object, level: Level) -> tuple[Verdict, Level]:
    for _, condition, variant in verdict.variants:
        if condition(document):
            return variant, Level.VARIANT
    return verdict, level


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
    return parser


def host_of(url: str) -> str:
    """
    Return the host of a URL (:rfc:`3986#section-3.2.2`), or an empty text.
    """
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    host = authority.rpartition("@")[2]
    return host if host.startswith("[") else host.partition(":")[0]
