"""
Structured field values (:rfc:`9651#section-4.2`): lists and dictionaries. A malformed field is None as a whole.

Pure, total and linear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

Value: TypeAlias = bool | int | float | str | None
"""A bare item; None stands for the kinds that no reader needs: byte sequences, dates and display strings."""

Parameters: TypeAlias = Mapping[str, Value]
Item: TypeAlias = tuple[Value, Parameters]
"""A bare item, or None for an inner list, and its parameters."""

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_BARE_ITEM: Final = (
    r"(?P<decimal>-?[0-9]{1,12}\.[0-9]{1,3})(?![0-9.])|(?P<integer>-?[0-9]{1,15})(?![0-9.])"
    r'|"(?P<string>(?:[ !#-\[\]-~]|\\["\\])*)"|(?P<token>[A-Za-z*][!#$%&\'*+.^_`|~0-9A-Za-z:/-]*)'
    r"|\?(?P<boolean>[01])|@-?[0-9]{1,15}(?![0-9.])|:[A-Za-z0-9+/=]*:"
    r'|%"(?:[ !#$&-~]|%[0-9a-f]{2})*"'
)
_PARAMETER: Final = rf"; *({_KEY})(=?)"
_COMMA: Final = r"[ \t]*,[ \t]*(?=.)"  # a comma at the end is an error


class _MalformedError(Exception):
    pass


class _Scanner:
    """A text and the position up to which it was read."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text.strip(" "), 0

    @property
    def at_end(self) -> bool:
        return self.position == len(self.text)

    def skip(self, pattern: str) -> re.Match[str] | None:
        """Move behind the *pattern*, if it is here."""
        match = re.compile(pattern, re.ASCII).match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def expect(self, pattern: str) -> re.Match[str]:
        match = self.skip(pattern)
        if match is None:
            raise _MalformedError
        return match

    def bare_item(self) -> Value:
        match = self.expect(_BARE_ITEM)
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "integer":
            return int(text)
        if kind == "decimal":
            return float(text)
        if kind == "boolean":
            return text == "1"
        if kind == "string":
            return re.sub(r'\\(["\\])', r"\1", text)
        return text if kind == "token" else None

    def parameters(self) -> Parameters:
        found: dict[str, Value] = {}
        while match := self.skip(_PARAMETER):
            found[match[1]] = self.bare_item() if match[2] else True
        return found

    def item(self) -> Item:
        if not self.skip(r"\( *"):
            return self.bare_item(), self.parameters()
        while not self.skip(r"\)"):
            self.bare_item()
            self.parameters()
            self.expect(r" +|(?=\))")
        return None, self.parameters()


def parse_list(text: str) -> list[Item] | None:
    """
    Return the members of a list (:rfc:`9651#section-4.2.1`), or None if it is malformed.
    """
    scanner = _Scanner(text)
    members: list[Item] = []
    try:
        while not scanner.at_end:
            members.append(scanner.item())
            if not scanner.at_end:
                scanner.expect(_COMMA)
    except _MalformedError:
        return None
    return members


def parse_dictionary(text: str) -> dict[str, Item] | None:
    """
    Return the members of a dictionary (:rfc:`9651#section-4.2.2`) by their keys, or None if it is malformed.
    """
    scanner = _Scanner(text)
    members: dict[str, Item] = {}
    try:
        while not scanner.at_end:
            match = scanner.expect(rf"({_KEY})(=?)")
            members[match[1]] = scanner.item() if match[2] else (True, scanner.parameters())
            if not scanner.at_end:
                scanner.expect(_COMMA)
    except _MalformedError:
        return None
    return members
