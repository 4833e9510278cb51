"""
From vendor files to findings: whether the data holds together, and its examples come out as they say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from errortax import loading, validation
from errortax.api import classify
from errortax.catalogue import Example
from errortax.error import Outcome
from errortax.exceptions import DuplicateHostError, InvalidFileError
from errortax.registry import Registry, load_registry


def check(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """
    Return the findings on the vendor file at *path*, each ``file#/json/pointer: what is wrong; what to do``.

    An example is a finding where its body does not fit the envelope that it is recognised as, and where it leads to
    another verdict than it says. Raise `errortax.exceptions.UnreadableFileError` where there is nothing to read.
    """
    try:
        document = loading.vendor_file(path)
        registry = load_registry(path)
    except InvalidFileError as error:
        return error.violations
    except DuplicateHostError as error:
        return (f"{Path(path)}#/hosts: {error}",)
    return tuple(f"{Path(path)}#{finding}" for finding in _findings(document, registry))


def _findings(document: Mapping[str, Any], registry: Registry) -> Iterator[str]:
    schemas = {envelope["name"]: envelope["schema"] for envelope in document.get("envelopes", ())}
    for i, entry in enumerate(document["entries"]):
        for j, data in enumerate(entry.get("examples", ())):
            example = Example(entry["code"], data.get("name", ""), data["response"], data["expect"])
            outcome = classify(example.raw, document["vendor"], registry=registry)
            place = f"/entries/{i}/examples/{j}"
            if outcome.match.envelope is not None and "json" in example.response:
                yield from _misfits(example.response["json"], schemas[outcome.match.envelope], place, outcome.match.envelope)
            yield from _disagreements(example, outcome, place)


def _misfits(body: object, schema: Mapping[str, Any], place: str, envelope: str) -> Iterator[str]:
    for pointer, problem in validation.misfits(body, schema):
        yield f"{place}/response/json{pointer}: {problem}; correct the example or the schema of envelope {envelope!r}"


def _disagreements(example: Example, outcome: Outcome, place: str) -> Iterator[str]:
    found = observed(outcome)
    for member, expected in example.expect.items():
        if member in found and found[member] != expected:
            yield f"{place}/expect/{member}: the verdict is {found[member]!r}, not {expected!r}; correct the example or the entry"


def observed(outcome: Outcome) -> dict[str, Any]:
    """
    Return the verdict in the form in which examples state what they expect.

    What only an error has (category, status, texts, …) is left out for other outcomes.
    """
    match, error = outcome.match, outcome.error
    found: dict[str, Any] = {
        "outcome": outcome.kind.value,
        "code": outcome.entry,
        "retryability": outcome.retryability.value,
        "action": outcome.hints[0].action.value,
        "actor": outcome.hints[0].actor.value,
        "level": match.level.value,
        "retry_after": outcome.retry_after,
        "request_id": outcome.request_id,
        "rate_limit": None,
        "alternatives": [alternative.category.value for alternative in match.alternatives],
        "envelope": match.envelope,
        "status_conflict": match.status_conflict,
        "intermediary": match.intermediary,
        "body": match.body.value,
    }
    if outcome.rate_limit is not None:
        limit = outcome.rate_limit
        found["rate_limit"] = {"limit": limit.limit, "remaining": limit.remaining, "reset_after": limit.reset_after}
    if error is not None:
        found |= {
            "category": error.category.value,
            "code": error.code,
            "status": error.status,
            "min_delay": error.min_delay,
            "message": error.message,
            "field_errors": [{"field": complaint.field, "message": complaint.message} for complaint in error.field_errors],
            "preserved": dict(error.preserved),
            "emitted_status": error.emitted_status,
        }
    return found
