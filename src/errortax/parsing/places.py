"""
Places: where something is in a response. A place leads to values, in order; its reader says which of them count.

This module knows how a place begins and goes on; `errortax.parsing.conditions` knows which items a place selects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from errortax.http import Headers
from errortax.parsing.budgets import MAX_CUTS, MAX_SEEN, MAX_VALUES
from errortax.parsing.pointers import MISSING, compile_pointer

Place: TypeAlias = "str | Mapping[str, Any]"
Values: TypeAlias = Callable[[object, Headers], Sequence[object]]
Holds: TypeAlias = Callable[[object, Headers], bool]
CompileCondition: TypeAlias = Callable[[Any], Holds]

_MAX_FIELD: Final = 4096  # characters of a header field whose parameters are read
_PART: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|=|[^ \t,;="]+|[ \t,;]+', re.DOTALL)  # each part begins where the last ends
_BLANKS: Final = " \t"
_BETWEEN: Final = f",;{_BLANKS}"
_escaped = re.compile(r"\\(.)", re.DOTALL)


def pointer_of(place: Place) -> str | None:
    """
    Return the JSON Pointer that a *place* is, or None for any other place.
    """
    if isinstance(place, str):
        return place
    return place["at"] if [*place] == ["at"] else None


def field_of(place: Place) -> str | None:
    """
    Return the name of the whole header field that a *place* is, or None for any other place.
    """
    return None if isinstance(place, str) or [*place] != ["header"] else place["header"]


def compile_place(place: Place, compile_condition: CompileCondition) -> Values:
    """
    Return a function from a document and header fields to the values at *place*. It never raises, whatever the document.
    """
    if isinstance(place, str):
        return _at(place)
    values = _beginning(place, compile_condition)
    if "where" in place or "members" in place:
        values = _selected(values, place, compile_condition)
    if "then" in place:
        values = _then(values, compile_place(place["then"], compile_condition))
    if "pattern" in place:
        values = _cut(values, re.compile(place["pattern"], re.ASCII))
    return values


def _beginning(place: Mapping[str, Any], compile_condition: CompileCondition) -> Values:
    if "join" in place:
        return _joined([compile_place(part, compile_condition) for part in place["join"]])
    if "header" not in place:
        return _at(place.get("at", ""))
    name: str = place["header"].lower()
    return _parameters(name, place["parameter"].lower()) if "parameter" in place else _fields(name)


def _at(pointer: str) -> Values:
    return compile_pointer(pointer, lambda value: () if value is MISSING else (value,), MISSING)


def _fields(name: str) -> Values:
    return lambda _, headers: headers.get_all(name)[:MAX_VALUES]


def _parameters(name: str, parameter: str) -> Values:
    def values(_: object, headers: Headers) -> Sequence[object]:
        fields = headers.get_all(name)[:MAX_CUTS]
        return [value for field in fields for value in _parameters_of(field[:_MAX_FIELD], parameter)]

    return values


def _parameters_of(field: str, name: str) -> Iterable[str]:
    """
    Yield the values of a parameter (:rfc:`9110#section-5.6.6`) or of an authentication parameter (section 11.2) of a *field*.
    """
    if name not in field.lower():
        return
    before, is_assigned = "", False  # the last word, and whether an equals sign follows it
    for part in _PART.findall(field):
        if part == "=":
            is_assigned = bool(before)
        elif part.strip(_BLANKS) and part.strip(_BETWEEN):
            if is_assigned and before.lower() == name:
                yield _escaped.sub(r"\1", part[1:].removesuffix('"')) if part.startswith('"') else part
            before, is_assigned = "" if is_assigned else part, False
        elif part.strip(_BLANKS):  # a comma or a semicolon
            before, is_assigned = "", False


def _joined(parts: Sequence[Values]) -> Values:
    def values(document: object, headers: Headers) -> Sequence[object]:
        words: list[str] = []
        for part in parts:
            found = [str(value) for value in part(document, headers) if _is_word(value)]
            if not found:
                return ()
            words += found
        return (".".join(words)[:MAX_SEEN],)

    return values


def _is_word(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return -(10**18) < value < 10**18
    return isinstance(value, str)


def _selected(values: Values, place: Mapping[str, Any], compile_condition: CompileCondition) -> Values:
    """Select items of a list or members of an object; what is not a list counts as a list of one item."""
    condition = place.get("where", place.get("members"))
    holds = None if condition is True else compile_condition(condition)
    items_of = _members_of if "members" in place else _items_of

    def selected(document: object, headers: Headers) -> Sequence[object]:
        found = values(document, headers)
        if not found:
            return ()
        items = islice((item for value in found for item in items_of(value)), MAX_VALUES)
        return [*items] if holds is None else [item for item in items if holds(item, headers)]

    return selected


def _items_of(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else (value,)


def _members_of(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else ()


def _then(values: Values, then: Values) -> Values:
    def further(document: object, headers: Headers) -> Sequence[object]:
        found = values(document, headers)
        if not found:
            return ()
        return [*islice((inner for value in found for inner in then(value, headers)), MAX_VALUES)]

    return further


def _cut(values: Values, pattern: re.Pattern[str]) -> Values:
    match = pattern.match

    def cut(document: object, headers: Headers) -> Sequence[object]:
        texts = values(document, headers)
        if not texts:
            return ()
        return [found[1] for text in texts[:MAX_CUTS] if isinstance(text, str) and (found := match(text[:MAX_SEEN])) and found[1]]

    return cut
