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
        ComplaintPlaces,
        Defaults,
        Deprecation,
        Document,
        Entry,
        Envelope,
        Example,
        Fact,
        Fingerprint,
        GrpcNames,
        HintData,
        ItemPlaces,
        Marks,
        Meaning,
        OutcomeDefaults,
        Prose,
        RequestHeader,
        RetryabilityProse,
        Secrets,
        SecretShape,
        Slots,
        Status,
        Taxonomy,
        Variant,
        Vendor,
        Window,
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
    "ComplaintPlaces",
    "Defaults",
    "Deprecation",
    "Document",
    "Entry",
    "Envelope",
    "Example",
    "Fact",
    "Fingerprint",
    "GrpcNames",
    "HintData",
    "ItemPlaces",
    "Marks",
    "Meaning",
    "OutcomeDefaults",
    "Prose",
    "Registry",
    "RequestHeader",
    "RetryabilityProse",
    "SecretShape",
    "Secrets",
    "Slots",
    "Status",
    "Taxonomy",
    "Variant",
    "Vendor",
    "Verdict",
    "Window",
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
