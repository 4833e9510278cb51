"""
Values that are known to be secret: where they are in a response, and where they recur in its texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from errortax.parsing.budgets import MAX_NAMES, MAX_SECRETS
from errortax.parsing.secret_names import LONGEST_NAME, SecretNames

_LEAST, _MOST = 4, 512  # characters; shorter values are everywhere
_LEAST_NUMBER, _MOST_NUMBER = 1000, 10**64
_SHORT: Final = 8  # characters; a shorter value counts as a word of its own only
_MAX_NODES: Final = 3000
_CONTAINERS: Final[frozenset[Any]] = frozenset({dict, list, tuple})


class SecretValues:
    """
    Find the values under secret *names*; *data* is ``secrets.json``.
    """

    __slots__ = ("_harmless", "_names", "_naming", "_values", "_words")

    def __init__(self, names: SecretNames, data: Mapping[str, Any]) -> None:
        self._names, self._words = names, frozenset(data["words"])
        self._naming, self._values = frozenset(data["naming_members"]), frozenset(data["value_members"])
        self._harmless: set[str] = set()  # names that came before, and lead to no value

    def in_document(
        self, document: object, complaints: Sequence[object] = (), objects: Iterable[dict[str, Any]] = ()
    ) -> set[str]:
        """
        Return the scalars under secret names in a decoded *document*.

        *complaints* are the parts of it with texts about fields: there a name is followed by what is wrong, not by a value. Only
        if one of the *objects* in it names a secret field, the value next to the name counts.
        """
        found: set[str] = set()
        budget = _MAX_NODES
        for node in objects:
            budget -= self._in_pair(node, found)
        skipped = set(map(id, complaints))
        stack: list[Any] = [document] if type(document) in _CONTAINERS else []
        for node in stack:  # which grows
            if budget <= 0 or len(found) > MAX_SECRETS:
                break
            if skipped and id(node) in skipped:
                continue
            if type(node) is not dict:
                values = node[:budget]
            elif node.keys() <= self._harmless and len(node) <= budget:  # nearly always
                values = node.values()
            else:
                members = dict(islice(node.items(), budget))
                budget -= self._in_object(members, found, skipped)
                values = members.values()
            budget -= len(node)
            for inner in values:
                if type(inner) in _CONTAINERS and inner:
                    stack.append(inner)  # noqa: PERF401  # a comprehension is a call
        return found

    def _in_object(self, node: Mapping[str, Any], found: set[str], skipped: set[int]) -> int:
        """Add the values under secret names in one object to *found*; return how many values were looked at."""
        looked = self._in_pair(node, found)
        for name, value in node.items():
            if name in self._names:
                if id(value) not in skipped:
                    looked += self._collect(name, value, found)
                if type(value) in _CONTAINERS:
                    skipped.add(id(value))  # it has been looked through
            elif name not in self._naming and len(name) <= LONGEST_NAME:
                if len(self._harmless) >= MAX_NAMES:
                    self._harmless.clear()  # one sender with many names must not slow down the others
                self._harmless.add(name)
        return looked

    def _in_pair(self, node: Mapping[str, Any], found: set[str]) -> int:
        """Add the value in an object that names a secret field in another member; return how many values were looked at."""
        if self._naming.isdisjoint(node) or not self._names_a_secret(node):
            return 1
        return sum(self._collect(name, value, found) for name, value in node.items() if name.lower() in self._values)

    def _names_a_secret(self, node: Mapping[str, Any]) -> bool:
        named = [node[member] for member in self._naming.intersection(node)]
        names = [name[-1] if isinstance(name, list) and name else name for name in named]  # a path in a list
        return any(isinstance(name, str) and name in self._names for name in names)

    def _collect(self, name: str, value: object, found: set[str]) -> int:
        """Add the scalars in *value*, and return how many values were looked at."""
        stack: list[Any] = [value]
        for inner in stack:  # which grows
            if len(found) > MAX_SECRETS or len(stack) > _MAX_NODES:
                break
            if inner.__class__ in _CONTAINERS:
                stack.extend(inner.values() if isinstance(inner, dict) else inner)
            elif isinstance(inner, str):
                text = inner.strip()
                if _LEAST <= len(text) <= _MOST and text.lower() not in self._words:
                    found.add(text)
            elif inner.__class__ in {int, float} and _LEAST_NUMBER <= inner < _MOST_NUMBER and not self._names.counts(name):
                found.add(repr(inner))
        return len(stack)


def occurrences(text: str, values: Iterable[str], most: int) -> list[tuple[int, int]]:
    """
    Return where secret *values* are in *text*, in any letter case, their blanks perhaps as a form has them (``a+b``).

    A short value counts as a whole word only.

    After *most* places the search ends; a caller that gets that many has to withhold the text.
    """
    lower = _lower(text)
    found: list[tuple[int, int]] = []
    for wanted in {spelled for value in map(_lower, values) for spelled in (value, value.replace(" ", "+"))}:
        is_word = len(wanted) < _SHORT and wanted.isalnum()
        start = lower.find(wanted)
        while start >= 0 and len(found) < most:
            end = start + len(wanted)
            is_part = is_word and (lower[start - 1 : start].isalnum() or lower[end : end + 1].isalnum())
            found.append((start, start if is_part else end))
            start = lower.find(wanted, end)
    return found


def _lower(text: str) -> str:
    return text.replace("\u0130", "i").lower()  # the capital I with a dot would become two characters
