"""
For programs that would rather catch than look at a value: `VendorError`, with a class for each group and category.

Written by ``python tools/generate.py`` from ``schemas/taxonomy.json``; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from errortax.model.error import CanonicalError
from errortax.model.failure import VendorError
from errortax.model.vocabulary import Category, Group

__all__ = [
    "AccessError",
    "AccountUnavailable",
    "AlreadyExists",
    "AuthenticationError",
    "Cancelled",
    "ChallengeFailed",
    "ChallengeRequired",
    "Conflict",
    "ConnectionFailed",
    "ConnectionImpossible",
    "Contention",
    "CredentialsExpired",
    "CredentialsInvalid",
    "CredentialsMissing",
    "Declined",
    "DependencyFailed",
    "EndpointNotFound",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "InvalidResponse",
    "LimitError",
    "MalformedRequest",
    "NoResponse",
    "NotFound",
    "PaymentRequired",
    "PermissionDenied",
    "PolicyBlocked",
    "QuotaExceeded",
    "RateLimited",
    "RequestError",
    "RequestTooLarge",
    "ResourceError",
    "ServerError",
    "Timeout",
    "TransportError",
    "Unavailable",
    "Unknown",
    "UnknownError",
    "UnsupportedMedia",
    "UnsupportedOperation",
    "VendorError",
    "exception_for",
]


class AuthenticationError(VendorError):
    """Who is calling is not established."""

    group = Group.AUTHENTICATION


class CredentialsMissing(AuthenticationError):
    """The request carried no credentials, or not all that are needed."""

    category = Category.CREDENTIALS_MISSING


class CredentialsInvalid(AuthenticationError):
    """The credentials that came with the request are wrong or malformed."""

    category = Category.CREDENTIALS_INVALID


class CredentialsExpired(AuthenticationError):
    """The credentials were valid once, but have expired."""

    category = Category.CREDENTIALS_EXPIRED


class ChallengeRequired(AuthenticationError):
    """A further proof is needed first, such as a password, a one-time code or a captcha."""

    category = Category.CHALLENGE_REQUIRED


class ChallengeFailed(AuthenticationError):
    """A proof was given and is not accepted, such as a password, a one-time code or a captcha."""

    category = Category.CHALLENGE_FAILED


class AccessError(VendorError):
    """Who is calling is known, and may not."""

    group = Group.ACCESS


class PermissionDenied(AccessError):
    """The caller is known, but lacks permission for this."""

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
    """The server knows the resource, but does not offer what was asked to be done with it, or not over this protocol."""

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


class Contention(ResourceError):
    """Work that somebody else does at this moment collides with the request; the same request can succeed soon."""

    category = Category.CONTENTION


class FailedPrecondition(ResourceError):
    """The request is fine, but the state of the resource or of the account does not allow it yet."""

    category = Category.FAILED_PRECONDITION


class Declined(ResourceError):
    """The vendor declined the request; another method may work."""

    category = Category.DECLINED


class LimitError(VendorError):
    """An allowance is used up."""

    group = Group.LIMIT


class RateLimited(LimitError):
    """Too many requests were sent in a short time."""

    category = Category.RATE_LIMITED


class QuotaExceeded(LimitError):
    """A quota is used up; waiting does not restore it."""

    category = Category.QUOTA_EXCEEDED


class ServerError(VendorError):
    """The vendor's side failed."""

    group = Group.SERVER


class Unavailable(ServerError):
    """The service is overloaded, being maintained or not ready."""

    category = Category.UNAVAILABLE


class Timeout(ServerError):
    """The server says that it took too long; the request may have been carried out all the same."""

    category = Category.TIMEOUT


class Internal(ServerError):
    """Something broke on the vendor's side."""

    category = Category.INTERNAL


class DependencyFailed(ServerError):
    """A system that the vendor relies on failed or gave a bad answer."""

    category = Category.DEPENDENCY_FAILED


class TransportError(VendorError):
    """No usable answer came: something went wrong between the two sides."""

    group = Group.TRANSPORT


class InvalidResponse(TransportError):
    """The response could not be understood."""

    category = Category.INVALID_RESPONSE


class ConnectionFailed(TransportError):
    """There was no connection to the server, or it broke."""

    category = Category.CONNECTION_FAILED


class ConnectionImpossible(TransportError):
    """No connection can be made until somebody corrects the address, the proxy or the trusted certificates."""

    category = Category.CONNECTION_IMPOSSIBLE


class NoResponse(TransportError):
    """The request was sent, and the caller stopped waiting for the response; it may have been carried out all the same."""

    category = Category.NO_RESPONSE


class Cancelled(TransportError):
    """The caller gave up before an answer came."""

    category = Category.CANCELLED


class UnknownError(VendorError):
    """An answer came, and nothing that is known explains it."""

    group = Group.UNKNOWN


class Unknown(UnknownError):
    """Nothing that is known about this vendor explains the response."""

    category = Category.UNKNOWN


_CLASS_OF: Final[Mapping[Category, type[VendorError]]] = {
    kind.category: kind for group in VendorError.__subclasses__() for kind in group.__subclasses__() if kind.category is not None
}


def exception_for(
    error: CanonicalError,
    *,
    method: str | None = None,
    idempotency_key: bool = False,
    url: str | None = None,
    response: Any = None,
) -> VendorError:
    """
    Return the exception of the *error*'s category, to be raised; the other arguments are those of `VendorError`.
    """
    kind = _CLASS_OF[error.category]
    return kind(error, method=method, idempotency_key=idempotency_key, url=url, response=response)
