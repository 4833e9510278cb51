"""
Where a vendor's responses have each part of an error, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from errortax.docgen.conditions import item_places_in_words, place_in_words, places_in_words
from errortax.docgen.values import Phrase
from errortax.registry import ComplaintPlaces, ItemPlaces, Slots, Window

_SLOTS: Final[Mapping[str, str]] = {
    "code": "Code",
    "status": "Status",
    "message": "Message",
    "user_message": "Message for end users",
    "more_info": "More information",
    "request_id": "Request id",
    "retry_after": "Wait",
    "warnings": "Warnings",
}
"""Slot with places → its label, in the order of pages."""

_WINDOW: Final = ("limit", "remaining", "used", "reset")
_OF_COMPLAINT: Final = ("field", "message", "code")
_OF_ITEM: Final = ("id", "status", "headers", "body")


def places_of(slots: Slots) -> dict[str, Phrase]:
    """
    Return where each part is, by its label; the first place that has a usable value counts.
    """
    return dict(_places(slots))


def _places(slots: Slots) -> Iterator[tuple[str, Phrase]]:
    for name, label in _SLOTS.items():
        if places := getattr(slots, name):
            yield label, places_in_words(places)
    for number, window in enumerate(slots.rate_limits, 1):
        name = window.name or (str(number) if len(slots.rate_limits) > 1 else "")
        yield f"Rate limit {name}".rstrip(), _window(window)
    if slots.field_errors is not None:
        yield "Field errors", _complaints(slots.field_errors)
    if slots.items is not None:
        yield "Items", _items(slots.items)


def _window(window: Window) -> Phrase:
    parts = {part: place for part in _WINDOW if (place := getattr(window, part)) is not None}
    return _with_parts((), {part: place_in_words(place) for part, place in parts.items()})


def _complaints(complaints: ComplaintPlaces) -> Phrase:
    parts = {part: item_places_in_words(places) for part in _OF_COMPLAINT if (places := getattr(complaints, part))}
    return _with_parts(places_in_words(complaints.at), parts)


def _items(items: ItemPlaces) -> Phrase:
    parts = {part: place for part in _OF_ITEM if (place := getattr(items, part)) is not None}
    return _with_parts(place_in_words(items.at), {part: item_places_in_words((place,)) for part, place in parts.items()})


def _with_parts(whole: tuple[str, ...], parts: Mapping[str, Phrase]) -> Phrase:
    """Return a place and, behind it, the parts of each value there."""
    pieces: list[str] = [*whole]
    for part, phrase in parts.items():
        pieces += [*(("; ",) if pieces else ()), f"{part}: ", *phrase]
    return Phrase(pieces)
