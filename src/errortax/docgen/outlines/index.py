"""
The outline of the first page.
"""

from __future__ import annotations

from collections.abc import Iterator

from errortax.docgen.blocks import Fields, Inline, Items, Link, Outline, Rows, Section
from errortax.docgen.outlines.parts import paragraph, word
from errortax.docgen.values import GroupSummary, IndexPage, VendorSummary


def outline(page: IndexPage) -> Outline:
    """
    Return the outline of the first *page*.
    """
    folders = tuple((Link(folder, path=folder), f": {text}") for folder, text in page.folders.items())
    return Outline(
        heading=(page.title,),
        kicker=(),
        badges=(),
        lead=(paragraph(page.description),),
        sections=(
            Section("vendors", "Vendors", (Items(tuple(_vendor(each) for each in page.vendors if not each.is_standard)),)),
            *_standards(page),
            Section("categories", "Categories", (Fields(tuple(map(_group, page.groups))),)),
            Section("vocabulary", "Vocabulary", (Items(folders),)),
            Section("codes", "All codes", (Rows(page.rows, vendor=True),) if page.rows else ()),
        ),
    )


def _standards(page: IndexPage) -> Iterator[Section]:
    standards = tuple(_vendor(each) for each in page.vendors if each.is_standard)
    if standards:
        yield Section("standards", "Standards", (Items(standards),))


def _vendor(vendor: VendorSummary) -> Inline:
    return (Link(vendor.title, path=vendor.path), f", {vendor.count} codes. {vendor.description}")


def _group(group: GroupSummary) -> tuple[str, Inline]:
    spans: list[str | Link] = []
    for name in group.categories:
        spans += [", ", word("categories", name)] if spans else [word("categories", name)]
    return group.title, tuple(spans)
