"""
Words and values: the vocabulary, verdicts, the canonical error with its wire form, and exceptions. No files, no bytes.
"""

from errortax.model.addresses import web_address
from errortax.model.details import MAX_DELAY, Details, DetailsSource, FieldError, Match, RateLimit, SafeDetails, tightest
from errortax.model.error import (
    CanonicalError,
    details_of,
    documented_error,
    foreign_names_of,
    safe_details_of,
    verdict_of,
)
from errortax.model.failure import VendorError
from errortax.model.mistakes import (
    AmbiguousCodeError,
    ConfigurationError,
    DataFormatWarning,
    DuplicateHostError,
    DuplicateVendorError,
    ErrortaxError,
    InvalidFileError,
    RegistryError,
    UnknownCodeError,
    UnknownFormatError,
    UnknownSchemaError,
    UnknownVariantError,
    UnknownVendorError,
    UnreadableFileError,
    WireFormError,
)
from errortax.model.names import FALLBACKS, named
from errortax.model.outcome import FailedItem, Outcome
from errortax.model.pointers import parse_pointer, pointer_to, tokens_of
from errortax.model.raised import exception_for
from errortax.model.suggestions import did_you_mean, near_misses
from errortax.model.verdict import Alternative, Hint, Source, Verdict
from errortax.model.vocabulary import Action, Actor, Basis, BodyKind, Category, Group, Level, OutcomeKind, Retryability, Scheme

__all__ = [
    "FALLBACKS",
    "MAX_DELAY",
    "Action",
    "Actor",
    "Alternative",
    "AmbiguousCodeError",
    "Basis",
    "BodyKind",
    "CanonicalError",
    "Category",
    "ConfigurationError",
    "DataFormatWarning",
    "Details",
    "DetailsSource",
    "DuplicateHostError",
    "DuplicateVendorError",
    "ErrortaxError",
    "FailedItem",
    "FieldError",
    "Group",
    "Hint",
    "InvalidFileError",
    "Level",
    "Match",
    "Outcome",
    "OutcomeKind",
    "RateLimit",
    "RegistryError",
    "Retryability",
    "SafeDetails",
    "Scheme",
    "Source",
    "UnknownCodeError",
    "UnknownFormatError",
    "UnknownSchemaError",
    "UnknownVariantError",
    "UnknownVendorError",
    "UnreadableFileError",
    "VendorError",
    "Verdict",
    "WireFormError",
    "details_of",
    "did_you_mean",
    "documented_error",
    "exception_for",
    "foreign_names_of",
    "named",
    "near_misses",
    "parse_pointer",
    "pointer_to",
    "safe_details_of",
    "tightest",
    "tokens_of",
    "verdict_of",
    "web_address",
]
