"""
Advice about an error: the retry decision, and sentences for people.
"""

from errortax.advice.retry import (
    BASE_DELAY,
    IDEMPOTENT_METHODS,
    MAX_BACKOFF,
    RetryDecision,
    check_max_wait,
    check_request,
    decide_retry,
)
from errortax.advice.texts import category_text, hint_text, hint_texts, locales, match_locale, negotiate_locale, sentences

__all__ = [
    "BASE_DELAY",
    "IDEMPOTENT_METHODS",
    "MAX_BACKOFF",
    "RetryDecision",
    "category_text",
    "check_max_wait",
    "check_request",
    "decide_retry",
    "hint_text",
    "hint_texts",
    "locales",
    "match_locale",
    "negotiate_locale",
    "sentences",
]
