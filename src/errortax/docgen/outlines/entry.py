"""
The outline of the page about one code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from errortax.docgen.blocks import Block, Fields, Fold, Inline, Items, Link, Listing, Notice, Outline, Rows, Section, Strong
from errortax.docgen.outlines.parts import badge, citation, fact_items, hint_blocks, paragraph, sentences, word
from errortax.docgen.values import Code, EntryPage, Meaning, Possibility, Sample, Variation
from errortax.registry.addresses import path_of


def outline(page: EntryPage) -> Outline:
    """
    Return the outline of the *page* about a code.
    """
    what = badge("categories", page.category) if page.category else badge("outcomes", page.outcome)
    statuses = tuple(Link(f"HTTP {status}", tone="plain") for status in page.statuses)
    return Outline(
        heading=(Code(page.code),),
        kicker=(Link(page.vendor_title, path=path_of(page.vendor)),),
        badges=(*statuses, what, badge("retryabilities", page.retryability)),
        lead=(*_end(page), paragraph(Strong(page.title)), paragraph(page.description), *_spellings(page)),
        sections=tuple(_sections(page)),
    )


def _end(page: EntryPage) -> Iterator[Block]:
    if page.deprecated is None:
        return
    new = page.deprecated
    successor: Inline = (" ", Link(new.replaced_by, path=new.path, is_code=True), " took its place.") if new.replaced_by else ()
    yield Notice((Strong("Deprecated"), f" since {new.since}; the vendor no longer sends this code.", *successor))


def _spellings(page: EntryPage) -> Iterator[Block]:
    if page.also:
        others = [span for other in page.also for span in (", ", Code(other))][1:]
        yield paragraph("Also sent as ", *others, ".")


def _sections(page: EntryPage) -> Iterator[Section]:
    if page.category is not None:
        yield Section("meaning", "What it means", (_meaning(page),))
    if page.hints:
        yield Section("actions", "Who has to do what", tuple(hint_blocks(page.hints)))
    yield Section("repeat", "Whether to repeat the request", tuple(_repeat(page)), anchors=(page.retryability,))
    if page.variants:
        known = {page.retryability}
        yield Section(
            "variants",
            "When the response says more",
            sections=tuple(_variant(each, page.retryability, known) for each in page.variants),
        )
    if page.samples:
        first, *others = page.samples
        more = tuple(Fold(f"Another example: {sample.name}", _listings(sample)) for sample in others)
        yield Section("example", "Example", (*_listings(first), *more))
    yield Section("handling", "Handling it in Python", (Listing("python", page.handling),))
    if page.alternatives:
        yield Section("alternatives", "What else it may be", tuple(_alternatives(page.alternatives)))
    if page.elsewhere and page.category is not None:
        yield Section("elsewhere", "The same at other vendors", tuple(_elsewhere(page, page.category)))
    if page.preserve:
        yield Section("preserve", "What a translation must keep", (Fields(tuple(page.preserve.items())),))
    if page.facts:
        yield Section("facts", "Good to know", (fact_items(page.facts),))
    yield Section("source", "Where this comes from", tuple(_source(page)))


def _meaning(page: EntryPage) -> Fields:
    return Fields(
        (
            (
                "Category",
                (word("categories", page.category or ""), ": ", sentences(page.category_title, page.category_description)),
            ),
            ("Group", (word("groups", page.group or ""),)),
            ("Unlike", (page.distinguish or "",)),
            ("A gateway answers", (f"HTTP {page.emitted_status}",)),
        )
    )


def _repeat(meaning: Meaning) -> Iterator[Block]:
    wait = "" if meaning.min_delay is None else f" Wait at least {meaning.min_delay:,g} seconds."
    yield paragraph(word("retryabilities", meaning.retryability), f": {meaning.repeat}{wait}")


def _variant(variant: Variation, retryability: str, known: set[str]) -> Section:
    """Return the section about a *variant* of a code; *known* are the retryabilities that have an anchor already."""
    what = word("categories", variant.category) if variant.category else word("outcomes", variant.outcome)
    is_new = variant.retryability not in known
    known.add(variant.retryability)
    blocks = (
        paragraph("When ", *variant.condition, ":"),
        paragraph(Strong(variant.title), f". {variant.description} (", what, ")"),
        *(hint_blocks(variant.hints) if variant.hints else ()),
        *(_repeat(variant) if variant.retryability != retryability or variant.min_delay is not None else ()),
        *_alternatives(variant.alternatives),
    )
    anchors = (variant.retryability,) if is_new else ()
    return Section(f"variant-{path_of(variant.name)}", variant.name, blocks, anchors=anchors)


def _listings(sample: Sample) -> tuple[Block, ...]:
    found: list[Block] = [Listing("http", sample.response)]
    for title, document in (("The canonical error", sample.error), ("What a gateway answers (problem details)", sample.problem)):
        if document is not None:
            found.append(Fold(title, (Listing("json", json.dumps(document, indent=2, ensure_ascii=False)),)))
    return tuple(found)


def _alternatives(alternatives: tuple[Possibility, ...]) -> Iterator[Block]:
    for other in alternatives:
        yield paragraph(word("categories", other.category), f": {other.reason}")
        yield from hint_blocks(other.hints)


def _elsewhere(page: EntryPage, category: str) -> Iterator[Block]:
    yield Rows(page.elsewhere, vendor=True)
    if page.elsewhere_count > len(page.elsewhere):
        yield paragraph(f"{len(page.elsewhere)} of {page.elsewhere_count}; all are on the page of ", word("categories", category))


def _source(page: EntryPage) -> Iterator[Block]:
    if page.source is not None:
        yield paragraph(*citation(page.source))
    yield Items(tuple((Strong(part.capitalize()), f": {basis}") for part, basis in page.basis.items()))
