"""
Values that are known to be secret: where they are in a response, and where they recur in its texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from errortax.parsing.budgets import MAX_NAMES, MAX_SECRETS, REDACTED
from errortax.parsing.credentials import may_be_secret, parts_of
from errortax.parsing.secret_names import LONGEST_NAME, SecretNames, as_one_word, is_text, name_of

_LEAST_NUMBER, _MOST_NUMBER = 1000, 10**64
_SHORT: Final = 8  # characters; a shorter value counts as a word of its own only
_MAX_NODES: Final = 3000
_MOST_NEW_NAMES: Final = 256  # in the complaints of one response
_CONTAINERS: Final[frozenset[Any]] = frozenset({dict, list, tuple})
_LISTS: Final[frozenset[Any]] = frozenset({list, tuple})


class KnownValues(set[str]):
    """
    Hold secret values. *is_complete* is false if there may be more: the document has more values than are looked at.
    """

    is_complete = True


class SecretValues:
    """
    Find the values under secret *names*; *data* is ``secrets.json``.
    """

    __slots__ = ("_harmless", "_is_secret", "_names", "_naming", "_values")

    def __init__(self, names: SecretNames, data: Mapping[str, Any]) -> None:
        self._names, self._is_secret = names, names.__contains__
        self._naming, self._values = frozenset(data["naming_members"]), frozenset(data["value_members"])
        self._harmless: set[str] = set()  # names that came before, and lead to no value

    def in_document(
        self, document: object, complaints: Sequence[object] = (), objects: Sequence[dict[str, Any]] = ()
    ) -> KnownValues:
        """
        Return the scalars under secret names in a decoded *document*.

        *complaints* are the parts of it with texts about fields: there a name is followed by what is wrong, not by a value. Only
        if one of the *objects* in it names a secret field, the value next to the name counts.
        """
        found = KnownValues()
        budget = _MAX_NODES - (self._in_complaints(objects, found) if objects else 0)
        skipped = set(map(id, complaints))
        stack: list[Any] = [document] if type(document) in _CONTAINERS else []
        for node in stack:  # which grows
            if budget <= 0 or len(found) > MAX_SECRETS:
                found.is_complete = False
                break
            if skipped and id(node) in skipped:
                continue
            if type(node) is not dict:
                values, size = node, 1  # one value in a list takes no time
                if node and type(node[0]) in _LISTS:
                    budget -= self._in_pairs(node[:budget], found, skipped)
            elif node.keys() <= self._harmless and len(node) <= budget:  # nearly always
                values, size = node.values(), len(node)
            else:
                members = dict(islice(node.items(), budget))
                budget -= self._in_object(members, found, skipped)
                values, size = members.values(), len(node)
            budget -= size
            for inner in values:
                if type(inner) in _CONTAINERS and inner:
                    stack.append(inner)  # noqa: PERF401  # a comprehension is a call
        if budget < 0:
            found.is_complete = False
        return found

    def _in_complaints(self, objects: Sequence[dict[str, Any]], found: set[str]) -> int:
        """Add the values in *objects* that name a secret field in another member; return how many values were looked at."""
        looked, new = 0, _MOST_NEW_NAMES
        for node in objects:
            looked += 1
            if not node.keys() <= self._harmless:
                looked += self._in_pair(node, found)
                new -= len(node)
                if new >= 0:
                    self._remember(name for name in node if name not in self._names)
        return looked

    def _in_object(self, node: Mapping[str, Any], found: set[str], skipped: set[int]) -> int:
        """Add the values under secret names in one object to *found*; return how many values were looked at."""
        looked = self._in_pair(node, found)
        secret = [name for name in node if name in self._names]
        for name in secret:
            looked += self._unless_skipped(name, node[name], found, skipped)
        self._remember(node.keys() - secret)
        return looked

    def _remember(self, names: Iterable[str]) -> None:
        """Remember *names*, none of them secret, that lead to no value."""
        for name in names:
            if len(name) <= LONGEST_NAME and as_one_word(name) not in self._naming:
                if len(self._harmless) >= MAX_NAMES:
                    self._harmless.clear()  # one sender with many names must not slow down the others
                self._harmless.add(name)

    def _in_pairs(self, node: Sequence[Any], found: set[str], skipped: set[int]) -> int:
        """Add the values in a list of pairs of name and value, as header fields; return how many values were looked at."""
        if any(type(pair) not in _LISTS or len(pair) != 2 or type(pair[0]) is not str for pair in node):
            return 0
        secret = [(name, value) for name, value in node if name in self._names]
        return sum([self._unless_skipped(name, value, found, skipped) for name, value in secret])

    def _unless_skipped(self, name: str, value: object, found: set[str], skipped: set[int]) -> int:
        looked = 0 if id(value) in skipped else self._collect(name, value, found)
        if type(value) in _CONTAINERS:
            skipped.add(id(value))  # it has been looked through
        return looked

    def _in_pair(self, node: Mapping[str, Any], found: set[str]) -> int:
        """Add the value in an object that names a secret field in another member; return how many values were looked at."""
        if self._naming.isdisjoint(map(as_one_word, node)):
            return 1
        named = [value for member, value in node.items() if as_one_word(member) in self._naming]
        names = [name_of(path) if isinstance(path, list) else path for path in named]
        secret = [name for name in names if is_text(name) and name in self._names]
        values = [value for member, value in node.items() if as_one_word(member) in self._values] if secret else []
        return sum([self._collect(secret[0], value, found) for value in values], 1)

    def _collect(self, name: str, value: object, found: set[str]) -> int:
        """Add the scalars in *value*, and return how many values were looked at."""
        stack: list[tuple[str, Any]] = [(name, value)]
        for inner_name, inner in stack:  # which grows
            if len(found) > MAX_SECRETS or len(stack) > _MAX_NODES:
                break
            if inner.__class__ in _CONTAINERS:
                stack.extend(inner.items() if isinstance(inner, dict) else [(inner_name, one) for one in inner])
            elif isinstance(inner, str):
                text = inner.strip()
                if may_be_secret(text):
                    found.add(text)
                found.update(parts_of(inner_name.lower(), text, self._is_secret))
            elif (
                inner.__class__ in {int, float}
                and _LEAST_NUMBER <= inner < _MOST_NUMBER
                and not any(map(self._names.counts, (name, inner_name)))
            ):
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
        is_word, in_mark = len(wanted) < _SHORT and wanted.isalnum(), REDACTED.find(wanted)
        start = lower.find(wanted)
        while start >= 0 and len(found) < most:
            end = start + len(wanted)
            is_part = is_word and (lower[start - 1 : start].isalnum() or lower[end : end + 1].isalnum())
            is_part = is_part or (start >= in_mark >= 0 and lower.startswith(REDACTED, start - in_mark))
            found.append((start, start if is_part else end))
            start = lower.find(wanted, end)
    return found


def _lower(text: str) -> str:
    return text.replace("\u0130", "i").lower()  # the capital I with a dot would become two characters
