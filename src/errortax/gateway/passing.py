"""
Which header fields of an upstream may stand beside an answer of ours: by name, by shape, and with nothing secret in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from errortax.http import Headers
from errortax.http.fields import DIRECTIVE, FIELDS, NEVER_PASSED, ORIGIN, QUANTITIES, STRICTEST, Reader, Role, fields

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_PASSING: Final = tuple(row for row in FIELDS if row.shape is not None and Reader.TRANSLATOR not in row.overlooked_by)
_FAMILIES: Final = tuple(row.key[:-1] for row in _PASSING if row.is_family)

PASSED_HEADERS: Final = tuple(row.key for row in _PASSING if row.is_family or not row.key.startswith(_FAMILIES))
"""The upstream's header fields that a translated error keeps, where they hold what they are for and nothing secret."""

_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What may stand in a header field (:rfc:`9110#section-5.5`); a line's end would begin another one."""

_KNOWN: Final = (
    rf"(?:{DIRECTIVE}|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|Accept|Accept-Encoding|Accept-Language|Authorization|Content-Type"
    r"|Cookie|Origin|User-Agent|X-Requested-With)"
)
_HARMLESS: Final = re.compile(rf"[0-9]{{1,10}}|\*|true|{_KNOWN}(?:[ \t]*,[ \t]*{_KNOWN})*", re.IGNORECASE | re.ASCII)
"""Values of which it is known without a closer look, which takes as long as all the rest."""

_COMPILED: Final = {row.shape: re.compile(row.shape or "", re.ASCII) for row in _PASSING}
_ORIGIN, _LIMITS = _COMPILED[ORIGIN], _COMPILED[QUANTITIES]
_SHAPES: Final = {row.key: _COMPILED[row.shape] for row in _PASSING}
"""What fields that pass by default contain, the first that fits the name; anything else there is a text of the upstream's."""

_NAMED: Final = re.compile(r'"|[A-Za-z][\w-]*=(?!-?[0-9])')
"""What tells that a limit has a name: a quoted text, or anything else than a number after an equals sign."""

_STANDARD: Final = frozenset(row.key for row in fields(Role.CORS, Role.METHODS, Role.CACHING) if not row.is_family)
"""Fields whose names say what they hold, even if they sound as if it were a secret."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATTERN: Final = re.compile(r"[!#$%&'+.^_`|~0-9a-z-]+\*?|\*")


class AllowList:
    """
    Let those header fields pass whose names fit one of the *patterns*: names, or beginnings of names with a ``*``.

    Raise `TypeError` or `ValueError` for what is no such pattern.
    """

    __slots__ = ("_shape_of",)

    def __init__(self, patterns: object) -> None:
        self._shape_of = _shapes_of(patterns)

    def passing(
        self, headers: Headers, redactor: Callable[[], Redactor], *, tells_names: bool = True
    ) -> Iterator[tuple[str, str]]:
        """
        Yield the fields that may pass and hold nothing that the *redactor* would take out; it is asked for where it is needed.

        Unless *tells_names*, limits that have names, which may be the vendor's, stay behind. Where a field that restricts
        caches cannot pass, its strictest value does.
        """
        for name, values in headers.grouped():
            shape = self._shape_of(name)
            if shape is None:
                continue
            value = values[0] if len(values) == 1 else ", ".join(values)  # lists may be joined (RFC 9110, section 5.2)
            if name not in _STANDARD and redactor().is_secret_name(name):
                continue
            if shape is _LIMITS and not tells_names and _NAMED.search(value):
                continue
            if _HARMLESS.fullmatch(value) or (shape.fullmatch(value) and (shape is _ORIGIN or redactor().text(value) == value)):
                yield name, value
            elif name in STRICTEST:
                yield name, STRICTEST[name]


def _shapes_of(patterns: Any) -> Callable[[str], re.Pattern[str] | None]:
    """
    Return a function that tells which shape the values of a lower-case name must have, None where no pattern fits the name.

    Fields that pass by a pattern or by default must match a known shape; whoever gives a whole name knows what it contains.
    """
    names: list[Any] = list(patterns) if isinstance(patterns, Iterable) and not isinstance(patterns, str) else [None]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"pass_headers must be names of header fields such as {PASSED_HEADERS!r}, not {patterns!r}")
    lower: list[str] = [name.lower() for name in names]
    for name in lower:
        if not _PATTERN.fullmatch(name):
            raise ValueError(f"pass_headers: {name!r} is no name of a header field; use one such as 'allow' or 'x-ratelimit-*'")
        if name in NEVER_PASSED:
            raise ValueError(f"pass_headers: {name!r} tells of the upstream's own body or connection, or is ours; leave it out")
    whole = frozenset(pattern for pattern in lower if not pattern.endswith("*"))
    starts = tuple(pattern[:-1] for pattern in lower if pattern.endswith("*"))

    def shape_of(name: str) -> re.Pattern[str] | None:
        if name in whole and name not in PASSED_HEADERS:
            return _FIELD_VALUE
        if name in whole or (starts and name.startswith(starts) and name not in NEVER_PASSED and _NAME.fullmatch(name)):
            return next((shape for pattern, shape in _SHAPES.items() if fnmatchcase(name, pattern)), _FIELD_VALUE)
        return None

    return lru_cache(maxsize=1024)(shape_of)
