"""
Header fields as an immutable mapping that takes any letter case (:rfc:`9110#section-5.1`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any


class Headers(Mapping[str, str]):
    """
    Copy header fields once and find them by any spelling of their name.

    Accept a mapping or an iterable of pairs, of text or bytes (read as ISO 8859-1); a list of values stands for as many
    fields. Iterate over lower-case names. A look-up returns the first field of that name; `every` returns all of them.
    Raise `TypeError` for anything else.
    """

    __slots__ = ("_fields", "_index")
    _fields: tuple[tuple[Any, Any], ...] | Callable[[], Iterable[tuple[Any, Any]]]
    _index: dict[str, tuple[str, ...]] | None

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[object, object]] = ()) -> None:
        pairs: tuple[Any, ...] = tuple(fields.items() if isinstance(fields, Mapping) else fields)
        if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            raise TypeError(f"headers must be a mapping or pairs of name and value, not {type(fields).__name__}")
        self._fields = tuple((name, value) for name, value in pairs)
        self._index = None  # built when first asked: most responses are judged without their headers

    @classmethod
    def adopted(cls, fields: Callable[[], Iterable[tuple[object, object]]]) -> Headers:
        """
        Return headers whose *fields*, known to be pairs, are asked for when somebody looks; nothing is checked.
        """
        headers = cls.__new__(cls)
        headers._fields, headers._index = fields, None
        return headers

    def _indexed(self) -> dict[str, tuple[str, ...]]:
        index = self._index
        if index is None:
            index = {}
            if callable(self._fields):
                self._fields = tuple(self._fields())
            for name, value in self._fields:
                key = _text(name).lower()
                values = value if isinstance(value, (list, tuple)) else (value,)
                index[key] = (*index.get(key, ()), *(_text(value).strip() for value in values))
            self._index = index
        return index

    def every(self, name: str) -> tuple[str, ...]:
        """
        Return the values of all fields called *name*, in order; an empty tuple if there is none.
        """
        return self._indexed().get(name.lower(), ())

    def __getitem__(self, name: str) -> str:
        return self._indexed()[name.lower()][0]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._indexed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._indexed())

    def __len__(self) -> int:
        return len(self._indexed())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._indexed() == other._indexed()

    def __hash__(self) -> int:
        return hash(frozenset(self._indexed().items()))

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"  # values may be secret

    def __reduce__(self) -> tuple[type[Headers], tuple[tuple[tuple[Any, Any], ...]]]:
        fields = self._fields
        return Headers, (tuple(fields()) if callable(fields) else fields,)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
