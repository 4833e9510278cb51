"""
Compiled envelopes: the order of trying, and when the code is known without recognising an envelope.
"""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import RawResponse, Registry, default_registry, load_registry, parse
from errortax.model import Scheme
from errortax.parsing import ranked
from errortax.parsing.envelopes import fast_code_member

TEXT = {"at": "/code", "type": "string"}
CODES = ["session-expired", "session_expired", "action-successful", "auth.token.expired", "critical.auth.required", "no", 7, None]


def envelope(name, recognise, *code):
    """Return a small envelope."""
    return {"name": name, "description": "Sent.", "recognise": recognise, "schema": {}, "code": list(code)}


def test_ranking():
    """
    The envelope that makes the most tests is tried first, then the one with the higher rank; names do not matter.
    """
    shapes = [envelope("b", "/a"), envelope("c", ["/a", "/b"]), {**envelope("a", "/c"), "rank": 1}]
    assert ["c", "a", "b"] == [shape.name for shape in ranked(shapes, Scheme.SLUG)]
    named = [{**shape, "name": name} for shape, name in zip(shapes, ("z", "y", "x"), strict=True)]
    assert ["y", "x", "z"] == [shape.name for shape in ranked(reversed(named), Scheme.SLUG)]


@pytest.mark.parametrize(
    ("member", "shapes"),
    [
        ("code", [envelope("a", TEXT, "/code")]),
        ("code", [envelope("a", "/code", {"at": "/code"})]),
        ("code", [envelope("a", {"anyOf": ["/b", TEXT]}, "/code")]),
        ("code", [envelope("a", True, "/code")]),
        ("code", [envelope("a", ["/code", "/b"], "/code"), envelope("b", TEXT, "/code")]),
        ("code", [envelope("a", {"at": "/code", "type": ["string", "null"], "optional": True}, "/code")]),
        (None, [envelope("a", TEXT, "/code"), envelope("b", ["/b", "/c"])]),
        (None, []),
        (None, [envelope("a", ["/code", "/b"], "/code")]),
        (None, [envelope("a", {"at": "/code", "is": "x"}, "/code")]),
        (None, [envelope("a", {"at": "/code", "type": "integer"}, "/code")]),
        (None, [envelope("a", {"type": "array"}, "/code")]),
        (None, [envelope("a", {"is": {"code": "x"}}, "/code")]),
        (None, [envelope("a", {"anyOf": ["/b"]}, "/code")]),
        (None, [envelope("a", {"header": "code"}, "/code")]),
        (None, [envelope("a", TEXT, "/code", "/error/code")]),
        (None, [envelope("a", TEXT, "/error/code")]),
        (None, [envelope("a", TEXT, {"at": "/code", "pattern": "(.)"})]),
        (None, [envelope("a", TEXT)]),
        (None, [envelope("a", ["/code", "/b"], "/b"), envelope("b", TEXT, "/code")]),
    ],
)
def test_fast_code_member(member, shapes):
    """
    One member surely has the code if an envelope requires nothing else, and all envelopes before it have their code there, too.
    """
    assert member == fast_code_member(ranked(shapes, Scheme.SLUG))


@cache
def warm():
    """Return a registry that has parsed every documented code."""
    registry = load_registry()
    for vendor, entry in registry.entries():
        for member in ("status", "error_code"):
            for body in ({member: entry.code}, {member: entry.code, "status": "error", "messages": []}):
                parse(RawResponse((entry.statuses or (500,))[0], {}, json.dumps(body)), vendor.name, registry=registry)
    return registry


@given(
    vendor=st.sampled_from(["planoauth", "gopoints"]),
    status=st.sampled_from([200, 400, 401, 403, 404, 500]),
    body=st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["error", "success", *CODES]),
            "error_code": st.sampled_from(CODES),
            "code": st.sampled_from([401, "401", None]),
            "messages": st.sampled_from([[], ["Late"], {}, {"name": ["Bad"]}, "text", None]),
            "errors": st.sampled_from([[], {}, "text"]),
            "critical_auth_method": st.sampled_from(["otp", "password", 1]),
        },
    ),
)
def test_a_known_code_changes_no_verdict(vendor, status, body):
    """
    A registry that has parsed a code before gives the same verdict as one that parses it for the first time.
    """
    raw = RawResponse(status, {}, json.dumps(body).encode())
    cold = Registry(default_registry().document(name) for name in default_registry())
    assert parse(raw, vendor, registry=cold, now=0.0) == parse(raw, vendor, registry=warm(), now=0.0)
