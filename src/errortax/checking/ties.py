"""
Envelopes of a vendor file between which nothing decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from errortax.parsing import Condition, Envelope, tests_of

_NAMES: Mapping[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def ties(envelopes: Sequence[Envelope]) -> Iterator[tuple[str, str]]:
    """
    Yield the names of each two *envelopes* that a body may fit at the same time, and of which none comes first.
    """
    for one, other in combinations(envelopes, 2):
        is_tie = (one.tests, one.rank) == (other.tests, other.rank)
        if is_tie and not _are_disjoint(one.data["recognise"], other.data["recognise"]):
            yield str(one.name), str(other.name)


def _are_disjoint(one: Condition, other: Condition) -> bool:
    """Return whether no body satisfies both conditions, as far as single tests show it."""
    return any(_contradict(*pair) for pair in product(tests_of(one), tests_of(other)))


def _contradict(one: Any, other: Any) -> bool:
    if (_needs_members(one) and _needs_none(other)) or (_needs_none(one) and _needs_members(other)):
        return True
    if not (isinstance(one, dict) and isinstance(other, dict)) or one.get("optional") or other.get("optional"):
        return False
    if {"where", "members", "header"} & one.keys() or _place(one) != _place(other):
        return False  # several values may be there
    constants = [{json.dumps(value) for value in _listed(test["is"])} for test in (one, other) if "is" in test]
    if len(constants) == 2:
        return constants[0].isdisjoint(constants[1])
    return _types(one).isdisjoint(_types(other)) if _types(one) and _types(other) else False


def _needs_members(test: Any) -> bool:
    """Return whether only an object with a member satisfies the test."""
    pointer = test if isinstance(test, str) else "" if test.get("optional") or "header" in test else test.get("at", "")
    return isinstance(pointer, str) and bool(pointer) and not pointer.split("/")[1].isdigit() and pointer.split("/")[1] != "*"


def _needs_none(test: Any) -> bool:
    """Return whether no object with a member satisfies the test."""
    if not isinstance(test, dict) or not test.keys() <= {"is", "type"}:
        return False
    return test.get("is") == {} or (bool(_types(test)) and "object" not in _types(test))


def _place(test: Mapping[str, Any]) -> str:
    return json.dumps({name: part for name, part in test.items() if name not in ("is", "type")}, sort_keys=True)


def _types(test: Mapping[str, Any]) -> set[str]:
    """Return the JSON types that a test allows; numbers are one type."""
    names = (
        _listed(test["type"]) if "type" in test else [_NAMES.get(type(value), "number") for value in _listed(test.get("is", []))]
    )
    return {"number" if name == "integer" else str(name) for name in names}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
