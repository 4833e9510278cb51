"""
Every example of every bundled vendor leads to the verdict that it states.
"""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from errortax import OutcomeKind, classify, default_registry, parse
from errortax.checking.checks import observed
from errortax.exceptions import UnknownVendorError
from errortax.registry import loading
from fuzz.target import examine
from strategies import EXAMPLES, VENDORS

each_example = pytest.mark.parametrize(
    ("vendor", "example"), [pytest.param(vendor, ex, id=f"{vendor}-{ex.code}-{ex.name}") for vendor, ex in EXAMPLES]
)
each_vendor = pytest.mark.parametrize("vendor", VENDORS)


@each_example
def test_an_example_is_classified_as_it_says(vendor, example):
    """
    What an example expects is what `classify` finds, member by member.
    """
    outcome = classify(example.raw, vendor)
    found = {"status": example.response.get("status"), "variant": example.expect.get("variant")} | observed(outcome)
    assert dict(example.expect) == {member: found.get(member, "not observed") for member in example.expect}


@each_example
def test_an_example_is_parsed_as_it_says(vendor, example):
    """
    `parse` returns an error exactly for the examples of errors, and writes what they expect.
    """
    error = parse(example.raw, vendor)
    assert (example.expect["outcome"] == "error") == (error is not None)
    if error is not None:
        document = error.to_dict()
        found = document | document["match"] | document["hints"][0] | {"outcome": "error", "preserved": error.preserved}
        found["alternatives"] = [alternative["category"] for alternative in document["match"]["alternatives"]]
        if found["rate_limit"] is not None:  # an example does not say which limit it is
            found["rate_limit"].pop("name")
        found["variant"] = example.expect.get("variant")  # an error does not say which one it is
        assert dict(example.expect) == {member: found[member] for member in example.expect}


@each_example
def test_an_example_holds_together(vendor, example):
    """
    What an example leads to says the same in `parse`, in `classify`, on the wire and in a pickle.
    """
    examine(example.raw, vendor)


@each_example
def test_the_body_of_an_example_fits_its_envelope(vendor, example):
    """
    The JSON body of an example is valid against the schema of the envelope that it is recognised as.
    """
    envelope = classify(example.raw, vendor).match.envelope
    if envelope is not None and "json" in example.response:
        schemas = {each.name: each.schema for each in default_registry()[vendor].envelopes}
        assert [] == list(Draft202012Validator(schemas[envelope]).iter_errors(example.response["json"]))


@each_vendor
def test_each_entry_has_an_example_of_itself(vendor):
    """
    Each entry has an example, and what it matches is that very entry.
    """
    for entry in default_registry()[vendor].entries:
        own = [example for example in default_registry().examples(vendor) if example.code == entry.code]
        assert own, entry.code
        assert {entry.code} == {classify(example.raw, vendor).match.entry for example in own}


@pytest.mark.parametrize(
    ("vendor", "entries", "failures"), [("authrocket", 22, 15), ("planoauth", 18, 17), ("youforce", 11, 7), ("gopoints", 37, 37)]
)
def test_all_documented_outcomes_are_there(vendor, entries, failures):
    """
    The entries are as many as the vendors' documents tell of: 88 outcomes, 76 of them errors.
    """
    found = default_registry()[vendor].entries
    assert (entries, failures) == (len(found), sum(entry.outcome in {None, OutcomeKind.ERROR} for entry in found))


def test_examples_are_loaded_only_on_demand():
    """
    The registry holds no examples; they are read when asked for, of bundled vendors.
    """
    assert not any("examples" in entry for name in VENDORS for entry in default_registry().document(name)["entries"])
    assert "examples" in loading.read_bundled("vendors/http.json")["entries"][0]
    with pytest.raises(UnknownVendorError, match="did you mean 'http'"):
        default_registry().examples("htp")
