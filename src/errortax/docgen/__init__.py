"""
From a registry to pages: one set of values, rendered as HTML, Markdown, JSON, OpenAPI components and text.
"""

from errortax.docgen.catalogue import Catalogue
from errortax.docgen.explaining import explain, page_of
from errortax.docgen.formats import FORMATS, files
from errortax.docgen.values import (
    CategoryPage,
    EntryPage,
    FolderPage,
    IndexPage,
    Page,
    Row,
    VendorPage,
    WordPage,
)

__all__ = [
    "FORMATS",
    "Catalogue",
    "CategoryPage",
    "EntryPage",
    "FolderPage",
    "IndexPage",
    "Page",
    "Row",
    "VendorPage",
    "WordPage",
    "explain",
    "files",
    "page_of",
]
