"""
The outline of the page about a vendor.
"""

from __future__ import annotations

from collections.abc import Iterator

from errortax.docgen.blocks import Block, Fields, Inline, Items, Link, Outline, Rows, Section, Strong, Table
from errortax.docgen.outlines.parts import citation, fact_items, paragraph, word
from errortax.docgen.values import Code, Shape, StatusMeaning, VendorPage, Wanted
from errortax.registry.addresses import path_of


def outline(page: VendorPage) -> Outline:
    """
    Return the outline of the *page* about a vendor.
    """
    return Outline(
        heading=(page.title,),
        kicker=("Standard " if page.is_standard else "Vendor ", Code(page.name)),
        badges=(),
        lead=(paragraph(page.description),) if page.description else (),
        sections=tuple(_sections(page)),
    )


def _sections(page: VendorPage) -> Iterator[Section]:
    yield Section("codes", "All codes", (Rows(page.rows, vendor=False),) if page.rows else ())
    yield Section("scheme", "How it reports failure", tuple(_scheme(page)))
    if page.statuses:
        rows = tuple(map(_status, page.statuses))
        yield Section("statuses", "Statuses without a code", (Table(("HTTP", "Category", "Retry", "Meaning"), rows),))
    if page.places:
        yield Section("places", "Where to look, whatever the body", (Fields(tuple(page.places.items())),))
    if page.shapes:
        yield Section("bodies", "Shapes of bodies", tuple(block for shape in page.shapes for block in _shape(shape)))
    if page.requests:
        yield Section("requests", "What requests need", (Items(tuple(map(_request, page.requests))),))
    if page.facts:
        yield Section("facts", "Good to know", (fact_items(page.facts),))
    if page.documents:
        yield Section("source", "Where this comes from", (Items(tuple(map(citation, page.documents))),))


def _scheme(page: VendorPage) -> Iterator[Block]:
    fields: list[tuple[str, Inline]] = [("Scheme", (Code(page.scheme), f": {page.scheme_description}"))]
    if page.standards:
        fields.append(("Standards", tuple(_links(page.standards))))
    if page.hosts:
        fields.append(("Hosts", tuple(_codes(page.hosts))))
    if page.homepage:
        fields.append(("Its own page", (Link(page.homepage, url=page.homepage),)))
    yield Fields(tuple(fields))


def _codes(names: tuple[str, ...]) -> Iterator[str]:
    for number, name in enumerate(names):
        yield from ((", ",) if number else ())
        yield Code(name)


def _links(names: tuple[str, ...]) -> Iterator[str | Link]:
    for number, name in enumerate(names):
        yield from ((", ",) if number else ())
        yield Link(name, path=path_of(name))


def _status(status: StatusMeaning) -> tuple[Inline, ...]:
    what: Inline = (word("categories", status.category),) if status.category else ()
    repeat: Inline = (word("retryabilities", status.retryability),) if status.retryability else ()
    meaning = " ".join(f"{text}{'' if text.endswith('.') else '.'}" for text in (status.title, status.description) if text)
    if status.condition is None:
        return (status.status or "any",), what, repeat, (meaning,)
    return (status.status or "any",), what, repeat, ("When ", *status.condition, ". " if meaning else ".", meaning)


def _shape(shape: Shape) -> Iterator[Block]:
    source: Inline = () if shape.source is None else (" (", *citation(shape.source), ")")
    basis = f". {shape.basis.capitalize()}"
    about = f": {shape.description} It is" if shape.description else ": it is"
    yield paragraph(Strong(shape.name), f"{about} this shape if ", *shape.condition, basis, *source)
    if shape.places:
        yield Fields(tuple(shape.places.items()))


def _request(wanted: Wanted) -> Inline:
    need = "required" if wanted.required else "optional"
    where = f", for {wanted.applies_to}" if wanted.applies_to else ""
    source: Inline = () if wanted.source is None else (" (", *citation(wanted.source), ")")
    return (Strong(wanted.header), ": ", Code(wanted.value), f", {need}{where}. {wanted.description}", *source)
