from __future__ import annotations

import pytest

from errortax import Registry
from errortax.cli.listing import HEADER, cells, matches
from errortax.docgen import plain
from errortax.docgen.rows import rows

ACME = {
    "vendor": "acme",
    "scheme": "slug",
    "entries": [
        {"code": "ok", "outcome": "success"},
        {
            "code": "too-fast",
            "also": ["too-often"],
            "category": "rate_limited",
            "statuses": [503, 429],
            "title": "Too fast",
            "hints": [{}, {"actor": "developer"}],
            "facts": [{"about": "limit", "value": 60}],
        },
        {"code": "404", "category": "not_found"},
    ],
}
REGISTRY = Registry([ACME], documentation_url="https://errors.example")


def test_cells():
    """
    A row shows the entry with its category's defaults filled in.
    """
    assert [
        ("acme", "ok", "-", "success", "never", "client", "Success"),
        ("acme", "too-fast", "429,503", "rate_limited", "after_delay", "client", "Too fast"),
        ("acme", "404", "404", "not_found", "after_action", "end_user", "Not found"),
    ] == [cells(row) for row in rows(REGISTRY)]
    assert {len(HEADER)} == {len(cells(row)) for row in rows(REGISTRY)}


def test_document():
    """
    The JSON of a row has the verdict of the entry with all defaults filled in.
    """
    [_, found, _] = map(plain.row_document, rows(REGISTRY))
    hint = found.pop("hint")
    description = found.pop("description")
    assert hint
    assert description
    assert {
        "format": "1.0",
        "kind": "row",
        "path": "acme/too-fast",
        "url": "https://errors.example/acme/too-fast",
        "vendor": "acme",
        "code": "too-fast",
        "also": ["too-often"],
        "title": "Too fast",
        "statuses": [429, 503],
        "outcome": "error",
        "category": "rate_limited",
        "group": "limit",
        "retryability": "after_delay",
        "action": "wait_and_retry",
        "actor": "client",
        "actors": ["client", "developer"],
        "min_delay": None,
        "emitted_status": 429,
        "basis": "inferred",
        "deprecated": False,
    } == found


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({}, ["ok", "too-fast", "404"]),
        ({"vendor": None, "group": None}, ["ok", "too-fast", "404"]),
        ({"vendor": "other"}, []),
        ({"category": "not_found"}, ["404"]),
        ({"group": "limit"}, ["too-fast"]),
        ({"retryability": "never"}, ["ok"]),
        ({"actor": "developer"}, ["too-fast"]),
        ({"actor": "client"}, ["ok", "too-fast"]),
        ({"status": 503}, ["too-fast"]),
        ({"status": 404}, ["404"]),
        ({"status": 404, "group": "limit"}, []),
    ],
)
def test_filters(wanted, codes):
    """
    A filter keeps the entries that have all that is wanted; an actor has something to do in any hint.
    """
    assert codes == [row.code for row in rows(REGISTRY) if matches(row, wanted)]
