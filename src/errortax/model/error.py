"""
The canonical error: what `errortax.parse` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from operator import attrgetter
from typing import Any, Final

from attrs import define, evolve

from errortax.model import wire
from errortax.model.details import Details, FieldError, Match, Path, RateLimit, SafeDetails, Unread, tightest
from errortax.model.verdict import Hint, Source, Verdict
from errortax.model.vocabulary import Action, Actor, Basis, BodyKind, Category, Level, Retryability


@define(repr=False, eq=False)
class CanonicalError:  # attrs' frozen constructor is three times slower; the properties make it read-only
    """
    Describe one failure in words that do not depend on the vendor.

    An immutable value, not an exception. Get one from `errortax.parse`, `errortax.transport_error` or `from_dict`.

    The verdict is fixed when the response is parsed. The details (`message`, `user_message`, `more_info`, `field_errors`,
    `request_id`, `rate_limit`, `rate_limits`, `retry_after`, `match`, `preserved`) are read from the copied response at the
    first access to one of them. Delays count from the time of parsing even then.
    """

    _code: str | None
    _status: int | None
    _verdict: Verdict
    _read: Details | None
    _unread: Unread | None = None  # one of the two is there

    def _details(self) -> Details:
        """Return the details, and read them before if that is not done yet; to look at `_read` first saves the call."""
        unread = self._unread
        if unread is None:
            return self._read  # type: ignore[return-value]  # see above
        reader, finding, raw, now, clock = unread
        details = self._read = reader.read(finding, raw, now, clock)
        self._unread = None  # forget the raw response; not before, since another thread may read the details, too
        return details

    def _safe_details(self) -> SafeDetails:
        unread = self._unread
        if unread is None:
            known = self._details()
            fields = tuple(complaint.field for complaint in known.field_errors)
            return SafeDetails(known.request_id, known.retry_after, fields, known.more_info)
        reader, finding, raw, now, clock = unread
        return reader.read_safe(finding, raw, now, clock)

    @property
    def vendor(self) -> str:
        """Return the name of the vendor that answered."""
        return self._verdict.vendor

    @property
    def code(self) -> str | None:
        """Return the vendor's own name for the failure, byte for byte, or None; an HTTP status as a code is decimal."""
        return self._code

    @property
    def status(self) -> int | None:
        """Return the HTTP status; if it is not known, the status that the body states; None without either."""
        return self._status

    @property
    def category(self) -> Category:
        """Return the category: what went wrong."""
        return self._verdict.category  # type: ignore[return-value]  # the verdict of an error has one

    @property
    def title(self) -> str:
        """Return a short name of the failure, in our words."""
        return self._verdict.title

    @property
    def description(self) -> str:
        """Return the meaning of the failure, in our words."""
        return self._verdict.description

    @property
    def retryability(self) -> Retryability:
        """Return whether a repetition can succeed; `errortax.decide_retry` decides whether to repeat."""
        return self._verdict.retryability

    @property
    def retryable(self) -> bool:
        """Return whether a program may repeat the request by itself, if the method allows it."""
        return self._verdict.retryability.is_automatic

    @property
    def retry_after(self) -> float | None:
        """Return the wait that the server asked for, in seconds from the time of parsing; None if it asked for none."""
        return (self._read or self._details()).retry_after

    @property
    def min_delay(self) -> float | None:
        """Return the shortest backoff in seconds that the vendor's document allows; None if it names none."""
        return self._verdict.min_delay

    @property
    def hints(self) -> tuple[Hint, ...]:
        """Return the hints: who has to do what. The most likely one is first; there is at least one."""
        return self._verdict.hints

    @property
    def action(self) -> Action:
        """Return the action of the first hint."""
        return self._verdict.hints[0].action

    @property
    def actor(self) -> Actor:
        """Return the actor of the first hint."""
        return self._verdict.hints[0].actor

    @property
    def message(self) -> str | None:
        """Return the vendor's own text without its secrets, or None; for logs, not for people downstream."""
        return (self._read or self._details()).message

    @property
    def user_message(self) -> str | None:
        """Return the vendor's own text for end users without its secrets, or None."""
        return (self._read or self._details()).user_message

    @property
    def more_info(self) -> str | None:
        """Return the address of the vendor's page about this very error (http or https), or None."""
        return (self._read or self._details()).more_info

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """Return the vendor's complaints about single fields, without their secrets."""
        return (self._read or self._details()).field_errors

    @property
    def request_id(self) -> str | None:
        """Return the vendor's id of this request or error, or None; the vendor's file says where to find it."""
        return (self._read or self._details()).request_id

    @property
    def rate_limit(self) -> RateLimit | None:
        """Return the used-up rate limit with the longest wait, else the one with least left; None without a rate limit."""
        limits = (self._read or self._details()).rate_limits
        return tightest(limits) if limits else None

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """Return all rate limits that the response states."""
        return (self._read or self._details()).rate_limits

    @property
    def emitted_status(self) -> int:
        """Return the HTTP status of the answer that a gateway should send."""
        return self._verdict.emitted_status

    @property
    def preserved(self) -> Mapping[str, Any]:
        """Return a new copy of the members that a translation must keep; they may be secret and are never written out."""
        return deepcopy(dict(self._details().preserved))

    @property
    def match(self) -> Match:
        """Return how the verdict was found."""
        return (self._read or self._details()).match

    @property
    def source(self) -> Source | None:
        """Return the document that the verdict comes from, or None."""
        return self._verdict.source

    @property
    def basis(self) -> Basis:
        """Return whether the document states the category or we inferred it."""
        return self._verdict.basis

    @property
    def documentation_url(self) -> str | None:
        """Return the address of our page about this code, or None."""
        return self._verdict.documentation_url

    def to_dict(self) -> dict[str, Any]:
        """
        Return the wire form, which ``schemas/canonical-error.schema.json`` describes.
        """
        return wire.write(self._code, self._status, self.category, self._verdict, self._details())

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> CanonicalError:
        """
        Return the error that `to_dict` wrote, here or in another release.

        A name that this release does not know becomes `Category.UNKNOWN`, `Retryability.NEVER`, `Action.NONE` or the like;
        `to_dict` writes it again unchanged. A delay of more than ten years becomes ten years, and control characters in
        sentences become U+FFFD. Raise `errortax.exceptions.WireFormError` for anything else: a wrong type, a negative or
        undefined delay, a status out of range, a control character in a name.
        """
        return cls(*wire.read(document))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CanonicalError):
            return NotImplemented
        if (self._code, self._status) != (other._code, other._status):
            return False
        return self._verdict.shown == other._verdict.shown and self._details() == other._details()

    def __hash__(self) -> int:
        return hash((self.vendor, self.code, self.status, self.request_id))

    def __str__(self) -> str:
        code = self.code or self.status
        title = " ".join(self.title.split())  # one line, even if a vendor file has a title of several lines
        return f"{self.vendor if code is None else f'{self.vendor} {code}'}: {title} ({self.category})"

    def __repr__(self) -> str:
        return (
            f"<CanonicalError {self.vendor} code={self.code!r} status={self.status}"
            f" category={self.category} retryability={self.retryability} request_id={self.request_id!r}>"
        )

    def __reduce__(self) -> tuple[Callable[..., CanonicalError], tuple[dict[str, Any], Mapping[str, Any]]]:
        return _restore, (self.to_dict(), self.preserved)


def _restore(document: dict[str, Any], preserved: Mapping[str, Any]) -> CanonicalError:
    code, status, verdict, details = wire.read(document)
    return CanonicalError(code, status, verdict, evolve(details, preserved=preserved))


verdict_of: Final[Callable[[CanonicalError], Verdict]] = attrgetter("_verdict")
"""Return the verdict, which an error shares with all others of its entry."""

details_of: Final[Callable[[CanonicalError], Details]] = CanonicalError._details  # pyright: ignore[reportPrivateUsage]  # for our own packages
"""Return the details, which are read from the response itself."""

safe_details_of: Final[Callable[[CanonicalError], SafeDetails]] = CanonicalError._safe_details  # pyright: ignore[reportPrivateUsage]  # for our own packages
"""Return the details without the texts; gateways use this, since redacting texts is slow."""


def foreign_names_of(error: CanonicalError) -> Mapping[Path, Any]:
    """
    Return the names that only a newer release understands, by their places in the wire form.
    """
    read = error._read  # pyright: ignore[reportPrivateUsage]  # for our own packages
    return {} if read is None else read.foreign  # a response has none


def documented_error(
    verdict: Verdict, *, level: Level, code: str | None = None, status: int | None = None, body: BodyKind = BodyKind.EMPTY
) -> CanonicalError:
    """
    Return an error with this *verdict*, for which there is no response.
    """
    return CanonicalError(code, status, verdict, Details(Match(level, verdict.entry, body=body)))
