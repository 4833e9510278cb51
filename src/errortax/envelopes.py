"""
The shapes of bodies, compiled: how to recognise one, and where its code and its status are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from errortax.conditions import compile_condition, required_members
from errortax.pointers import compile_pointer, parse_pointer
from errortax.taxonomy import Kind

STATUSES: Final = frozenset(range(100, 600))
"""The HTTP statuses that there can be (RFC 9110, section 15)."""

_Usable = TypeVar("_Usable")


class Envelope:
    """A shape of the body, compiled: how to recognise it and where its code and status are."""

    __slots__ = ("code", "data", "demands", "name", "outcome", "recognises", "status")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.name: str = data["name"]
        self.data = data
        self.recognises = compile_condition(data["recognise"])
        self.demands = required_members(data["recognise"])
        self.outcome = Kind(data["outcome"]) if "outcome" in data else None
        self.code = first_of(data.get("code", ()), _word)
        self.status = first_of(data.get("status", ()), _status)


def first_of(pointers: Iterable[str], usable: Callable[[object], _Usable | None]) -> Callable[[object], _Usable | None]:
    """
    Return a function that makes *usable* what the first of the JSON *pointers* with a usable value leads to.
    """
    finders = tuple(map(compile_pointer, pointers))
    if not finders:
        return _nothing

    def find(document: object) -> _Usable | None:
        for finder in finders:
            if (found := usable(finder(document))) is not None:
                return found
        return None

    return find


def _nothing(_: object) -> None:
    return None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _status(value: object) -> int | None:
    """Read an HTTP status that a body repeats, as a number or as digits."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in STATUSES:
        return value
    return None


def ranked(data: Iterable[Mapping[str, Any]]) -> list[Envelope]:
    """
    Return the envelopes of a vendor file in the order in which they are tried: the most demanding first, then by name.
    """
    return sorted(map(Envelope, data), key=lambda envelope: (-envelope.demands, envelope.name))


def sure_code_member(envelopes: Iterable[Envelope]) -> str | None:
    """
    Return the member that holds the code of every object in which it is a text, whichever envelope is recognised.

    *envelopes* come in the order in which they are tried. There is such a member where an envelope demands no more than
    that, and all that are tried before it have their code there, too.
    """
    member: str | None = None
    for envelope in envelopes:
        pointers = [parse_pointer(pointer) for pointer in envelope.data.get("code", ())]
        if len(pointers) != 1 or len(pointers[0]) != 1 or member not in (None, pointers[0][0]):
            return None
        [[member]] = pointers
        if _suffices(envelope.data["recognise"], member):
            return member
    return None


def _suffices(condition: Mapping[str, Any], member: str) -> bool:
    """Return whether the condition holds for each object whose *member* is a text."""
    return (
        condition.keys() <= {"type", "required", "properties", "anyOf"}
        and condition.get("type", "object") == "object"
        and set(condition.get("required", ())) <= {member}
        and condition.get("properties", {}) in ({}, {member: {"type": "string"}})
        and ("anyOf" not in condition or any(_suffices(branch, member) for branch in condition["anyOf"]))
    )
