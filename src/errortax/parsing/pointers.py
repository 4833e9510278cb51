"""
JSON Pointers (:rfc:`6901`) in any documents: the only code that follows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from errortax.model import parse_pointer

Find: TypeAlias = Callable[[object], object]

_index = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch  # 18 digits: no list is longer, and int() is fast


class _Missing:
    """The class of a value that is not there; None is a value in JSON."""


MISSING: Final = _Missing()


def resolve(document: object, tokens: tuple[str, ...], missing: object = None) -> object:
    """
    Return the value in *document* to which the *tokens* lead, else *missing*. Never raise, whatever the document.
    """
    for token in tokens:
        if isinstance(document, dict):
            document = document.get(token, missing)
        elif isinstance(document, list):
            document = _element(document, token, missing)
        else:
            return missing
    return document


def _element(items: list[object], token: str, missing: object) -> object:
    position = int(token) if _index(token) else len(items)  # "-" means the element after the last one
    return items[position] if position < len(items) else missing


def compile_pointer(text: str, missing: object = None) -> Find:
    """
    Return a function that returns the value in a document to which the pointer *text* leads, else *missing*.

    Raise `ValueError` for a malformed pointer.
    """
    match tokens := parse_pointer(text):  # almost all pointers have one or two tokens
        case (name,):
            return _member(name, missing)
        case outer, inner:
            return _nested_member(outer, inner, missing)
        case _:
            return lambda document: resolve(document, tokens, missing)


def _member(token: str, missing: object) -> Find:
    def find(document: object) -> object:
        if isinstance(document, dict):
            return document.get(token, missing)
        return _element(document, token, missing) if isinstance(document, list) else missing

    return find


def _nested_member(outer: str, inner: str, missing: object) -> Find:
    tokens = (outer, inner)

    def find(document: object) -> object:
        if isinstance(document, dict):
            member = document.get(outer)
            if isinstance(member, dict):
                return member.get(inner, missing)
        return resolve(document, tokens, missing)

    return find


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
