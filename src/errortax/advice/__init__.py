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
from errortax.advice.widths import cells, is_wide, padded

__all__ = [
    "BASE_DELAY",
    "IDEMPOTENT_METHODS",
    "MAX_BACKOFF",
    "RetryDecision",
    "category_text",
    "cells",
    "check_max_wait",
    "check_request",
    "decide_retry",
    "hint_text",
    "hint_texts",
    "is_wide",
    "locales",
    "match_locale",
    "negotiate_locale",
    "padded",
    "sentences",
]
