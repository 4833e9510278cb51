"""
From data to verdicts: what an entry, a variant, a status or a category means, with all defaults filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from errortax.http import STATUSES, class_of
from errortax.model import (
    Action,
    Actor,
    Alternative,
    Basis,
    Category,
    Hint,
    Level,
    OutcomeKind,
    Retryability,
    Scheme,
    Source,
    Verdict,
    named,
)
from errortax.registry import loading
from errortax.registry.addresses import path_of
from errortax.registry.spelling import Spellings

if TYPE_CHECKING:
    from errortax.registry.plain import AlternativeJson, EntryJson, HintJson, LocaleJson, SourceJson, TaxonomyJson, VendorJson

Data = Mapping[str, Any]
Page = tuple[str, ...]  # the names of the folders that lead to a page; the first is the vendor of the file that has the data

_BY_CATEGORY: Final = frozenset({"retryability", "hints", "emitted_status", "min_delay"})
_MAX_CODE: Final = 128  # characters; a longer text is not a code


class Verdicts:
    """
    The verdicts of one vendor, each made when it is first asked for and then shared.

    *document* is the vendor's file, *generic* that of plain HTTP, *documentation_url* the root of our pages.
    """

    def __init__(self, document: VendorJson, generic: VendorJson, documentation_url: str) -> None:
        self._vendor: str = document["vendor"]
        self._document, self._generic, self._root = document, generic, documentation_url
        self._cited = {(one["vendor"], cited["id"]): cited for one in (generic, document) for cited in one.get("documents", ())}
        self._taxonomy: TaxonomyJson = loading.bundled("taxonomy.json")
        self._sentences: LocaleJson = loading.bundled("locales/en.json")
        self._entries: Mapping[str, EntryJson] = {entry["code"]: entry for entry in document["entries"]}
        self._spellings = Spellings(document["entries"], document.get("alike", ()))
        self._variants_of_all: Sequence[Data] = document.get("variants", ())
        self._by_code: dict[str, Verdict] = {}
        self._by_status: dict[tuple[int, bool], tuple[Verdict, Level]] = {}
        self._by_envelope: dict[Category, Verdict] = {}

    def of_code(self, code: object) -> Verdict | None:
        """
        Return what the documented *code* means, or None for any other code.

        Codes are compared byte for byte, then by their other spellings, then as the vendor's file says which are alike.
        """
        if not isinstance(code, str) or len(code) > _MAX_CODE:
            return None
        verdict = self._by_code.get(code)
        if verdict is not None:
            return verdict
        documented = code if code in self._entries else self._spellings.documented(code)
        if documented is None:
            return None
        verdict = self._by_code.get(documented)
        if verdict is None:
            page = (self._vendor, documented)
            verdict = self._by_code[documented] = self._verdict(self._entries[documented], documented, page)
        return verdict

    def at_status(self, status: int, *, failed: bool = False) -> tuple[Verdict, Level]:
        """
        Return what the *status* alone means, and the level at which it was found; with *failed*, a success does not count.
        """
        found = self._by_status.get((status, failed))
        if found is None:
            found = self._find_status(status, failed)
            if status in STATUSES:
                self._by_status[status, failed] = found
        return found

    def level_of(self, code: str) -> Level:
        """
        Return how a documented *code* is found in a response that has it: by itself, or as a status of plain HTTP.
        """
        if self._vendor != self._generic["vendor"]:
            return Level.CODE
        return Level.GENERIC_STATUS if code.isdecimal() else Level.STATUS_CLASS

    def of_category(self, category: Category, **changes: Any) -> Verdict:
        """
        Return the defaults of a *category*; *changes* are members of an entry that take their place.
        """
        return self._verdict({"category": category.value, **changes})

    def of_outcome(self, kind: OutcomeKind) -> Verdict:
        """
        Return the defaults of an outcome that is not an error.
        """
        return self._verdict({"outcome": kind.value})

    def unknown(self, category: Category = Category.UNKNOWN, entry: str | None = None) -> Verdict:
        """
        Return the verdict that rests on no entry: the defaults of the *category*, and never to be repeated.
        """
        return self._verdict({"category": category.value, "retryability": Retryability.NEVER.value}, entry)

    def of_envelope(self, category: Category) -> Verdict:
        """
        Return what a body means whose envelope states this *category*.
        """
        known = self._by_envelope.get(category)
        if known is None:
            known = self._by_envelope[category] = self._verdict({"category": category.value}, page=(self._vendor,))
        return known

    def of_status(self, status: str) -> Verdict:
        """
        Return what the vendor's file states about a *status*, or about a class of them such as ``4xx``.
        """
        return self._verdict(self._document.get("statuses", {})[status], status, (self._vendor,))

    def _find_status(self, status: int, failed: bool) -> tuple[Verdict, Level]:
        if status in STATUSES:
            for level, meanings, key, page in self._tables(status):
                meaning = meanings.get(key)
                if meaning is not None and not (failed and meaning.get("outcome", OutcomeKind.ERROR) != OutcomeKind.ERROR):
                    return self._verdict(meaning, key, page), level
        return self.unknown(), Level.UNKNOWN

    def _tables(self, status: int) -> Iterable[tuple[Level, Mapping[str, Data], str, Page]]:
        """Yield where to look a status up, the most specific first: level, table, key and our page about it."""
        code, family, generic = str(status), class_of(status), self._generic["vendor"]
        statuses = self._document.get("statuses", {})
        by_status = self._document["scheme"] == Scheme.HTTP_STATUS and self._vendor != generic
        if by_status:
            yield Level.CODE, self._entries, code, (self._vendor, code)
        yield Level.STATUS, statuses, code, (self._vendor,)
        if by_status:
            yield Level.STATUS, self._entries, family, (self._vendor, family)
        yield Level.STATUS, statuses, family, (self._vendor,)
        entries = {entry["code"]: entry for entry in self._generic["entries"]}
        yield Level.GENERIC_STATUS, entries, code, (generic, code)
        yield Level.STATUS_CLASS, entries, family, (generic, family)

    def _verdict(
        self, data: Data, entry: str | None = None, page: Page | None = None, refinement: Mapping[str, Any] | None = None
    ) -> Verdict:
        """
        Fill in the defaults: *data* is an entry, a variant merged into its entry, or a status; *page* leads to its page.

        *refinement* is what only a variant has; everything else may have variants.
        """
        kind = named(OutcomeKind, data.get("outcome", OutcomeKind.ERROR.value))
        if refinement is None:
            source = self._source(data, page)
            refinement = {"source": source, "variants": tuple(self._variants(data, kind, entry, page, source))}
        category = named(Category, data["category"]) if kind is OutcomeKind.ERROR else None
        defaults = self._taxonomy["outcomes"][kind.value] if category is None else self._taxonomy["categories"][category.value]
        return Verdict(
            vendor=self._vendor,
            kind=kind,
            category=category,
            title=data.get("title") or defaults["title"],
            description=data.get("description") or defaults["description"],
            retryability=named(Retryability, data.get("retryability") or defaults["retryability"]),
            hints=self._hints(data.get("hints") or ({},), defaults),
            emitted_status=data.get("emitted_status") or defaults["http_status"],
            min_delay=data.get("min_delay"),
            basis=named(Basis, data.get("basis", {}).get("category", Basis.INFERRED.value)),
            documentation_url=f"{self._root}/{path_of(*page)}" if page else None,
            entry=entry,
            alternatives=tuple(map(self._alternative, data.get("alternatives", ()))),
            statuses=frozenset(data.get("statuses", ())),
            preserve={name: tuple(places) for name, places in data.get("preserve", {}).items()},
            standard=self._vendor if "standard" in self._document else None,
            **refinement,
        )

    def _variants(
        self, data: Data, kind: OutcomeKind, entry: str | None, page: Page | None, source: Source | None
    ) -> Iterator[Verdict]:
        """Yield the variants of an entry with this *source*, then those of the vendor's file, which hold for errors alone."""
        general = self._variants_of_all if kind is OutcomeKind.ERROR else ()
        for variants, is_general, owner in ((data.get("variants", ()), False, page), (general, True, (self._vendor,))):
            for variant in sorted(variants, key=itemgetter("name")):
                refinement = {
                    "source": self._source(variant, owner) or source,
                    "variant": variant["name"],
                    "when": variant.get("when", True),
                    "only": frozenset(variant.get("statuses", ())),
                    "is_general": is_general,
                }
                yield self._verdict(_refined(data, variant), entry, page, refinement)

    def _source(self, data: Data, page: Page | None) -> Source | None:
        """Return what *data* cites: a document of the file that has both; another file may use the same id for another one."""
        citation: SourceJson | None = data.get("source")
        if citation is None or page is None:
            return None
        document = self._cited.get((page[0], citation["document"]), {"title": citation["document"]})
        return Source(document["title"], citation.get("section"), document.get("url"))

    def _hints(self, hints: Iterable[HintJson], defaults: Data) -> tuple[Hint, ...]:
        return tuple(self._hint(hint, defaults) for hint in hints)

    def _hint(self, hint: HintJson, defaults: Data) -> Hint:
        action = named(Action, hint.get("action") or defaults["action"])
        return Hint(
            action=action,
            actor=named(Actor, hint.get("actor") or defaults["actor"]),
            text=hint.get("text") or self._sentences["actions"][action.value][-1],
            target=hint.get("target"),
            url=hint.get("url"),
        )

    def _alternative(self, alternative: AlternativeJson) -> Alternative:
        category = named(Category, alternative["category"])
        defaults = self._taxonomy["categories"][category.value]
        return Alternative(category, alternative["reason"], self._hints(alternative.get("hints") or ({},), defaults))


def _refined(data: Data, variant: Data) -> Data:
    """Return an entry with what a *variant* changes; another category brings its own defaults."""
    inherited = dict(data)
    if variant.get("category", data.get("category")) != data.get("category") or "outcome" in variant:
        inherited = {member: value for member, value in data.items() if member not in _BY_CATEGORY}
    return {**inherited, **variant, "statuses": data.get("statuses", ())}
