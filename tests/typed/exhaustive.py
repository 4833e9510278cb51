"""
A ``match`` over all categories without a last case, which type checkers prove exhaustive.

Written by ``python tools/generate.py`` from ``schemas/taxonomy.json``; do not edit.
"""

from typing import assert_never

from errortax import Category


def group_of(category: Category) -> str:
    """Return the name of the group of a category."""
    match category:
        case (
            Category.CREDENTIALS_MISSING
            | Category.CREDENTIALS_INVALID
            | Category.CREDENTIALS_EXPIRED
            | Category.CHALLENGE_REQUIRED
            | Category.CHALLENGE_FAILED
        ):
            return "authentication"
        case Category.PERMISSION_DENIED | Category.ACCOUNT_UNAVAILABLE | Category.PAYMENT_REQUIRED | Category.POLICY_BLOCKED:
            return "access"
        case (
            Category.MALFORMED_REQUEST
            | Category.INVALID_ARGUMENT
            | Category.UNSUPPORTED_MEDIA
            | Category.REQUEST_TOO_LARGE
            | Category.UNSUPPORTED_OPERATION
            | Category.ENDPOINT_NOT_FOUND
        ):
            return "request"
        case (
            Category.NOT_FOUND
            | Category.ALREADY_EXISTS
            | Category.CONFLICT
            | Category.CONTENTION
            | Category.FAILED_PRECONDITION
            | Category.DECLINED
        ):
            return "resource"
        case Category.RATE_LIMITED | Category.QUOTA_EXCEEDED:
            return "limit"
        case Category.UNAVAILABLE | Category.TIMEOUT | Category.INTERNAL | Category.DEPENDENCY_FAILED:
            return "server"
        case (
            Category.INVALID_RESPONSE
            | Category.CONNECTION_FAILED
            | Category.CONNECTION_IMPOSSIBLE
            | Category.NO_RESPONSE
            | Category.CANCELLED
        ):
            return "transport"
        case Category.UNKNOWN:
            return "unknown"
        case _:
            assert_never(category)
