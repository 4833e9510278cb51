"""
Addresses of our pages: each is the folder of its page, so that any static server has the page at that very path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

WORDS: Final = (
    "categories",
    "groups",
    "retryabilities",
    "actions",
    "actors",
    "outcomes",
    "levels",
    "bodies",
    "bases",
    "schemes",
)
"""The folders of the pages about the vocabulary, beside those of vendors; a vendor cannot have such a name."""

_PLAIN: Final = dict.fromkeys(map(ord, "-._"))
_LONGEST: Final = 120  # characters; with the rest of a path, below the limits of all file systems
_KEPT: Final = 96
_DIGITS: Final = 24  # the whole is one longer than any path that is not shortened, and so differs from all of them


def path_of(*names: str) -> str:
    """
    Return the path of a page, from the names of its folders; different names have different paths.
    """
    return "/".join(map(_segment, names))


def name_at(path: str, names: Iterable[str]) -> str:
    """
    Return the one of the *names* whose page has the *path*; if none has, the path itself.
    """
    return path if "~" not in path else next((name for name in names if _segment(name) == path), path)


def _segment(name: str) -> str:
    """
    Escape a name for a URL and for a file system alike.

    Other bytes than ASCII letters, digits and ``-._`` become ``~`` and two hexadecimal digits. A percent sign would not do:
    servers decode it before they look for a file, so that ``%2F`` and ``%2E`` would lead elsewhere.
    """
    if name.isascii() and name.translate(_PLAIN).isalnum() and name[0] != "." != name[-1] and len(name) <= _LONGEST:
        return name
    last = len(name) - 1
    escaped = "".join(
        char if _is_plain(char) and not (char == "." and index in (0, last)) else _escape(char) for index, char in enumerate(name)
    )  # a dot at either end makes a dot segment (RFC 3986, section 5.2.4), a hidden file, or a name that Windows changes
    if len(escaped) <= _LONGEST:
        return escaped
    from hashlib import sha256  # 2 ms to import, and hardly any code needs it

    return f"{escaped[:_KEPT]}~{sha256(escaped.encode()).hexdigest()[:_DIGITS]}"


def _is_plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or ord(char) in _PLAIN)


def _escape(char: str) -> str:
    return "".join(f"~{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
