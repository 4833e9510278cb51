"""
Findings on vendor files.
"""

from __future__ import annotations

import json

import pytest

from errortax import default_registry, loading
from errortax.checking import check
from errortax.exceptions import UnreadableFileError


@pytest.fixture
def acme():
    """Return a vendor file with an envelope and an example, in order."""
    recognise = {"type": "object", "required": ["code"]}
    schema = {"type": "object", "properties": {"code": {"type": "string"}, "text": {"type": "string"}}}
    example = {"response": {"status": 400, "json": {"code": "tea"}}, "expect": {"outcome": "error", "category": "declined"}}
    return {
        "format": "1.0",
        "vendor": "acme",
        "title": "Acme",
        "scheme": "slug",
        "envelopes": [{"name": "plain", "description": "Always.", "recognise": recognise, "code": ["/code"], "schema": schema}],
        "entries": [{"code": "tea", "statuses": [400], "category": "declined", "examples": [example]}],
    }


@pytest.fixture
def findings(tmp_path):
    """Return a function that saves a document and returns the findings on it, without the path."""
    path = tmp_path / "acme.json"

    def findings(document):
        path.write_text(json.dumps(document), encoding="utf-8")
        return [finding.removeprefix(f"{path}#") for finding in check(path)]

    return findings


@pytest.mark.parametrize("name", default_registry().names)
def test_bundled_files(tmp_path, name):
    """
    The bundled files have no findings.
    """
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(loading.read_bundled(f"vendors/{name}.json")), encoding="utf-8")
    assert () == check(path)


def test_good_file(acme, findings):
    """
    A file that holds together has no findings.
    """
    assert [] == findings(acme)


def test_wrong_verdict(acme, findings):
    """
    An example that leads to another verdict is a finding that says both.
    """
    acme["entries"][0]["examples"][0]["expect"] |= {"category": "conflict", "code": "coffee", "emitted_status": 422}
    place = "/entries/0/examples/0/expect"
    assert [
        f"{place}/category: the verdict is 'declined', not 'conflict'; correct the example or the entry",
        f"{place}/code: the verdict is 'tea', not 'coffee'; correct the example or the entry",
    ] == findings(acme)


def test_body_that_does_not_fit(acme, findings):
    """
    An example whose body breaks its envelope's schema is a finding that says where.
    """
    acme["entries"][0]["examples"][0]["response"]["json"]["text"] = 7
    assert [
        (
            "/entries/0/examples/0/response/json/text: expected a string, got 7;"
            " correct the example or the schema of envelope 'plain'"
        )
    ] == findings(acme)


def test_schema_that_refers_elsewhere(acme, findings):
    """
    A schema that refers to another address is a finding; nothing is fetched.
    """
    acme["envelopes"][0]["schema"] = {"$ref": "http://127.0.0.1:9/schema"}
    [finding] = findings(acme)
    assert "the schema refers to 'http://127.0.0.1:9/schema', which is not in it; correct" in finding


def test_outcome_that_is_no_error(acme, findings):
    """
    An error that is expected where there is none is a finding.
    """
    acme["entries"][0]["examples"][0] = {"response": {"status": 200, "text": ""}, "expect": {"outcome": "error"}}
    assert [
        "/entries/0/examples/0/expect/outcome: the verdict is 'success', not 'error'; correct the example or the entry"
    ] == findings(acme)


def test_invalid_file(acme, findings):
    """
    The violations of a file that cannot be loaded are its findings.
    """
    acme["titel"] = acme.pop("title")
    assert [
        ": member 'title' is missing; add it: the vendor's name as people write it",
        ": unknown member 'titel'; did you mean 'title'?",
    ] == findings(acme)


def test_host_of_another_vendor(acme, findings):
    """
    A host that a bundled vendor has already is a finding as well.
    """
    acme["hosts"] = ["*.gopoints.net"]
    [finding] = findings(acme)
    assert "host '*.gopoints.net' is claimed by the vendors 'acme' and 'gopoints'" in finding


def test_nothing_to_read(tmp_path):
    """
    A file that is not there is an error, not a finding.
    """
    with pytest.raises(UnreadableFileError):
        check(tmp_path / "none.json")
