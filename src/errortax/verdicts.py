"""
From data to verdicts: what an entry, a status or a variant of a vendor file comes to, with all defaults filled in.

A verdict is prepared once and shared by all responses that lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from errortax import loading
from errortax.conditions import Condition, compile_condition, required_members
from errortax.model import Alternative, Hint, Judgement, Source
from errortax.taxonomy import Action, Actor, Basis, Category, Kind, Retryability, named

Data = Mapping[str, Any]

_PLAIN: Final = dict.fromkeys(map(ord, "/-._~"))


@frozen(eq=False)
class Verdict:
    """
    Hold what a response means, before its details are read.

    *judgement* is there exactly for errors. *entry* is the documented code, *statuses* are those that the document gives
    for it; *variants* (name, condition, verdict) have to be tried on the body in turn before the verdict stands.
    """

    kind: Kind
    entry: str | None
    judgement: Judgement | None
    retryability: Retryability
    hints: tuple[Hint, ...]
    alternatives: tuple[Alternative, ...] = ()
    statuses: frozenset[int] = frozenset()
    preserve: Mapping[str, tuple[str, ...]] | None = None
    variants: tuple[tuple[str, Condition, Verdict], ...] = ()


class Verdicts:
    """Prepare the verdicts of one vendor; *document* is its file, *documentation_url* the root of our pages."""

    def __init__(self, document: Data, documentation_url: str) -> None:
        self._vendor: str = document["vendor"]
        self._documents = {cited["id"]: cited for cited in document.get("documents", ())}
        self._root = documentation_url
        self._taxonomy: Data = loading.bundled("taxonomy.json")
        self._sentences: Data = loading.bundled("locales/en.json")["actions"]

    def of(self, ruling: Data, entry: str | None = None, *, page: str | None = None) -> Verdict:
        """
        Return the verdict of a *ruling* (an entry, a status, a variant merged into its entry).

        *entry* is the documented code, *page* the path of our page about it.
        """
        kind = named(Kind, ruling.get("outcome", Kind.ERROR.value))
        judgement = self.error(ruling, page=page) if kind is Kind.ERROR else None
        retryability, hints = self._advice(ruling, kind) if judgement is None else (judgement.retryability, judgement.hints)
        return Verdict(
            kind=kind,
            entry=entry,
            judgement=judgement,
            retryability=retryability,
            hints=hints,
            alternatives=tuple(map(self._alternative, ruling.get("alternatives", ()))),
            statuses=frozenset(ruling.get("statuses", ())),
            preserve={name: tuple(at) for name, at in ruling["preserve"].items()} if "preserve" in ruling else None,
            variants=tuple(self._variants(ruling, entry, page)),
        )

    def _variants(self, ruling: Data, entry: str | None, page: str | None) -> Iterator[tuple[str, Condition, Verdict]]:
        """Yield the variants of a ruling, the most demanding first and then by name, wherever they stand in the file."""
        for variant in sorted(ruling.get("variants", ()), key=lambda it: (-required_members(it["when"]), it["name"])):
            refined = self.of({**ruling, "variants": (), **variant}, entry, page=page)
            yield variant["name"], compile_condition(variant["when"]), refined

    def unknown(self, category: Category = Category.UNKNOWN, entry: str | None = None) -> Verdict:
        """
        Return the verdict that rests on no entry: the *category*'s defaults, and never to be repeated.
        """
        return self.of({"category": category.value, "retryability": Retryability.NEVER.value}, entry)

    def plain(self, kind: Kind) -> Verdict:
        """
        Return the verdict of an outcome that is no error and that no entry documents.
        """
        return self.of({"outcome": kind.value})

    def error(self, ruling: Data, *, page: str | None = None) -> Judgement:
        """
        Return what a *ruling* with a category says of the errors that it covers.
        """
        category = named(Category, ruling["category"])
        defaults = self._taxonomy["categories"][category.value]
        return Judgement(
            vendor=self._vendor,
            category=category,
            title=ruling.get("title") or defaults["title"],
            description=ruling.get("description") or defaults["description"],
            retryability=named(Retryability, ruling.get("retryability") or defaults["retryability"]),
            hints=self._hints(ruling.get("hints") or ({},), defaults),
            emitted_status=ruling.get("emitted_status") or defaults["http_status"],
            min_delay=ruling.get("min_delay"),
            source=self._source(ruling.get("source")),
            basis=named(Basis, ruling.get("basis", {}).get("category", Basis.INFERRED.value)),
            documentation_url=f"{self._root}/{_path(page)}" if page else None,
        )

    def _advice(self, ruling: Data, kind: Kind) -> tuple[Retryability, tuple[Hint, ...]]:
        """Return whether to repeat, and who has to do what, after an outcome that is no error."""
        defaults = self._taxonomy["outcomes"][kind.value]
        retryability = named(Retryability, ruling.get("retryability") or defaults["retryability"])
        return retryability, self._hints(ruling.get("hints") or ({},), defaults)

    def _source(self, citation: Data | None) -> Source | None:
        if citation is None:
            return None
        document = self._documents.get(citation["document"], {"title": citation["document"]})
        return Source(document["title"], citation.get("section"), document.get("url"))

    def _hints(self, hints: tuple[Data, ...], defaults: Data) -> tuple[Hint, ...]:
        return tuple(self._hint(hint, defaults) for hint in hints)

    def _hint(self, hint: Data, defaults: Data) -> Hint:
        action = named(Action, hint.get("action") or defaults["action"])
        return Hint(
            action=action,
            actor=named(Actor, hint.get("actor") or defaults["actor"]),
            text=hint.get("text") or self._sentences[action.value][-1],
            target=hint.get("target"),
            url=hint.get("url"),
        )

    def _alternative(self, alternative: Data) -> Alternative:
        category = named(Category, alternative["category"])
        defaults = self._taxonomy["categories"][category.value]
        return Alternative(category, alternative["reason"], self._hints(alternative.get("hints") or ({},), defaults))


def _path(page: str) -> str:
    """Escape what may not stand in the path of a URL (:rfc:`3986#section-3.3`)."""
    if page.isascii() and page.translate(_PLAIN).isalnum():
        return page
    from urllib.parse import quote  # 5 ms to import, and hardly any code needs it

    return quote(page)
