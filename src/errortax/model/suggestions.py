"""
Advice for an unknown name: the known names that are similar, else the first known names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

_MAX_LISTED: Final = 50  # names; the data's own vocabulary and the members of its objects are fewer
_MAX_COMPARED: Final = 2000  # names, and characters of a name: the time grows with the product
_MAX_NAME: Final = 100
_NEARLY_AS_GOOD: Final = 0.9  # times the likeness of the best near miss; worse ones distract


def near_misses(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """
    Return up to three of the *known* names that look like *name* or contain a word that does, the best first.

    Upper and lower case count as the same.
    """
    from difflib import SequenceMatcher, get_close_matches  # 6 ms to import, and only mistakes need it

    def likeness(choice: str) -> float:
        return SequenceMatcher(None, name, choice).ratio()

    if len(name) > _MAX_NAME:
        return ()
    name = name.lower()
    choices = {choice.lower(): choice for choice in map(str, islice(known, _MAX_COMPARED)) if len(choice) <= _MAX_NAME}
    near = get_close_matches(name, choices, n=3)
    if near:
        near = [choice for choice in near if likeness(choice) >= _NEARLY_AS_GOOD * likeness(near[0])]
    else:
        words = {choice: re.split("[._-]", choice) for choice in choices}
        close = get_close_matches(name, {word for choice in choices for word in words[choice]}, n=1, cutoff=0.8)
        near = [choice for choice in choices if close and close[0] in words[choice]][:3]
    return tuple(choices[choice] for choice in near)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    Return the end of a message about an unknown *name*: the near misses, else the first *known* names.
    """
    choices = [str(choice) for choice in known]
    near = near_misses(name, choices)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"known: {', '.join(choices[:_MAX_LISTED])}{', …' if len(choices) > _MAX_LISTED else ''}"
