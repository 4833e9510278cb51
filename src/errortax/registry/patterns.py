"""
The patterns of places: regular expressions that take linear time, whatever the text.

A pattern sees a few hundred characters at most (`MAX_SEEN` in `errortax.parsing.budgets`). What remains is to bound the ways
in which it can match them: each way may be tried before the pattern fails.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from warnings import catch_warnings, simplefilter

MAX_OPEN: Final = 2
"""How many quantifiers of a pattern may be open: ``*``, ``+`` and ``{2,}``."""

_MAX_WAYS: Final = 64  # besides those of the open quantifiers
_MANY: Final = 10**6  # more ways than any limit
_MAX_POWER: Final = 16
_ESCAPES: Final = frozenset("dDwWsSbBAZnrtfv")
_QUANTIFIER: Final = re.compile(r"\*|\+|\?|\{(?=[0-9,])(?P<least>[0-9]*)(?P<comma>,)?(?P<most>[0-9]*)\}")
_GROUP: Final = re.compile(r"\((?:\?(?:i)?:)?")
_CLASS: Final = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)


class PatternError(ValueError):
    """A pattern that may not be used: *what* is wrong with it, and the *remedy*."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what, self.remedy = what, remedy


class _Part(NamedTuple):
    """A part of a pattern: in how many ways it can match one text, its open quantifiers, and the character it begins with."""

    ways: int
    open: int
    first: str | None


_NOTHING: Final = _Part(1, 0, None)


def check_pattern(pattern: str) -> None:
    """
    Raise `PatternError` unless *pattern* has one group and takes linear time.

    It may have at most `MAX_OPEN` open quantifiers, none within a repetition, and neither back references nor look-around.
    """
    try:
        with catch_warnings():
            simplefilter("error")  # a later Python may read such a pattern in another way
            groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise PatternError(f"{pattern!r} is not a regular expression ({error})", "correct it") from None
    whole, _ = _alternatives(pattern, 0)
    if groups != 1:
        what = f"{pattern!r} has {groups or 'no'} groups"
        raise PatternError(what, "put the part that counts, and nothing else, into ( ); other groups begin with (?:")
    if whole.open > MAX_OPEN:
        raise PatternError(
            f"{pattern!r} has {whole.open} open quantifiers, which take too long together",
            f"use at most {MAX_OPEN} of '*', '+' and '{{2,}}'; '{{0,1}}' and the like are not open",
        )
    if whole.ways > _MAX_WAYS:
        raise PatternError(f"{pattern!r} can match one text in too many ways", "use fewer optional parts and alternatives")


def _alternatives(pattern: str, at: int) -> tuple[_Part, int]:
    part, at = _sequence(pattern, at)
    parts = [part]
    while pattern[at : at + 1] == "|":
        part, at = _sequence(pattern, at + 1)
        parts.append(part)
    firsts = {part.first for part in parts}
    is_decided = None not in firsts and len(firsts) == len(parts)  # by the next character
    ways = [part.ways for part in parts]
    return _Part(max(ways) if is_decided else sum(ways), max(part.open for part in parts), None), at


def _sequence(pattern: str, at: int) -> tuple[_Part, int]:
    ways, opened, first = 1, 0, None
    start = at
    while at < len(pattern) and pattern[at] not in "|)":
        part, end = _repeated(pattern, at)
        if at == start:
            first = part.first
        ways, opened, at = min(ways * part.ways, _MANY), opened + part.open, end
    return _Part(ways, opened, first), at


def _repeated(pattern: str, at: int) -> tuple[_Part, int]:
    part, end = _atom(pattern, at)
    quantifier = _QUANTIFIER.match(pattern, end)
    if quantifier is None:
        return part, end
    end = quantifier.end()
    if pattern[end : end + 1] in ("?", "+") and pattern[end:]:  # lazy or possessive: the same ways in another order
        end += 1
    least, most = _limits(quantifier)
    repeats = most is None or most > 1
    if (repeats and part.open) or (most is None and part.ways > 1):
        raise PatternError(
            f"{pattern!r} repeats a part that can itself match in several ways", "move the quantifier out of the repetition"
        )
    if most is None:
        return _Part(1, 1, None), end
    ways = most - least + 1
    if part.ways > 1:
        ways = _MANY if most > _MAX_POWER else sum(part.ways**count for count in range(least, most + 1))
    return _Part(ways, part.open, part.first if least else None), end


def _limits(quantifier: re.Match[str]) -> tuple[int, int | None]:
    """Return how often a part is there: at least and at most, None for any number."""
    text = quantifier[0]
    if text in "*+":
        return 0, None
    if text == "?":
        return 0, 1
    least = int(quantifier["least"] or 0)
    if not quantifier["comma"]:
        return least, least
    return least, int(quantifier["most"]) if quantifier["most"] else None


def _atom(pattern: str, at: int) -> tuple[_Part, int]:
    """Return the part at *at* without its quantifier, and where it ends."""
    character = pattern[at]
    if character == "(":
        group = _GROUP.match(pattern, at)
        if group is None or pattern[group.end() : group.end() + 1] == "?":
            raise PatternError(
                f"{pattern!r} has a group of an unknown kind", "use ( ) for the part that counts, (?: ) and (?i: ) for others"
            )
        part, end = _alternatives(pattern, group.end())
        return part, end + 1
    if character == "[":
        found = _CLASS.match(pattern, at)
        return _NOTHING, found.end() if found else at + 1
    if character == "\\":
        escaped = pattern[at + 1]
        if escaped.isalnum() and escaped not in _ESCAPES:
            raise PatternError(f"{pattern!r} has an unknown escape '\\{escaped}'", "write the character itself")
        return _Part(1, 0, None if escaped.isalnum() else escaped), at + 2
    return _Part(1, 0, None if character in ".^$" else character), at + 1
