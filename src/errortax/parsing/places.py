"""
Places in any JSON documents: the only code that follows a JSON Pointer (:rfc:`6901`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from errortax.model import parse_pointer

_Usable = TypeVar("_Usable")

_index = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch  # 18 digits: no list is longer, and int() is fast


def resolve(document: object, tokens: tuple[str, ...]) -> object | None:
    """
    Return the value in *document* to which the *tokens* lead, or None. Never raise, whatever the document.
    """
    for token in tokens:
        if isinstance(document, dict):
            document = document.get(token)
        elif isinstance(document, list):
            document = _element(document, token)
        else:
            return None
    return document


def _element(items: list[object], token: str) -> object | None:
    position = int(token) if _index(token) else len(items)  # "-" means the element after the last one
    return items[position] if position < len(items) else None


def compile_pointer(text: str) -> Callable[[object], object | None]:
    """
    Return a function that returns the value in a document to which the pointer *text* leads, or None.

    Raise `ValueError` for a malformed pointer.
    """
    match tokens := parse_pointer(text):  # almost all pointers have one or two tokens
        case (name,):
            return _member(name)
        case outer, inner:
            return _nested_member(outer, inner)
        case _:
            return lambda document: resolve(document, tokens)


def _member(token: str) -> Callable[[object], object | None]:
    def find(document: object) -> object | None:
        if isinstance(document, dict):
            return document.get(token)
        return _element(document, token) if isinstance(document, list) else None

    return find


def _nested_member(outer: str, inner: str) -> Callable[[object], object | None]:
    tokens = (outer, inner)

    def find(document: object) -> object | None:
        if isinstance(document, dict):
            member = document.get(outer)
            if isinstance(member, dict):
                return member.get(inner)
        return resolve(document, tokens)

    return find


def first_of(pointers: Iterable[str], usable: Callable[[object], _Usable | None]) -> Callable[[object], _Usable | None]:
    """
    Return a function that applies *usable* to the value at each of the JSON *pointers*, and returns the first result, or None.
    """
    finders = tuple(map(compile_pointer, pointers))
    if not finders:
        return _nothing

    def find(document: object) -> _Usable | None:
        for finder in finders:
            if (found := usable(finder(document))) is not None:
                return found
        return None

    return find


def _nothing(_: object) -> None:
    return None


def put(document: dict[str, Any], tokens: tuple[str, ...], value: object) -> None:
    """
    Write *value* into *document* at the place of *tokens*; make objects of the members on the way.
    """
    *parents, last = tokens
    for name in parents:
        inner = document.get(name)
        if not isinstance(inner, dict):
            inner = document[name] = {}
        document = inner
    document[last] = value
