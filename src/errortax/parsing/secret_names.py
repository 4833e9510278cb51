"""
The names whose values are secret: ``password``, ``X-Api-Key``, ``user.newPassword``. The last words of a name decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeGuard

from errortax.parsing.budgets import MAX_NAMES

LONGEST_NAME: Final = 64
"""The most characters at the end of a name that are looked at."""

_MOST_WORDS: Final = 4  # of a name
_LONG_NAME: Final = 5  # letters; a shorter name never ends a longer word: "shipping" does not end in "pin"
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[0-9]+")
_SEPARATOR: Final = re.compile(r"[./\[\]]+(?:[0-9]+\]?\Z)?")


class SecretNames:
    """
    Know the secret names in *data*, which is ``secrets.json``, and *more*.
    """

    __slots__ = ("_alone", "_counted", "_endings", "_is_secret", "_long", "_named", "_names", "_public", "query")

    def __init__(self, data: Mapping[str, Any], more: Iterable[str] = ()) -> None:
        listed = [*data["names"], *more]
        self._names = {"".join(_words(name)) for name in listed} - {""}
        self._alone, self._long = frozenset(data["alone"]), tuple(name for name in self._names if len(name) >= _LONG_NAME)
        self._counted, self.query = tuple(data["counted"]), frozenset(data["query"])
        self._public = tuple("".join(_words(name)) for name in data["public"])
        spelled = [name.replace(" ", joint) for name in listed for joint in ("", " ", "_", "-", ".")]
        self._endings = tuple({_ending(name) for name in (*spelled, *self._alone, *self.query)} - {""})
        self._is_secret = lru_cache(MAX_NAMES)(self._has_secret_end)  # the same few come again
        self._named = lru_cache(MAX_NAMES)(self._match_text)

    def __contains__(self, name: str) -> bool:
        """Return whether values under *name* are secret; of a path the last segment counts."""
        return self._is_secret(name[-LONGEST_NAME:])

    def _has_secret_end(self, name: str) -> bool:
        segments = [segment for segment in _SEPARATOR.split(name) if segment] if self.may_end(name) else []
        words = _words(segments[-1]) if segments else []
        if not words:
            return False
        singular = [*words[:-1], words[-1].removesuffix("s")]
        return self._match(words) is not None or self._match(singular) is not None

    def may_end(self, text: str) -> bool:
        """Return whether a secret name may end *text*, by its last letters; this costs a tenth of the full answer."""
        return _ending(text[-24:]).endswith(self._endings)

    def at_end_of(self, text: str) -> str | None:
        """Return the secret name, joined, that ends *text*, or None; a plural counts things: ``tokens: 4096``."""
        return self._named(text[-LONGEST_NAME:])

    def counts(self, name: str) -> bool:
        """Return whether a number under a secret *name* is rather a count: ``max_tokens``."""
        return name.lower().removesuffix("s").endswith(self._counted)

    def _match_text(self, text: str) -> str | None:
        return self._match(_words(text))

    def _match(self, words: list[str]) -> str | None:
        if not words or words[-1] in self._alone:
            return words[-1] if len(words) == 1 else None
        found = words[-1] if words[-1].endswith(self._long) else None
        joined = ""
        for word in reversed(words[-_MOST_WORDS:]):
            joined = f"{word}{joined}"
            if joined.startswith(self._public):
                return None
            if joined in self._names:
                found = joined  # the longest counts
        return found


def name_of(path: Sequence[object]) -> str:
    """
    Return the name at the end of a *path* in a list; the index of an item is not a name.
    """
    return ".".join(filter(is_text, path[-2:]))


def is_text(value: object) -> TypeGuard[str]:
    """
    Return whether a *value* is a text; unlike `isinstance`, never run the value's own code, which may fail.
    """
    return issubclass(type(value), str)


def as_one_word(name: str) -> str:
    """
    Return a *name* in small letters, without the signs that join its words: ``field_name`` and ``fieldName`` are one.
    """
    return name.lower().replace("_", "").replace("-", "")


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    return words


def _ending(text: str) -> str:
    return text.rstrip("0123456789sS_- ./[]")[-3:].lower()
