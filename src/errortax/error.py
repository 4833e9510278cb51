"""
The canonical error and the outcome: what `errortax.parse` and `errortax.classify` return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, evolve, frozen

from errortax import wire
from errortax.model import Details, FieldError, Hint, Judgement, Match, Outline, RateLimit, Source
from errortax.taxonomy import Action, Actor, Basis, Category, Kind, Retryability


@define(repr=False, eq=False)
class CanonicalError:  # not frozen by attrs, whose constructor then takes three times as long: all is read-only all the same
    """
    Describe one failure in words that do not depend on the vendor.

    An immutable value, not an exception. The verdict stands when the response is parsed; the details (`message`,
    `field_errors`, `request_id`, `rate_limit`, `retry_after`, `match`, `preserved`) are read from the copied response
    when the first of them is asked for, against the clock of the parsing. Get one from `errortax.parse`,
    `errortax.transport_error` or `from_dict`.
    """

    _code: str | None
    _status: int | None
    _judgement: Judgement
    _evidence: Details | tuple[Any, ...]  # or the parser that reads the details, and what from

    @property
    def judgement(self) -> Judgement:
        """Return what this error has in common with all others of its entry."""
        return self._judgement

    @property
    def details(self) -> Details:
        """Return what was read out of the response itself."""
        evidence = self._evidence
        if isinstance(evidence, Details):
            return evidence
        parser, *arguments = evidence
        details: Details = parser.read(*arguments)
        self._evidence = details  # the raw body and headers are let go
        return details

    @property
    def foreign(self) -> Mapping[str, Any]:
        """Return the names that only a newer release understands, by the JSON pointers to them in the wire form."""
        evidence = self._evidence
        return evidence.foreign if isinstance(evidence, Details) else {}  # no response holds any

    @property
    def outline(self) -> Outline:
        """Return what was read out of the response, less its texts; for who answers a thousand times a second."""
        evidence = self._evidence
        if isinstance(evidence, Details):
            fields = tuple(complaint.field for complaint in evidence.field_errors)
            return Outline(evidence.request_id, evidence.retry_after, fields)
        parser, found, raw, now, clock = evidence
        outline: Outline = parser.outline(found, raw, now, clock)
        return outline

    @property
    def vendor(self) -> str:
        """Return the name of the vendor that answered."""
        return self._judgement.vendor

    @property
    def code(self) -> str | None:
        """Return the vendor's own name for the failure, byte for byte; for HTTP statuses the number in decimal."""
        return self._code

    @property
    def status(self) -> int | None:
        """Return the HTTP status, or the one that the body repeats where none is known."""
        return self._status

    @property
    def category(self) -> Category:
        """Return what went wrong."""
        return self._judgement.category

    @property
    def title(self) -> str:
        """Return a short name of the failure, in our words."""
        return self._judgement.title

    @property
    def description(self) -> str:
        """Return what the failure means, in our words."""
        return self._judgement.description

    @property
    def retryability(self) -> Retryability:
        """Return whether repeating can succeed; `errortax.decide_retry` decides whether to."""
        return self._judgement.retryability

    @property
    def retryable(self) -> bool:
        """Return whether a program may repeat the request by itself, its method permitting."""
        return self._judgement.retryability in wire.RETRYABLE

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that the server asked to wait, counted from the parsing; None if it asked for none."""
        return self.details.retry_after

    @property
    def min_delay(self) -> float | None:
        """Return the least backoff in seconds that the vendor's document asks for."""
        return self._judgement.min_delay

    @property
    def hints(self) -> tuple[Hint, ...]:
        """Return who has to do what, the most likely first; never empty."""
        return self._judgement.hints

    @property
    def action(self) -> Action:
        """Return the action of the first hint."""
        return self._judgement.hints[0].action

    @property
    def actor(self) -> Actor:
        """Return the actor of the first hint."""
        return self._judgement.hints[0].actor

    @property
    def message(self) -> str | None:
        """Return the vendor's own text, secrets redacted; for logs, not for people downstream."""
        return self.details.message

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """Return the vendor's complaints about single fields, secrets redacted."""
        return self.details.field_errors

    @property
    def request_id(self) -> str | None:
        """Return the vendor's id of this request or error, from wherever this vendor puts it."""
        return self.details.request_id

    @property
    def rate_limit(self) -> RateLimit | None:
        """Return the rate limit that the response told of."""
        return self.details.rate_limit

    @property
    def emitted_status(self) -> int:
        """Return the HTTP status that a gateway should answer with."""
        return self._judgement.emitted_status

    @property
    def preserved(self) -> Mapping[str, Any]:
        """Return a fresh copy of the members that must survive; they may be secret and are never written out."""
        from copy import deepcopy  # 4 ms to import, and few errors have anything to preserve

        return deepcopy(dict(self.details.preserved))

    @property
    def match(self) -> Match:
        """Return how the verdict was found."""
        return self.details.match

    @property
    def source(self) -> Source | None:
        """Return the document that the verdict was drawn from."""
        return self._judgement.source

    @property
    def basis(self) -> Basis:
        """Return whether the document states the category or we inferred it."""
        return self._judgement.basis

    @property
    def documentation_url(self) -> str | None:
        """Return the address of our page about this code."""
        return self._judgement.documentation_url

    def to_dict(self) -> dict[str, Any]:
        """
        Return the wire form, as ``schemas/canonical-error.schema.json`` describes it.
        """
        return wire.write(self.code, self.status, self.judgement, self.details)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> CanonicalError:
        """
        Return the error that `to_dict` wrote, here or in another release.

        Names that this release does not know read as `Category.UNKNOWN`, `Retryability.NEVER`, `Action.NONE` and so
        on, and are written again unchanged. Raise `errortax.exceptions.WireFormError` for anything else.
        """
        return cls(*wire.read(document))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CanonicalError):
            return NotImplemented
        return (self.code, self.status, self.judgement, self.details) == (
            other.code,
            other.status,
            other.judgement,
            other.details,
        )

    def __hash__(self) -> int:
        return hash((self.vendor, self.code, self.status, self.request_id))

    def __str__(self) -> str:
        code = self.code or self.status
        return f"{self.vendor if code is None else f'{self.vendor} {code}'}: {self.title} ({self.category})"

    def __repr__(self) -> str:
        return (
            f"<CanonicalError {self.vendor} code={self.code!r} status={self.status}"
            f" category={self.category} retryability={self.retryability} request_id={self.request_id!r}>"
        )

    def __reduce__(self) -> tuple[Callable[..., CanonicalError], tuple[dict[str, Any], Mapping[str, Any]]]:
        return _restore, (self.to_dict(), self.preserved)


def _restore(document: dict[str, Any], preserved: Mapping[str, Any]) -> CanonicalError:
    code, status, judgement, details = wire.read(document)
    return CanonicalError(code, status, judgement, evolve(details, preserved=preserved))


@frozen
class Outcome:
    """
    Tell what a response means at all: success, pending, redirect, or an error.

    *entry* is the documented code that decided; *error* is set exactly when *kind* is error. The rest holds for every
    kind: a 202 may say when to ask again, a success how much of the rate limit is left.
    """

    kind: Kind
    entry: str | None
    error: CanonicalError | None
    retryability: Retryability
    retry_after: float | None
    hints: tuple[Hint, ...]
    request_id: str | None
    rate_limit: RateLimit | None
    match: Match
