"""
The prepared vendor: envelopes, conditions, verdicts and the redactor of one vendor, compiled for use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from errortax.http import host_of
from errortax.model import Category, OutcomeKind, Scheme, Verdict, named
from errortax.parsing.conditions import compile_choice
from errortax.parsing.envelopes import Envelope, ranked
from errortax.registry.registry import GENERIC, Registry, derived_from, verdicts_of

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor


class PreparedVendor:
    """
    Hold the compiled data of one vendor, for parsing and rendering. Get one from `prepared_vendor`.

    *data* is the vendor's file, *verdicts* has the verdicts of its entries and statuses, *envelopes* has its shapes of
    bodies, in the order of trying. *recognise* returns the envelope of a document (which must not be None), or None.
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self.data = registry.document(name)
        self.scheme = Scheme(self.data["scheme"])
        self.is_generic = name == GENERIC
        self.verdicts = verdicts_of(registry, name)
        self.envelopes = ranked(self.data.get("envelopes", ()))
        self.recognise: Callable[[object], Envelope | None] = compile_choice(
            (envelope.name, envelope.data["recognise"], envelope) for envelope in self.envelopes
        )
        self._choices: dict[int, tuple[Verdict, Callable[[object], Verdict | None]]] = {}

    @cached_property
    def redactor(self) -> Redactor:
        """Return the redactor that knows the secrets of this vendor."""
        from errortax.parsing.redaction import Redactor  # most programs never look at a text

        secrets = self.data.get("secrets", {})
        return Redactor((*secrets.get("headers", ()), *secrets.get("members", ())), secrets.get("shapes", ()))

    def variant_for(self, verdict: Verdict, document: object) -> Verdict | None:
        """
        Return the variant of a *verdict* of this vendor whose condition the *document* satisfies, or None.
        """
        if not verdict.variants:
            return None
        _, choose = self._choices.get(id(verdict), (None, None))
        if choose is None:
            choose = compile_choice((str(it.variant), it.when or {}, it) for it in verdict.variants)
            self._choices[id(verdict)] = verdict, choose  # the verdict is kept, so that no other object gets its id
        return choose(document)

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
        siblings = self._siblings[prefix]
        categories = {named(Category, sibling["category"]) for sibling in siblings}
        statuses = {documented for sibling in siblings for documented in sibling.get("statuses", ())}
        if len(categories) > 1 or (statuses and status is not None and status not in statuses):
            return None
        return self.verdicts.unknown(categories.pop(), f"{prefix}.*")

    @cached_property
    def _siblings(self) -> dict[str, list[Mapping[str, Any]]]:
        """Index the documented errors by every prefix of their codes."""
        siblings: dict[str, list[Mapping[str, Any]]] = {}
        for entry in self.data["entries"]:
            if entry.get("outcome", OutcomeKind.ERROR) == OutcomeKind.ERROR:
                prefix = entry["code"]
                while "." in prefix:
                    prefix = prefix.rpartition(".")[0]
                    siblings.setdefault(prefix, []).append(entry)
        return siblings


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
