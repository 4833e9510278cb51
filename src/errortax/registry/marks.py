"""
The marks of standards: by what a response may follow one, so that most responses need none of their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from errortax.model import tokens_of


class Marks(NamedTuple):
    """
    The marks of one standard: media types, HTTP statuses and lower-case names of header fields that declare it, and members.

    A body that follows the standard has one of these *members*, at its root or in an item of a list at its root.
    """

    media_types: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


def marks_of(document: Mapping[str, Any]) -> Marks:
    """
    Return the marks of the standard in the vendor file *document*.
    """
    declared = document.get("standard", {})
    envelopes = document.get("envelopes", ())
    places = [*document.get("code", ()), *(place for envelope in envelopes for place in envelope.get("code", ()))]
    places += [envelope["items"]["at"] for envelope in envelopes if "items" in envelope]
    return Marks(
        media_types=tuple(declared.get("media_types", ())),
        statuses=tuple(declared.get("statuses", ())),
        fields=tuple(sorted({place["header"].lower() for place in places if isinstance(place, dict) and "header" in place})),
        members=tuple(sorted(set(_first_members(places)))),
    )


def _first_members(places: Iterable[Any]) -> Iterator[str]:
    """Yield the first member that each place in the body goes through."""
    for place in places:
        if isinstance(place, str):
            yield from [token for token in tokens_of(place) if not token.isdecimal()][:1]
            continue
        inner = [*place.get("join", ())[:1], place.get("at", ""), *([place["then"]] if "then" in place else ())]
        yield from [*_first_members(inner)][:1] if "header" not in place else ()
