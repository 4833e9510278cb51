"""
Envelopes: the shapes of bodies around the code, compiled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from errortax.http import STATUSES, Headers
from errortax.model import Category, OutcomeKind, Scheme, named, parse_pointer
from errortax.parsing.conditions import all_of, count_tests, first_of, tests_of
from errortax.parsing.places import pointer_of

Word = Callable[[object], str | None]

_MAX_CODE_NUMBER: Final = 10**18  # larger numbers are not codes, and may be too long to write


class Envelope:
    """
    A compiled shape of the body, or the whole vendor file (*name* is then None): where code and status are.

    *tests* is the number of tests that recognise a body. *places* is equal for all envelopes with the same places of a code.
    """

    __slots__ = ("category", "codes", "data", "has_code", "name", "outcome", "places", "rank", "says_nothing", "status", "tests")

    def __init__(self, data: Mapping[str, Any], scheme: Scheme) -> None:
        self.name: str | None = data.get("name")
        self.data = data
        self.tests = count_tests(data.get("recognise", True))
        self.rank: int = data.get("rank", 0)
        self.outcome = OutcomeKind(data["outcome"]) if "outcome" in data else None
        self.category = named(Category, data["category"]) if "category" in data else None
        self.says_nothing = self.outcome is None and self.category is None  # so that the status alone decides without a code
        word = _number if scheme is Scheme.NUMBER else _word
        places = data.get("code", ()) if scheme is not Scheme.HTTP_STATUS else ()
        self.has_code, self.places = bool(places), json.dumps(places, sort_keys=True)
        self.codes: Callable[[object, Headers], Sequence[str]] = all_of(places, word)
        self.status: Callable[[object, Headers], int | None] = first_of(data.get("status", ()), stated_status)


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> str | None:
    """Return the decimal text of a code that is an integer, or such a text itself."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_CODE_NUMBER:
        return str(value)
    is_decimal = isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii()
    return value if is_decimal and isinstance(value, str) else None


def stated_status(value: object) -> int | None:
    """
    Return the HTTP status that a body states as a number or as digits, or None.
    """
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in STATUSES:
        return value
    return None


def ranked(data: Iterable[Mapping[str, Any]], scheme: Scheme) -> list[Envelope]:
    """
    Return the envelopes of a vendor file in the order of trying: most tests first, then the higher rank; names mean nothing.
    """
    envelopes = (Envelope(envelope, scheme) for envelope in data)
    return sorted(envelopes, key=lambda envelope: (-envelope.tests, -envelope.rank, without_name(envelope.data)))


def without_name(data: Mapping[str, Any]) -> str:
    """
    Return a part of a vendor file as text, without its name: a key that depends on nothing but what the part says.
    """
    return json.dumps({member: value for member, value in data.items() if member != "name"}, sort_keys=True)


def fast_code_member(envelopes: Iterable[Envelope]) -> str | None:
    """
    Return the member that contains the code of every object in which it is a text, whichever envelope fits; else None.

    *envelopes* are in the order of trying. Such a member exists if an envelope requires nothing else, and all envelopes
    before it have their code in the same member.
    """
    member: str | None = None
    for envelope in envelopes:
        pointers = [pointer_of(place) for place in envelope.data.get("code", ())]
        tokens = parse_pointer(pointers[0]) if len(pointers) == 1 and pointers[0] is not None else ()
        if len(tokens) != 1 or member not in (None, tokens[0]):
            return None
        [member] = tokens
        if _holds_for_any_text(envelope.data["recognise"], member):
            return member
    return None


def _holds_for_any_text(condition: Any, member: str) -> bool:
    """Return whether the condition is true for each object whose *member* is a text."""
    return all(_test_holds_for_any_text(test, member) for test in tests_of(condition))


def _test_holds_for_any_text(test: Any, member: str) -> bool:
    if isinstance(test, str):
        return parse_pointer(test) == (member,)
    if "anyOf" in test:
        return any(_holds_for_any_text(branch, member) for branch in test["anyOf"])
    place = {name: part for name, part in test.items() if name not in ("type", "optional")}
    types = test.get("type", "string")
    return (
        "string" in ([types] if isinstance(types, str) else types)
        and place.keys() == {"at"}
        and (parse_pointer(place["at"]) == (member,))
    )
