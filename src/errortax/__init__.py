"""
One canonical error for every API: what went wrong, whether to repeat, who has to do what, and why.
"""

from typing import TYPE_CHECKING

from errortax import exceptions
from errortax.api import classify, parse, raise_for_error, transport_error
from errortax.detection import detect_vendor
from errortax.error import CanonicalError, Outcome
from errortax.explaining import explain
from errortax.headers import Headers
from errortax.model import Alternative, Details, FieldError, Hint, Judgement, Match, RateLimit, RawResponse, RetryDecision, Source
from errortax.registry import Registry, default_registry, load_registry
from errortax.retry import decide_retry
from errortax.taxonomy import Action, Actor, Basis, BodyKind, Category, Group, Kind, Level, Retryability, Scheme
from errortax.texts import hint_text

if TYPE_CHECKING:
    from errortax.rendering import Exposure, read, render
    from errortax.translating import Translator

__all__ = [
    "Action",
    "Actor",
    "Alternative",
    "Basis",
    "BodyKind",
    "CanonicalError",
    "Category",
    "Details",
    "Exposure",
    "FieldError",
    "Group",
    "Headers",
    "Hint",
    "Judgement",
    "Kind",
    "Level",
    "Match",
    "Outcome",
    "RateLimit",
    "RawResponse",
    "Registry",
    "RetryDecision",
    "Retryability",
    "Scheme",
    "Source",
    "Translator",
    "classify",
    "decide_retry",
    "default_registry",
    "detect_vendor",
    "exceptions",
    "explain",
    "hint_text",
    "load_registry",
    "parse",
    "raise_for_error",
    "read",
    "render",
    "transport_error",
]


def __getattr__(name: str) -> object:
    """Import what gateways need when it is asked for: a client's start does not pay for it."""
    if name not in ("Exposure", "Translator", "read", "render"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from errortax import rendering, translating

    value: object = getattr(translating if name == "Translator" else rendering, name)
    globals()[name] = value
    return value
