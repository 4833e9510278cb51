"""
From each kind of page to the sections that every format writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from errortax.docgen.blocks import Outline
from errortax.docgen.outlines import entry, index, vendor, words
from errortax.docgen.values import CategoryPage, EntryPage, FolderPage, IndexPage, Page, VendorPage, WordPage

_OUTLINES: Final[Mapping[type[Any], Any]] = {
    CategoryPage: words.category_outline,
    EntryPage: entry.outline,
    FolderPage: words.folder_outline,
    IndexPage: index.outline,
    VendorPage: vendor.outline,
    WordPage: words.word_outline,
}


def outline_of(page: Page) -> Outline:
    """
    Return the outline of a *page*.
    """
    outline: Outline = _OUTLINES[type(page)](page)
    return outline
