"""
What a type checker promises to a user; mypy checks this file, pytest runs it.
"""

from __future__ import annotations

from typing import assert_never, assert_type

import pytest

import errortax
from errortax import CanonicalError, Category, Group, Outcome, Retryability


def advice(retryability: Retryability) -> str:
    """Tell what to do, one case for each member and none for the rest."""
    match retryability:
        case Retryability.NEVER | Retryability.AFTER_ACTION:
            return "stop"
        case Retryability.AFTER_DELAY | Retryability.BACKOFF:
            return "repeat"
        case Retryability.RECONCILE:
            return "read again"
        case Retryability.POLL:
            return "ask later"
        case _:
            assert_never(retryability)


@pytest.mark.parametrize("retryability", Retryability)
def test_a_match_over_retryability_is_exhaustive(retryability: Retryability) -> None:
    """
    A `match` with a case for each retryability needs no case for the rest.
    """
    assert advice(retryability)


def test_results_have_the_types_they_are_documented_with() -> None:
    """
    `parse` returns an error or None, `classify` an outcome, and what they hold is typed.
    """
    response = errortax.RawResponse(status=503)
    error = assert_type(errortax.parse(response), CanonicalError | None)
    outcome = assert_type(errortax.classify(response), Outcome)
    assert error is not None
    assert Category.UNAVAILABLE == assert_type(error.category, Category)
    assert Group.SERVER == assert_type(error.category.group, Group)
    assert error == assert_type(outcome.error, CanonicalError | None)
