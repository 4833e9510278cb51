"""
Examples: what they expect where they do not say so.
"""

from __future__ import annotations

import json

import pytest

from errortax import default_registry
from errortax.registry import Registry
from errortax.registry.expectations import examples
from errortax.registry.registry import verdicts_of

ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "entries": [
        {
            "code": "tea",
            "category": "declined",
            "alternatives": [{"category": "conflict", "reason": "It may be coffee."}],
            "variants": [{"name": "hot", "when": "/hot", "category": "rate_limited", "min_delay": 3}],
        },
        {"code": "fine", "outcome": "success"},
    ],
}
TEA = {
    "outcome": "error",
    "code": "tea",
    "category": "declined",
    "retryability": "after_action",
    "action": "use_alternative",
    "actor": "end_user",
    "alternatives": ["conflict"],
    "emitted_status": 422,
    "min_delay": None,
    "level": "code",
    "status": None,
    "status_conflict": False,
    "intermediary": False,
}


def expectations(code, *given):
    """Return what examples of an entry of Acme's expect."""
    entries = [{**entry, "examples": list(given)} if entry["code"] == code else entry for entry in ACME["entries"]]
    document = {**ACME, "entries": entries}
    found = examples(document, verdicts_of(Registry([document, default_registry().document("http")]), "acme"))
    return [dict(example.expect) for example in found]


@pytest.mark.parametrize(
    ("response", "more"),
    [
        ({}, {"body": "empty"}),
        ({"text": ""}, {"body": "empty"}),
        ({"text": "tea"}, {}),
        ({"status": 400, "json": None}, {"body": "json", "status": 400}),
    ],
)
def test_example_without_expectation(response, more):
    """
    An example expects the verdict of its entry, found by its code, and the body that its response has.
    """
    category = default_registry().taxonomy.categories["declined"]
    verdict = {"action": category.action, "actor": category.actor, "emitted_status": category.http_status}
    assert [{**TEA, **verdict, **more}] == expectations("tea", {"response": response})


def test_stated_members():
    """
    What an example states takes precedence, and what it adds is expected, too.
    """
    expect = {"status": 401, "category": "conflict", "message": "No tea."}
    [found] = expectations("tea", {"response": {"status": 400}, "expect": expect})
    assert expect == {member: found[member] for member in expect}


def test_variant():
    """
    An example that names a variant expects that variant's verdict.
    """
    [found] = expectations("tea", {"response": {"json": {"hot": 1}}, "expect": {"variant": "hot"}})
    assert ("variant", "hot", "rate_limited", 3) == (found["level"], found["variant"], found["category"], found["min_delay"])


def test_outcome_that_is_not_an_error():
    """
    An example of an outcome that is not an error expects none of the members that only errors have.
    """
    [found] = expectations("fine", {"response": {"status": 200}})
    assert ("success", "fine") == (found["outcome"], found["code"])
    assert {"category", "status", "min_delay", "emitted_status"}.isdisjoint(found)


@pytest.mark.parametrize(("code", "level"), [("404", "generic_status"), ("4xx", "status_class")])
def test_levels_of_plain_http(code, level):
    """
    Examples of plain HTTP are found by their status, or by its class.
    """
    levels = {example.expect["level"] for example in default_registry().examples("http") if example.code == code}
    assert {level} == levels


def test_raw_responses():
    """
    An example's raw response has its JSON, its text or nothing as the body.
    """
    found = {"status": 400, "headers": {"X": "y"}, "json": {"a": "é"}}
    given = [{"response": found}, {"name": "text", "response": {"text": "é"}}, {"response": {}}]
    bare = {"code": "b", "category": "declined"}
    document = {**ACME, "entries": [{"code": "a", "category": "declined", "examples": given}, bare]}
    registry = Registry([document, default_registry().document("http")])
    one, text, nothing = examples(document, verdicts_of(registry, "acme"))
    assert ("a", "a", 400, {"a": "é"}) == (one.code, one.name, one.raw.status, json.loads(one.raw.body))
    assert ("text", None, "é".encode()) == (text.name, text.raw.status, text.raw.body)
    assert b"" == nothing.raw.body
