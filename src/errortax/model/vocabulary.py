"""
The closed vocabulary as enumerations, so that type checkers can prove a ``match`` exhaustive.

Written by ``python tools/generate.py`` from ``schemas/taxonomy.json``; do not edit.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """The families that categories belong to."""

    AUTHENTICATION = "authentication"
    ACCESS = "access"
    REQUEST = "request"
    RESOURCE = "resource"
    LIMIT = "limit"
    SERVER = "server"
    TRANSPORT = "transport"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What went wrong, by what the caller would do about it."""

    __match_args__ = ("value",)  # without it pyright refuses ``case Category(group=…)``, since texts have patterns of their own

    group: Group

    def __new__(cls, value: str, group: Group) -> Category:  # noqa: D102  # called by `enum` alone
        member = str.__new__(cls, value)
        member._value_ = value
        member.group = group
        return member

    CREDENTIALS_MISSING = "credentials_missing", Group.AUTHENTICATION
    CREDENTIALS_INVALID = "credentials_invalid", Group.AUTHENTICATION
    CREDENTIALS_EXPIRED = "credentials_expired", Group.AUTHENTICATION
    CHALLENGE_REQUIRED = "challenge_required", Group.AUTHENTICATION
    CHALLENGE_FAILED = "challenge_failed", Group.AUTHENTICATION
    PERMISSION_DENIED = "permission_denied", Group.ACCESS
    ACCOUNT_UNAVAILABLE = "account_unavailable", Group.ACCESS
    PAYMENT_REQUIRED = "payment_required", Group.ACCESS
    POLICY_BLOCKED = "policy_blocked", Group.ACCESS
    MALFORMED_REQUEST = "malformed_request", Group.REQUEST
    INVALID_ARGUMENT = "invalid_argument", Group.REQUEST
    UNSUPPORTED_MEDIA = "unsupported_media", Group.REQUEST
    REQUEST_TOO_LARGE = "request_too_large", Group.REQUEST
    UNSUPPORTED_OPERATION = "unsupported_operation", Group.REQUEST
    ENDPOINT_NOT_FOUND = "endpoint_not_found", Group.REQUEST
    NOT_FOUND = "not_found", Group.RESOURCE
    ALREADY_EXISTS = "already_exists", Group.RESOURCE
    CONFLICT = "conflict", Group.RESOURCE
    CONTENTION = "contention", Group.RESOURCE
    FAILED_PRECONDITION = "failed_precondition", Group.RESOURCE
    DECLINED = "declined", Group.RESOURCE
    RATE_LIMITED = "rate_limited", Group.LIMIT
    QUOTA_EXCEEDED = "quota_exceeded", Group.LIMIT
    UNAVAILABLE = "unavailable", Group.SERVER
    TIMEOUT = "timeout", Group.SERVER
    INTERNAL = "internal", Group.SERVER
    DEPENDENCY_FAILED = "dependency_failed", Group.SERVER
    INVALID_RESPONSE = "invalid_response", Group.TRANSPORT
    CONNECTION_FAILED = "connection_failed", Group.TRANSPORT
    CONNECTION_IMPOSSIBLE = "connection_impossible", Group.TRANSPORT
    NO_RESPONSE = "no_response", Group.TRANSPORT
    CANCELLED = "cancelled", Group.TRANSPORT
    UNKNOWN = "unknown", Group.UNKNOWN


class Retryability(StrEnum):
    """Whether, and under which condition, repeating the request can succeed."""

    NEVER = "never"
    AFTER_ACTION = "after_action"
    AFTER_DELAY = "after_delay"
    BACKOFF = "backoff"
    RECONCILE = "reconcile"
    POLL = "poll"

    @property
    def is_automatic(self) -> bool:
        """Return whether a program may repeat the request by itself, its method permitting."""
        return self in _AUTOMATIC


_AUTOMATIC: Final = frozenset({Retryability.AFTER_DELAY, Retryability.BACKOFF})


class Action(StrEnum):
    """What somebody has to do."""

    SUPPLY_CREDENTIALS = "supply_credentials"
    CHECK_CREDENTIALS = "check_credentials"
    REFRESH_CREDENTIALS = "refresh_credentials"
    REAUTHENTICATE = "reauthenticate"
    COMPLETE_CHALLENGE = "complete_challenge"
    REENTER_CHALLENGE = "reenter_challenge"
    REQUEST_ACCESS = "request_access"
    CONTACT_SUPPORT = "contact_support"
    FIX_BILLING = "fix_billing"
    FIX_PROGRAM = "fix_program"
    CORRECT_INPUT = "correct_input"
    CHOOSE_OTHER_VALUE = "choose_other_value"
    REDUCE_SIZE = "reduce_size"
    REFETCH_AND_RETRY = "refetch_and_retry"
    SATISFY_PRECONDITION = "satisfy_precondition"
    USE_ALTERNATIVE = "use_alternative"
    WAIT_AND_RETRY = "wait_and_retry"
    FREE_OR_RAISE_QUOTA = "free_or_raise_quota"
    CHECK_NETWORK = "check_network"
    FIX_CONNECTION = "fix_connection"
    FIX_SERVICE = "fix_service"
    POLL_STATUS = "poll_status"
    FOLLOW_REDIRECT = "follow_redirect"
    NONE = "none"


class Actor(StrEnum):
    """Who has to do it."""

    CLIENT = "client"
    DEVELOPER = "developer"
    END_USER = "end_user"
    ACCOUNT_OWNER = "account_owner"
    VENDOR = "vendor"


class OutcomeKind(StrEnum):
    """What a response means at all."""

    SUCCESS = "success"
    PENDING = "pending"
    REDIRECT = "redirect"
    ERROR = "error"


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
