"""
Pages as text: codes and words of the vocabulary.
"""

from __future__ import annotations

import json

import pytest

from errortax import (
    Action,
    Actor,
    Basis,
    BodyKind,
    Category,
    Group,
    Level,
    Registry,
    Retryability,
    Scheme,
    default_registry,
    explain,
    load_registry,
)
from errortax.docgen import page_of
from errortax.exceptions import AmbiguousCodeError, UnknownCodeError, UnknownVendorError
from errortax.registry.addresses import WORDS
from noting import noted


def lines(code, vendor=None, **options):
    """Return the lines of an explanation."""
    return explain(vendor, code, **options).splitlines()


@pytest.mark.parametrize("vendor", default_registry())
def test_every_entry(vendor):
    """
    Every entry can be explained, with its special parts, in lines without gaps.
    """
    for entry in default_registry()[vendor].entries:
        with noted(entry.code):
            page = explain(vendor, entry.code)
            assert page.startswith(f"{entry.code} (")
            assert page.endswith(f"\nPage  https://errortax.readthedocs.io/codes/{vendor}/{entry.code}\n")
            assert entry.title in page
            assert entry.description in page
            assert all(fact.about in page for fact in entry.facts)
            assert all(alternative.reason in page for alternative in entry.alternatives)
            assert all(f"\n  {variant.name}\n" in page for variant in entry.variants)
            assert all(name in page for name in entry.preserve or ())
            assert not any(leftover in page for leftover in ("\n\n\n", "Category.", " \n"))


def test_error():
    """
    An error's page says what happened, whether to repeat, who has to do what, alternatives, facts, and the source.
    """
    page = lines("critical.auth.required")
    assert "critical.auth.required (GoPoints, HTTP 403, challenge_required, after_action)" == page[0]
    assert any(line.startswith("    When the body's critical_auth_method is otp or [") for line in page)
    assert "  A gateway answers  HTTP 401" in page
    assert any("Wait at least 180 seconds." in line for line in lines("503", "authrocket"))
    assert any(line.split()[:2] == ["Unlike", "challenge_failed:"] for line in page)
    assert any("English is the fall-back. (Localization https://authrocket.com/" in line for line in lines("422", "authrocket"))
    assert "What a translation must keep" in lines("client-required")
    assert any(line.startswith("  session  the body's session or the body's data.session") for line in lines("client-required"))
    assert "The same at other vendors" in lines("session-expired")


def test_another_outcome():
    """
    The page of another outcome says so, and who has to do what, unless nothing is left to do.
    """
    assert "202 (AuthRocket, HTTP 202, pending, poll)" == lines("202", "authrocket")[0]
    assert "Who has to do what" in lines("202", "authrocket")
    assert "Who has to do what" not in lines("action-successful")
    assert any("There is nothing to repeat: the request was carried out." in line for line in lines("action-successful"))


def test_language():
    """
    The category and the hints are in the requested language.
    """
    found = lines("session-expired", locale="de-AT")
    assert any("Bitte melden Sie sich erneut an." in line for line in found)
    assert any("Zugangsdaten abgelaufen." in line for line in found)
    assert any(
        "credentials_expired: 認証情報の有効期限が切れています。認証情報" in line
        for line in lines("session-expired", locale="ja")
    )


@pytest.mark.parametrize("folder", WORDS)
def test_every_word(folder):
    """
    Every word of the vocabulary can be explained.
    """
    for name in getattr(default_registry().taxonomy, folder):
        with noted(folder, name):
            assert explain(None, name).endswith(f"/{name}\n")
            assert page_of(None, name).name == name


@pytest.mark.parametrize("names", [Action, Actor, Basis, BodyKind, Category, Group, Level, Retryability, Scheme])
def test_every_name(names):
    """
    Whatever a report prints of the vocabulary can be explained.
    """
    for name in names:
        with noted(name):
            assert page_of(None, name).description


def test_a_category_and_an_action():
    """
    The page of a category has its codes, that of an action its sentence in every language.
    """
    assert any(line.split()[:4] == ["429", "authrocket", "rate_limited", "after_delay"] for line in lines("rate_limited"))
    assert "Codes with this category" in lines("rate_limited")
    assert any(line.startswith("  de  Bitte warten Sie") for line in lines("wait_and_retry"))
    assert any(line.startswith("  ja  リクエストが多すぎます。短時間に") for line in lines("rate_limited"))
    assert any("100 of " in line for line in lines("never")) == (len(page_of(None, "never").rows) < page_of(None, "never").count)


def test_a_vendor():
    """
    The page of a vendor has its codes, and what a status without a code means.
    """
    found = lines("gopoints")
    assert "GoPoints (Vendor gopoints)" == found[0]
    assert "Statuses without a code" in found
    assert any(line.startswith("  403  ") for line in found)


def test_a_standard(tmp_path):
    """
    A standard is explained by its name, and its codes where no vendor documents them; in several standards, it has to be named.
    """
    assert "OAuth 2.0 (Standard oauth)" == lines("oauth")[0]
    assert "invalid_grant (OAuth 2.0, HTTP 400, credentials_expired, after_action)" == lines("invalid_grant")[0]
    assert lines("invalid_grant") == lines("invalid_grant", "oauth")
    with pytest.raises(UnknownCodeError, match="did you mean 'invalid_grant'"):
        explain(None, "invalid_grnt")
    path = tmp_path / "mine.json"
    entries = [{"code": "invalid_grant", "category": "declined"}]
    marks = {"media_types": ["application/mine+json"]}
    document = {"format": "1.0", "vendor": "mine", "title": "Mine", "scheme": "slug", "standard": marks, "entries": entries}
    path.write_text(json.dumps(document))
    with pytest.raises(AmbiguousCodeError, match="mine, oauth; name the vendor"):
        explain(None, "invalid_grant", registry=load_registry(path))


def test_a_word_that_is_a_code(tmp_path):
    """
    A word of the vocabulary takes precedence over a code of the same name, unless the vendor is named.
    """
    path = tmp_path / "acme.json"
    entries = [{"code": "not_found", "category": "conflict"}]
    path.write_text(json.dumps({"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}))
    registry = load_registry(path)
    assert "Not found (Categories not_found, resource, after_action)" == lines("not_found", registry=registry)[0]
    assert "not_found (Acme, conflict, reconcile)" == lines("not_found", "acme", registry=registry)[0]


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
            "variants": [
                {"name": "fine", "when": "/fine", "outcome": "success"},
                {"name": "slow", "when": "/slow", "category": "rate_limited"},
            ],
        },
    ]
    document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}
    path.write_text(json.dumps(document), encoding="utf-8")
    registry = load_registry(path)
    assert "old (Acme, declined, after_action)" == lines("old", registry=registry)[0]
    assert "Deprecated since 2.0; the vendor no longer sends this code. tea took its place." in lines("old", registry=registry)
    assert "Deprecated since 1.0; the vendor no longer sends this code." in lines("older", registry=registry)
    assert "older (Acme, HTTP 400, HTTP 422, declined, after_action)" == lines("older", registry=registry)[0]
    assert "  - hot: true" in lines("tea", registry=registry)
    assert "    When the body has fine:" in lines("odd", registry=registry)
    assert any(line.startswith("    after_delay: ") for line in lines("odd", registry=registry))


def test_a_status_without_a_page():
    """
    An HTTP status that neither a vendor nor a standard documents is explained by its class, where HTTP itself is known.
    """
    assert "5xx (HTTP, internal, backoff)" == lines("599")[0]
    assert "1xx (HTTP, success, never)" == lines("199")[0]
    for code, vendor in (("600", None), ("5xx0", None), ("599", "planoauth")):
        with pytest.raises(UnknownCodeError):
            explain(vendor, code)
    with pytest.raises(UnknownCodeError):
        explain(None, "599", registry=Registry([]))


@pytest.mark.parametrize(
    ("name", "meant"), [("GoPoints", "gopoints"), ("planoath", "planoauth"), ("OAUTH", "oauth"), ("over-capp", "over_cap")]
)
def test_near_misses_of_all_names(name, meant):
    """
    Vendors, standards and words are suggested as codes are, whatever the case.
    """
    with pytest.raises(UnknownCodeError, match=f"did you mean {meant!r}"):
        explain(None, name)


def test_mistakes():
    """
    A code of no vendor or of several, and an unknown vendor, are the caller's mistakes.
    """
    with pytest.raises(UnknownCodeError, match="did you mean 'session-expired'"):
        explain(None, "session-expird")
    with pytest.raises(UnknownCodeError, match=r"did you mean 'auth\.token\.expired'"):
        explain(None, "AUTH.TOKEN.EXPIRED")
    with pytest.raises(UnknownCodeError, match="did you mean 'credentials_expired'"):
        explain(None, "credentials_expird")
    with pytest.raises(UnknownCodeError, match="unknown code 'session-expired'; documented by planoauth"):
        explain("gopoints", "session-expired")
    with pytest.raises(AmbiguousCodeError, match="authrocket, http, youforce; name the vendor"):
        explain(None, "404")
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        explain("goponts", "404")
    assert lines("406", "authrocket")[0].startswith("406 (AuthRocket, HTTP 406")
    assert lines("session_expired")[0].startswith("session-expired (PlanoAuth, HTTP 401")
