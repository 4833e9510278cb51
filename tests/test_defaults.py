"""
Defaults: what a vendor file states once counts wherever the file does not say otherwise.
"""

from __future__ import annotations

import json

import pytest

from errortax import Basis, load_registry
from errortax.exceptions import InvalidFileError
from errortax.registry import loading

ENVELOPE = {"name": "error", "description": "Sent on errors.", "recognise": "/code", "schema": {}}
INFERRED = {"category": "inferred", "retryability": "inferred", "hints": "inferred"}
ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "documents": [{"id": "errors", "title": "Errors"}, {"id": "limits", "title": "Limits"}],
    "defaults": {"document": "errors", "basis": {"category": "documented"}, "headers": {"Content-Type": "application/json"}},
    "requests": [{"header": "X-Key", "value": "{key}", "description": "Says who asks.", "source": "Keys"}],
    "envelopes": [{**ENVELOPE, "source": "Bodies"}],
    "rate_limits": [{"limit": {"header": "X-Limit"}, "source": "Limits"}],
    "fingerprints": [{"header": "Server", "pattern": "acme", "source": "Servers"}],
    "facts": [{"about": "region", "value": "eu", "source": "Regions"}],
    "statuses": {"404": {"category": "not_found", "source": "Statuses"}},
    "entries": [
        {
            "code": "tea",
            "category": "declined",
            "source": "Codes",
            "basis": {"hints": "documented"},
            "facts": [{"about": "taste", "value": "bitter", "source": "Codes"}],
            "variants": [
                {"name": "hot", "when": "/hot", "source": "Heat", "basis": {"category": "inferred"}},
                {"name": "cold", "when": "/cold"},
            ],
        },
        {"code": "milk", "category": "declined", "source": {"document": "limits", "section": "Codes"}},
    ],
}


@pytest.fixture
def load(tmp_path):
    """Return a function that saves a file about the vendor acme and loads it."""

    def load(document):
        path = tmp_path / "acme.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path, loading.vendor_file(path)

    return load


def test_sources(load):
    """
    A source that is a text is a section of the document that the defaults name, wherever a source may be.
    """
    _, document = load(ACME)
    tea, milk = document["entries"]
    assert {"document": "limits", "section": "Codes"} == milk["source"]
    holders = {
        "Keys": document["requests"][0],
        "Bodies": document["envelopes"][0],
        "Limits": document["rate_limits"][0],
        "Servers": document["fingerprints"][0],
        "Regions": document["facts"][0],
        "Statuses": document["statuses"]["404"],
        "Codes": tea,
        "Heat": tea["variants"][0],
    }
    found = {section: {"document": "errors", "section": section} for section in holders}
    assert found == {section: holder["source"] for section, holder in holders.items()}
    assert tea["source"] == tea["facts"][0]["source"]
    assert "defaults" not in document


def test_basis(load):
    """
    A basis is that of the defaults in what it leaves out, else inferred; a variant without one has that of its entry.
    """
    _, document = load(ACME)
    tea, milk = document["entries"]
    assert {**INFERRED, "category": "documented"} == milk["basis"] == document["statuses"]["404"]["basis"]
    assert {**INFERRED, "category": "documented", "hints": "documented"} == tea["basis"]
    assert INFERRED == tea["variants"][0]["basis"]
    assert "basis" not in tea["variants"][1]


def test_header_fields(load):
    """
    An example whose body is JSON has the header fields of the defaults, unless it has one of that name itself.
    """
    responses = [
        ({"json": {}}, {"Content-Type": "application/json"}),
        ({"json": {}, "headers": {"X-Id": "1"}}, {"Content-Type": "application/json", "X-Id": "1"}),
        ({"json": {}, "headers": {"content-type": "text/json"}}, {"content-type": "text/json"}),
        ({"text": "{}"}, None),
    ]
    examples = [{"response": {"status": 400, **response}} for response, _ in responses]
    _, document = load({**ACME, "entries": [{"code": "tea", "category": "declined", "examples": examples}]})
    found = [example["response"].get("headers") for example in document["entries"][0]["examples"]]
    assert [fields for _, fields in responses] == found


def test_typed_view_and_verdicts(load):
    """
    Objects and verdicts have what the file left to its defaults.
    """
    path, _ = load(ACME)
    registry = load_registry(path)
    entry, verdict = registry["acme"]["milk"], registry.verdict("acme", "tea")
    assert (Basis.DOCUMENTED, Basis.INFERRED) == (entry.basis.category, entry.basis.hints)
    assert ("Errors", "Codes", Basis.DOCUMENTED) == (verdict.source.document, verdict.source.section, verdict.basis)
    assert Basis.INFERRED is registry.verdict("acme", "tea", "hot").basis
    assert Basis.DOCUMENTED is registry.verdict("acme", "tea", "cold").basis
    assert (False, False) == (registry["acme"].requests[0].required, registry["acme"].requests[0].secret)


def test_files_without_defaults(load):
    """
    A file that states no defaults is read as it is.
    """
    entries = [{"code": "tea", "category": "declined"}]
    document = {**ACME, "entries": entries, "defaults": {}}
    for member in ("requests", "envelopes", "rate_limits", "fingerprints", "facts", "statuses"):
        del document[member]
    _, found = load(document)
    assert {name: value for name, value in document.items() if name != "defaults"} == found
    del document["defaults"]
    assert document == load(document)[1]


def test_every_section_without_a_document(load):
    """
    A section alone is a violation at each place where the defaults name no document for it.
    """
    with pytest.raises(InvalidFileError) as caught:
        load({**ACME, "defaults": {}})
    places = [violation.partition("#")[2].partition(":")[0] for violation in caught.value.violations]
    assert [
        "/entries/0/facts/0/source",
        "/entries/0/source",
        "/entries/0/variants/0/source",
        "/envelopes/0/source",
        "/facts/0/source",
        "/fingerprints/0/source",
        "/rate_limits/0/source",
        "/requests/0/source",
        "/statuses/404/source",
    ] == places
