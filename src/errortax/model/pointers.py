"""
JSON Pointers (:rfc:`6901`) as text and as reference tokens; `errortax.parsing.places` follows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_stray_tilde = re.compile(r"~(?![01])").search


def parse_pointer(text: str) -> tuple[str, ...]:
    """
    Return the reference tokens of a pointer, unescaped (:rfc:`6901#section-3`); raise `ValueError` for a malformed one.
    """
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r}: a JSON pointer is empty or begins with a slash; write {'/' + text!r}")
    if _stray_tilde(text):
        raise ValueError(f"{text!r}: a tilde is not followed by 0 or 1; write '~0' for a tilde and '~1' for a slash")
    return tokens_of(text)


def tokens_of(text: str) -> tuple[str, ...]:
    """
    Return the reference tokens of a pointer from the network; malformed escapes remain as they are.
    """
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


def pointer_to(tokens: Iterable[object]) -> str:
    """
    Return the pointer with these reference *tokens* (names and indices), escaped.
    """
    return "".join(f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in tokens)
