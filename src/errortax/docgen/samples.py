"""
Examples of the data as samples: the raw response, the canonical error, and what a gateway answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from errortax.api import parse
from errortax.docgen.values import Sample
from errortax.registry import Example, Registry
from errortax.rendering import render

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The time for responses without a ``Date``, so that each run writes the same pages."""

_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}


def sample_of(example: Example, vendor: str, registry: Registry) -> Sample:
    """
    Return the *example* of an entry of *vendor* as a sample.
    """
    raw = example.raw
    error = parse(raw, vendor, registry=registry, now=None if "date" in raw.headers else _NOW)
    return Sample(
        name=example.name,
        response=_message(example.response),
        error=None if error is None else error.to_dict(),
        problem=None if error is None else json.loads(render(error, registry=registry).body or ""),
    )


def _message(response: Mapping[str, Any]) -> str:
    """Return a response as a message (:rfc:`9112#section-2.1`) with line feeds only; a JSON body is indented."""
    status = response.get("status")
    start = [] if status is None else [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}".rstrip()]
    for name, values in response.get("headers", {}).items():
        start += [f"{name}: {value}" for value in (values if isinstance(values, list) else [values])]
    body = json.dumps(response["json"], indent=2, ensure_ascii=False) if "json" in response else response.get("text", "")
    return "\n".join(start) + (f"\n\n{body}" if body else "")
