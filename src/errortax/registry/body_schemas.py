"""
Whether bodies fit the JSON Schemas of their envelopes, within a budget of steps.

A vendor file may contain any schema: one that refers to itself, one that doubles at each level, a pattern that tries every
way to divide a text. So each evaluation of a keyword is charged an upper bound of its cost, and the budget is for a whole
file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from errortax.model import pointer_to
from errortax.registry.backtracking import steps_of_pattern
from errortax.registry.validation import cause_of, violations_of

STEPS: Final = 20_000_000
"""How many steps the schemas of one file may take; a step looks at a character or a member."""

_MAX_REFERENCES: Final = 32  # inside each other; the library for references panics where the stack ends
_REFERENCES: Final = frozenset({"$ref", "$dynamicRef"})
_STEPS_OF_KEYWORD: Final = 100
_STEPS_OF_PAIR: Final = 500  # to compare two items
_STEPS_OF_NAME: Final = 50  # to compare and to show an allowed value
_UNCOUNTED: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})  # jsonschema evaluates other keywords in them itself

_Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


class _ExhaustedError(Exception):
    """No steps are left."""


class BodySchemas:
    """The evaluation of the JSON Schemas of the envelopes of one file."""

    def __init__(self, steps: int = STEPS) -> None:
        self._steps = steps
        self._references = 0  # that are being followed
        self._sizes: dict[int, int] = {}  # of the parts of the body, by identity
        self._sizes_of_values: dict[int, int] = {}  # of schemas and of the values of keywords, by identity
        self._root_size = 0

    def misfits(self, body: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """
        Yield where, as a JSON pointer, and how a raw *body* breaks the JSON Schema of its envelope.

        If no steps are left, say so once; after that, yield nothing.
        """
        from referencing import Registry
        from referencing.exceptions import Unresolvable

        if self._steps < 0:
            return
        try:
            self._sizes = _sizes(body)
            self._root_size = self._size_of_value(schema)
            validator = self._validator_class(schema, registry=Registry[Any]())
            for error in map(cause_of, validator.iter_errors(body)):
                for where, what, _ in violations_of(error):
                    yield pointer_to(where), what
        except Unresolvable as error:  # nothing is fetched
            yield "", f"the schema refers to {error.ref!r}, which is not in it"
        except (_ExhaustedError, RecursionError):
            self._steps = -1
            yield "", "the schema takes too many steps; leave out references to itself, repeated parts and nested quantifiers"
        except (ArithmeticError, ValueError, re.error) as error:  # a pattern or a reference that is malformed, a huge number
            yield "", f"the schema cannot be used ({error})"

    @cached_property
    def _validator_class(self) -> Any:
        from jsonschema import Draft202012Validator, validators

        keywords = {name: self._counted(name, keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()}
        return validators.extend(Draft202012Validator, keywords)

    def _counted(self, name: str, keyword: _Keyword) -> _Keyword:
        def evaluate(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any] | None:
            if name in _UNCOUNTED:
                raise ValueError(f"{name} is not supported; use additionalProperties or items")
            self._steps -= self._steps_of(name, value, instance, schema)
            if self._steps < 0:
                raise _ExhaustedError
            return keyword(validator, value, instance, schema)

        def follow(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self._references += 1
            try:
                if self._references > _MAX_REFERENCES:
                    raise _ExhaustedError
                yield from evaluate(validator, value, instance, schema) or ()
            finally:
                self._references -= 1

        return follow if name in _REFERENCES else evaluate

    def _steps_of(self, name: str, value: Any, instance: Any, schema: Mapping[str, Any]) -> int:
        size = self._size(instance)
        steps = _STEPS_OF_KEYWORD + size + (len(value) if isinstance(value, (str, list, dict)) else 0)
        if name in _REFERENCES:
            return steps + self._root_size  # the place may be looked for in all of it
        if name in {"enum", "const"}:
            return steps + _STEPS_OF_NAME * self._size_of_value(value)
        if name == "uniqueItems":
            return steps + _STEPS_OF_PAIR * (len(instance) ** 2 if isinstance(instance, list) else 0)
        if name == "pattern" and isinstance(instance, str) and isinstance(value, str):
            return steps + steps_of_pattern(value, len(instance))
        if name == "patternProperties" and isinstance(instance, dict):
            return steps + sum(steps_of_pattern(pattern, len(member)) for pattern in value for member in instance)
        if name == "additionalProperties" and isinstance(instance, dict) and "patternProperties" in schema:
            pattern = "|".join(schema["patternProperties"])
            return steps + sum(steps_of_pattern(pattern, len(member)) for member in instance)
        return steps

    def _size_of_value(self, value: Any) -> int:
        sizes = self._sizes_of_values
        if id(value) not in sizes:
            sizes[id(value)] = 1 + _sizes(value).get(id(value), 0)
        return sizes[id(value)]

    def _size(self, instance: Any) -> int:
        return len(instance) if isinstance(instance, str) else self._sizes.get(id(instance), 1)


def _sizes(document: Any) -> dict[int, int]:
    """Return the number of characters and members in each part of a *document*, by the identity of the part."""
    order: dict[int, Any] = {}
    stack = [document]
    while stack:
        part = stack.pop()
        if isinstance(part, (dict, list)) and id(part) not in order:
            order[id(part)] = part
            stack.extend(part.values() if isinstance(part, dict) else part)
    sizes: dict[int, int] = {}
    for part in reversed(order.values()):  # the inner ones first
        inner = part.values() if isinstance(part, dict) else part
        names = sum(map(len, part)) if isinstance(part, dict) else 0
        sizes[id(part)] = 1 + names + sum(len(it) if isinstance(it, str) else sizes.get(id(it), 1) for it in inner)
    return sizes
