from __future__ import annotations

import pytest

from errortax import Registry
from errortax.cli.listing import HEADER, row, rows

ACME = {
    "vendor": "acme",
    "scheme": "slug",
    "entries": [
        {"code": "ok", "outcome": "success"},
        {
            "code": "too-fast",
            "category": "rate_limited",
            "statuses": [429, 503],
            "title": "Too fast",
            "hints": [{}, {"actor": "developer"}],
            "facts": [{"about": "limit", "value": 60}],
        },
        {"code": "404", "category": "not_found"},
    ],
}
REGISTRY = Registry([ACME])


def test_cells():
    """
    A row shows the entry with its category's defaults filled in.
    """
    assert [
        ("acme", "ok", "-", "success", "never", "client", "Success"),
        ("acme", "too-fast", "429,503", "rate_limited", "after_delay", "client", "Too fast"),
        ("acme", "404", "404", "not_found", "after_action", "end_user", "Not found"),
    ] == [found.cells() for found in rows(REGISTRY)]
    assert len(HEADER) == len(row(REGISTRY, "acme", "ok").cells())


def test_document():
    """
    The JSON of an entry has the defaults filled in and the members of the data file.
    """
    assert {
        "vendor": "acme",
        "code": "too-fast",
        "outcome": "error",
        "category": "rate_limited",
        "group": "limit",
        "retryability": "after_delay",
        "action": "wait_and_retry",
        "actor": "client",
        "title": "Too fast",
        "statuses": [429, 503],
        "hints": [{}, {"actor": "developer"}],
        "facts": [{"about": "limit", "value": 60}],
    } == row(REGISTRY, "acme", "too-fast").document()
    assert (None, None) == (row(REGISTRY, "acme", "ok").document()["category"], row(REGISTRY, "acme", "ok").document()["group"])


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
    assert codes == [found.code for found in rows(REGISTRY) if found.matches(wanted)]
