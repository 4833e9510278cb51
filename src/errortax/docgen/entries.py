"""
The page about one code of a vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Final

from errortax.advice import category_text
from errortax.docgen.conditions import condition_in_words, places_in_words
from errortax.docgen.handling import handling_of
from errortax.docgen.meanings import facts_of, meaning_of
from errortax.docgen.rows import statuses_of
from errortax.docgen.samples import sample_of
from errortax.docgen.values import EntryPage, Row, Successor, Variation
from errortax.model import Verdict
from errortax.registry import Entry, Example, Registry, Vendor
from errortax.registry.addresses import path_of

_NEIGHBOURS: Final = 8
"""The entries of other vendors that a page lists; the page of the category has all of them."""


def entry_page(
    registry: Registry,
    vendor: Vendor,
    entry: Entry,
    examples: Iterable[Example],
    same_category: Mapping[str, Sequence[Row]],
    *,
    locale: str = "en",
) -> EntryPage:
    """
    Return the page about an *entry* of *vendor*.

    Args:
        registry: the registry that has the vendor.
        vendor: the vendor.
        entry: the entry.
        examples: the examples of the entry.
        same_category: the entries with the same category, by vendor.
        locale: the language tag for the category and the hints.

    """
    verdict, taxonomy, path = registry.verdict(vendor.name, entry.code), registry.taxonomy, path_of(vendor.name, entry.code)
    about = None if verdict.category is None else category_text(verdict.category, locale)
    elsewhere = [rows for name, rows in same_category.items() if name != vendor.name]
    return EntryPage(
        path=path,
        url=f"{registry.documentation_url}/{path}",
        vendor=vendor.name,
        vendor_title=vendor.title,
        code=entry.code,
        also=entry.also,
        statuses=statuses_of(entry.code, verdict),
        category_title=about and about[0],
        category_description=about and about[1],
        distinguish=None if verdict.category is None else taxonomy.categories[verdict.category].distinguish,
        variants=tuple(_variation(registry, vendor, entry, variant, locale) for variant in verdict.variants),
        samples=tuple(sample_of(example, vendor.name, registry) for example in examples),
        handling=handling_of(verdict),
        elsewhere=tuple(islice(chain.from_iterable(elsewhere), _NEIGHBOURS)),
        elsewhere_count=sum(map(len, elsewhere)),
        preserve={name: places_in_words(places, " or ") for name, places in verdict.preserve.items()},
        facts=facts_of(entry.facts, vendor),
        deprecated=_successor(vendor, entry),
        **meaning_of(verdict, entry.basis, taxonomy, locale),
    )


def _variation(registry: Registry, vendor: Vendor, entry: Entry, verdict: Verdict, locale: str) -> Variation:
    variants = vendor.variants if verdict.is_general else entry.variants
    data = next(variant for variant in variants if variant.name == verdict.variant)
    return Variation(
        name=data.name,
        condition=condition_in_words(verdict.when, verdict.only),
        **meaning_of(verdict, data.basis or entry.basis, registry.taxonomy, locale),
    )


def _successor(vendor: Vendor, entry: Entry) -> Successor | None:
    if entry.deprecated is None:
        return None
    code = entry.deprecated.replaced_by
    return Successor(since=entry.deprecated.since, replaced_by=code, path=code and path_of(vendor.name, code))
