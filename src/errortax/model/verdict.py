"""
The verdict: an entry of the data with all defaults of its category filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from attrs import field, frozen

from errortax.model.vocabulary import Action, Actor, Basis, Category, OutcomeKind, Retryability


@frozen
class Hint:
    """
    Say who has to do what.

    *text* is the sentence for the actor, in English. *target* is the name of a header field or member, or None. *url* is an
    address where the actor can act, or None.
    """

    action: Action
    actor: Actor
    text: str
    target: str | None = None
    url: str | None = None


@frozen
class Alternative:
    """Name another category that the document leaves possible, and the reason."""

    category: Category
    reason: str
    hints: tuple[Hint, ...] = ()


@frozen
class Source:
    """Cite the document that a verdict comes from; *section* and *url* may be None."""

    document: str
    section: str | None = None
    url: str | None = None


@frozen(kw_only=True, cache_hash=True)
class Verdict:
    """
    Hold the meaning of one entry, one of its variants, a status or a category.

    *category* is None exactly if *kind* is not error. *min_delay* is in seconds. *entry* is the documented code; None for a
    status or a category. *statuses* are the HTTP statuses that the document states for the entry. *preserve* maps names of
    members that must survive to the places where they may be. *variants* has a verdict for each variant of the entry and
    of the file; in those, *variant* is the name, *when* the condition, *only* has the HTTP statuses under which it can hold
    (empty: any), and *is_general* is true for a variant of the file. *standard* is the name of the standard that the entry
    is from, or None.
    """

    vendor: str
    kind: OutcomeKind = OutcomeKind.ERROR
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
    preserve: Mapping[str, tuple[Any, ...]] = field(factory=dict, hash=False)
    standard: str | None = None
    variant: str | None = None
    when: Any = field(default=True, hash=False)
    only: frozenset[int] = frozenset()
    is_general: bool = False
    variants: tuple[Verdict, ...] = ()

    @property
    def shown(self) -> tuple[Any, ...]:
        """Return the parts that users of an error can see; two verdicts with equal parts look the same to them."""
        return _shown(self)


_shown: Final = attrgetter(
    "vendor", "category", "title", "description", "retryability", "hints", "emitted_status", "min_delay", "source", "basis",
    "documentation_url",
)  # fmt: skip
