"""
The view of an error: the parts that an audience may see, localised. Every format writes the same view.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from math import ceil, inf
from typing import Any, Final, Generic, NamedTuple, TypeVar

from attrs import evolve

from errortax.advice import category_text, locales, match_locale, sentences
from errortax.model import (
    MAX_DELAY,
    Action,
    Actor,
    CanonicalError,
    Category,
    Details,
    FieldError,
    Retryability,
    Verdict,
    details_of,
    foreign_names_of,
    safe_details_of,
    verdict_of,
)
from errortax.registry import Registry
from errortax.rendering.exposure import Exposure

_NOTHING: Final[Mapping[str, str]] = {}
_MAX_CACHED: Final = 4096
_FIELD: Final = re.compile(r"[\w.\[\]/$~%#*-]{0,100}", re.ASCII)
"""The name of a field; texts and addresses in its place do not match."""

_new: Final = tuple.__new__  # the constructor below `View._make`
_PUBLIC_ACTORS: Final = frozenset({Actor.CLIENT, Actor.END_USER})


class View(NamedTuple):
    """
    Hold the contents of one answer. None means unknown, or hidden from the audience.

    *title* is the title of the category, and *detail* says what to do, both in the language *locale*. *type* is the
    address of our page about the category, *page* that of our page about the vendor's code. *min_delay*, *retry_after* and
    *wait* are seconds. *wait* is the value of ``Retry-After``: whole seconds, None unless a program may repeat the request
    and the delay is known.
    """

    category: Category
    title: str
    locale: str
    type: str
    retryability: Retryability
    action: Action
    actor: Actor
    vendor: str | None
    page: str | None
    min_delay: float | None
    common: Mapping[str, Any]  # members that all views with this verdict share
    status: int
    detail: str
    code: str | None
    retry_after: float | None
    wait: int | None
    request_id: str | None
    field_errors: tuple[FieldError, ...]
    message: str | None
    user_message: str | None
    more_info: str | None
    match: Mapping[str, Any] | None
    preserved: Mapping[str, Any] | None
    problem: Mapping[str, str]  # members of the upstream's own problem details, if the audience may see them


Value = TypeVar("Value")
Made = TypeVar("Made")


class PerValueCache(Generic[Value, Made]):
    """
    Cache results by the identity of a value and a key; hashing the values would take longer than using them.

    The cache holds each value as long as its result, so that no other object can get its id. Threads may share it.
    """

    __slots__ = ("_made", "_max_size")

    def __init__(self, max_size: int = _MAX_CACHED) -> None:
        self._made: dict[tuple[int, Hashable], tuple[Value, Made]] = {}
        self._max_size = max_size

    def __len__(self) -> int:
        return len(self._made)

    def get(self, value: Value, key: Hashable) -> Made | None:
        """Return the result for *value* and *key*, or None."""
        found = self._made.get((id(value), key))
        return found[1] if found is not None and found[0] is value else None

    def keep(self, value: Value, key: Hashable, made: Made) -> Made:
        """Store the result *made* of *value* for *key*, and return it."""
        if len(self._made) >= self._max_size:
            self._made.clear()
        self._made[id(value), key] = value, made
        return made


class _Prepared(NamedTuple):
    """The parts that all views with one verdict share."""

    head: tuple[Any, ...]  # the members of the view up to *common*
    title: str
    detail: str
    locale: str
    repeats: bool


_prepared: Final[PerValueCache[Verdict, _Prepared]] = PerValueCache()


def category_page(category: Category, registry: Registry) -> str:
    """
    Return the address of our page about *category*.
    """
    return f"{registry.documentation_url}/categories/{category.value}"


def view_of(
    error: CanonicalError,
    *,
    locale: str,
    exposure: Exposure,
    registry: Registry,
    status: int | None = None,
    problem: Mapping[str, str] = _NOTHING,
) -> View:
    """
    Return the view of *error* for one answer.

    *status* replaces the status of the category, unless it is None. *problem* has members of the upstream's own problem
    details, which replace ours. Raise `ValueError` if *locale* is not a language tag, and `TypeError` if *error* is not a
    canonical error.
    """
    if not isinstance(error, CanonicalError):
        raise TypeError(f"error is a {type(error).__name__} object; pass an errortax.CanonicalError, such as parse() returns")
    verdict, shows_vendor = verdict_of(error), exposure.vendor
    key = (locale, shows_vendor, registry.documentation_url)
    prepared = _prepared.get(verdict, key) or _prepared.keep(verdict, key, _prepare(error, locale, exposure, registry))
    details = details_of(error) if exposure.texts else None  # redaction takes most of the time; skip it for hidden texts
    request_id, retry_after, fields, more_info = safe_details_of(error)
    delay = verdict.min_delay if retry_after is None else retry_after
    own = (
        verdict.emitted_status if status is None else status,
        prepared.detail if retry_after is None else _detail(error, retry_after, prepared.locale, exposure),
        error.code if shows_vendor else None,
        retry_after,
        ceil(delay) if prepared.repeats and delay is not None and delay <= MAX_DELAY else None,
        request_id if exposure.request_id else None,
        _fields(fields, prepared.title, details) if fields and exposure.fields else (),
        None if details is None else details.message,
        None if details is None else details.user_message,
        more_info if shows_vendor else None,
        _match(error) if exposure.match else None,
        error.preserved or None if exposure.preserved else None,
        problem,
    )
    return _new(View, prepared.head + own)  # five times faster than keyword arguments


def _prepare(error: CanonicalError, locale: str, exposure: Exposure, registry: Registry) -> _Prepared:
    tag = match_locale(locale, locales())
    common = {
        "category": error.category.value,
        "retryability": error.retryability.value,
        "action": error.action.value,
        "actor": error.actor.value,
    }
    if exposure.vendor:
        if error.hints[0].target is not None:
            common["target"] = error.hints[0].target
        common["vendor"] = error.vendor
        if error.documentation_url is not None:
            common["documentation"] = error.documentation_url
    title, hint = category_text(error.category, tag)[0], error.hints[0]
    head = (
        error.category,
        title,
        tag,
        category_page(error.category, registry),
        error.retryability,
        hint.action,
        hint.actor,
        error.vendor if exposure.vendor else None,
        error.documentation_url if exposure.vendor else None,
        error.min_delay,
        common,
    )
    return _Prepared(head, title, _detail(error, error.min_delay, tag, exposure), tag, error.retryable)


def _detail(error: CanonicalError, delay: float | None, tag: str, exposure: Exposure) -> str:
    """Return the text of the first hint; if the vendor is hidden, of the first hint that a client or an end user can follow."""
    if exposure.vendor:
        return sentences(error.hints, delay, tag, foreign_names_of(error))[0]
    for hint in error.hints:
        if hint.actor in _PUBLIC_ACTORS:
            return sentences([evolve(hint, text="")], delay, tag)[0]  # the action's own sentence: the entry's may name the vendor
    return category_text(error.category, tag)[1]


def _fields(fields: tuple[str | None, ...], title: str, details: Details | None) -> tuple[FieldError, ...]:
    """
    Return the field errors; if the vendor's texts are hidden, with our *title* as text, and only those with a field.

    A name with blanks counts as a text, and is hidden as well.
    """
    if details is not None:
        return details.field_errors
    is_name = _FIELD.fullmatch
    return tuple([_new(FieldError, (field, title, None)) for field in fields if field is not None and is_name(field)])


def _match(error: CanonicalError) -> Mapping[str, Any]:
    match = error.match
    return {
        "status": error.status,
        "level": match.level.value,
        "entry": match.entry,
        "status_conflict": match.status_conflict,
        "intermediary": match.intermediary,
    }


def members_of(view: View) -> dict[str, Any]:
    """
    Return the extension members without the field errors, for which each format has its own place.
    """
    return {**entry_members_of(view), **own_members_of(view)}


def entry_members_of(view: View) -> dict[str, Any]:
    """
    Return the extension members that all errors with the same code share.
    """
    return {**view.common} if view.code is None else {**view.common, "code": view.code}


def own_members_of(view: View) -> dict[str, Any]:
    """
    Return the extension members of this one error.
    """
    members: dict[str, Any] = {}
    if view.retry_after is not None and (retry_after := seconds(view.retry_after)) is not None:
        members["retry_after"] = _shortest(retry_after)
    if view.min_delay is not None and (min_delay := seconds(view.min_delay)) is not None:
        members["min_delay"] = _shortest(min_delay)
    if view.request_id is not None:
        members["request_id"] = view.request_id
    if view.message is not None:
        members["message"] = view.message
    if view.user_message is not None:
        members["user_message"] = view.user_message
    if view.more_info is not None:
        members["more_info"] = view.more_info
    if view.match is not None:
        members["match"] = view.match
    if view.preserved is not None:
        members["preserved"] = view.preserved
    return members


def seconds(value: object) -> float | None:
    """
    Return *value*, at most `MAX_DELAY`, if it is a number of seconds from 0 up, else None.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(value, MAX_DELAY) if 0 <= value < inf else None


def _shortest(number: float) -> float:
    """Return 42 for 42.0."""
    return int(number) if number == int(number) else number
