"""
One object of the wire form, read member by member: types, ranges and characters are checked, and every mistake is located.

A member that cannot mean anything is refused: a negative or undefined delay, a status or a count out of range, a name with
a control character or of many thousand characters. Values that can be mended are: a longer delay than `MAX_DELAY` becomes
`MAX_DELAY`, control characters in sentences become U+FFFD, long sentences and lists are cut. So whatever was read can be
shown, written and waited for, in a time that grows with its length alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from errortax.model.details import MAX_DELAY, Path
from errortax.model.mistakes import WireFormError
from errortax.model.names import named
from errortax.model.pointers import pointer_to

REQUIRED: Final = object()
"""The default of a member that must not be missing."""

_MAX_COUNT: Final = 10**15  # exclusive; RFC 9651 §3.3.1
_MAX_SHOWN: Final = 40
_MAX_NAME: Final = 2000  # characters
_MAX_SENTENCE: Final = 10_000
_MAX_ITEMS: Final = 100  # some formats repeat the sentences for each complaint

_CONTROLS: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_IN_NAMES: Final = f"[\t\n{_CONTROLS}]"
_IN_SENTENCES: Final = f"[{_CONTROLS}]"

_Name = TypeVar("_Name", bound=StrEnum)


class Members:
    """The members of one object, with its path for error messages, and the names that only a newer release knows."""

    def __init__(self, path: Path, document: object, foreign: dict[Path, Any]) -> None:
        if not isinstance(document, Mapping):
            raise WireFormError(pointer_to(path), f"expected an object, got {_shown(document)}")
        self.path, self.document, self.foreign = path, document, foreign

    def get(self, member: str, types: Any, default: Any = REQUIRED) -> Any:
        """
        Return a *member* of one of these *types*; *default* if it is missing.
        """
        value = self.document.get(member, default)
        if value is REQUIRED:
            raise WireFormError(pointer_to(self.path), f"member {member!r} is missing")
        if value is None and default is None:
            return None
        if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
            raise self._refused(member, f"{_shown(value)} has a wrong type; see canonical-error.schema.json")
        return value

    def name(self, member: str, default: Any = REQUIRED) -> Any:
        """
        Return a text that programs compare; refuse a very long one, and one with a control character.
        """
        text = self.get(member, str, default)
        if text is not None and len(text) > _MAX_NAME:
            raise self._refused(member, f"{_shown(text)} is longer than {_MAX_NAME} characters; shorten it")
        if text is not None and re.search(_IN_NAMES, text):
            raise self._refused(member, f"{_shown(text)} contains a control character; leave it out")
        return text

    def sentence(self, member: str, default: Any = REQUIRED) -> Any:
        """
        Return a text that people read, cut if it is very long; control characters but tabs and line feeds become U+FFFD.
        """
        text = self.get(member, str, default)
        if text is None:
            return None
        return re.sub(_IN_SENTENCES, "\ufffd", text if len(text) <= _MAX_SENTENCE else f"{text[: _MAX_SENTENCE - 1]}…")

    def delay(self, member: str) -> float | None:
        """
        Return seconds of at most `MAX_DELAY`, or None; refuse a negative or undefined number.
        """
        seconds: float | None = self.get(member, (int, float), None)
        if seconds is None:
            return None
        if not seconds >= 0:  # true for NaN, too
            raise self._refused(member, f"{_shown(seconds)} is not a delay; give seconds of 0 or more")
        return min(seconds, MAX_DELAY)

    def number(self, member: str, least: int = 0, most: int = _MAX_COUNT - 1, *, default: Any = None) -> Any:
        """
        Return a whole number from *least* to *most*.
        """
        number = self.get(member, int, default)
        if number is not None and not least <= number <= most:
            raise self._refused(member, f"{_shown(number)} is out of range; give a number from {least} to {most}")
        return number

    def named(self, member: str, names: type[_Name]) -> _Name:
        """
        Return a name of an enumeration; keep a name that only a newer release knows.
        """
        name = self.name(member)
        known = named(names, name)
        if known.value != name:
            self.foreign[*self.path, member] = name
        return known

    def keep(self, member: str, ours: str | bool) -> None:
        """
        Keep a value that only a newer release can work out, if it differs from *ours*.
        """
        value = self.name(member, ours) if isinstance(ours, str) else self.get(member, bool, ours)
        if value != ours:
            self.foreign[*self.path, member] = value

    def inside(self, member: str) -> Members:
        """
        Return the members of the object that is a *member* of this one.
        """
        return Members((*self.path, member), self.get(member, Mapping), self.foreign)

    def items(self, member: str) -> list[Members]:
        """
        Return the members of the first objects in a list.
        """
        items: Sequence[object] = self.get(member, (list, tuple), ())
        return [Members((*self.path, member, place), item, self.foreign) for place, item in enumerate(items[:_MAX_ITEMS])]

    def has_more(self, member: str) -> bool:
        """
        Return whether a list has more objects than `items` returns.
        """
        return len(self.get(member, (list, tuple), ())) > _MAX_ITEMS

    def _refused(self, member: str, problem: str) -> WireFormError:
        return WireFormError(pointer_to((*self.path, member)), problem)


def _shown(value: object) -> str:
    """Show a value of any size in a few words."""
    if isinstance(value, str):
        return repr(value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…")
    if isinstance(value, int) and not -(10**_MAX_SHOWN) < value < 10**_MAX_SHOWN:
        return "a huge number"  # Python refuses to write thousands of digits
    if value is None or isinstance(value, (int, float)):
        return repr(value)
    return "a list" if isinstance(value, (list, tuple)) else "an object" if isinstance(value, Mapping) else type(value).__name__
