"""
The prepared vendor: envelopes, conditions, verdicts and the redactor of one vendor, compiled for use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from errortax.http import Headers, RawResponse, host_of
from errortax.model import Category, Level, OutcomeKind, Retryability, Scheme, Verdict, named
from errortax.parsing.conditions import Choice, count_tests
from errortax.parsing.envelopes import Envelope, ranked, without_name
from errortax.registry.registry import GENERIC, Registry, derived_from, verdicts_of

if TYPE_CHECKING:
    from errortax.parsing.credentials import Credentials
    from errortax.parsing.decoding import Decoded
    from errortax.parsing.redaction import Redactor

PERMISSIVENESS: Final[Mapping[Retryability, int]] = {
    Retryability.NEVER: 0,
    Retryability.AFTER_ACTION: 0,
    Retryability.RECONCILE: 0,
    Retryability.POLL: 1,
    Retryability.BACKOFF: 2,
    Retryability.AFTER_DELAY: 3,
}
"""How readily a request is repeated; of two verdicts that are equally likely, the more careful one counts."""


_places_of: Final = attrgetter("places")

FoundCode: TypeAlias = tuple[Envelope | None, str | None, Verdict | None]
"""
The envelope that counts, the first code that was found, and the verdict of the first documented one. Each may be None.

A plain tuple takes a fifth of the time of a named tuple.
"""

Finding: TypeAlias = tuple[str | None, int | None, Verdict, Level, bool, "Decoded | None"]
"""
The meaning of one response, and how it was found: code, status, verdict, level, status conflict, decoded body (None: not
decoded yet). It is a plain tuple, too.
"""


class PreparedVendor:
    """
    Hold the compiled data of one vendor, for parsing and rendering. Get one from `prepared_vendor`.

    *data* is the vendor's file, *verdicts* has the verdicts of its entries and statuses. *envelopes* has its shapes of
    bodies, in the order of trying, *whole* the places that count for any body.
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self.data = registry.document(name)
        self.scheme = Scheme(self.data["scheme"])
        self.is_generic = name == GENERIC
        self.verdicts = verdicts_of(registry, name)
        self.whole = Envelope({slot: part for slot, part in self.data.items() if slot != "category"}, self.scheme)
        self.envelopes = ranked(self.data.get("envelopes", ()), self.scheme)
        self._shapes = Choice((envelope.data["recognise"], envelope) for envelope in self.envelopes)
        self._choices: dict[int, tuple[Verdict, Choice[Verdict]]] = {}

    @cached_property
    def redactor(self) -> Redactor:
        """Return the redactor that knows the secrets of this vendor."""
        from errortax.parsing.redaction import Redactor  # most programs never look at a text

        secrets = self.data.get("secrets", {})
        return Redactor((*secrets.get("headers", ()), *secrets.get("members", ())), secrets.get("shapes", ()))

    @cached_property
    def credentials(self) -> Credentials:
        """Return the finder of credentials in the requests and the header fields of this vendor."""
        from errortax.parsing.credentials import Credentials  # as above

        return Credentials(self.redactor.is_secret_name, self.redactor.counts)

    def shown_code(self, code: str, raw: RawResponse) -> str | None:
        """
        Return the undocumented *code* of a response, or None if it may be a secret.
        """
        shown = self.redactor.code(code)
        secrets = () if shown is None else self.credentials.of_request(raw)
        return shown if not secrets or self.redactor.text(code, values=secrets) == code else None

    def find_code(self, document: object, headers: Headers, general: Sequence[str] | None = None) -> FoundCode:
        """
        Return the code of a response, and the envelope that counts.

        Of the envelopes that the *document* (None: no body) has the shape of, the one with a documented code counts, then
        the one with any code, then the first. *general* are the codes at the places of the file, if they are known.
        """
        if general is None:
            general = self.whole.codes(document, headers) if self.whole.has_code else ()
        shapes = () if document is None else self._shapes.all(document, headers)
        return self._counted(shapes, document, headers, general)

    def _counted(self, shapes: Iterable[Envelope], document: object, headers: Headers, general: Sequence[str]) -> FoundCode:
        found: FoundCode | None = None
        for envelope in shapes:
            codes = [*general, *envelope.codes(document, headers)] if envelope.has_code else general
            verdict = self._documented(codes) if codes else None
            if verdict is not None:
                return envelope, codes[0], verdict
            if found is None or (codes and found[1] is None):
                found = envelope, codes[0] if codes else None, None
        if found is None:
            return None, general[0] if general else None, self._documented(general)
        return found

    def shapes_of(self, document: object, headers: Headers) -> list[Envelope]:
        """
        Return the envelopes that the *document* (None: no body) has the shape of, the one that counts first.
        """
        if document is None:
            return []
        shapes = self._shapes.all(document, headers)
        if len(shapes) > 1 and len({*map(_places_of, shapes)}) > 1:  # else the first one counts
            general = self.whole.codes(document, headers) if self.whole.has_code else ()
            counted, _, _ = self._counted(shapes, document, headers, general)
            if counted is not shapes[0]:
                shapes.sort(key=lambda shape: shape is not counted)
        return shapes

    def variant_for(self, verdict: Verdict, status: int | None, document: object, headers: Headers) -> Verdict | None:
        """
        Return the variant of a *verdict* of this vendor whose condition the response satisfies, or None.
        """
        if not verdict.variants:
            return None
        _, choice = self._choices.get(id(verdict), (None, None))
        if choice is None:
            choice = Choice((variant.when, variant) for variant in sorted(verdict.variants, key=_order))
            self._choices[id(verdict)] = verdict, choice  # the verdict is kept, so that no other object gets its id
        for holds, variant in choice.candidates(document, headers):
            if (not variant.only or status in variant.only) and holds(document, headers):
                return variant
        return None

    def _documented(self, codes: Sequence[str]) -> Verdict | None:
        of_code = self.verdicts.of_code
        for code in codes:
            if (verdict := of_code(code)) is not None:
                return verdict
        return None

    def by_siblings(self, code: str, status: int | None) -> Verdict | None:
        """
        Return the verdict on which all documented siblings of a dotted *code* agree, or None.

        Siblings are the documented codes under the longest prefix that *code* shares with any of them. The *status* must be
        one of theirs, too.
        """
        prefix = code
        while "." in prefix:
            prefix = prefix.rpartition(".")[0]
            if prefix in self._siblings:
                break
        else:
            return None
        categories, statuses = self._siblings[prefix]
        if len(categories) > 1 or (statuses and status is not None and status not in statuses):
            return None
        return self.verdicts.unknown(next(iter(categories)), f"{prefix}.*")

    @cached_property
    def _siblings(self) -> dict[str, tuple[set[Category], set[int]]]:
        """Return the categories and the statuses of the documented errors under every prefix of their codes."""
        siblings: dict[str, tuple[set[Category], set[int]]] = {}
        for entry in self.data["entries"]:
            category = entry.get("category")
            if category is not None and entry.get("outcome", OutcomeKind.ERROR) == OutcomeKind.ERROR:
                prefix = entry["code"]
                while "." in prefix:
                    prefix = prefix.rpartition(".")[0]
                    categories, statuses = siblings.setdefault(prefix, (set(), set()))
                    categories.add(named(Category, category))
                    statuses.update(entry.get("statuses", ()))
        return siblings


def _order(variant: Verdict) -> tuple[object, ...]:
    """Sort variants: those of the entry before those of the file, then by tests, then the more careful one; by no name."""
    data = {"when": variant.when, "only": sorted(variant.only), "shown": repr(variant.shown)}
    tests = count_tests(variant.when) + bool(variant.only)
    return variant.is_general, -tests, PERMISSIVENESS[variant.retryability], without_name(data)


def prepared_vendor(registry: Registry, name: str | None, url: str | None = None) -> PreparedVendor:
    """
    Return the vendor called *name*; None means the vendor at the host of *url*, else plain HTTP.

    Raise `errortax.exceptions.UnknownVendorError`.
    """
    if name is None:
        name = (None if url is None else registry.vendor_of_host(host_of(url))) or GENERIC
    known = derived_from(registry)[PreparedVendor]
    if name not in known:
        known[name] = PreparedVendor(registry, name)
    vendor: PreparedVendor = known[name]
    return vendor
