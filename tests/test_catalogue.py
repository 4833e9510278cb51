"""
The catalogue: what the data says about the vendors, as typed objects and as a whole.
"""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from errortax import Action, Actor, Basis, Category, OutcomeKind, Retryability, Scheme, default_registry
from errortax.exceptions import UnknownCodeError
from errortax.registry import Vendor, loading, structuring

ENTRIES = {"authrocket": 22, "planoauth": 18, "youforce": 11, "gopoints": 37}
SCHEMES = {
    "authrocket": Scheme.HTTP_STATUS,
    "youforce": Scheme.HTTP_STATUS,
    "planoauth": Scheme.SLUG,
    "gopoints": Scheme.DOTTED,
    "http": Scheme.HTTP_STATUS,
}
REGISTRY = default_registry()
NAMES = sorted(SCHEMES)

every_vendor = pytest.mark.parametrize("name", NAMES)
every_entry = pytest.mark.parametrize(
    ("vendor", "entry"), [pytest.param(vendor, entry, id=f"{vendor.name}:{entry.code}") for vendor, entry in REGISTRY.entries()]
)


def without(value, *names):
    """Return plain JSON without the members of these *names* and those that say `inferred`, which is the default."""
    if isinstance(value, dict):
        return {k: without(v, *names) for k, v in value.items() if k not in names and v != "inferred"}
    return [without(item, *names) for item in value] if isinstance(value, (list, tuple)) else value


@every_vendor
def test_round_trip(name):
    """
    A vendor file made into objects and back says what it said, less examples and defaults.
    """
    document = loading.bundled_vendor(name)
    for entry in document["entries"]:
        entry.pop("examples")
    vendor = structuring.vendor(document)
    plain = structuring.converter().unstructure(vendor)
    expected = {key: value for key, value in document.items() if key not in ("$schema", "format")}
    assert without(expected) == without(json.loads(json.dumps(plain)))
    assert plain == structuring.converter().unstructure(structuring.vendor(plain))


def test_taxonomy_round_trip():
    """
    The taxonomy made into objects and back says what it said.
    """
    document = loading.bundled("taxonomy.json")
    plain = structuring.converter().unstructure(structuring.taxonomy())
    assert {key: value for key, value in document.items() if key not in ("$schema", "format")} == plain
    assert structuring.taxonomy() is structuring.taxonomy()
    assert Category.UNKNOWN in structuring.taxonomy().categories


def test_documented_outcomes():
    """
    All 88 documented outcomes are entries, 76 of them errors.
    """
    counts = {name: len(REGISTRY[name].entries) for name in ENTRIES}
    kinds = [entry.outcome or OutcomeKind.ERROR for name in ENTRIES for entry in REGISTRY[name].entries]
    assert ENTRIES == counts
    assert 88 == len(kinds)
    assert 76 == kinds.count(OutcomeKind.ERROR)


def test_codes_without_a_status():
    """
    Five of PlanoAuth's codes have no documented HTTP status.
    """
    assert 5 == sum(not entry.statuses for entry in REGISTRY["planoauth"].entries)


@every_vendor
def test_scheme(name):
    """
    Each vendor names failures in its own scheme, and each code is in that scheme.
    """
    vendor = REGISTRY[name]
    assert SCHEMES[name] is vendor.scheme
    assert len(vendor.entries) == len(set(vendor))
    if vendor.scheme is Scheme.HTTP_STATUS:
        assert all(code[0] in "12345" and (code[1:].isdecimal() or code[1:] == "xx") for code in vendor)
    if vendor.scheme is Scheme.DOTTED:
        assert all("." in entry.code for entry in vendor.entries if entry.outcome in (None, OutcomeKind.ERROR))


@every_entry
def test_entry(vendor, entry):
    """
    Each entry says what happened, what it comes from, and how each judgement came about.
    """
    assert entry.title
    assert entry.description
    assert entry.description.endswith(".")
    assert entry.source is not None
    assert vendor.document(entry.source.document) is not None
    assert entry.source.section
    assert entry.basis is not None
    assert (entry.outcome in (None, OutcomeKind.ERROR)) is (entry.category is not None)
    assert all(alternative.reason for alternative in entry.alternatives)
    assert all(fact.source is None or vendor.document(fact.source.document) is not None for fact in entry.facts)


@every_vendor
def test_body_schemas(name):
    """
    The schema of each envelope is a JSON Schema.
    """
    for envelope in REGISTRY[name].envelopes:
        Draft202012Validator.check_schema(envelope.schema)


@every_vendor
def test_documents(name):
    """
    Each vendor names its documents, with title, address and the day they were read.
    """
    documents = REGISTRY[name].documents
    assert documents
    assert all(document.title and document.url and document.retrieved for document in documents)


def test_look_ups():
    """
    Entries and documents are found by code and by id, exactly.
    """
    vendor = REGISTRY["planoauth"]
    entry = vendor["session-expired"]
    assert entry is vendor.get("session-expired")
    assert "session-expired" in list(vendor)
    assert vendor.documents[0] is vendor.document(vendor.documents[0].id)
    assert vendor.document("none") is None
    with pytest.raises(UnknownCodeError, match="did you mean 'session-expired'"):
        vendor["session-expire"]


def test_newer_names():
    """
    Names that a newer data file may hold read as their fall-backs.
    """
    hint = {"action": "cool", "actor": "robot"}
    entry = {"code": "a", "category": "overheated", "retryability": "later", "hints": [hint], "basis": {"category": "guessed"}}
    [read] = structuring.vendor({"vendor": "a", "title": "A", "scheme": "slug", "entries": [entry]}).entries
    assert (Category.UNKNOWN, Retryability.NEVER, Basis.INFERRED) == (read.category, read.retryability, read.basis.category)
    assert (Action.NONE, Actor.DEVELOPER) == (read.hints[0].action, read.hints[0].actor)


def test_vendor_identity():
    """
    Vendors are equal to themselves only, and their repr is short.
    """
    document = {"vendor": "a", "title": "A", "scheme": "slug", "entries": []}
    one, other = structuring.vendor(document), structuring.vendor(document)
    assert one != other
    assert 2 == len({one, other})
    assert isinstance(one, Vendor)
    assert all(len(repr(REGISTRY[name])) < 800 for name in NAMES)


RETRYABILITY_OF_ACTION = {
    Action.SUPPLY_CREDENTIALS: Retryability.NEVER,
    Action.CHECK_CREDENTIALS: Retryability.NEVER,
    Action.FIX_PROGRAM: Retryability.NEVER,
    Action.REAUTHENTICATE: Retryability.AFTER_ACTION,
    Action.REFRESH_CREDENTIALS: Retryability.AFTER_ACTION,
    Action.COMPLETE_CHALLENGE: Retryability.AFTER_ACTION,
    Action.REENTER_CHALLENGE: Retryability.AFTER_ACTION,
    Action.CORRECT_INPUT: Retryability.AFTER_ACTION,
    Action.CHOOSE_OTHER_VALUE: Retryability.AFTER_ACTION,
    Action.SATISFY_PRECONDITION: Retryability.AFTER_ACTION,
    Action.REFETCH_AND_RETRY: Retryability.RECONCILE,
}


@every_entry
def test_the_same_action_has_the_same_retryability(vendor, entry):
    """
    What a person corrects can succeed after that; a program that has to be corrected cannot succeed with the same request.
    """
    verdict = REGISTRY.verdict(vendor.name, entry.code)
    for found in (verdict, *verdict.variants):
        expected = RETRYABILITY_OF_ACTION.get(found.hints[0].action, found.retryability)
        assert expected is found.retryability
