"""
The fast validator against jsonschema: the same verdicts.
"""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, Registry, meta

from errortax.registry import loading, validation

DOCUMENTS = [loading.bundled(f"vendors/{name}") for name in ("planoauth.json", "gopoints.json")]
ODD = [None, True, 0, -1, 404, 404.0, 10**30, 1.5, "", "x", "internal", "a b", "é" * 129, [], {}, ["x"], ["x", "x"], {"a": 1}]

BODY = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string", "minLength": 1}}}


def small(document):
    """Return the document with few of its items, so that many mutations take little time."""
    telling = [entry for entry in document["entries"] if "variants" in entry or "preserve" in entry][:1]
    entries = [{**entry, "examples": entry["examples"][:1]} for entry in telling]
    statuses = dict([*document["statuses"].items()][:1])
    envelopes = [{**document["envelopes"][0], "schema": BODY}]
    return {**document, "entries": entries, "envelopes": envelopes, "statuses": statuses}


def places(value):
    """Yield all containers within *value* with their keys."""
    if isinstance(value, (dict, list)):
        for key, child in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(child)


@st.composite
def mutants(draw):
    """Draw a vendor file with one to three changes anywhere."""
    document = copy.deepcopy(small(draw(st.sampled_from(DOCUMENTS))))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(places(document))))
        match draw(st.sampled_from(["replace", "remove", "rename", "repeat"])):
            case "replace":
                holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
            case "remove":
                del holder[key]
            case "rename" if isinstance(holder, dict):
                holder[f"{key}x"] = holder.pop(key)
            case _ if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
    return document


@given(mutants())
def test_same_verdict(document):
    """
    jsonschema-rs finds a vendor file valid exactly where jsonschema does.
    """
    assert validation._validator(loading.all_schemas).is_valid(document) is validation._is_valid(document, loading.all_schemas)


DATA = {
    "secrets.json": "secrets",
    "taxonomy.json": "taxonomy",
    **{f"vendors/{name}": "vendor" for name in loading.names("vendors")},
    **{f"locales/{name}": "locale" for name in loading.names("locales")},
}


@pytest.mark.parametrize("name", DATA)
def test_bundled_data(name):
    """
    All bundled data is valid for jsonschema-rs, too.
    """
    registry = Registry([(schema["$id"], schema) for schema in loading.all_schemas().values()])
    assert Draft202012Validator(loading.schema(DATA[name]), registry=registry).is_valid(loading.bundled(name))


@pytest.mark.parametrize("name", loading.schemas())
def test_schemas(name):
    """
    The JSON Schemas themselves are valid for jsonschema-rs, too.
    """
    assert meta.is_valid(loading.schema(name))
