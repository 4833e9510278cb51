"""
Conditions on a response: tests on places, compiled to plain functions.

A test is a place and what has to be there. A condition is true, a test, or a list of tests that all hold. A document comes
from a JSON decoder, so the exact class of a value decides its JSON type.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import eq
from typing import Any, Final, Generic, TypeAlias, TypeVar

from errortax.http import Headers
from errortax.model import parse_pointer
from errortax.parsing import places
from errortax.parsing.places import Holds, Place, Values, field_of, pointer_of
from errortax.parsing.pointers import MISSING, compile_pointer

Test: TypeAlias = "str | Mapping[str, Any]"
Condition: TypeAlias = "bool | Test | Sequence[Test]"
Check: TypeAlias = Callable[[object], bool]
Find: TypeAlias = Callable[[object, Headers], Any]

_Chosen = TypeVar("_Chosen")
_Usable = TypeVar("_Usable")

_CLASSES: Final[Mapping[str, frozenset[type]]] = {
    "object": frozenset({dict}),
    "array": frozenset({list}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "null": frozenset({type(None)}),
    "number": frozenset({int, float}),
    "integer": frozenset({int}),  # `_is_integer_alone`
}
_NUMBERS: Final = _CLASSES["number"]
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_EXPECTATIONS: Final = frozenset({"is", "type", "optional"})


def compile_condition(condition: Condition) -> Holds:
    """
    Return a function that returns whether a *condition* holds for a document and header fields.
    """
    members = [_member_and_classes(test) for test in tests_of(condition)]
    if members and None not in members:
        return _all_members([*filter(None, members)])
    tests = [_compile_test(test) for test in tests_of(condition)]
    match tests:
        case []:
            return _always
        case [test]:
            return test
        case _:
            return _all(tuple(tests))


def compile_place(place: Place) -> Values:
    """
    Return a function from a document and header fields to the values at *place*. It never raises, whatever the document.
    """
    return places.compile_place(place, compile_condition)


def first_of(wanted: Iterable[Place], usable: Callable[[object], _Usable | None]) -> Callable[[object, Headers], _Usable | None]:
    """
    Return a function that applies *usable* to the values at the *wanted* places, and returns the first result, or None.
    """
    pointers = [pointer_of(place) for place in wanted]
    if None not in pointers:
        return first_to_find([compile_pointer(str(pointer), usable) for pointer in pointers])
    found = [compile_place(place) for place in wanted]

    def find(document: object, headers: Headers) -> _Usable | None:
        for values in found:
            for value in values(document, headers):
                if (used := usable(value)) is not None:
                    return used
        return None

    return find


def all_of(wanted: Sequence[Place], usable: Callable[[object], _Usable | None]) -> Callable[[object, Headers], Sequence[_Usable]]:
    """
    Return a function that returns the results of *usable* that are not None, for all values at the *wanted* places, in order.
    """
    pointers = [pointer_of(place) for place in wanted]
    if None not in pointers:
        return _all_at([compile_pointer(str(pointer), usable) for pointer in pointers])
    found = [compile_place(place) for place in wanted]

    def find(document: object, headers: Headers) -> Sequence[_Usable]:
        used = []
        for values in found:
            for value in values(document, headers):
                if (use := usable(value)) is not None:
                    used.append(use)  # noqa: PERF401  # a comprehension is a call, and most places have no value
        return used

    return find


def first_to_find(finders: Sequence[Find]) -> Find:
    """
    Return the function that returns what the first of *finders* returns that does not return None.
    """
    if len(finders) < 2:  # nearly always
        return finders[0] if finders else _nothing

    def find(document: object, headers: Headers) -> Any:
        for one in finders:
            if (found := one(document, headers)) is not None:
                return found
        return None

    return find


def _listed(find: Find) -> Find:
    def find_one(document: object, headers: Headers) -> Sequence[Any]:
        found = find(document, headers)
        return () if found is None else (found,)

    return find_one


def _all_at(finders: Sequence[Find]) -> Find:
    if len(finders) == 1:  # nearly always
        return _listed(finders[0])
    return lambda document, headers: [found for one in finders if (found := one(document, headers)) is not None]


def first_found(
    wanted: Iterable[Place], usable: Callable[[object], _Usable | None]
) -> Callable[[object, Headers], Sequence[_Usable] | None]:
    """
    Return a function that returns all results of *usable* at the first of the *wanted* places that has any, or None.
    """
    wanted = [*wanted]
    if None not in map(pointer_of, wanted):  # so that a place has one value
        return first_of(wanted, lambda value: None if (used := usable(value)) is None else (used,))
    found = [compile_place(place) for place in wanted]

    def find(document: object, headers: Headers) -> list[_Usable] | None:
        for values in found:
            if used := [use for value in values(document, headers) if (use := usable(value)) is not None]:
                return used
        return None

    return find


def tests_of(condition: Condition) -> Sequence[Test]:
    """
    Return the tests of a *condition*, all of which have to hold.
    """
    if isinstance(condition, bool):
        return ()
    return (condition,) if isinstance(condition, (str, Mapping)) else condition


def count_tests(condition: Condition) -> int:
    """
    Return how many tests a *condition* makes; of several branches, the one with the fewest counts, an optional test not.
    """
    return sum(map(_weight, tests_of(condition)))


def _weight(test: Test) -> int:
    if isinstance(test, str):
        return 1
    if "anyOf" in test:
        return min(map(count_tests, test["anyOf"]))
    return 0 if test.get("optional") else 1


class Choice(Generic[_Chosen]):
    """
    Find which of many options hold for a response, in their order.

    Options that ask one place for a constant are found by one look-up, however many they are.
    """

    def __init__(self, options: Iterable[tuple[Condition, _Chosen]]) -> None:
        listed = [(tests_of(condition), chosen) for condition, chosen in options]
        constants = [_first_constant(tests) for tests, _ in listed]
        users = Counter(found[0] for found in constants if found)
        tables: dict[str, tuple[Values, dict[object, list[int]]]] = {}
        self._options: list[tuple[Holds, _Chosen]] = []
        self._others: list[int] = []
        for index, ((tests, chosen), found) in enumerate(zip(listed, constants, strict=True)):
            if found is None or users[found[0]] == 1:
                self._others.append(index)
                self._options.append((compile_condition(tests), chosen))
                continue
            place, allowed, test = found
            _, table = tables.setdefault(place, (compile_place(_place_of(test)), {}))
            for constant in dict.fromkeys(map(_key, allowed)):
                table.setdefault(constant, []).append(index)
            self._options.append((compile_condition([one for one in tests if one is not test]), chosen))
        self._tables = tuple(tables.values())
        self._rest = [self._options[index] for index in self._others]
        self._find, self._found = self._single(list(tables))

    def _single(self, places: Sequence[str]) -> tuple[Callable[..., object] | None, dict[object, list[tuple[Holds, _Chosen]]]]:
        """Return the one pointer that options ask for constants, and all that may hold by constant: one look-up finds them."""
        pointer = pointer_of(json.loads(places[0])) if len(places) == 1 else None
        if pointer is None:
            return None, {}
        [(_, table)] = self._tables
        found = {key: self._at([*hits, *self._others]) for key, hits in table.items()}
        return compile_pointer(pointer, _key_or_missing, MISSING), found

    def _at(self, indices: Iterable[int]) -> list[tuple[Holds, _Chosen]]:
        return [self._options[index] for index in sorted(set(indices))]

    def candidates(self, document: object, headers: Headers) -> Sequence[tuple[Holds, _Chosen]]:
        """
        Return the options that may hold, each with the condition that is left to test.
        """
        if self._find is not None:  # nearly always
            return self._found.get(self._find(document), self._rest)
        found: list[int] = []
        for values, table in self._tables:
            for value in values(document, headers):
                if value.__class__ in _SCALARS and (hits := table.get(_key(value))):
                    found += hits
        return self._at([*found, *self._others]) if found else self._rest

    def all(self, document: object, headers: Headers) -> list[_Chosen]:
        """
        Return the options that hold.
        """
        options = self.candidates(document, headers) if self._tables else self._rest
        found = []
        for holds, chosen in options:
            if holds(document, headers):
                found.append(chosen)  # a comprehension would be one more call
        return found


def _first_constant(tests: Iterable[Test]) -> tuple[str, tuple[object, ...], Test] | None:
    """Return the first of *tests* that allows only constants, with its place as text and the constants."""
    for test in tests:
        if isinstance(test, str) or "is" not in test or test.get("optional") or "type" in test:
            continue
        constants = _constants(test["is"])
        if all(constant.__class__ in _SCALARS for constant in constants):
            return json.dumps(_place_of(test), sort_keys=True), constants, test
    return None


def _place_of(test: Test) -> Place:
    return test if isinstance(test, str) else {name: part for name, part in test.items() if name not in _EXPECTATIONS}


def _constants(allowed: object) -> tuple[object, ...]:
    return tuple(allowed) if isinstance(allowed, list) else (allowed,)


def _key(value: object) -> object:
    """Return a key under which equal JSON scalars, and no others, are found: 1 equals 1.0, but not true."""
    return value if value.__class__ is str else (value.__class__ is bool, value)


def _key_or_missing(value: object) -> object:
    if type(value) is str:  # nearly always
        return value
    return _key(value) if type(value) in _SCALARS else MISSING


def _compile_test(test: Test) -> Holds:
    if not isinstance(test, str) and "anyOf" in test:
        return _any(tuple(map(compile_condition, test["anyOf"])))
    place = _place_of(test)
    checks = [] if isinstance(test, str) else [*_checks(test)]
    check = checks[0] if len(checks) == 1 else _both(checks) if checks else None
    is_optional = not isinstance(test, str) and bool(test.get("optional"))
    pointer = pointer_of(place) if place else ""
    field = field_of(place)
    if field is not None:
        return _holds_for_field(field.lower(), check, is_optional=is_optional)
    if pointer is None:
        return _holds_for_any(compile_place(place), check, is_optional=is_optional)
    return compile_pointer(pointer, _or_missing(check) if is_optional else check or _is_there, MISSING)


def _member_and_classes(test: Test) -> tuple[str, frozenset[type]] | None:
    """Return the member that a *test* is about and the classes that its value may have, or None if it asks anything else."""
    parts: Mapping[str, Any] = {"at": test} if isinstance(test, str) else test
    tokens = parse_pointer(parts["at"]) if "at" in parts and parts.keys() <= {"at", "type", "optional"} else ()
    classes = _classes(parts.get("type", [*_CLASSES]))
    if len(tokens) != 1 or tokens[0].isdecimal() or _is_integer_alone(classes):  # a number leads into a list, too
        return None
    return tokens[0], classes | ({MISSING.__class__} if parts.get("optional") else set())


def _all_members(wanted: Sequence[tuple[str, frozenset[type]]]) -> Holds:
    """Return the condition that each of the *wanted* members of an object has one of the classes: most envelopes ask for this."""
    may_be_absent = all(MISSING.__class__ in classes for _, classes in wanted)

    def holds(document: object, _: object) -> bool:
        if not isinstance(document, dict):
            return may_be_absent
        for name, classes in wanted:  # noqa: SIM110  # as in `_all`
            if document.get(name, MISSING).__class__ not in classes:
                return False
        return True

    return holds


def _both(checks: Sequence[Check]) -> Check:
    return lambda value: all(check(value) for check in checks)


def _checks(test: Mapping[str, Any]) -> Iterator[Check]:
    if "type" in test:
        yield _of_type(test["type"])
    if "is" in test:
        yield _one_of(_constants(test["is"]))


def _is_there(value: object) -> bool:
    return value is not MISSING


def _or_missing(check: Check | None) -> Check:
    return _always if check is None else lambda value: value is MISSING or check(value)


def _holds_for_field(name: str, check: Check | None, *, is_optional: bool) -> Holds:
    if check is None:
        return _always if is_optional else lambda _, headers: name in headers

    def holds(_: object, headers: Headers) -> bool:
        found = headers.get_all(name)
        return any(map(check, found)) if found else is_optional

    return holds


def _holds_for_any(values: Values, check: Check | None, *, is_optional: bool) -> Holds:
    if check is None:
        return _always if is_optional else lambda document, headers: bool(values(document, headers))

    def holds(document: object, headers: Headers) -> bool:
        found = values(document, headers)
        return any(map(check, found)) if found else is_optional

    return holds


def _nothing(*_: object) -> None:
    return None


def _always(*_: object) -> bool:
    return True


def _all(tests: Sequence[Holds]) -> Holds:
    def holds(document: object, headers: Headers) -> bool:
        for test in tests:  # noqa: SIM110  # all() over a generator takes twice as long
            if not test(document, headers):
                return False
        return True

    return holds


def _any(branches: Sequence[Holds]) -> Holds:
    def holds(document: object, headers: Headers) -> bool:
        for branch in branches:  # noqa: SIM110  # as in `_all`
            if branch(document, headers):
                return True
        return False

    return holds


def _classes(value: str | list[str]) -> frozenset[type]:
    return frozenset[type]().union(*(_CLASSES[name] for name in ([value] if isinstance(value, str) else value)))


def _is_integer_alone(classes: frozenset[type]) -> bool:
    """Return whether a number has to be an integer, which 1.0 is, too, so that the class does not decide."""
    return classes & _NUMBERS == _CLASSES["integer"]


def _of_type(value: str | list[str]) -> Check:
    classes = _classes(value)
    if _is_integer_alone(classes):
        return lambda value: value.__class__ in classes or (isinstance(value, float) and value.is_integer())
    return lambda value: value.__class__ in classes


def _one_of(constants: Sequence[object]) -> Check:
    if len(constants) == 1 and isinstance(constants[0], str):
        return partial(eq, constants[0])
    scalars = frozenset(_key(constant) for constant in constants if constant.__class__ in _SCALARS)
    others = [constant for constant in constants if constant.__class__ not in _SCALARS]

    def check(value: object) -> bool:
        if value.__class__ in _SCALARS:
            return _key(value) in scalars
        return any(_are_equal(constant, value) for constant in others)

    return check


def _are_equal(one: object, other: object) -> bool:
    """
    Return whether two JSON values are equal, at any depth: 1 equals 1.0, but not true.
    """
    if one.__class__ is not other.__class__:
        return one.__class__ in _NUMBERS and other.__class__ in _NUMBERS and one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_are_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_are_equal, one, other))
    return one == other
