"""
What errortax raises: `RegistryError` and others where the caller made a mistake, and for who would rather catch than
look at a value, `VendorError` with a class for each group and category of `schemas/taxonomy.json`.

Each exception carries fields; ``str()`` makes the prose.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from errortax.taxonomy import Category, Group

if TYPE_CHECKING:
    from errortax.error import CanonicalError


class ErrortaxError(Exception):
    """The root of everything that errortax raises on purpose."""


class WireFormError(ErrortaxError, ValueError):
    """A mapping is not the wire form of a canonical error (``schemas/canonical-error.schema.json``)."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(pointer, problem)
        self.pointer, self.problem = pointer, problem

    def __str__(self) -> str:
        return f"canonical error#{self.pointer}: {self.problem}"


class ConfigurationError(ErrortaxError, ValueError):
    """What a gateway was told cannot be used; *place* says where it was told."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


class RegistryError(ErrortaxError):
    """Vendor data cannot be loaded, or does not hold what was asked for."""


class InvalidFileError(RegistryError, ValueError):
    """
    A data file breaks its rules.

    `violations` holds all of them in order, each ``file#/json/pointer: what is wrong; what to do``.
    """

    def __init__(self, path: str | os.PathLike[str], violations: Iterable[str]) -> None:
        self.path, self.violations = path, tuple(violations)
        super().__init__(path, self.violations)

    def __str__(self) -> str:
        return "\n".join(self.violations)


class UnreadableFileError(RegistryError, OSError):
    """A data file cannot be read at all: it is missing, a directory, or not permitted."""

    def __init__(self, path: str | os.PathLike[str], problem: str, errno: int | None = None) -> None:
        super().__init__(errno, problem, os.fspath(path))
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"

    def __reduce__(self) -> tuple[type[UnreadableFileError], tuple[str | os.PathLike[str], str, int | None]]:
        return UnreadableFileError, (self.path, self.problem, self.errno)


class DataFormatWarning(UserWarning):
    """A data file was written for a newer minor release; members that this release does not know were ignored."""


class _UnknownNameError(RegistryError, KeyError):
    """Something was asked for by a name that nothing bears; `suggestions` holds the near misses, the best first."""

    what = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = str(name), tuple(sorted(known))
        super().__init__(self.name, self.known)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Return up to three known names that look like the one asked for, or have a word that does."""
        import re  # these two cost more to import than all of this module
        from difflib import get_close_matches

        near = get_close_matches(self.name, self.known, n=3)
        if not near:
            words = {name: re.split("[._-]", name) for name in self.known}
            close = get_close_matches(self.name, {word for name in words for word in words[name]}, n=1, cutoff=0.8)
            near = [name for name in self.known if close and close[0] in words[name]][:3]
        return tuple(near)

    def __str__(self) -> str:
        near = self.suggestions
        advice = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known: {', '.join(self.known[:20])}"
        return f"unknown {self.what} {self.name!r}; {advice}"


class UnknownVendorError(_UnknownNameError):
    """No vendor of that name is in the registry."""

    what = "vendor"


class UnknownCodeError(_UnknownNameError):
    """No entry with that code is in the registry, or in the vendor that was named."""

    what = "code"


class UnknownSchemaError(_UnknownNameError):
    """There is no JSON Schema of that name among the data."""

    what = "schema"


class UnknownFormatError(_UnknownNameError, ValueError):
    """There is no format of that name to render to or to read."""

    what = "format"


class DuplicateVendorError(RegistryError, ValueError):
    """Two of the files to load are about the same vendor."""

    def __init__(self, vendor: str, paths: Iterable[object]) -> None:
        self.vendor, self.paths = vendor, tuple(map(str, paths))
        super().__init__(vendor, self.paths)

    def __str__(self) -> str:
        return f"vendor {self.vendor!r} stands in {' and in '.join(self.paths)}; load one of them"


class DuplicateHostError(RegistryError, ValueError):
    """Several vendors of a registry claim the same host."""

    def __init__(self, host: str, vendors: Iterable[str]) -> None:
        self.host, self.vendors = host, tuple(sorted(vendors))
        super().__init__(host, self.vendors)

    def __str__(self) -> str:
        names = " and ".join(map(repr, self.vendors))
        return f"host {self.host!r} is claimed by the vendors {names}; leave it with one, or give both files one vendor's name"


class AmbiguousCodeError(RegistryError, LookupError):
    """Several vendors document the code; say which one is meant."""

    def __init__(self, code: str, vendors: Iterable[str]) -> None:
        self.code, self.vendors = code, tuple(sorted(vendors))
        super().__init__(code, self.vendors)

    def __str__(self) -> str:
        return f"code {self.code!r} is documented by {', '.join(self.vendors)}; name the vendor"


class VendorError(ErrortaxError):
    """
    A vendor answered with an error, or no answer came.

    *error* is the canonical error. *method* and *idempotency_key* tell of the request as much as is known, since
    whether it may be repeated depends on that, too. There is one subclass for each group, and below it one for each
    category; `exception_for` finds the one for an error.
    """

    group: ClassVar[Group | None] = None
    category: ClassVar[Category | None] = None

    def __init__(self, error: CanonicalError, *, method: str | None = None, idempotency_key: bool = False) -> None:
        if not hasattr(error, "judgement"):
            raise TypeError(f"{type(self).__name__}: error is a {type(error).__name__} object; pass an errortax.CanonicalError")
        # `args` holds the error already: making an exception sets them
        self.error, self.method, self.idempotency_key = error, method, idempotency_key

    def __str__(self) -> str:
        error = self.error
        hint = error.hints[0]
        sentences = [f"{error}; {hint.actor}: {hint.text}"]
        if error.request_id is not None:
            sentences.append(f"Request {error.request_id}.")
        if error.documentation_url is not None:
            sentences.append(f"See {error.documentation_url}")
        return " ".join(" ".join(sentences).split())  # one line, whatever a vendor file says


class AuthenticationError(VendorError):
    """Who is calling is not established."""

    group = Group.AUTHENTICATION


class CredentialsMissing(AuthenticationError):
    """The request carried no credentials, or not all that are needed."""

    category = Category.CREDENTIALS_MISSING


class CredentialsInvalid(AuthenticationError):
    """The credentials that came with the request are wrong or badly formed."""

    category = Category.CREDENTIALS_INVALID


class CredentialsExpired(AuthenticationError):
    """The credentials were good once, and their time is over."""

    category = Category.CREDENTIALS_EXPIRED


class ChallengeRequired(AuthenticationError):
    """Somebody has to prove once more who they are before this request is carried out."""

    category = Category.CHALLENGE_REQUIRED


class ChallengeFailed(AuthenticationError):
    """What a person entered as proof of identity is wrong."""

    category = Category.CHALLENGE_FAILED


class AccessError(VendorError):
    """Who is calling is known, and may not."""

    group = Group.ACCESS


class PermissionDenied(AccessError):
    """The caller is known, but may not do this."""

    category = Category.PERMISSION_DENIED


class AccountUnavailable(AccessError):
    """The account is closed, blocked or restricted."""

    category = Category.ACCOUNT_UNAVAILABLE


class PaymentRequired(AccessError):
    """The subscription or its billing needs attention before requests are served again."""

    category = Category.PAYMENT_REQUIRED


class PolicyBlocked(AccessError):
    """A rule of the vendor or of the law forbids this request as it stands."""

    category = Category.POLICY_BLOCKED


class RequestError(VendorError):
    """The request itself is wrong."""

    group = Group.REQUEST


class MalformedRequest(RequestError):
    """The program built a request that the server cannot understand."""

    category = Category.MALFORMED_REQUEST


class InvalidArgument(RequestError):
    """A value in the request is not acceptable; another value may be."""

    category = Category.INVALID_ARGUMENT


class UnsupportedMedia(RequestError):
    """The server cannot read the format that was sent, or cannot write the one that was asked for."""

    category = Category.UNSUPPORTED_MEDIA


class RequestTooLarge(RequestError):
    """The request, its address or its headers exceed what the server takes."""

    category = Category.REQUEST_TOO_LARGE


class UnsupportedOperation(RequestError):
    """The server knows the resource, but not what was asked to be done with it."""

    category = Category.UNSUPPORTED_OPERATION


class EndpointNotFound(RequestError):
    """The address that the program calls does not exist at this server."""

    category = Category.ENDPOINT_NOT_FOUND


class ResourceError(VendorError):
    """The request is fine, the state of the resource is in the way."""

    group = Group.RESOURCE


class NotFound(ResourceError):
    """Nothing exists under this identifier, or the caller may not know of it."""

    category = Category.NOT_FOUND


class AlreadyExists(ResourceError):
    """Something else already has the value that has to be unique."""

    category = Category.ALREADY_EXISTS


class Conflict(ResourceError):
    """Somebody else changed the resource after it was read."""

    category = Category.CONFLICT


class FailedPrecondition(ResourceError):
    """The request is fine, but the state of the resource or of the account does not allow it yet."""

    category = Category.FAILED_PRECONDITION


class Declined(ResourceError):
    """The vendor weighed the request and said no; another means may be accepted."""

    category = Category.DECLINED


class LimitError(VendorError):
    """An allowance is used up."""

    group = Group.LIMIT


class RateLimited(LimitError):
    """More requests came in a span of time than the vendor takes."""

    category = Category.RATE_LIMITED


class QuotaExceeded(LimitError):
    """An allowance that does not refill by waiting is used up."""

    category = Category.QUOTA_EXCEEDED


class ServerError(VendorError):
    """The vendor's side failed."""

    group = Group.SERVER


class Unavailable(ServerError):
    """The service is overloaded, being maintained or not ready."""

    category = Category.UNAVAILABLE


class Timeout(ServerError):
    """No answer was ready in time; the request may have been carried out all the same."""

    category = Category.TIMEOUT


class Internal(ServerError):
    """Something broke on the vendor's side."""

    category = Category.INTERNAL


class DependencyFailed(ServerError):
    """A system that the vendor relies on failed or gave a bad answer."""

    category = Category.DEPENDENCY_FAILED


class TransportError(VendorError):
    """Between the two sides something went wrong, or nobody knows what."""

    group = Group.TRANSPORT


class InvalidResponse(TransportError):
    """An answer came, but it makes no sense."""

    category = Category.INVALID_RESPONSE


class ConnectionFailed(TransportError):
    """The server could not be reached, or the connection broke."""

    category = Category.CONNECTION_FAILED


class Cancelled(TransportError):
    """The caller gave up before an answer came."""

    category = Category.CANCELLED


class Unknown(TransportError):
    """Nothing that is known about this vendor explains the response."""

    category = Category.UNKNOWN


_CLASS_OF: Final[Mapping[Category, type[VendorError]]] = {
    kind.category: kind for group in VendorError.__subclasses__() for kind in group.__subclasses__() if kind.category is not None
}


def exception_for(error: CanonicalError, *, method: str | None = None, idempotency_key: bool = False) -> VendorError:
    """
    Return the exception of the *error*'s category, to be raised; the other arguments are those of `VendorError`.
    """
    return _CLASS_OF[error.category](error, method=method, idempotency_key=idempotency_key)
