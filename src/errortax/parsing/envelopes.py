"""
Envelopes: the shapes of bodies around the code, compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from errortax.http import STATUSES
from errortax.model import OutcomeKind, parse_pointer
from errortax.parsing.conditions import required_members
from errortax.parsing.places import first_of

if TYPE_CHECKING:
    from errortax.registry.plain import EnvelopeJson


class Envelope:
    """A compiled shape of the body, with the places of code and status; *demands* is the number of members that it requires."""

    __slots__ = ("code", "data", "demands", "name", "outcome", "status")

    def __init__(self, data: EnvelopeJson) -> None:
        self.name: str = data["name"]
        self.data = data
        self.demands = required_members(data["recognise"])
        self.outcome = OutcomeKind(data["outcome"]) if "outcome" in data else None
        self.code = first_of(data.get("code", ()), _word)
        self.status = first_of(data.get("status", ()), _status)


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _status(value: object) -> int | None:
    """Return the HTTP status that a body states as a number or as digits, or None."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in STATUSES:
        return value
    return None


def ranked(data: Iterable[EnvelopeJson]) -> list[Envelope]:
    """
    Return the envelopes of a vendor file in the order of trying: the most required members first, then by name.
    """
    return sorted(map(Envelope, data), key=lambda envelope: (-envelope.demands, envelope.name))


def fast_code_member(envelopes: Iterable[Envelope]) -> str | None:
    """
    Return the member that contains the code of every object in which it is a text, whichever envelope fits; else None.

    *envelopes* are in the order of trying. Such a member exists if an envelope requires nothing else, and all envelopes
    before it have their code in the same member.
    """
    member: str | None = None
    for envelope in envelopes:
        pointers = [parse_pointer(pointer) for pointer in envelope.data.get("code", ())]
        if len(pointers) != 1 or len(pointers[0]) != 1 or member not in (None, pointers[0][0]):
            return None
        [[member]] = pointers
        if _holds_for_any_text(envelope.data["recognise"], member):
            return member
    return None


def _holds_for_any_text(condition: Mapping[str, Any], member: str) -> bool:
    """Return whether the condition is true for each object whose *member* is a text."""
    return (
        condition.keys() <= {"type", "required", "properties", "anyOf"}
        and condition.get("type", "object") == "object"
        and set(condition.get("required", ())) <= {member}
        and condition.get("properties", {}) in ({}, {member: {"type": "string"}})
        and ("anyOf" not in condition or any(_holds_for_any_text(branch, member) for branch in condition["anyOf"]))
    )
