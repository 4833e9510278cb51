"""
One canonical error for every API: what went wrong, whether to repeat, who has to do what, and why.
"""

from typing import TYPE_CHECKING

from errortax import exceptions
from errortax.advice import (
    RetryDecision,
    category_text,
    decide_retry,
    hint_text,
    hint_texts,
    locales,
    negotiate_locale,
)
from errortax.api import classify, parse, raise_for_error, transport_error
from errortax.http import Headers, RawResponse
from errortax.model import (
    Action,
    Actor,
    Alternative,
    Basis,
    BodyKind,
    CanonicalError,
    Category,
    FailedItem,
    FieldError,
    Group,
    Hint,
    Level,
    Match,
    Outcome,
    OutcomeKind,
    RateLimit,
    Retryability,
    Scheme,
    Source,
    Verdict,
)
from errortax.parsing import detect_vendor
from errortax.registry import Registry, default_registry, load_registry

if TYPE_CHECKING:
    from errortax.docgen import explain
    from errortax.gateway import Translator
    from errortax.rendering import Exposure, read, render

__all__ = [
    "Action",
    "Actor",
    "Alternative",
    "Basis",
    "BodyKind",
    "CanonicalError",
    "Category",
    "Exposure",
    "FailedItem",
    "FieldError",
    "Group",
    "Headers",
    "Hint",
    "Level",
    "Match",
    "Outcome",
    "OutcomeKind",
    "RateLimit",
    "RawResponse",
    "Registry",
    "RetryDecision",
    "Retryability",
    "Scheme",
    "Source",
    "Translator",
    "Verdict",
    "category_text",
    "classify",
    "decide_retry",
    "default_registry",
    "detect_vendor",
    "exceptions",
    "explain",
    "hint_text",
    "hint_texts",
    "load_registry",
    "locales",
    "negotiate_locale",
    "parse",
    "raise_for_error",
    "read",
    "render",
    "transport_error",
]


def __getattr__(name: str) -> object:
    """Import what gateways and documentation need when it is asked for: a client's start does not pay for it."""
    rooms = {"Translator": "gateway", "explain": "docgen"} | dict.fromkeys(("Exposure", "read", "render"), "rendering")
    if name not in rooms:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{rooms[name]}"), name)
    globals()[name] = value
    return value
