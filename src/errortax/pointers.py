"""
JSON Pointers (:rfc:`6901`) into documents that may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_index = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch  # no list is longer, and int() stays cheap
_stray_tilde = re.compile(r"~(?![01])").search


def parse_pointer(text: str) -> tuple[str, ...]:
    """
    Return the reference tokens of a pointer, unescaped (:rfc:`6901#section-3`); raise `ValueError` for a malformed one.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError(f"{text!r}: a JSON pointer is empty or begins with a slash; write {'/' + text!r}")
    if _stray_tilde(text):
        raise ValueError(f"{text!r}: a tilde stands alone; write '~0' for a tilde and '~1' for a slash")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def resolve(document: object, tokens: tuple[str, ...]) -> object | None:
    """
    Return what *tokens* lead to in *document*, or None. Never raise, whatever the document.
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
    position = int(token) if _index(token) else len(items)  # "-" stands for the element after the last one
    return items[position] if position < len(items) else None


def compile_pointer(text: str) -> Callable[[object], object | None]:
    """
    Return a function that finds in a document what the pointer *text* leads to, or None.

    Raise `ValueError` for a malformed pointer.
    """
    match tokens := parse_pointer(text):  # almost all pointers have one token or two
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
