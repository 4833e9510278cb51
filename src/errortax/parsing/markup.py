"""
From XML to a document: objects, lists and texts, as if the body had been JSON.

An element with children is an object, one without is its text. A name that repeats is a list. Names have no prefix, and
attributes are left out. There is no document type and no entity but the five that XML itself has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pyexpat import XMLParserType


class _UnreadableError(Exception):
    """A document with a type, or one that is nested too deeply."""


def read_xml(body: bytes | str, max_depth: int) -> dict[str, Any] | None:
    """
    Return the document of an XML *body*; None if it is malformed, has a document type or is deeper than *max_depth*.
    """
    from pyexpat import ExpatError, ParserCreate  # most APIs answer with JSON

    root: dict[str, Any] = {}
    parser = ParserCreate("utf-8" if isinstance(body, str) else None)  # a text has lost its first encoding
    parser.buffer_text = True
    _handle(parser, root, max_depth)
    try:
        parser.Parse(body, True)
    except (ExpatError, _UnreadableError, LookupError, ValueError):  # the last two: an unknown encoding
        return None
    return root


def _handle(parser: XMLParserType, root: dict[str, Any], max_depth: int) -> None:
    """Let the *parser* put its elements below *root*."""
    open_elements: list[dict[str, Any]] = [root]
    texts: list[str] = []

    def start(*_: object) -> None:
        if len(open_elements) > max_depth:
            raise _UnreadableError
        open_elements.append({})
        texts.clear()  # text before a child is not the text of a leaf

    def end(name: str) -> None:
        members = open_elements.pop()
        value = members or "".join(texts).strip()
        texts.clear()
        name = name.rpartition(":")[2]
        parent = open_elements[-1]
        known = parent.get(name)
        if known is None:
            parent[name] = value
        elif known.__class__ is list:
            known.append(value)
        else:
            parent[name] = [known, value]

    def refuse(*_: object) -> None:
        raise _UnreadableError

    handlers: tuple[tuple[str, Callable[..., None]], ...] = (
        ("StartElementHandler", start),
        ("EndElementHandler", end),
        ("CharacterDataHandler", texts.append),
        ("StartDoctypeDeclHandler", refuse),
    )
    for name, handler in handlers:
        setattr(parser, name, handler)
