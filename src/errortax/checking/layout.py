"""
JSON in one layout: members in the order of the schema, and on one line whatever fits there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from errortax.registry import loading

WIDTH: Final = 120
"""The columns of a line."""

_INDENT: Final = "  "
_DEFINITION: Final = "#/$defs/"


class Shape:
    """
    Know what a JSON Schema says about the members of objects: their order and their defaults.

    *schema* is a part of the JSON Schema called *root*. A part that leads out of our schemas is not looked into: such
    JSON, the body of an example or the schema of one, keeps the order of its members.
    """

    def __init__(self, root: str, schema: Any) -> None:
        self._root = root
        self._schema: Mapping[str, Any] = schema if isinstance(schema, dict) else {}

    @classmethod
    def of(cls, name: str) -> Shape:
        """
        Return what the JSON Schema called *name*, such as ``vendor``, says.
        """
        return cls(name, loading.schema(name))

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """Return the shapes of the members of an object, in their order."""
        members: dict[str, Shape] = {}
        for part in self._parts():
            for name, schema in part._schema.get("properties", {}).items():
                members.setdefault(name, Shape(part._root, schema))
        return members

    @cached_property
    def others(self) -> Shape:
        """Return the shape of all members of an object that the schema does not name."""
        return self._inner("additionalProperties")

    @cached_property
    def items(self) -> Shape:
        """Return the shape of the items of a list."""
        return self._inner("items")

    def is_default(self, value: object) -> bool:
        """
        Return whether a *value* is the one that holds where none is stated.
        """
        return any(is_same(part._schema["default"], value) for part in self._parts() if "default" in part._schema)

    def _inner(self, keyword: str) -> Shape:
        found = (Shape(part._root, part._schema[keyword]) for part in self._parts() if keyword in part._schema)
        return next(found, Shape(self._root, {}))

    def _parts(self) -> Iterator[Shape]:
        """Yield the schema itself and all that it is put together from."""
        yield self
        for part in self._schema.get("allOf", ()):
            yield from Shape(self._root, part)._parts()
        file, found, name = self._schema.get("$ref", "").partition(_DEFINITION)
        root = file.removesuffix(".schema.json") or self._root
        if found and root in loading.schemas():
            yield from Shape(root, loading.schema(root)["$defs"][name])._parts()


def is_same(one: object, other: object) -> bool:
    """
    Return whether two values are the same in JSON, where 1 and true differ.
    """
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def ordered(value: Any, shape: Shape) -> Any:
    """
    Return a *value* with the members of all objects in the order of their *shape*; others follow, in their own order.
    """
    if isinstance(value, list):
        return [ordered(item, shape.items) for item in value]
    if not isinstance(value, dict):
        return value
    names = dict.fromkeys([*(name for name in shape.members if name in value), *value])
    return {name: ordered(value[name], shape.members.get(name, shape.others)) for name in names}


def lean(value: Any, shape: Shape) -> Any:
    """
    Return a *value* without the members that are what the schema says of them where they are left out.
    """
    if isinstance(value, list):
        return [lean(item, shape.items) for item in value]
    if not isinstance(value, dict):
        return value
    members = ((name, lean(member, shape.members.get(name, shape.others))) for name, member in value.items())
    return {name: member for name, member in members if not shape.members.get(name, shape.others).is_default(member)}


def laid_out(value: Any, *, before: int = 0, after: int = 0, depth: int = 0) -> str:
    """
    Return a JSON *value* as text: on one line if that fits, else one member a line.

    *before* is how many columns are taken on its first line, *after* on its last.
    """
    line = json.dumps(value, ensure_ascii=False)
    if before + len(line) + after <= WIDTH or not value or not isinstance(value, (dict, list)):
        return line
    heads = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
    items = value.values() if isinstance(value, dict) else value
    indent = _INDENT * (depth + 1)
    lines = [
        indent + head + laid_out(item, before=len(indent + head), after=1, depth=depth + 1)
        for head, item in zip(heads, items, strict=True)
    ]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, ",\n".join(lines), _INDENT * depth + closing])
