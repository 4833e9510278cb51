"""
What must hold for every response: a verdict comes out, nothing is raised, and all results agree.

An input of the fuzzer reads like a response: ``vendor status``, header fields, a blank line, the body.
"""

from __future__ import annotations

import json
import pickle

from errortax import CanonicalError, OutcomeKind, RawResponse, classify, default_registry, parse

VENDORS = tuple(default_registry())
LATER = 1_800_000_000.0


def read_input(data: bytes) -> tuple[str, RawResponse]:
    """
    Return the vendor and the raw response that *data* stands for; any bytes stand for something.
    """
    head, _, body = data.replace(b"\r\n", b"\n", 64).partition(b"\n\n")
    first, *fields = head.split(b"\n")
    name, _, status = first.partition(b" ")
    vendor = name.decode("latin-1")
    headers = [(field.partition(b":")[0], field.partition(b":")[2]) for field in fields]
    number = int(status) if status.isdigit() and len(status) < 10 else None
    return vendor if vendor in VENDORS else VENDORS[len(data) % len(VENDORS)], RawResponse(number, headers, body)


def examine(response: RawResponse, vendor: str) -> CanonicalError | None:
    """
    Judge the *response*, look at everything there is to see, and return the error.

    Raise `AssertionError` where the results contradict each other.
    """
    error = parse(response, vendor, now=LATER)
    outcome = classify(response, vendor, now=LATER)
    assert error == outcome.error
    assert (error is not None) == (outcome.kind is OutcomeKind.ERROR)
    assert outcome.hints
    assert repr(outcome)
    assert outcome.retry_after is None or 0.0 <= outcome.retry_after < float("inf")
    if error is None:
        return None
    assert (error.match, error.retry_after, error.request_id) == (outcome.match, outcome.retry_after, outcome.request_id)
    assert (error.rate_limit, error.hints, error.retryability) == (outcome.rate_limit, outcome.hints, outcome.retryability)
    assert str(error).isprintable()
    assert repr(error).isprintable()
    document = error.to_dict()
    assert document == json.loads(json.dumps(document, allow_nan=False))
    assert error == CanonicalError.from_dict(document)
    restored = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (error, hash(error), error.preserved) == (restored, hash(restored), restored.preserved)
    return error


def one_input(data: bytes) -> None:
    """
    Examine the response that *data* stands for.
    """
    vendor, response = read_input(data)
    examine(response, vendor)
