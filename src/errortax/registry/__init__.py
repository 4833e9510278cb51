"""
Files to vendors to verdicts: the only package that reads files.
"""

from typing import TYPE_CHECKING

from errortax.model import Verdict
from errortax.registry.registry import DOCUMENTATION_URL, GENERIC, Registry, default_registry, load_registry

if TYPE_CHECKING:
    from errortax.registry.documents import (
        AlternativeData,
        Answers,
        AnswerShape,
        BasisByPart,
        CategoryDefaults,
        Citation,
        Defaults,
        Deprecation,
        Document,
        Entry,
        Envelope,
        Example,
        Fact,
        FieldErrorPointers,
        Fingerprint,
        GrpcNames,
        HintData,
        Meaning,
        OutcomeDefaults,
        Prose,
        RateLimitDialect,
        RequestHeader,
        RetryabilityProse,
        Secrets,
        SecretShape,
        Taxonomy,
        Variant,
        Vendor,
    )

__all__ = [
    "DOCUMENTATION_URL",
    "GENERIC",
    "AlternativeData",
    "AnswerShape",
    "Answers",
    "BasisByPart",
    "CategoryDefaults",
    "Citation",
    "Defaults",
    "Deprecation",
    "Document",
    "Entry",
    "Envelope",
    "Example",
    "Fact",
    "FieldErrorPointers",
    "Fingerprint",
    "GrpcNames",
    "HintData",
    "Meaning",
    "OutcomeDefaults",
    "Prose",
    "RateLimitDialect",
    "Registry",
    "RequestHeader",
    "RetryabilityProse",
    "SecretShape",
    "Secrets",
    "Taxonomy",
    "Variant",
    "Vendor",
    "Verdict",
    "default_registry",
    "load_registry",
]


def __getattr__(name: str) -> object:
    """Import the classes of the typed view when one is asked for (:pep:`562`): parsing does without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from errortax.registry import documents

    value: object = getattr(documents, name)
    globals()[name] = value
    return value
