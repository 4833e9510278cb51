"""
The page about a code or a word of the vocabulary, by its name.
"""

from __future__ import annotations

from errortax.docgen import terminal
from errortax.docgen.catalogue import Catalogue
from errortax.docgen.finding import find, is_documented
from errortax.docgen.values import Page
from errortax.docgen.vocabulary import folder_of, names_in
from errortax.model import UnknownCodeError
from errortax.registry import Registry
from errortax.registry.addresses import WORDS
from errortax.registry.registry import in_force


def explain(vendor: str | None, code: str, *, registry: Registry | None = None, locale: str = "en") -> str:
    """
    Return a page of text about a *code* of *vendor*: its meaning, whether to repeat, who has to do what, and the source.

    Args:
        vendor: the vendor's name; None means the only vendor that documents the code.
        code: the vendor's code; without a vendor also a word of the vocabulary, such as ``credentials_expired``, a vendor or a
            standard.
        registry: the vendors; None means the bundled ones.
        locale: the language tag for category and hints (BCP 47); the nearest available language is used.

    Raises:
        errortax.exceptions.AmbiguousCodeError: several vendors document the code, and none is named.
        errortax.exceptions.UnknownCodeError: no vendor documents the code; `suggestions` has the near misses.
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.

    """
    return terminal.text(page_of(vendor, code, registry=registry, locale=locale))


def page_of(vendor: str | None, code: str, *, registry: Registry | None = None, locale: str = "en") -> Page:
    """
    Return the page about a *code* of *vendor*, a word, or a vendor; the arguments and exceptions are those of `explain`.

    Words and vendors take precedence over codes of the same name, and codes of vendors over those of standards, unless a vendor
    is named.
    """
    registry = in_force(registry)
    catalogue = Catalogue(registry)
    folder = folder_of(registry, code) if vendor is None else None
    if folder is not None:
        return catalogue.word(folder, code)
    if vendor is None and is_documented(registry, code):
        return catalogue.vendor(code)
    try:
        owner, entry = find(registry, code, vendor)
    except UnknownCodeError as error:
        if vendor is not None:
            raise
        words = (name for folder in WORDS for name in names_in(registry, folder))
        raise UnknownCodeError(code, {*error.known, *words, *registry, *registry.standards}) from None
    return catalogue.entry(owner.name, entry.code, locale=locale)
