"""
Batches: results in one response, each like a response of its own, some of which may have failed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from errortax.http import Headers, RawResponse
from errortax.model import BodyKind
from errortax.parsing.budgets import MAX_ITEMS
from errortax.parsing.conditions import compile_condition, compile_place, first_of
from errortax.parsing.decoding import Decoded, decode
from errortax.parsing.envelopes import stated_status

_NO_FIELDS: Final = Headers()  # a result in a body has none but its own


class BatchItem(NamedTuple):
    """One result: its *place* among all, what it is about, and what it says as a response."""

    place: int | str
    id: str | None
    raw: RawResponse
    decoded: Decoded


class Batch(NamedTuple):
    """The results that are looked at, and the *total* of all."""

    items: list[BatchItem]
    total: int


class Batches:
    """
    Find the results of batches, by the places that an envelope names under ``items``.

    *identifier* returns an id that may be shown, or None.
    """

    def __init__(self, data: Mapping[str, Any], identifier: Callable[[object], str | None]) -> None:
        place = {"at": data["at"]} if isinstance(data["at"], str) else dict(data["at"])
        condition: Any = True
        self._by_name = "members" in place and "then" not in place
        if "then" not in place:  # an index counts all results, also those that the condition leaves out
            condition = place.pop("members", place.pop("where", True))
        self._lists = compile_place(place)
        self._holds = compile_condition(condition)
        self._status = first_of([data["status"]] if "status" in data else (), stated_status)
        self._fields = first_of([data["headers"]] if "headers" in data else (), _fields)
        self._body = compile_place(data.get("body", ""))
        self._id = first_of([data["id"]] if "id" in data else (), identifier)

    def find(self, document: object, headers: Headers) -> Batch | None:
        """
        Return the results in a response, or None if there are none.
        """
        found: list[tuple[int | str, object]] = []
        count = 0
        for value in self._lists(document, headers):
            members = self._members(value)
            count += len(members)
            found += islice(members, MAX_ITEMS - len(found))
        items = [self._item(index, value) for index, value in found if self._holds(value, _NO_FIELDS)]
        return Batch(items, count) if count else None

    def _members(self, value: object) -> Collection[Any]:
        if self._by_name:
            return value.items() if isinstance(value, dict) else ()
        return [*enumerate(value if isinstance(value, list) else [value])]

    def _item(self, index: int | str, value: object) -> BatchItem:
        raw = RawResponse(self._status(value, _NO_FIELDS), self._fields(value, _NO_FIELDS) or _NO_FIELDS)
        bodies = self._body(value, _NO_FIELDS)
        body = bodies[0] if bodies else None
        if isinstance(body, str):
            raw = RawResponse(raw.status, raw.headers, body)
            return BatchItem(index, self._id(value, _NO_FIELDS), raw, decode(raw))
        kind = BodyKind.EMPTY if body is None else BodyKind.JSON
        return BatchItem(index, self._id(value, _NO_FIELDS), raw, (kind, body, False))


def _fields(value: object) -> Headers | None:
    if not isinstance(value, dict):
        return None
    return Headers([(name, field) for name, field in islice(value.items(), MAX_ITEMS) if isinstance(field, str)])
