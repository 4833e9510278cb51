"""
What is wrong with places and conditions: those that can never lead anywhere, and patterns that may take long.

A document may be of any shape, since all violations of a file are reported at once; what JSON Schema refuses is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from errortax.model import tokens_of
from errortax.registry.patterns import PatternError, check_pattern

Where: TypeAlias = tuple[str | int, ...]
Violation: TypeAlias = tuple[Where, str, str]

VALUES: Final = ("code", "status", "message", "user_message", "more_info", "request_id", "warnings")
"""The members of a file and of an envelope that are lists of places."""

WINDOW: Final = ("limit", "remaining", "used", "reset")
"""The places of a window of a rate limit."""

_OF_COMPLAINT: Final = ("field", "message", "code")
_OF_ITEM: Final = ("id", "status", "headers", "body")
_MAX_DEPTH: Final = 100  # as in `errortax.registry.validation`, which reports it

_not_an_index = re.compile(r"-[0-9]+").fullmatch

_CLASSES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int, float),
}


def check_places(document: Mapping[str, Any]) -> Iterator[Violation]:
    """
    Yield what is wrong with the places and conditions of a vendor file.
    """
    for where, holder in (((), document), *_objects(document, "envelopes")):
        yield from _check_slots(where, holder)
        if where:
            yield from _condition((*where, "recognise"), holder.get("recognise"), 0, inside=False)
    holders = [((), document), *_objects(document, "entries"), *_objects(document, "statuses")]
    for where, holder in holders:
        for inner, variant in _objects(holder, "variants"):
            yield from _condition((*where, *inner, "when"), variant.get("when"), 0, inside=False)
        for name, places in _members(holder, "preserve"):
            yield from _places((*where, "preserve", name), places)


def _check_slots(where: Where, holder: Mapping[str, Any]) -> Iterator[Violation]:
    for slot in VALUES:
        yield from _places((*where, slot), holder.get(slot))
    yield from _places((*where, "retry_after"), holder.get("retry_after"), has_unit=True)
    for inner, window in _objects(holder, "rate_limits"):
        for part in WINDOW:
            yield from _place((*where, *inner, part), window.get(part), 0, has_unit=part == "reset")
    if isinstance(complaints := holder.get("field_errors"), dict):
        yield from _places((*where, "field_errors", "at"), complaints.get("at"))
        for part in _OF_COMPLAINT:
            yield from _places((*where, "field_errors", part), complaints.get(part), inside=True)
    if isinstance(items := holder.get("items"), dict):
        yield from _place((*where, "items", "at"), items.get("at"), 0)
        for part in _OF_ITEM:
            yield from _place((*where, "items", part), items.get(part), 0, inside=True)


def _objects(holder: Mapping[str, Any], member: str) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    for key, value in _members(holder, member):
        if isinstance(value, dict):
            yield (member, key), value


def _members(holder: Mapping[str, Any], member: str) -> Iterable[tuple[str | int, Any]]:
    found = holder.get(member)
    return enumerate(found) if isinstance(found, list) else found.items() if isinstance(found, dict) else ()


def _places(where: Where, places: Any, *, inside: bool = False, has_unit: bool = False) -> Iterator[Violation]:
    for number, place in enumerate(places if isinstance(places, list) else ()):
        yield from _place((*where, number), place, 0, inside=inside, has_unit=has_unit)


def _place(where: Where, place: Any, depth: int, *, inside: bool = False, has_unit: bool = False) -> Iterator[Violation]:
    """Check one place; *inside* is one that is seen from an item, where there are no header fields."""
    if isinstance(place, str):
        yield from _pointer(where, place)
    if not isinstance(place, dict) or depth > _MAX_DEPTH:
        return
    if "unit" in place and not has_unit:
        yield (*where, "unit"), "a unit has no meaning here", "leave it out; only delays and resets have one"
    if isinstance(pointer := place.get("at"), str):
        yield from _pointer((*where, "at"), pointer)
    if "header" in place:
        if inside:
            yield (*where, "header"), "an item has no header fields", "write the test or place outside of it"
        if "then" in place:
            yield (*where, "then"), "a header field has no members", "leave it out, or take a part with 'parameter' or 'pattern'"
    if isinstance(pattern := place.get("pattern"), str):
        yield from _pattern((*where, "pattern"), pattern)
    for member in ("where", "members"):
        yield from _condition((*where, member), place.get(member), depth + 1, inside=True)
    yield from _place((*where, "then"), place.get("then"), depth + 1, inside=True)
    for number, part in _members(place, "join"):
        yield from _place((*where, "join", number), part, depth + 1, inside=inside)


def _pointer(where: Where, pointer: str) -> Iterator[Violation]:
    for step in tokens_of(pointer):
        if step == "*":
            yield (
                where,
                f"{pointer!r} leads nowhere: a JSON Pointer has no wildcard",
                "select items with 'where', members with 'members'",
            )
        elif _not_an_index(step):
            yield where, f"{pointer!r} leads nowhere: items are counted from 0", "select the item with 'where'"


def _pattern(where: Where, pattern: str) -> Iterator[Violation]:
    try:
        check_pattern(pattern)
    except PatternError as error:
        yield where, error.what, error.remedy


def _condition(where: Where, condition: Any, depth: int, *, inside: bool) -> Iterator[Violation]:
    if depth > _MAX_DEPTH:
        return
    if condition is False:
        yield where, "a condition that never holds", "write the tests that have to hold, or true"
    if not isinstance(condition, list):
        yield from _test(where, condition, depth, inside=inside)
        return
    for number, test in enumerate(condition):
        yield from _test((*where, number), test, depth, inside=inside)


def _test(where: Where, test: Any, depth: int, *, inside: bool) -> Iterator[Violation]:
    yield from _place(where, test, depth, inside=inside)
    if not isinstance(test, dict):
        return
    for number, branch in _members(test, "anyOf"):
        yield from _condition((*where, "anyOf", number), branch, depth + 1, inside=inside)
    is_text = not {"header", "join", "pattern"}.isdisjoint(test)
    types = test.get("type", "string" if is_text else None)
    names = [str(name) for name in (types if isinstance(types, list) else [types]) if name in _CLASSES]
    if "type" in test and is_text and names and "string" not in names:
        yield (*where, "type"), "what is found here is always a text", "leave the type out"
    if "is" not in test:
        return
    constants = test["is"] if isinstance(test["is"], list) else [test["is"]]
    if not names and constants:
        return
    classes = {kind for name in names for kind in _CLASSES[name]}
    if not any(type(constant) in classes for constant in constants):
        what = f"a value here is never {'one of these' if isinstance(test['is'], list) else repr(test['is'])}"
        yield (*where, "is"), what, "write a text" if is_text else "correct the value or the type"
