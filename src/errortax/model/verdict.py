"""
The verdict: what the data says about one kind of response, with all defaults of its category filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from attrs import field, frozen

from errortax.model.names import Basis
from errortax.model.vocabulary import Action, Actor, Category, Kind, Retryability


@frozen
class Hint:
    """
    Say who has to do what.

    *target* names the header or field that is meant, *text* is the sentence for the actor in English.
    """

    action: Action
    actor: Actor
    text: str
    target: str | None = None
    url: str | None = None


@frozen
class Alternative:
    """Name another category that the document leaves possible, with the reason."""

    category: Category
    reason: str
    hints: tuple[Hint, ...] = ()


@frozen
class Source:
    """Cite the document that a verdict was drawn from."""

    document: str
    section: str | None = None
    url: str | None = None


@frozen(kw_only=True, cache_hash=True)
class Verdict:
    """
    Hold what one entry, one of its variants, a status or a category means.

    *category* is None exactly where *kind* is not error. *entry* is the documented code, *variant* the name of the variant
    and *when* its condition. *statuses* are those that the document gives for the entry, *preserve* maps names of members
    that must survive to the JSON Pointers at which they are, and *variants* holds a verdict for each variant, by name.
    """

    vendor: str
    kind: Kind = Kind.ERROR
    category: Category | None
    title: str
    description: str
    retryability: Retryability
    hints: tuple[Hint, ...]
    emitted_status: int
    min_delay: float | None = None
    source: Source | None = None
    basis: Basis = Basis.INFERRED
    documentation_url: str | None = None
    entry: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    statuses: frozenset[int] = frozenset()
    preserve: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)
    variant: str | None = None
    when: Mapping[str, Any] | None = field(default=None, hash=False)
    variants: tuple[Verdict, ...] = ()

    @property
    def shown(self) -> tuple[Any, ...]:
        """Return what an error with this verdict shows of it: two that show the same are alike to users."""
        return _shown(self)


_shown: Final = attrgetter(
    "vendor", "category", "title", "description", "retryability", "hints", "emitted_status", "min_delay", "source", "basis",
    "documentation_url",
)  # fmt: skip
