"""
Header fields as an immutable mapping that takes any letter case (:rfc:`9110#section-5.1`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar, overload

_Default = TypeVar("_Default")
_new = object.__new__


class Headers(Mapping[str, str]):
    """
    Copy header fields once and find them by any spelling of their name.

    Accept a mapping or an iterable of pairs, of text or bytes (read as ISO 8859-1); a list of values stands for as many
    fields. Iterate over lower-case names. A look-up returns the first field of that name; `every` returns all of them.
    Raise `TypeError` for anything else.
    """

    __slots__ = ("_fields", "_index")
    _fields: Sequence[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]
    _index: dict[str, tuple[str, ...]] | None

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[object, object]] = ()) -> None:
        pairs: tuple[Any, ...] = tuple(fields.items() if isinstance(fields, Mapping) else fields)
        if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            raise TypeError(f"headers must be a mapping or pairs of name and value, not {type(fields).__name__}")
        self._fields = tuple((name, value) for name, value in pairs)
        self._index = None  # built when first asked: most responses are judged without their headers

    @classmethod
    def adopted(cls, fields: Sequence[tuple[object, object]] | Callable[[], Iterable[tuple[object, object]]]) -> Headers:
        """
        Return headers with these *fields*, known to be pairs that nobody changes, or asked for when somebody looks.

        To copy them takes longer than to judge most responses.
        """
        headers = _new(cls)
        headers._fields = fields
        headers._index = None
        return headers

    def _indexed(self) -> dict[str, tuple[str, ...]]:
        index = self._index
        if index is None:
            index = {}
            for name, value in self.given():
                key = (name.decode("latin-1") if type(name) is bytes else _text(name)).lower()
                if type(value) is bytes:  # servers have them; calling a function for each takes twice as long
                    texts: tuple[str, ...] = (value.decode("latin-1").strip(),)
                elif isinstance(value, (list, tuple)):
                    texts = tuple(_text(one).strip() for one in value)
                else:
                    texts = (_text(value).strip(),)
                if key in index:
                    texts = index[key] + texts
                index[key] = texts
            self._index = index
        return index

    def every(self, name: str) -> tuple[str, ...]:
        """
        Return the values of all fields called *name*, in order; an empty tuple if there is none.
        """
        return self._indexed().get(name.lower(), ())

    def holds_any(self, names: AbstractSet[str]) -> bool:
        """
        Return whether a field has one of the *names*, which are in lower case.
        """
        return not names.isdisjoint(self._indexed())

    def given(self) -> Sequence[tuple[Any, Any]]:
        """
        Return the fields as they were given, in their order: texts or bytes, in any letter case.
        """
        if callable(self._fields):
            self._fields = tuple(self._fields())
        return self._fields

    def grouped(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """
        Return the names, in lower case, each with the values of all its fields.
        """
        return self._indexed().items()

    def __getitem__(self, name: str) -> str:
        return self._indexed()[name.lower()][0]

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: _Default, /) -> str | _Default: ...
    def get(self, name: str, default: object = None, /) -> object:
        """
        Return the first field called *name*, or *default*: as a mapping does, but without an exception on the way.
        """
        values = self._indexed().get(name.lower())
        return default if values is None else values[0]

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
        return Headers, (tuple(self.given()),)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
