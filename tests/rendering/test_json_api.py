"""
Error objects of JSON:API 1.1.
"""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from errortax import CanonicalError, RawResponse, parse, read, render
from errortax.rendering import AUDIENCES
from errortax.testing import documented_errors, fake
from strategies import EXAMPLES

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
KNOWN = [*DOCUMENTED, *(error for vendor, example in EXAMPLES if (error := parse(example.raw, vendor)) is not None)]

LINK = {"type": "string", "format": "uri"}
DOCUMENT = Draft202012Validator({  # https://jsonapi.org/format/1.1/#error-objects
    "type": "object",
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "links": {"type": "object", "properties": {"about": LINK, "type": LINK}, "additionalProperties": False},
                    "status": {"type": "string", "pattern": "^[1-5][0-9][0-9]$"},
                    "code": {"type": "string"},
                    "title": {"type": "string"},
                    "detail": {"type": "string"},
                    "source": {
                        "type": "object",
                        "properties": {"pointer": {"type": "string", "pattern": "^(/([^~/]|~[01])*)*$"}},
                        "additionalProperties": False,
                    },
                    "meta": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
    },
    "required": ["errors"],
    "additionalProperties": False,
})  # fmt: skip


def objects_of(error, **choices):
    """Return the error objects."""
    return json.loads(render(error, "json:api", **choices).body)["errors"]


def error_with(**members):
    """Return a documented error with other details."""
    return CanonicalError.from_dict(DOCUMENTED[0].to_dict() | members)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_specification(audience):
    """
    Each answer is a document by the rules of JSON:API 1.1, under its media type without parameters.
    """
    for error in KNOWN:
        rendered = render(error, "json:api", expose=audience)
        assert [] == [fault.message for fault in DOCUMENT.iter_errors(json.loads(rendered.body))]
        assert "application/vnd.api+json" == rendered.headers["content-type"]


def test_one_object_for_each_complaint():
    """
    Each complaint has an error object of its own, with the pointer to the field and the vendor's text for operators.
    """
    complaints = [{"field": "user.email", "message": "Wrong."}, {"field": None, "message": "All wrong."}]
    found = objects_of(error_with(field_errors=complaints, request_id="rq_1"), expose="operator")
    assert [{"pointer": "/user/email"}, {"pointer": ""}] == [each["source"] for each in found]
    assert ["Wrong.", "All wrong."] == [each["detail"] for each in found]
    assert {("400", "malformed_request")} == {(each["status"], each["code"]) for each in found}
    assert [(None, "rq_1")] * 2 == [(each.get("id"), each["meta"]["request_id"]) for each in found]  # an id is of one of them


def test_one_complaint():
    """
    A single object has the id of the request.
    """
    (found,) = objects_of(error_with(field_errors=[{"field": "a", "message": "Wrong."}], request_id="rq_1"))
    assert ("rq_1", None) == (found["id"], found["meta"].get("request_id"))


def test_one_object_without_complaints():
    """
    Without field errors there is one object, which says what to do.
    """
    (found,) = objects_of(error_with(field_errors=[], request_id=None))
    assert "source" not in found
    assert "id" not in found
    assert {"type", "about"} == found["links"].keys()
    assert DOCUMENTED[0].documentation_url == found["links"]["about"]
    assert {"type"} == objects_of(DOCUMENTED[0], expose="public")[0]["links"].keys()


def test_name_that_is_a_pointer():
    """
    A vendor's own pointer is written unchanged; the name, which it does not reveal, is in ``meta``.
    """
    complaints = [{"field": "/data/name", "message": "Wrong."}, {"field": "data.name", "message": "Wrong."}]
    found = objects_of(error_with(field_errors=complaints))
    assert ["/data/name"] * 2 == [each["source"]["pointer"] for each in found]
    assert ["/data/name", None] == [each["meta"].get("field") for each in found]


@pytest.mark.parametrize(
    "document",
    [
        None, [], "errors", {}, {"errors": {}}, {"errors": []}, {"errors": [None, 7]}, {"errors": [{}]},
        {"errors": [{"meta": []}]},
        {"errors": [{"meta": {}}]}, {"errors": [{"meta": {"category": 7}}]}, {"data": {"type": "orders", "id": "1"}},
        {"errors": [{"meta": {"category": "internal"}}]}, {"errors": [{"meta": {"category": "internal", "retryability": 7}}]},
    ],
)  # fmt: skip
def test_documents_of_others(document):
    """
    Error objects that name no category are none of ours.
    """
    assert read(RawResponse(422, {}, json.dumps(document).encode()), "json:api") is None


def test_odd_objects():
    """
    Objects of others and members of wrong types are skipped; the first object of ours has the other parts.
    """
    meta = {"category": "invalid_argument", "retryability": "after_action"}
    document = {
        "errors": [
            None,
            {"source": {"pointer": "/b"}, "meta": {"category": "theirs"}, "detail": "Theirs."},
            {"id": 7, "meta": {**meta, "field": 7}, "source": {"pointer": "/a"}, "detail": "Wrong."},
            {"source": "a", "meta": meta},
            {"source": {"pointer": 7}, "meta": meta, "detail": 7},
            {"source": {"parameter": "q"}, "meta": meta},
            {"source": {"pointer": 7}, "meta": "none", "detail": 7},
        ]
    }
    error = read(RawResponse(422, {}, json.dumps(document).encode()), "json:api")
    assert [("a", "Wrong."), (None, ""), (None, "")] == [(each.field, each.message) for each in error.field_errors]
    assert ("invalid_argument", None, 422) == (error.category, error.request_id, error.status)
