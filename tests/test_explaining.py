"""
Entries in prose.
"""

from __future__ import annotations

import json

import pytest

from errortax import default_registry, explain, load_registry
from errortax.exceptions import AmbiguousCodeError, UnknownCodeError, UnknownVendorError
from noting import noted


def lines(code, vendor=None, **options):
    """Return the lines of an explanation."""
    return explain(vendor, code, **options).splitlines()


@pytest.mark.parametrize("vendor", default_registry())
def test_every_entry(vendor):
    """
    Every entry can be explained, with its special parts, in lines without gaps or leftovers.
    """
    for entry in default_registry()[vendor].entries:
        with noted(entry.code):
            page = explain(vendor, entry.code)
            assert page.startswith(f"{entry.code} (")
            assert page.endswith("\n")
            assert entry.title in page
            assert entry.description in page
            assert all(fact.about in page for fact in entry.facts)
            assert all(alternative.reason in page for alternative in entry.alternatives)
            assert all(f"When the body says so ({variant.name})" in page for variant in entry.variants)
            assert all(name in page for name in entry.preserve or ())
            page = page.replace("If-None-Match", "")
            assert not any(leftover in page for leftover in ("None", "{", "}", "\n\n\n", "Category."))


def test_error():
    """
    An error's page says what happened, whether to repeat, who has to do what, alternatives, facts, and the source.
    """
    page = lines("critical.auth.required")
    assert "critical.auth.required (GoPoints, HTTP 403)" == page[0]
    assert "When the body says so (otp)" in page
    text = "A one-time code has already been sent to you by SMS. Please enter it, and do not ask for another one."
    assert f"  - end_user: {text}" in page
    assert "A gateway    answers with HTTP 401" in page
    assert "Least delay  180 s" in lines("503", "authrocket")
    assert any(line.startswith("Unlike       challenge_failed: a proof was given and is wrong.") for line in page)
    assert any(line.endswith("English is the fall-back. (Localization, AuthRocket API)") for line in lines("422", "authrocket"))
    assert "Must survive" in lines("client-required")
    assert any(line.startswith("  - session (at /session or /data/session") for line in lines("client-required"))


def test_another_outcome():
    """
    The page of another outcome says so, and who has to do what, unless nothing is left to do.
    """
    pending = lines("202", "authrocket")
    assert "Outcome      pending: not an error" in pending
    assert "Who has to do what" in pending
    assert "Who has to do what" not in lines("action-successful")
    assert "To repeat    There is nothing to repeat: the request was carried out." in lines("action-successful")


def test_language():
    """
    The category and the hints are in the requested language.
    """
    assert "  - end_user: Bitte melden Sie sich erneut an." in lines("session-expired", locale="de-AT")


def test_bare_entry(tmp_path):
    """
    A minimal entry is explained by its category's defaults; a deprecated one names its successor.
    """
    path = tmp_path / "acme.json"
    entries = [
        {"code": "old", "category": "declined", "deprecated": {"since": "2.0", "replaced_by": "tea"}},
        {"code": "older", "category": "declined", "deprecated": {"since": "1.0"}, "statuses": [400, 422]},
        {"code": "tea", "outcome": "success", "facts": [{"about": "hot", "value": True}]},
        {
            "code": "odd",
            "category": "declined",
            "variants": [{"name": "fine", "when": "/fine", "outcome": "success"}],
        },
    ]
    document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}
    path.write_text(json.dumps(document), encoding="utf-8")
    registry = load_registry(path)
    assert ["old (Acme)", "Declined"] == lines("old", registry=registry)[:2]
    assert "  - since 2.0; tea took its place" in lines("old", registry=registry)
    assert "  - since 1.0" in lines("older", registry=registry)
    assert "older (Acme, HTTP 400 or 422)" == lines("older", registry=registry)[0]
    assert ["tea (Acme)", "Success"] == lines("tea", registry=registry)[:2]
    assert "  - hot: true" in lines("tea", registry=registry)
    assert "When the body says so (fine)" not in lines("odd", registry=registry)


def test_mistakes():
    """
    A code of no vendor or of several, and an unknown vendor, are the caller's mistakes.
    """
    with pytest.raises(UnknownCodeError, match="did you mean 'session-expired'"):
        explain(None, "session-expird")
    with pytest.raises(UnknownCodeError):
        explain("gopoints", "session-expired")
    with pytest.raises(AmbiguousCodeError, match="authrocket, http, youforce; name the vendor"):
        explain(None, "404")
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        explain("goponts", "404")
    with pytest.raises(AmbiguousCodeError, match="authrocket, http; name the vendor"):
        explain(None, "406")
    assert "406 (AuthRocket, HTTP 406)" == lines("406", "authrocket")[0]
    assert "session-expired (PlanoAuth, HTTP 401)" == lines("session_expired")[0]
