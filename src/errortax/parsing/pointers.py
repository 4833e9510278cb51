"""
JSON Pointers (:rfc:`6901`) in any documents: the only code that follows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from errortax.model import parse_pointer

_Used = TypeVar("_Used")

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


def compile_pointer(text: str, use: Callable[[object], _Used], missing: object = None) -> Callable[..., _Used]:
    """
    Return a function that applies *use* to the value in a document to which the pointer *text* leads, else to *missing*.

    It takes further arguments, as other places need the header fields, and ignores them. Raise `ValueError` for a malformed
    pointer.
    """
    match tokens := parse_pointer(text):  # almost all pointers have one or two tokens
        case (name,):
            return _member(name, use, missing)
        case outer, inner:
            return _nested_member(outer, inner, use, missing)
        case _:
            return _value(tokens, use, missing)


def _member(token: str, use: Callable[[object], _Used], missing: object) -> Callable[..., _Used]:
    def find(document: object, _: object = None) -> _Used:
        if isinstance(document, dict):
            return use(document.get(token, missing))
        return use(_element(document, token, missing) if isinstance(document, list) else missing)

    return find


def _nested_member(outer: str, inner: str, use: Callable[[object], _Used], missing: object) -> Callable[..., _Used]:
    tokens = (outer, inner)

    def find(document: object, _: object = None) -> _Used:
        if not isinstance(document, dict):
            return use(resolve(document, tokens, missing))
        member = document.get(outer)
        if isinstance(member, dict):
            return use(member.get(inner, missing))
        return use(_element(member, inner, missing) if isinstance(member, list) else missing)

    return find


def _value(tokens: tuple[str, ...], use: Callable[[object], _Used], missing: object) -> Callable[..., _Used]:
    def find(document: object, _: object = None) -> _Used:
        return use(resolve(document, tokens, missing))

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
