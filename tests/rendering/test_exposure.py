"""
What each audience may see.
"""

from __future__ import annotations

import json
import pickle

import pytest
from attrs import evolve, fields_dict
from attrs.exceptions import FrozenInstanceError

from errortax import Exposure, RawResponse, parse, render
from errortax.rendering import AUDIENCES, exposure_of

SECRET = "example-session-token"
ERROR = parse(
    RawResponse(
        401,
        {"X-Request-ID": "rq_1"},
        json.dumps(
            {
                "status": "client-required",
                "message": "No client.",
                "session": {"token": SECRET},
                "errors": [{"attr": "name", "message": "Bad."}],
            }
        ),
    ),
    "planoauth",
)
NOTHING = Exposure(**dict.fromkeys(fields_dict(Exposure), False))

# The members that each flag adds to problem details.
ADDED = {
    "vendor": {"vendor", "code", "documentation", "target"},
    "request_id": {"request_id"},
    "fields": {"errors"},
    "texts": {"message"},
    "match": {"match"},
    "preserved": {"preserved"},
}
ALWAYS = {"type", "title", "status", "detail", "category", "retryability", "action", "actor"}


def members(expose):
    """Return the names of the members that are shown."""
    return json.loads(render(ERROR.__class__.from_dict(ERROR.to_dict() | {"request_id": "rq_1"}), expose=expose).body).keys()


@pytest.mark.parametrize("flag", [flag for flag in ADDED if flag != "preserved"])
def test_flags(flag):
    """
    Each flag shows the parts that it names, and nothing else.
    """
    assert ADDED.keys() == fields_dict(Exposure).keys()
    assert ALWAYS == members(NOTHING)
    assert ALWAYS | ADDED[flag] == members(evolve(NOTHING, **{flag: True}))


def test_preserved():
    """
    Preserved members are shown by their flag alone, and to no named audience.
    """
    assert SECRET.encode() in render(ERROR, expose=evolve(NOTHING, preserved=True)).body
    for audience in AUDIENCES:
        assert SECRET.encode() not in render(ERROR, expose=audience).body
        assert not exposure_of(audience).preserved


def test_audiences():
    """
    Each audience sees more than the one before.
    """
    assert ["public", "developer", "operator"] == list(AUDIENCES)
    assert members("public") < members("developer") < members("operator")
    assert Exposure() == exposure_of("developer")


def test_texts_of_complaints():
    """
    An audience without texts sees the names of fields with our title; an error without a field name is left out.
    """
    shown = {audience: json.loads(render(ERROR, expose=audience).body).get("errors") for audience in AUDIENCES}
    ours = json.loads(render(ERROR).body)["title"]
    assert [{"pointer": "#/name", "detail": ours}] == shown["public"] == shown["developer"]
    assert [{"pointer": "#/name", "detail": "Bad."}] == shown["operator"]
    nameless = ERROR.__class__.from_dict(ERROR.to_dict() | {"field_errors": [{"field": None, "message": "Bad."}]})
    assert b"errors" not in render(nameless).body
    assert b"Bad." in render(nameless, expose="operator").body


@pytest.mark.parametrize("audience", ["", "Public", "developr", "admin"])
def test_unknown_audiences(audience):
    """
    An unknown audience is refused with the choices.
    """
    with pytest.raises(ValueError, match=r"unknown audience .*; (known: public, developer, operator|did you mean '\w+'\?)$"):
        exposure_of(audience)


def test_near_miss():
    """
    A typing mistake is refused with the probable name.
    """
    with pytest.raises(ValueError, match="did you mean 'developer'"):
        exposure_of("developr")


@pytest.mark.parametrize("audience", [None, 1, True, b"public", ["public"], Exposure])
def test_what_is_no_audience(audience):
    """
    A value that is neither a name nor an exposure is refused with the choices.
    """
    with pytest.raises(TypeError, match=r"must be an errortax.Exposure or one of public, developer, operator, not "):
        exposure_of(audience)


@pytest.mark.parametrize("flag", ADDED)
@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_flags_are_flags(flag, value):
    """
    A flag is True or False.
    """
    with pytest.raises(TypeError, match=flag):
        Exposure(**{flag: value})


def test_value():
    """
    An exposure is a value: compared by content, unchangeable, picklable, and made by names alone.
    """
    exposure = Exposure(texts=True)
    assert exposure == pickle.loads(pickle.dumps(exposure))  # noqa: S301  # our own
    assert 1 == len({exposure, Exposure(texts=True)})
    with pytest.raises(FrozenInstanceError):
        exposure.texts = False
    with pytest.raises(TypeError):
        Exposure(True)
