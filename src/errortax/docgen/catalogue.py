"""
All pages of a registry: which there are, and each of them when it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Final

from errortax.docgen.entries import entry_page
from errortax.docgen.rows import rows_of
from errortax.docgen.values import TITLE, EntryPage, GroupSummary, IndexPage, Page, Row, VendorPage, VendorSummary
from errortax.docgen.vendors import vendor_page
from errortax.docgen.vocabulary import category_page, folder_page, names_in, word_page
from errortax.model import Category, named
from errortax.registry import GENERIC, Example, Registry
from errortax.registry.addresses import WORDS, path_of


class Catalogue:
    """
    The pages about a registry, or about some of its vendors.

    Pages are made one by one, so that the memory does not grow with their number.

    Args:
        registry: the vendors; its `documentation_url` is the root of all pages.
        vendors: the names of the vendors to describe; none for all vendors and standards. Plain HTTP is always added: a
            status that a vendor does not document has its page there. So are the standards that hold for a vendor.

    Raises:
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.

    """

    def __init__(self, registry: Registry, vendors: Iterable[str] = ()) -> None:
        chosen = set(vendors)
        for name in sorted(chosen):
            chosen |= {*registry.document(name).get("standards", ())}  # this reports an unknown vendor at once
        self.registry: Final = registry
        known = (*registry, *registry.standards)
        self.vendors: Final = tuple(name for name in known if not chosen or name in chosen or name == GENERIC)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return all entries, vendor by vendor, in the order of their files."""
        return tuple(row for vendor in self.vendors for row in rows_of(self.registry, vendor))

    @cached_property
    def _rows_by_vendor(self) -> Mapping[str, Sequence[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            found[row.vendor].append(row)
        return found

    @cached_property
    def _rows_by_category(self) -> Mapping[str, Mapping[str, Sequence[Row]]]:
        """Return the entries by category and vendor."""
        found: defaultdict[str, defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self.rows:
            if row.category is not None:
                found[row.category][row.vendor].append(row)
        return found

    def __len__(self) -> int:
        """Return the number of pages."""
        return 1 + len(self.vendors) + len(self.rows) + sum(1 + len([*names_in(self.registry, folder)]) for folder in WORDS)

    def pages(self) -> Iterator[Page]:
        """
        Yield the index, the pages of the vocabulary, and each vendor followed by its entries.
        """
        yield self.index()
        for folder in WORDS:
            yield folder_page(self.registry, folder)
            for name in names_in(self.registry, folder):
                yield self.word(folder, name)
        for vendor in self.vendors:
            yield self.vendor(vendor)
            yield from self.entries(vendor)

    def index(self) -> IndexPage:
        """
        Return the first page.
        """
        taxonomy = self.registry.taxonomy
        return IndexPage(
            path="",
            url=self.registry.documentation_url,
            title=TITLE,
            description="What each error means, whether to repeat the request, and who has to do what.",
            vendors=tuple(map(self._summary, self.vendors)),
            groups=tuple(
                GroupSummary(
                    name=name,
                    title=group.title,
                    description=group.description,
                    categories={str(each): data.title for each, data in taxonomy.categories.items() if data.group == name},
                )
                for name, group in taxonomy.groups.items()
            ),
            folders={folder: folder_page(self.registry, folder).description for folder in WORDS},
            rows=self.rows,
        )

    def vendor(self, name: str) -> VendorPage:
        """
        Return the page about the vendor *name*.
        """
        return vendor_page(self.registry, self.registry[name], self._rows_by_vendor.get(name, ()))

    def entries(self, vendor: str) -> Iterator[EntryPage]:
        """
        Yield the pages about the entries of *vendor*.
        """
        owner, examples = self.registry[vendor], self._examples(vendor)
        for entry in owner.entries:
            yield entry_page(self.registry, owner, entry, examples.get(entry.code, ()), self._neighbours(vendor, entry.code))

    def entry(self, vendor: str, code: str, *, locale: str = "en") -> EntryPage:
        """
        Return the page about one *code* of *vendor*, with the category and the hints in the language *locale*.

        Raise `errortax.exceptions.UnknownVendorError`, or `errortax.exceptions.UnknownCodeError` with the near misses.
        """
        owner = self.registry[vendor]
        entry = owner[code]
        examples, neighbours = self._examples(vendor).get(entry.code, ()), self._neighbours(vendor, entry.code)
        return entry_page(self.registry, owner, entry, examples, neighbours, locale=locale)

    def word(self, folder: str, name: str) -> Page:
        """
        Return the page about the word *name* in a *folder* of the vocabulary.
        """
        if folder == "categories":
            rows = tuple(chain.from_iterable(self._rows_by_category.get(name, {}).values()))
            return category_page(self.registry, named(Category, name), rows)
        return word_page(self.registry, folder, name, self.rows)

    def _neighbours(self, vendor: str, code: str) -> Mapping[str, Sequence[Row]]:
        category = self.registry.verdict(vendor, code).category
        return {} if category is None else self._rows_by_category.get(category.value, {})

    def _examples(self, vendor: str) -> Mapping[str, Sequence[Example]]:
        found: defaultdict[str, list[Example]] = defaultdict(list)
        for example in self.registry.examples(vendor):
            found[example.code].append(example)
        return found

    def _summary(self, name: str) -> VendorSummary:
        vendor = self.registry[name]
        return VendorSummary(
            path=path_of(name),
            name=name,
            is_standard=vendor.standard is not None,
            title=vendor.title,
            description=vendor.description or "",
            scheme=vendor.scheme.value,
            count=len(self._rows_by_vendor.get(name, ())),
        )
