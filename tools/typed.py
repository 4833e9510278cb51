"""
From JSON Schemas to `TypedDict`s: the data files as type checkers see them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

WIDTH: Final = 130
MARK: Final = "Written by ``python tools/generate.py`` from the schemas in ``schemas/``; do not edit."

_ROOTS: Final = {"taxonomy": "Taxonomy", "vendor": "Vendor", "locale": "Locale", "secrets": "Secrets"}
"""Schema → the beginning of the name of what it describes."""

_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HEAD: Final = f'''"""
The data files as plain JSON: what `errortax.registry.Registry.document` returns, a dict for each kind of object.

{MARK}
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict
'''


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """
    Yield the module of the dicts below *root*, with the text that it should have.
    """
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in root.glob("schemas/*.schema.json")}
    yield root / "src/errortax/registry/plain.py", _HEAD + "".join(_Writer(schemas).classes())


class _Writer:
    """Name each object in the schemas once, after those that it consists of."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._texts: dict[str, str] = {}

    def classes(self) -> Iterator[str]:
        for name, prefix in _ROOTS.items():
            file = f"{name}.schema.json"
            self._type(self._schemas[file], file, prefix)
        yield from self._texts.values()

    def _type(self, schema: Any, file: str, name: str) -> str:
        """Return the annotation for what *schema* allows; *name* is for an object that has no name of its own."""
        if not isinstance(schema, dict):
            return "Any"
        if "$ref" in schema:
            return self._referred(schema["$ref"], file, name)
        if any(word in schema for word in ("anyOf", "oneOf")):
            branches = schema.get("anyOf") or schema["oneOf"]
            return " | ".join(dict.fromkeys(self._type(branch, file, name) for branch in branches))
        properties, required = self._members(schema, file)
        if properties:
            return self._object(schema, properties, required, name)
        types = schema.get("type")
        if isinstance(types, list):
            return " | ".join(dict.fromkeys(self._type({**schema, "type": each}, file, name) for each in types))
        if types == "array":
            return f"list[{self._type(schema.get('items'), file, f'{name}Item')}]"
        if types == "object":
            return f"dict[str, {self._type(schema.get('additionalProperties'), file, f'{name}Value')}]"
        if types is None and ("enum" in schema or "const" in schema):
            return "str"
        return _PLAIN.get(str(types), "Any")

    def _referred(self, reference: str, file: str, name: str) -> str:
        target, file = self._resolved(reference, file)
        definition = reference.rpartition("/")[2] if "/" in reference else ""
        own = "".join(map(str.capitalize, definition.split("_"))) if definition else name
        return self._type(target, file, own)

    def _resolved(self, reference: str, file: str) -> tuple[Any, str]:
        """Return what a *reference* in a *file* leads to, and the file that this is in."""
        other, _, pointer = reference.partition("#")
        file = other.rpartition("/")[2] or file
        target = self._schemas.get(file)  # JSON Schema's own schema is not one of ours
        for step in filter(None, pointer.split("/")):
            target = target[step]
        return target, file

    def _members(self, schema: Mapping[str, Any], file: str) -> tuple[dict[str, tuple[Any, str]], set[str]]:
        """Return the members of an object by name, each with the file that its schema is in, and which are required."""
        members = {name: (member, file) for name, member in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        for part in (*schema.get("allOf", ()), *([{"$ref": schema["$ref"]}] if "$ref" in schema else ())):
            target, home = self._resolved(part["$ref"], file) if "$ref" in part else (part, file)
            inner, needed = self._members(target, home)
            members |= inner
            required |= needed
        return members, required

    def _object(self, schema: Mapping[str, Any], members: Mapping[str, tuple[Any, str]], required: set[str], name: str) -> str:
        whole = f"{name}Json"
        if whole not in self._texts:
            self._texts[whole] = ""  # the place in the order; an object may contain itself
            lines = [f"    {self._docstring(schema.get('description', schema.get('title', name)))}", ""]
            for member, (each, home) in members.items():
                if not member.isidentifier() or iskeyword(member):
                    continue
                kind = self._type(each, home, f"{name}{''.join(map(str.capitalize, member.split('_')))}")
                lines.append(f"    {member}: {kind if member in required else f'NotRequired[{kind}]'}")
            del self._texts[whole]
            self._texts[whole] = f"\n\nclass {whole}(TypedDict):\n" + "\n".join(lines) + "\n"
        return whole

    def _docstring(self, text: str) -> str:
        if len(text) + 10 <= WIDTH:
            return f'"""{text}"""'
        lines = wrap(text, WIDTH - 4, subsequent_indent="    ", initial_indent="    ")
        return "\n".join(['"""', *lines, '    """'])
