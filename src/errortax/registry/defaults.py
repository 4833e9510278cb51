"""
What a vendor file states once for all of its parts (``defaults``), written where it holds when the file is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from errortax.registry.plain import VendorJson


Data = Mapping[str, Any]
Part = dict[str, Any]

BASIS: Final = {"category": "inferred", "retryability": "inferred", "hints": "inferred"}
"""What each part of a verdict rests on where nothing says so."""


def filled(document: Any) -> VendorJson:
    """
    Return the vendor file *document*, which is changed: its ``defaults`` are gone, and wherever they hold it says so.
    """
    if "defaults" not in document:  # a large file pays nothing for what it does not use
        return cast("VendorJson", document)
    defaults = document.pop("defaults")
    known: dict[object, Data] = {}  # equal ones are held once
    for part in citing(document):
        if isinstance(section := part.get("source"), str):
            part["source"] = known.setdefault(section, {"document": defaults["document"], "section": section})
    if "basis" in defaults:
        default = BASIS | defaults["basis"]
        for part in based(document):
            basis = default | part["basis"] if "basis" in part else default
            part["basis"] = known.setdefault(tuple(basis.items()), basis)
    if "headers" in defaults:
        for _, example in examples(document):
            if "json" in (response := example["response"]):
                response["headers"] = fields(response.get("headers", {}), defaults["headers"])
    return cast("VendorJson", document)


def citing(document: Data) -> Iterator[Part]:
    """
    Iterate over all parts of a vendor file that may cite a source.
    """
    for member in ("requests", "envelopes", "fingerprints", "facts"):
        yield from document.get(member, ())
    for holder in (document, *document.get("envelopes", ())):
        yield from holder.get("rate_limits", ())
    yield from document.get("variants", ())
    for meaning in (*document.get("statuses", {}).values(), *document["entries"]):
        yield meaning
        yield from meaning.get("variants", ())
        yield from meaning.get("facts", ())


def based(document: Data) -> Iterator[Part]:
    """
    Iterate over all parts of a vendor file that have a basis: a variant without one has that of its entry.
    """
    yield from (variant for variant in document.get("variants", ()) if "basis" in variant)
    for meaning in (*document.get("statuses", {}).values(), *document["entries"]):
        yield meaning
        yield from (variant for variant in meaning.get("variants", ()) if "basis" in variant)


def examples(document: Data) -> Iterator[tuple[str, Part]]:
    """
    Iterate over all examples of a vendor file, each with the code of its entry.
    """
    for entry in document["entries"]:
        for example in entry.get("examples", ()):
            yield entry["code"], example


def fields(own: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """
    Return header fields: the *own* ones of an example, and those of the *defaults* with other names.
    """
    taken = {name.lower() for name in own}
    return {name: value for name, value in defaults.items() if name.lower() not in taken} | dict(own)
