"""
How long a search for a regular expression may take.

Python's `re` tries all ways to divide a text. Their number follows from the choices in the pattern.
"""

from __future__ import annotations

import re
from typing import Final

_STEPS_TO_COMPILE: Final = 200  # for each character of a pattern
_MAX_EXPONENT: Final = 64  # 2**64 steps are more than any budget

_ATOM: Final = r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[\](){}*+?|^$])"  # an escape, a class or a character
_QUANTIFIER: Final = r"(?:[*+?]|\{[0-9,]*\})?[?+]?"
_PLAIN_GROUP: Final = rf"(?s)\((?:\?:)?((?:{_ATOM}{_QUANTIFIER})+)\)(?=[*+{{])"
_ATOMS: Final = rf"(?s)({_ATOM})({_QUANTIFIER})"
_VARIABLE: Final = r"[*+]|\{[0-9]*,[0-9]*\}"
_BACKREFERENCE: Final = r"\\[1-9]|\(\?P="


def steps_of_pattern(pattern: str, length: int) -> int:
    """
    Return an upper bound of the steps to search a text of this *length* for a *pattern*.

    A choice doubles the steps, and a quantifier multiplies them by the length. A quantified group may choose anew at each
    character, unless a character that is nowhere else in the group separates its repetitions: ``(-[a-z]+)*``.
    """
    plain = re.sub(_PLAIN_GROUP, _separated, pattern)
    plain = re.sub(rf"(?s){_ATOM}", "x", plain)
    plain = re.sub(r"\(\?(?:P?<\w*>|[a-zA-Z-]*:|[=!>]|<[=!])?", "(", plain)
    plain = re.sub(r"(?<=[*+}?])[?+]", "", plain)  # a lazy or a possessive quantifier
    variable = len(re.findall(_VARIABLE, plain)) + len(re.findall(_BACKREFERENCE, pattern))
    choices = plain.count("|") + plain.count("?")
    starts = 0 if plain.startswith("^") and "|" not in plain else 1
    if re.search(r"\)[*+{]", plain):
        choices += length * max(variable, 1)
        length = max([length, *(int(digits[:10]) for digits in re.findall(r"[0-9]+", pattern))])  # of an empty group
    powers: int = (length + 1) ** min(variable + starts, _MAX_EXPONENT) * 2 ** min(choices, _MAX_EXPONENT)
    return _STEPS_TO_COMPILE * len(pattern) + powers


def _separated(group: re.Match[str]) -> str:
    """Return single characters in place of a *group* whose repetitions are separated, else the group."""
    atoms: list[tuple[str, str]] = re.findall(_ATOMS, group[1])
    for (separator, quantifier), others in ((atoms[0], atoms[1:]), (atoms[-1], atoms[:-1])):
        character = separator[-1]
        is_character = separator != "." and (len(separator) == 1 or not character.isalnum()) and separator[0] != "["
        if is_character and not quantifier and not any(re.fullmatch(atom, character) for atom, _ in others):
            return "x" + "".join("x*" for _, other in others if other)
    return group[0]
