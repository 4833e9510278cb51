"""
Complaints about fields: a map from field to texts, or a list of texts or objects, at the place that an envelope names.

A document may contain a hundred thousand values. Limits on what is looked at and on what is returned keep the time linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

from errortax.parsing.budgets import MAX_COMPLAINTS, MAX_NAME, MAX_VALUES
from errortax.parsing.places import first_of

_MAX_STEPS: Final = 100  # of the path to a field

Complaint: TypeAlias = tuple[str | None, str, str | None]
"""The name of the field, the text (of a complaint without one: its code), and the code."""

Path: TypeAlias = tuple[str | int, ...]


class Complaints:
    """
    Find the complaints in documents, by the places that an envelope names under ``field_errors``.

    An object in a list is one complaint if it has a text or a code. So is a single object with a text. Any other single
    object is a map from field to complaints. What else an object in a list contains is reported only if it is a list
    again: its texts may be anything.
    """

    __slots__ = ("_at", "_code", "_field", "_sentence", "_text")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._at = first_of(data["at"], lambda value: value)
        self._field = first_of(data.get("field", ()), _name)
        self._text = first_of(data.get("message", ()), text_of)
        self._sentence = first_of(data.get("message", ()), _sentence)
        self._code = first_of(data.get("code", ()), _sentence)

    def find(self, document: object) -> tuple[list[Complaint], bool]:
        """
        Return the complaints in *document*, and whether some of them were left out because there are too many.
        """
        place = self._at(document)
        if place is None:
            return [], False
        budget = iter(range(MAX_VALUES))
        found = list(islice(self._below((), place, budget), MAX_COMPLAINTS + 1))
        return found[:MAX_COMPLAINTS], len(found) > MAX_COMPLAINTS or next(budget, None) is None

    def _below(self, path: Path, value: object, budget: Iterator[int]) -> Iterator[Complaint]:
        if isinstance(value, str):
            if value:
                yield _joined(path), value, None
        elif isinstance(value, list):
            for position, (item, _) in enumerate(zip(value, budget)):  # noqa: B905  # the shorter one ends it
                if not isinstance(item, dict):
                    yield from self._below(path, item, budget)
                elif text := self._text(item) or self._code(item):
                    yield self._field(item) or _joined(path), text, self._code(item)
                else:
                    yield from self._lists_in((*path, position) if path else path, item, budget)
        elif isinstance(value, dict):
            if text := self._sentence(value):
                yield _joined(path) or self._field(value), text, self._code(value)
                return
            for (name, inner), _ in zip(value.items(), budget):  # noqa: B905  # as above
                yield from self._below((*path, name), inner, budget)

    def _lists_in(self, path: Path, members: Mapping[str, object], budget: Iterator[int]) -> Iterator[Complaint]:
        for (name, inner), _ in zip(members.items(), budget):  # noqa: B905  # as above
            if isinstance(inner, dict):
                yield from self._lists_in((*path, name), inner, budget)
            elif isinstance(inner, list):
                yield from self._below((*path, name), inner, budget)


def text_of(value: object) -> str | None:
    """
    Return a text, or a list of texts as one text; None for anything else.
    """
    if isinstance(value, list):
        return "; ".join(text for text in value if isinstance(text, str) and text) or None
    return _sentence(value)


def _sentence(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _name(value: object) -> str | None:
    """Return the name of a field: a text, or a path in a list."""
    if isinstance(value, list):
        return _joined(step for step in value if isinstance(step, (str, int)) and not isinstance(step, bool))
    return _cut(value) if isinstance(value, str) and value else None


def _joined(path: Iterable[str | int]) -> str | None:
    """Return the steps of a path, joined by full stops."""
    return _cut(".".join(str(step)[:MAX_NAME] for step in islice(path, _MAX_STEPS))) or None


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
