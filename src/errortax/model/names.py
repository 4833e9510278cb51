"""
All enumerations: the vocabulary of ``schemas/taxonomy.json``, and the names of our own that go with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from errortax.model.vocabulary import Action, Actor, Category, OutcomeKind, Retryability


class Level(StrEnum):
    """How the entry behind a verdict was found, the most specific first."""

    VARIANT = "variant"
    CODE = "code"
    PREFIX = "prefix"
    ENVELOPE = "envelope"
    STATUS = "status"
    STANDARD = "standard"
    GENERIC_STATUS = "generic_status"
    STATUS_CLASS = "status_class"
    UNKNOWN = "unknown"
    TRANSPORT = "transport"


class BodyKind(StrEnum):
    """What the body turned out to be."""

    JSON = "json"
    FORM = "form"
    XML = "xml"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"
    UNREAD = "unread"
    CUT_OFF = "cut_off"
    OVER_CAP = "over_cap"
    TOO_DEEP = "too_deep"
    UNDECODABLE = "undecodable"


class Basis(StrEnum):
    """Whether the vendor's document says so, or we concluded it."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


class Scheme(StrEnum):
    """How a vendor names failures."""

    HTTP_STATUS = "http_status"
    SLUG = "slug"
    DOTTED = "dotted"
    NUMBER = "number"


FALLBACKS: Final[Mapping[type[StrEnum], StrEnum]] = {
    Category: Category.UNKNOWN,
    Retryability: Retryability.NEVER,
    Action: Action.NONE,
    Actor: Actor.DEVELOPER,
    OutcomeKind: OutcomeKind.ERROR,
    Level: Level.UNKNOWN,
    BodyKind: BodyKind.UNDECODABLE,
    Basis: Basis.INFERRED,
}

_Name = TypeVar("_Name", bound=StrEnum)


def named(names: type[_Name], name: str) -> _Name:
    """
    Return the member called *name*, or the fall-back of its kind for a name that a newer release may have added.
    """
    try:
        return names(name)
    except ValueError:
        return names(FALLBACKS[names])
