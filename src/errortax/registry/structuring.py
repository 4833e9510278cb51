"""
Plain JSON documents → the typed objects of `errortax.registry.documents`, by cattrs.

What a document means to a person or a generator is read here; the parser reads the documents as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from errortax.model import FALLBACKS, named
from errortax.registry import loading
from errortax.registry.documents import Taxonomy, Vendor

if TYPE_CHECKING:
    from errortax.registry.plain import VendorJson


@cache
def converter() -> Converter:
    """
    Return the converter between plain JSON and the classes of the data; defaults are left out when writing.
    """
    converter = Converter(omit_if_default=True, detailed_validation=False)
    for names in FALLBACKS:  # a newer data file may hold newer names
        converter.register_structure_hook(names, lambda name, names: named(names, name))
    converter.register_structure_hook(float | None, lambda value, _: value)  # 120 stays 120
    converter.register_structure_hook(Any, lambda value, _: value)
    # a vendor is a mapping, too, but its JSON object is not one from codes to entries
    structure: Callable[..., Vendor] = make_dict_structure_fn(Vendor, converter)
    unstructure: Callable[[Vendor], dict[str, Any]] = make_dict_unstructure_fn(Vendor, converter, _cattrs_omit_if_default=True)
    converter.register_structure_hook(Vendor, lambda document, _: structure({**document, "places": document}, Vendor))
    converter.register_unstructure_hook(Vendor, lambda vendor: _flattened(unstructure(vendor)))
    return converter


def _flattened(document: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of a vendor, whose places are members of the file itself."""
    places: dict[str, Any] = document.pop("places", {})
    return document | places


def vendor(document: VendorJson) -> Vendor:
    """
    Return the vendor that the *document* describes; its examples are left out.
    """
    return converter().structure(document, Vendor)


@cache
def taxonomy() -> Taxonomy:
    """
    Return the taxonomy.
    """
    return converter().structure(loading.bundled("taxonomy.json"), Taxonomy)
