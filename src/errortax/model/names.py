"""
Names of the vocabulary that this release does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from errortax.model.vocabulary import Action, Actor, Basis, BodyKind, Category, Level, OutcomeKind, Retryability

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
