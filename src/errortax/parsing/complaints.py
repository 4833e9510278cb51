"""
Complaints about fields: a map from field to texts, or a list of texts or objects, at the place that an envelope names.

A document may contain a hundred thousand values. Limits on what is looked at and on what is returned keep the time linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any, Final, TypeVar

from errortax.http import Headers
from errortax.parsing.budgets import MAX_COMPLAINTS, MAX_NAME, MAX_NAMES_IN_ALL, MAX_TEXT, MAX_VALUES
from errortax.parsing.conditions import first_found, first_of
from errortax.registry import loading

_Item = TypeVar("_Item")

_NO_FIELDS: Final = Headers()  # an item of a body has none
_MAX_STEPS: Final = 100  # of the path to a field
_ODD: Final = (  # compiled at its first use: hardly any field is secret
    r"[^\w\s.,;:()/?。、'’-]"  # a sign
    r"|(?<![^\W\d_])['’_]|['’_](?![^\W\d_])"  # a quote or an underscore that is not between letters
    r"|[A-Za-z_][0-9]|[0-9][A-Za-z_]|(?![0-9])\d"  # letters and digits in one word
    r"|[0-9](?:[-. ]?[0-9]){3}"
)


class Found:
    """
    Hold the complaints in one document: *names* has the field of each or None, *texts* its text, else its code.

    *codes* has the codes of those that have one, by their position, *objects* the objects among the complaints, which may
    have the value that was sent, and *parts* the parts of the document that are complaints. *withheld* is true if some were
    left out: there are too many. *masked* is for the texts that are not shown, and that no other text may show.
    """

    __slots__ = ("codes", "left", "masked", "names", "objects", "parts", "texts", "withheld")

    def __init__(self, parts: Sequence[object] = ()) -> None:
        self.names: list[str | None] = []
        self.texts: list[str] = []
        self.codes: dict[int, str] = {}
        self.objects: list[dict[str, Any]] = []
        self.masked: Collection[str] = ()
        self.parts, self.withheld, self.left = parts, False, MAX_VALUES

    def add(self, name: str | None, text: str, code: str | None = None) -> None:
        """Add one complaint."""
        if code is not None:
            self.codes[len(self.texts)] = code
        self.names.append(name)
        self.texts.append(text)

    def some_of(self, items: Collection[_Item]) -> Iterable[_Item]:
        """Return the *items* that may still be looked at."""
        room = self.left
        self.left -= len(items)
        if self.left >= 0:
            return items  # nearly always
        self.withheld = True
        return islice(items, max(room, 0))

    def trim(self, room: int) -> int:
        """Keep a hundred complaints, with *room* characters of text in all; return how many are left for other texts."""
        kept, size = min(len(self.texts), MAX_COMPLAINTS), sum(map(len, self.texts))
        if size > MAX_TEXT and max(map(len, self.texts)) > MAX_TEXT:
            self.withheld = True
        if size > room:  # hardly ever
            kept = min(kept, fitting(self.texts, room))
        if sum(map(len, filter(None, self.names))) > MAX_NAMES_IN_ALL:
            kept = min(kept, fitting([name or "" for name in self.names], MAX_NAMES_IN_ALL))
        if kept < len(self.texts):
            del self.names[kept:], self.texts[kept:]
            self.withheld = True
        return room - min(size, room)


NO_COMPLAINTS: Final = Found()
"""What is found where there is nothing; do not change it."""


class Complaints:
    """
    Find the complaints in documents, by the places that an envelope names under ``field_errors``.

    An object is one complaint if it has a text or a code. Any other single object is a map from field to complaints; so is
    one that has a sentence for a code, which is rather a complaint about a field that is called so. What else an object in
    a list contains is reported only if it is a list again: its texts may be anything. A complaint that names several fields
    counts for each.
    """

    __slots__ = ("_at", "_code", "_cuts_texts", "_names", "_sentence", "_text")

    def __init__(self, data: Mapping[str, Any]) -> None:
        field, message = data.get("field", ()), data.get("message", ())
        self._at = first_found(data["at"], lambda value: value)
        self._names: Callable[[object, Headers], Sequence[str | None] | None] = first_found(field, _name)
        self._text = first_of(message, text_of)
        self._sentence = first_of(message, _sentence)
        self._code = first_of(data.get("code", ()), _sentence)
        self._cuts_texts = any(isinstance(place, Mapping) for place in (*field, *message))

    def find(self, document: object, headers: Headers) -> Found | None:
        """
        Return the complaints in a response, or None if there is nothing at their place.
        """
        parts = self._at(document, headers)
        if not parts:
            return None
        found = Found(parts)
        for part in parts:
            self._below(None, part, found)
        return found

    def _below(self, name: str | None, value: object, found: Found) -> None:
        """Add the complaints in *value* to *found*; *name* is the path to it."""
        if isinstance(value, str):
            if value and self._cuts_texts:
                self._add_parts(found, name, value)
            elif value:
                found.add(name, value)
        elif isinstance(value, list):
            self._in_list(name, value, found)
        elif isinstance(value, dict):
            found.objects.append(value)
            code = self._code(value, _NO_FIELDS)
            if text := self._sentence(value, _NO_FIELDS) or _word(code):
                for field in [name] if name else self._names(value, _NO_FIELDS) or [None]:
                    found.add(field, text, code)
                return
            for key, inner in found.some_of(value.items()):
                if len(found.texts) > MAX_COMPLAINTS:
                    return
                path = key if name is None else f"{name}.{key}"
                if len(path) > MAX_NAME:
                    path = _cut(path)
                if type(inner) is list and len(inner) == 1 and type(inner[0]) is str and inner[0] and not self._cuts_texts:
                    found.names.append(path or None)  # as `add` does, without its call: most complaints are such
                    found.texts.append(inner[0])
                else:
                    self._below(path or None, inner, found)

    def _add_parts(self, found: Found, name: str | None, text: str) -> None:
        """Add a complaint that is a text, of which places may cut out field and message."""
        message = self._sentence(text, _NO_FIELDS) or text
        for field in self._names(text, _NO_FIELDS) or [name]:
            found.add(field, message)

    def _in_list(self, name: str | None, items: list[object], found: Found) -> None:
        for position, item in enumerate(found.some_of(items)):
            if len(found.texts) > MAX_COMPLAINTS:
                return
            if not isinstance(item, dict):
                self._below(name, item, found)
                continue
            found.objects.append(item)
            code = self._code(item, _NO_FIELDS)
            if text := self._text(item, _NO_FIELDS) or code:
                for field in self._names(item, _NO_FIELDS) or [name]:
                    found.add(field, text, code)
            else:
                self._lists_in(name and f"{name}.{position}", item, found)

    def _lists_in(self, name: str | None, members: Mapping[str, object], found: Found) -> None:
        for key, inner in found.some_of(members.items()):
            path = _cut(key if name is None else f"{name}.{key}")
            if isinstance(inner, dict):
                found.objects.append(inner)
                self._lists_in(path, inner, found)
            elif isinstance(inner, list):
                self._below(path, inner, found)


def fitting(texts: Iterable[str], room: int) -> int:
    """
    Return how many of the first *texts* have *room*, in characters; a text counts as far as it is shown.
    """
    return sum(length <= room for length in accumulate(min(len(text), MAX_TEXT) for text in texts))


def is_plain(text: str) -> bool:
    """
    Return whether a complaint about a secret field can be shown: without quotes and signs, no number above three digits.

    A word alone may be the secret itself, unless it is a word that says what is wrong.
    """
    is_sentence = " " in text.strip() or text.lower() in loading.bundled("secrets.json")["words"]
    return is_sentence and re.search(_ODD, text) is None


def text_of(value: object) -> str | None:
    """
    Return a text, or a list of texts as one text; None for anything else.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return "; ".join([text for text in value if isinstance(text, str) and text]) or None
    return None


def _sentence(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _word(code: str | None) -> str | None:
    return None if code is None or " " in code else code


def _name(value: object) -> str | None:
    """Return the name of a field: a text, or a path in a list."""
    if isinstance(value, list):
        steps = (
            str(step)[:MAX_NAME] for step in value[:_MAX_STEPS] if isinstance(step, (str, int)) and step.__class__ is not bool
        )
        return _cut(".".join(steps)) or None
    return _cut(value) if isinstance(value, str) and value else None


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
