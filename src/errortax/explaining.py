"""
From an entry to prose that a person can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from errortax import texts
from errortax.error import CanonicalError
from errortax.model import Details, Judgement, Match
from errortax.parsing import parser_of
from errortax.registry import Registry, in_force
from errortax.taxonomy import Kind, Level

if TYPE_CHECKING:
    from errortax.catalogue import Entry, Fact, Vendor
    from errortax.verdicts import Verdict


def explain(code: str, vendor: str | None = None, *, registry: Registry | None = None, locale: str = "en") -> str:
    """
    Return in a page of text what a vendor's *code* means, whether to repeat, who has to do what, and why we say so.

    The name and the meaning of the category and the hints come in the language of *locale* (BCP 47). Raise
    `errortax.exceptions.AmbiguousCodeError` where several vendors document the code and none is named,
    `errortax.exceptions.UnknownCodeError` with the near misses where none does, and
    `errortax.exceptions.UnknownVendorError`.
    """
    registry = in_force(registry)
    owner, entry = registry.find(code, vendor)
    verdict = parser_of(registry, owner.name, None).verdict(entry.code)
    assert verdict is not None  # noqa: S101  # the entry was found; this tells the type checker
    return "\n".join(_page(owner, entry, verdict, registry, locale)) + "\n"


def _page(vendor: Vendor, entry: Entry, verdict: Verdict, registry: Registry, locale: str) -> Iterator[str]:
    statuses = f", HTTP {' or '.join(map(str, entry.statuses))}" if entry.statuses else ""
    yield f"{entry.code} ({vendor.title}{statuses})"
    if verdict.judgement is None:
        yield from _outcome(entry, verdict, registry)
    else:
        yield from _judgement(entry.code, verdict, verdict.judgement, registry, locale)
    for name, _, refined in verdict.variants:
        if refined.judgement is not None:
            yield ""
            yield f"When the body says so ({name})"
            yield from _items(_hints(entry.code, refined.judgement, locale))
    yield from _section("What else it may be", (f"{other.category}: {other.reason}" for other in verdict.alternatives))
    yield from _section("Good to know", map(_fact, entry.facts))
    yield from _section(
        "Must survive", (f"{name} (at {' or '.join(places)})" for name, places in (verdict.preserve or {}).items())
    )
    if entry.source is not None:
        document = vendor.document(entry.source.document)
        cited = (document and document.title, entry.source.section, document and document.url)
        yield from _section("Source", [", ".join(part for part in cited if part)])
    if entry.deprecated is not None:
        successor = f"; {entry.deprecated.replaced_by} took its place" if entry.deprecated.replaced_by else ""
        yield from _section("Deprecated", [f"since {entry.deprecated.since}{successor}"])


def _outcome(entry: Entry, verdict: Verdict, registry: Registry) -> Iterator[str]:
    defaults = registry.taxonomy.outcomes[verdict.kind]
    yield entry.title or defaults.title
    yield ""
    yield entry.description or defaults.description
    yield ""
    yield f"Outcome      {verdict.kind}: no error"
    yield f"To repeat    {verdict.retryability}: {registry.taxonomy.retryabilities[verdict.retryability].description}"
    if verdict.kind is not Kind.SUCCESS:
        yield from _section("Who has to do what", (f"{hint.actor}: {hint.text}" for hint in verdict.hints))


def _judgement(code: str, verdict: Verdict, judgement: Judgement, registry: Registry, locale: str) -> Iterator[str]:
    title, meaning = texts.category_text(judgement.category, locale)
    yield judgement.title
    yield ""
    yield judgement.description
    yield ""
    yield f"Category     {judgement.category} ({judgement.category.group}; {judgement.basis}): {title}. {meaning}"
    yield f"To repeat    {judgement.retryability}: {registry.taxonomy.retryabilities[verdict.retryability].description}"
    if judgement.min_delay is not None:
        yield f"Least delay  {judgement.min_delay:g} s"
    yield f"A gateway    answers with HTTP {judgement.emitted_status}"
    yield f"Page         {judgement.documentation_url}"
    yield from _section("Who has to do what", _hints(code, judgement, locale))


def _hints(code: str, judgement: Judgement, locale: str) -> Iterator[str]:
    error = CanonicalError(code, None, judgement, Details(match=Match(level=Level.CODE, entry=code)))
    for hint, text in zip(judgement.hints, texts.hint_texts(error, locale=locale), strict=True):
        yield f"{hint.actor}: {text}{f' ({hint.url})' if hint.url else ''}"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = list(items)
    if lines:
        yield ""
        yield title
        yield from _items(lines)


def _items(lines: Iterable[str]) -> Iterator[str]:
    return (f"  - {line}" for line in lines)


def _fact(fact: Fact) -> str:
    value = str(fact.value).lower() if isinstance(fact.value, bool) else fact.value
    return f"{fact.about}: {value}{f' {fact.unit}' if fact.unit else ''}{f'. {fact.text}' if fact.text else ''}"
