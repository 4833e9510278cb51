"""
The header fields of an upstream that may pass into our answer, by name and shape, without secrets.
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
"""The upstream's header fields that a translated error keeps, if their values have the usual shape and no secrets."""

_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""The characters that a field value may have (:rfc:`9110#section-5.5`); a line break would begin another field."""

_KNOWN: Final = (
    rf"(?:{DIRECTIVE}|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|Accept|Accept-Encoding|Accept-Language|Authorization|Content-Type"
    r"|Cookie|Origin|User-Agent|X-Requested-With)"
)
_HARMLESS: Final = re.compile(rf"[0-9]{{1,10}}|\*|true|{_KNOWN}(?:[ \t]*,[ \t]*{_KNOWN})*", re.IGNORECASE | re.ASCII)
"""Values that are certainly safe; the full check takes as long as all other steps together."""

_COMPILED: Final = {row.shape: re.compile(row.shape or "", re.ASCII) for row in _PASSING}
_ORIGIN, _LIMITS = _COMPILED[ORIGIN], _COMPILED[QUANTITIES]
_SHAPES: Final = {row.key: _COMPILED[row.shape] for row in _PASSING}
"""Lower-case name or prefix with ``*`` → shape of the value; the first that fits counts. Other values may be free text."""

_NAMED: Final = re.compile(r'"|(?<![\w-])[A-Za-z][\w-]*=(?!-?[0-9])')
"""The mark of a limit with a name: a quoted text, or a value after an equals sign that is not a number."""

_STANDARD: Final = frozenset(row.key for row in fields(Role.CORS, Role.METHODS, Role.CACHING) if not row.is_family)
"""Fields that do not contain secrets, even if their names sound like it."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATTERN: Final = re.compile(r"[!#$%&'+.^_`|~0-9a-z-]+\*?|\*")


class AllowList:
    """
    Let header fields pass whose names fit one of the *patterns*: a name, or the beginning of a name with a ``*``.

    Raise `TypeError` or `ValueError` for any other pattern.
    """

    __slots__ = ("_shape_of",)

    def __init__(self, patterns: object) -> None:
        self._shape_of = _shapes_of(patterns)

    def passing(
        self, headers: Headers, redactor: Callable[[], Redactor], *, with_names: bool = True
    ) -> Iterator[tuple[str, str]]:
        """
        Yield name and value of the fields that may pass and contain no secrets.

        If a field that restricts caches cannot pass, yield it with its strictest value.

        Args:
            headers: the header fields of the upstream.
            redactor: returns the redactor that finds secrets; it is called only if one is needed.
            with_names: whether limits with a name may pass; the name may reveal the vendor.

        """
        for name in headers:
            shape = self._shape_of(name)
            if shape is None:
                continue
            values = headers.get_all(name)
            value = values[0] if len(values) == 1 else ", ".join(values)  # lists may be joined (RFC 9110, section 5.2)
            if name not in _STANDARD and redactor().is_secret_name(name):
                continue
            if shape is _LIMITS and not with_names and _NAMED.search(value):
                continue
            if _HARMLESS.fullmatch(value) or (shape.fullmatch(value) and (shape is _ORIGIN or redactor().text(value) == value)):
                yield name, value
            elif name in STRICTEST:
                yield name, STRICTEST[name]


def _shapes_of(patterns: Any) -> Callable[[str], re.Pattern[str] | None]:
    """
    Return a function from a lower-case name to the shape that its values must have; None if no pattern fits the name.

    Fields that pass by a pattern or by default must match a known shape. A user who gives a whole name knows its values.
    """
    names: list[Any] = list(patterns) if isinstance(patterns, Iterable) and not isinstance(patterns, str) else [None]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"pass_headers must be names of header fields such as {PASSED_HEADERS!r}, not {patterns!r}")
    lower: list[str] = [name.lower() for name in names]
    for name in lower:
        if not _PATTERN.fullmatch(name):
            raise ValueError(f"pass_headers: {name!r} is not the name of a field; use one such as 'allow' or 'x-ratelimit-*'")
        if name in NEVER_PASSED:
            raise ValueError(f"pass_headers: {name!r} belongs to the upstream's body or connection, or to errortax; leave it out")
    whole = frozenset(pattern for pattern in lower if not pattern.endswith("*"))
    starts = tuple(pattern[:-1] for pattern in lower if pattern.endswith("*"))

    def shape_of(name: str) -> re.Pattern[str] | None:
        if name in whole and name not in PASSED_HEADERS:
            return _FIELD_VALUE
        if name in whole or (starts and name.startswith(starts) and name not in NEVER_PASSED and _NAME.fullmatch(name)):
            return next((shape for pattern, shape in _SHAPES.items() if fnmatchcase(name, pattern)), _FIELD_VALUE)
        return None

    return lru_cache(maxsize=1024)(shape_of)
