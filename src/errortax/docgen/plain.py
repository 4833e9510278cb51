"""
Pages as plain JSON (``schemas/docs.schema.json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import fields, has

from errortax.docgen.values import FORMAT, Code, Page, Phrase, Row


def document(page: Page) -> dict[str, Any]:
    """
    Return a *page* as plain JSON; it always has all members of its kind.
    """
    members = _plain(page)
    common = {field.name: members.pop(field.name) for field in fields(Page)}
    return {"format": FORMAT, "kind": page.kind, **common, **members}


def row_document(row: Row) -> dict[str, Any]:
    """
    Return a *row* as a document of its own.
    """
    return {"format": FORMAT, "kind": "row", **_plain(row)}


def text(page: Page) -> str:
    """
    Return a *page* as the text of a JSON file.
    """
    return json.dumps(document(page), indent=1) + "\n"


def _plain(value: Any) -> Any:
    if has(type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(type(value))}
    if isinstance(value, Phrase):
        return "".join(f"`{piece}`" if isinstance(piece, Code) else piece for piece in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return value
