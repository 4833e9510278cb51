"""
Standards: what a response means by a scheme that many vendors share, where the vendor's own data does not say.

A response declares a standard by a media type, a status or a header field. A body alone may only suggest one: it counts at an
error status, with a documented code of that status, and it never makes a response more repeatable than its status does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from attrs import evolve

from errortax.http import FIRST_ERROR, Headers, RawResponse
from errortax.model import Alternative, Category, Level, Retryability, Verdict
from errortax.parsing.prepared import PERMISSIVENESS, PreparedVendor, prepared_vendor
from errortax.registry import Registry
from errortax.registry.marks import Marks

BY_STATUS: Final = frozenset({Level.STATUS, Level.GENERIC_STATUS, Level.STATUS_CLASS, Level.UNKNOWN})
"""The levels of a verdict that rests on the status alone; only such a verdict gives way to a standard."""

_BRACKETS: Final = frozenset(b"{[")


class Suggestion(NamedTuple):
    """A documented error of a standard: its code and verdict, and whether the response declares the standard."""

    standard: str
    code: str
    verdict: Verdict
    is_declared: bool


class Standards:
    """
    Find the standards that the responses of one vendor may follow: those that its file names, and all for plain HTTP.

    Most responses follow none. *may_follow* returns False only for those, without decoding the body.
    """

    def __init__(self, registry: Registry, vendor: PreparedVendor) -> None:
        names = registry.standards if vendor.is_generic else vendor.data.get("standards", ())
        self._registry, self._vendor = registry, vendor
        self._marks: Mapping[str, Marks] = {
            name: registry.standards[name] for name in sorted(names) if name in registry.standards
        }
        self.may_follow: Callable[[RawResponse, int | None], bool] = _look_for(self._marks.values())
        self._answers: dict[tuple[object, ...], Verdict] = {}

    def __bool__(self) -> bool:
        return bool(self._marks)

    def declared_by(self, raw: RawResponse, status: int | None) -> list[PreparedVendor]:
        """
        Return the standards that a response declares by its media type or its status.
        """
        kind = _media_type(raw.headers)
        found = [name for name, marks in self._marks.items() if kind in marks.media_types or status in marks.statuses]
        return [prepared_vendor(self._registry, name) for name in found]

    def called(self, name: str) -> PreparedVendor:
        """
        Return the standard called *name*.
        """
        return prepared_vendor(self._registry, name)

    def decide(self, raw: RawResponse, status: int | None, own: Verdict, document: object) -> tuple[str | None, Verdict] | None:
        """
        Return the code and the verdict of the standard that a response follows, or None.

        *own* is the verdict of the status. Of several standards that differ in the category none decides, and nor does a
        body that would make the response more repeatable. Then the code is None, and the verdict is *own* with alternatives.
        """
        found = [*self._suggestions(raw, status, document)]
        found = [one for one in found if one.is_declared] or found
        if not found:
            return None
        if len({one.verdict.category for one in found}) == 1:
            best = min(found, key=lambda one: PERMISSIVENESS[one.verdict.retryability])
            if best.is_declared or _is_careful(best.verdict, own):
                return best.code, self._own(best.verdict)
        return None, self._with_alternatives(own, found)

    def _suggestions(self, raw: RawResponse, status: int | None, document: object) -> Iterator[Suggestion]:
        kind, headers = _media_type(raw.headers), raw.headers
        is_error = status is None or status >= FIRST_ERROR
        for name, marks in self._marks.items():
            is_declared = kind in marks.media_types
            has_field = is_error and any(field in headers for field in marks.fields)
            if not (is_declared or has_field or (is_error and _has_member(document, marks.members))):
                continue
            standard = prepared_vendor(self._registry, name)
            for part, declares in ((None, True), (document, is_declared)):
                _, code, verdict = standard.find_code(part, headers)
                if code is None or verdict is None or verdict.category is None:
                    continue
                if not declares and status not in verdict.statuses:
                    continue
                verdict = standard.variant_for(verdict, status, document, headers) or verdict
                yield Suggestion(name, code, verdict, declares)
                break

    def _own(self, verdict: Verdict) -> Verdict:
        """Return a verdict of a standard as one of this vendor's."""
        key = ("verdict", id(verdict))
        if key not in self._answers:
            self._answers[key] = evolve(verdict, vendor=self._vendor.data["vendor"], variants=())
        return self._answers[key]

    def _with_alternatives(self, own: Verdict, found: Sequence[Suggestion]) -> Verdict:
        key = (id(own), *(one[:2] for one in found))
        if key not in self._answers:
            known = {alternative.category for alternative in own.alternatives} | {own.category}
            others = [one for one in found if one.verdict.category not in known]
            alternatives = (*own.alternatives, *map(_alternative, others))
            self._answers[key] = evolve(own, alternatives=alternatives) if others else own
        return self._answers[key]


def _look_for(marks: Collection[Marks]) -> Callable[[RawResponse, int | None], bool]:
    """
    Return a function that returns False only if a response has no mark of any standard, by a look at its bytes.
    """
    statuses = frozenset(status for mark in marks for status in mark.statuses)
    media_types = frozenset(kind for mark in marks for kind in mark.media_types)
    fields = frozenset(field for mark in marks for field in mark.fields)
    members = "|".join(sorted({re.escape(member) for mark in marks for member in mark.members}))
    find_in_json = re.compile(rf'"(?:{members})"\s*:'.encode()).search
    find_in_other = re.compile(rf"\b(?:{members})\b".encode()).search

    def may_follow(raw: RawResponse, status: int | None) -> bool:
        if status is None or status in statuses:
            return True
        if status < FIRST_ERROR:
            return _media_type(raw.headers) in media_types
        if body := raw.body:
            if isinstance(body, str):
                body = body.encode("utf-8", "replace")
            first = body[0]
            if first in _BRACKETS:
                if find_in_json(body) is not None:
                    return True
            elif find_in_other(body) is not None or not body.isascii():  # perhaps another encoding, or compressed
                return True
        return raw.headers.mentions(fields)

    return may_follow


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _has_member(document: object, members: Collection[str]) -> bool:
    if isinstance(document, list) and document:
        document = document[0]
    return isinstance(document, dict) and not document.keys().isdisjoint(members)


def _is_careful(verdict: Verdict, own: Verdict) -> bool:
    """Return whether a body may suggest this *verdict*: it is not more repeatable than the status, or asks only for a result."""
    if verdict.retryability is Retryability.POLL:
        return True
    return PERMISSIVENESS[verdict.retryability] <= PERMISSIVENESS[own.retryability]


def _alternative(one: Suggestion) -> Alternative:
    category = one.verdict.category or Category.UNKNOWN
    return Alternative(category, f"The response has the code {one.code} of {one.standard}.", one.verdict.hints)
