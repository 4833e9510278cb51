"""
From an entry to prose for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from errortax.advice.texts import category_text, hint_texts
from errortax.model import Level, OutcomeKind, Verdict, documented_error
from errortax.registry import Registry
from errortax.registry.registry import in_force

if TYPE_CHECKING:
    from errortax.registry import Entry, Fact, Vendor


def explain(vendor: str | None, code: str, *, registry: Registry | None = None, locale: str = "en") -> str:
    """
    Return a page of text about a *code* of *vendor*: its meaning, whether to repeat, who has to do what, and the source.

    Args:
        vendor: the vendor's name; None means the only vendor that documents the code.
        code: the vendor's code.
        registry: the vendors; None means the bundled ones.
        locale: the language tag for category and hints (BCP 47); the nearest available language is used.

    Raises:
        errortax.exceptions.AmbiguousCodeError: several vendors document the code, and none is named.
        errortax.exceptions.UnknownCodeError: no vendor documents the code; `suggestions` has the near misses.
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.

    """
    registry = in_force(registry)
    owner, entry = registry.find(code, vendor)
    return "\n".join(_page(owner, entry, registry.verdict(owner.name, entry.code), registry, locale)) + "\n"


def _page(vendor: Vendor, entry: Entry, verdict: Verdict, registry: Registry, locale: str) -> Iterator[str]:
    statuses = f", HTTP {' or '.join(map(str, entry.statuses))}" if entry.statuses else ""
    yield f"{entry.code} ({vendor.title}{statuses})"
    yield verdict.title
    yield ""
    yield verdict.description
    yield ""
    taxonomy = registry.taxonomy
    if verdict.category is None:
        yield f"Outcome      {verdict.kind}: not an error"
        yield f"To repeat    {taxonomy.outcomes[verdict.kind].repeat}"
        if verdict.kind is not OutcomeKind.SUCCESS:
            yield from _section("Who has to do what", (f"{hint.actor}: {hint.text}" for hint in verdict.hints))
    else:
        title, meaning = category_text(verdict.category, locale)
        yield f"Category     {verdict.category} ({verdict.category.group}; {verdict.basis}): {title}. {meaning}"
        yield f"Unlike       {taxonomy.categories[verdict.category].distinguish}"
        yield f"To repeat    {verdict.retryability}: {taxonomy.retryabilities[verdict.retryability].description}"
        if verdict.min_delay is not None:
            yield f"Least delay  {verdict.min_delay:g} s"
        yield f"A gateway    answers with HTTP {verdict.emitted_status}"
        yield f"Page         {verdict.documentation_url}"
        yield from _section("Who has to do what", _hints(verdict, locale))
    for variant in verdict.variants:
        if variant.category is not None:
            yield from _section(f"When the body says so ({variant.variant})", _hints(variant, locale))
    yield from _section("What else it may be", (f"{other.category}: {other.reason}" for other in verdict.alternatives))
    yield from _section("Good to know", (_fact(fact, vendor, entry) for fact in entry.facts))
    yield from _section("Must survive", (f"{name} (at {' or '.join(places)})" for name, places in verdict.preserve.items()))
    if verdict.source is not None:
        cited = (verdict.source.document, verdict.source.section, verdict.source.url)
        yield from _section("Source", [", ".join(part for part in cited if part)])
    if entry.deprecated is not None:
        successor = f"; {entry.deprecated.replaced_by} took its place" if entry.deprecated.replaced_by else ""
        yield from _section("Deprecated", [f"since {entry.deprecated.since}{successor}"])


def _hints(verdict: Verdict, locale: str) -> Iterator[str]:
    error = documented_error(verdict, code=verdict.entry, level=Level.CODE)
    for hint, text in zip(verdict.hints, hint_texts(error, locale=locale), strict=True):
        yield f"{hint.actor}: {text}{f' ({hint.url})' if hint.url else ''}"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = list(items)
    if lines:
        yield ""
        yield title
        yield from (f"  - {line}" for line in lines)


def _fact(fact: Fact, vendor: Vendor, entry: Entry) -> str:
    value = str(fact.value).lower() if isinstance(fact.value, bool) else fact.value
    prose = f"{fact.about}: {value}{f' {fact.unit}' if fact.unit else ''}{f'. {fact.text}' if fact.text else ''}"
    cited = fact.source
    if cited is None or (entry.source is not None and entry.source.document == cited.document):
        return prose
    title = next(document.title for document in vendor.documents if document.id == cited.document)
    return f"{prose} ({', '.join(filter(None, (title, cited.section)))})"
