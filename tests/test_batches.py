"""
Batches: results in one response, each like a response of its own.
"""

from __future__ import annotations

import json

import pytest

from errortax import RawResponse, classify
from errortax.http import Headers
from errortax.parsing.batches import Batches
from errortax.registry import Registry


def places(data, document):
    """Return the places and ids of the results that are found, and the total."""
    batch = Batches(data, lambda value: value if isinstance(value, str) else None).find(document, Headers())
    return None if batch is None else ([(item.place, item.id) for item in batch.items], batch.total)


RESULTS = [{"id": "a", "ok": True}, {"id": "b", "ok": False}, {"id": 3, "ok": False}]


@pytest.mark.parametrize(
    ("data", "document", "expected"),
    [
        ({"at": "/results", "id": "/id"}, {"results": RESULTS}, ([(0, "a"), (1, "b"), (2, None)], 3)),
        ({"at": {"at": "/results", "where": {"at": "/ok", "is": False}}}, {"results": RESULTS}, ([(1, None), (2, None)], 3)),
        ({"at": {"at": "/results", "members": True}}, {"results": {"x": 1, "y": 2}}, ([("x", None), ("y", None)], 2)),
        ({"at": {"at": "/results", "members": True}}, {"results": 1}, None),
        ({"at": {"at": "/pages", "where": True, "then": "/results"}},
         {"pages": [{"results": [1, 2]}, {"results": [3]}]}, ([(0, None), (1, None), (0, None)], 3)),
        ({"at": "/results"}, {"results": {"id": "one"}}, ([(0, None)], 1)),
        ({"at": "/results"}, {"results": []}, None),
        ({"at": "/results"}, {}, None),
        ({"at": "/results"}, [], None),
    ],
)  # fmt: skip
def test_find(data, document, expected):
    """
    The results are found where they are, those that the condition leaves out count in the total and the places.
    """
    assert expected == places(data, document)


def test_parts():
    """
    A result may have a status, header fields and a body of its own; the body may be text that is JSON.
    """
    data = {"at": "", "status": "/status", "headers": "/headers", "body": "/body"}
    results = [
        {"status": "404", "headers": {"Retry-After": "3", "X": 1}, "body": '{"code": 1}'},
        {"status": 500, "headers": [], "body": {"code": 2}},
        {"status": "x"},
    ]
    batch = Batches(data, str).find(results, Headers())
    assert batch is not None
    first, second, third = batch.items
    assert (404, "3", {"code": 1}) == (first.raw.status, first.raw.headers.get("Retry-After"), first.decoded[1])
    assert (500, {"code": 2}) == (second.raw.status, second.decoded[1])
    assert None is third.decoded[1]
    assert 0 == len(list(second.raw.headers))


@pytest.fixture
def registry():
    """Return a registry with a vendor that answers batches."""
    items = {"at": {"at": "/results", "where": {"at": "/error", "type": "object"}}, "id": "/id", "status": "/error/status"}
    envelopes = [
        {"name": "batch", "recognise": {"at": "/results", "type": "array"}, "outcome": "success", "items": items},
        {"name": "error", "recognise": {"at": "/error/code", "type": "string"}, "code": ["/error/code"], "outcome": "error"},
    ]
    entry = {"code": "gone", "statuses": [404], "category": "not_found", "retryability": "never", "action": "none"}
    return Registry(
        [{"format": "1.0", "vendor": "batches", "title": "B", "scheme": "slug", "envelopes": envelopes, "entries": [entry]}]
    )


def test_truncation(registry):
    """
    Of very many results, no more are looked at than the budget allows; all are counted.
    """
    failed = {"error": {"code": "gone", "status": 404}}
    body = json.dumps({"results": [{}] + [failed] * 1000}).encode()
    outcome = classify(RawResponse(200, {"Content-Type": "application/json"}, body), "batches", registry=registry)
    assert 1001 == outcome.item_count
    assert outcome.items_truncated
    assert 1 == outcome.items[0].index
    assert {"gone"} == {item.error.code for item in outcome.items}
    assert len(outcome.items) < 1000


def test_results_that_say_nothing(registry):
    """
    A result without a status failed if its shape is that of an error, even if its code is not documented.
    """
    body = json.dumps({"results": [{"error": {}}, {"error": {"code": "odd"}}, {"error": {"code": "gone"}}]}).encode()
    outcome = classify(RawResponse(200, {"Content-Type": "application/json"}, body), "batches", registry=registry)
    assert [(1, "odd", "unknown"), (2, "gone", "not_found")] == [
        (item.index, item.error.code, item.error.category) for item in outcome.items
    ]
