"""
XML text → elements, with names as they are written.

Namespaces are not worked out: their names would be repeated in front of the name of each element.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat  # a text that could declare entities is refused before parsing

_DECLARATIONS: Final = ("<!DOCTYPE", "<!ENTITY")


class Element:
    """An element: its name without a prefix, its attributes, its inner elements, and the text before the first of them."""

    __slots__ = ("_texts", "attributes", "inner", "name", "prefix")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.prefix, _, self.name = name.rpartition(":")
        self.attributes = attributes
        self.inner: list[Element] = []
        self._texts: list[str] = []

    @property
    def text(self) -> str:
        """
        Return the text before the first inner element.
        """
        return "".join(self._texts)

    def add_text(self, text: str) -> None:
        """
        Add a piece of text; a comment may divide it.
        """
        if not self.inner:
            self._texts.append(text)

    @property
    def namespace(self) -> str | None:
        """
        Return the namespace that this element itself declares for its name, or None.
        """
        return self.attributes.get(f"xmlns:{self.prefix}" if self.prefix else "xmlns")


def root_of(text: str) -> Element | None:
    """
    Return the outermost element of an XML *text*, or None if it is malformed or declares entities, which may grow without limit.
    """
    if any(declaration in text for declaration in _DECLARATIONS):
        return None
    document = Element("", {})
    path = [document]

    def start(name: str, attributes: Mapping[str, str]) -> None:
        element = Element(name, attributes)
        path[-1].inner.append(element)
        path.append(element)

    def add_text(text: str) -> None:
        path[-1].add_text(text)

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = add_text
    try:
        parser.Parse(text.encode(), True)  # the last part
    except (expat.ExpatError, ValueError):  # ValueError: half of a surrogate pair
        return None
    return document.inner[0]
