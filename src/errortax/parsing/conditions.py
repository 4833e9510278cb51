"""
Conditions on a body: a closed subset of JSON Schema 2020-12, compiled to plain functions.

A document comes from a JSON decoder, so the exact class of a value decides its JSON type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import eq
from typing import Any, Final, TypeAlias, TypeVar

Condition: TypeAlias = Callable[[object], bool]
Schema: TypeAlias = Mapping[str, Any] | bool
Chosen = TypeVar("Chosen")

KEYWORDS: Final = ("type", "required", "properties", "const", "enum", "anyOf")

_CLASSES: Final[Mapping[str, frozenset[type]]] = {
    "object": frozenset({dict}),
    "array": frozenset({list}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "null": frozenset({type(None)}),
    "number": frozenset({int, float}),
    "integer": frozenset({int}),  # `_of_type` adds the floats without a fraction
}
_NUMBERS: Final = _CLASSES["number"]
_ANY: Final = frozenset[type]().union(*_CLASSES.values())


class _Missing:
    """The class of a missing member."""


_MISSING: Final = _Missing()


def compile_condition(schema: Schema) -> Condition:
    """
    Return a function that returns whether a document satisfies *schema*, exactly as JSON Schema 2020-12 defines it.

    Raise `ValueError` for a keyword outside the subset, or with a malformed value.
    """
    if isinstance(schema, bool):
        return _always if schema else _never
    _check(schema)
    conditions: list[Condition] = []
    if "required" in schema or "properties" in schema:
        only_objects = schema.get("type") == "object"
        conditions.append(_compile_members(schema, otherwise=not only_objects))
        if "type" in schema and not only_objects:
            conditions.append(_of_type(schema["type"]))
    elif "type" in schema:
        conditions.append(_of_type(schema["type"]))
    if "const" in schema:
        conditions.append(_equal_to(schema["const"]))
    if "enum" in schema:
        conditions.append(_one_of(schema["enum"]))
    if "anyOf" in schema:
        conditions.append(_any_of([compile_condition(branch) for branch in schema["anyOf"]]))
    return _all_of(conditions)


def compile_choice(options: Iterable[tuple[str, Schema, Chosen]]) -> Callable[[object], Chosen | None]:
    """
    Return a function that chooses the first of the *options* (name, condition, choice) whose condition a document satisfies.

    The condition that requires the most members is tried first; the name breaks ties. The order of *options* never matters.
    """
    ranked = sorted(options, key=lambda option: (-required_members(option[1]), option[0]))
    compiled = tuple((compile_condition(schema), chosen) for _, schema, chosen in ranked)

    def choose(document: object) -> Chosen | None:
        for condition, chosen in compiled:
            if condition(document):
                return chosen
        return None

    return choose


def required_members(schema: Schema) -> int:
    """
    Return how many members, at any depth, *schema* requires; of several branches, the one with the fewest counts.
    """
    return len(_required_paths(schema))


def _required_paths(schema: Schema) -> frozenset[tuple[str, ...]]:
    if isinstance(schema, bool):
        return frozenset()
    paths = frozenset((name,) for name in schema.get("required", ()))
    for name, member in schema.get("properties", {}).items():
        paths |= {(name, *path) for path in _required_paths(member)}
    branches = [paths | _required_paths(branch) for branch in schema.get("anyOf", ())]
    return min(branches, key=len, default=paths)


def _check(schema: Mapping[str, Any]) -> None:
    """
    Raise `ValueError` unless every keyword of *schema* is known and well-formed; members and branches are not checked.
    """
    for keyword, value in schema.items():
        rule = _RULES.get(keyword)
        if rule is None:
            raise ValueError(f"{keyword!r}: not a keyword of conditions; use {', '.join(KEYWORDS)}")
        expected, holds = rule
        if not holds(value):
            raise ValueError(f"{keyword!r}: {value!r} is malformed; use {expected}")


def _is_type(value: object) -> bool:
    names = value if isinstance(value, list) and value else [value]
    return all(isinstance(name, str) and name in _CLASSES for name in names)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_schemas(values: Iterable[object]) -> bool:
    return all(isinstance(value, (Mapping, bool)) for value in values)


_RULES: Final[Mapping[str, tuple[str, Condition]]] = {
    "type": (f"one of {', '.join(_CLASSES)}, or a list of them", _is_type),
    "required": ("a list of names", _is_names),
    "properties": ("an object of schemas", lambda value: isinstance(value, Mapping) and _is_schemas(value.values())),
    "const": ("any value", lambda _: True),
    "enum": ("a list of values", lambda value: isinstance(value, list)),
    "anyOf": ("a list of schemas", lambda value: isinstance(value, list) and bool(value) and _is_schemas(value)),
}


def _always(document: object) -> bool:  # noqa: ARG001  # a condition takes the document
    return True


def _never(document: object) -> bool:  # noqa: ARG001  # a condition takes the document
    return False


def _all_of(conditions: list[Condition]) -> Condition:
    match conditions:
        case []:
            return _always
        case [condition]:
            return condition
        case _:
            return lambda document: all(condition(document) for condition in conditions)


def _any_of(conditions: list[Condition]) -> Condition:
    return lambda document: any(condition(document) for condition in conditions)


def _type_names(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _classes(schema: Mapping[str, Any]) -> frozenset[type] | None:
    """
    Return the classes that *schema* allows, or None if it has other rules as well.
    """
    if not schema:
        return _ANY
    if [*schema] != ["type"]:
        return None
    names = _type_names(schema["type"])
    if "integer" in names and "number" not in names:
        return None
    return frozenset[type]().union(*(_CLASSES[name] for name in names))


def _of_type(value: str | list[str]) -> Condition:
    names = _type_names(value)
    classes = frozenset[type]().union(*(_CLASSES[name] for name in names))
    if "integer" not in names or "number" in names:
        return lambda document: document.__class__ in classes
    return lambda document: document.__class__ in classes or (isinstance(document, float) and document.is_integer())


def _compile_members(schema: Mapping[str, Any], *, otherwise: bool) -> Condition:
    """
    Return the condition of ``required`` and ``properties``; it returns *otherwise* for a value that is not an object.

    Most conditions only test the class of a member, or compare it with one text. Those do not need a function each. A
    missing member has a class of its own; an optional text defaults to the expected text, so its absence passes.
    """
    required = dict.fromkeys(schema.get("required", ()))
    typed: list[tuple[str, frozenset[type]]] = []
    texts: list[tuple[str, str, str | None]] = []
    others: list[tuple[str, Condition]] = []
    properties = schema.get("properties", {})
    for name in {**required, **properties}:
        member = properties.get(name, {})
        if isinstance(member, Mapping):
            _check(member)
            classes = _classes(member)
            if classes is not None:
                typed.append((name, classes if name in required else classes | {_Missing}))
                continue
            if [*member] == ["const"] and isinstance(member["const"], str):
                texts.append((name, member["const"], None if name in required else member["const"]))
                continue
        others.append((name, compile_condition(member)))
        if name in required:
            typed.append((name, _ANY))
    return _members(tuple(typed), tuple(texts), tuple(others), otherwise=otherwise)


def _members(
    typed: tuple[tuple[str, frozenset[type]], ...],
    texts: tuple[tuple[str, str, str | None], ...],
    others: tuple[tuple[str, Condition], ...],
    *,
    otherwise: bool,
) -> Condition:
    def of_classes(document: object) -> bool:
        if not isinstance(document, dict):
            return otherwise
        get = document.get
        for name, classes in typed:  # noqa: SIM110  # all() over a generator takes twice as long
            if get(name, _MISSING).__class__ not in classes:
                return False
        return True

    def of_all(document: object) -> bool:
        if not isinstance(document, dict):
            return otherwise
        get = document.get
        for name, classes in typed:
            if get(name, _MISSING).__class__ not in classes:
                return False
        for name, text, default in texts:
            if get(name, default) != text:
                return False
        for name, condition in others:
            member = get(name, _MISSING)
            if member is not _MISSING and not condition(member):
                return False
        return True

    return of_all if texts or others else of_classes


def _one_of(values: list[object]) -> Condition:
    return _any_of([_equal_to(value) for value in values])


def _equal_to(constant: object) -> Condition:
    if isinstance(constant, str):
        return partial(eq, constant)
    return partial(_are_equal, constant)


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
