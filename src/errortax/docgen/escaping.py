"""
Text from data files as text on a page: nothing in it may steer a terminal or a browser, or change the direction of reading.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})  # controls, formats such as U+202E, surrogates, unassigned, private
_WEB: Final = ("https://", "http://")
_UNSAFE: Final = re.compile(r"[^!#$%&'()*+,./:;=?@\[\]_~A-Za-z0-9-]")
"""What a URL cannot have as it is (:rfc:`3986#appendix-A`)."""

_NEEDED: Final = frozenset("\n\t\u200c\u200d")  # the joiners are a part of Persian and Indic words


def visible(text: str) -> str:
    """
    Return *text* with escapes for all characters that cannot be seen; line breaks and tabs stay.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char in _NEEDED or category(char) not in _HIDDEN else _escaped(char) for char in text)


def one_line(text: str) -> str:
    """
    Return *text* the same way, on one line.
    """
    return " ".join(visible(text).split())


def web_address(url: str | None) -> str | None:
    """
    Return *url* for a link, or None if it is not an address of the web: a browser would run ``javascript:``.
    """
    if url is None or not url.startswith(_WEB):
        return None
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass")), url)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
