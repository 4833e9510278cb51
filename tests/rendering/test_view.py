"""
The contents of a view, and the cache between answers.
"""

from __future__ import annotations

import json
import threading
from weakref import ref

import pytest
from attrs import evolve

from errortax import (
    CanonicalError,
    Category,
    Exposure,
    RawResponse,
    category_text,
    hint_text,
    load_registry,
    locales,
    parse,
    render,
)
from errortax.model import details_of, verdict_of
from errortax.rendering import AUDIENCES, exposure_of
from errortax.rendering.view import PerValueCache, category_page, view_of
from errortax.testing import documented_errors, fake

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
ONE, OTHER = load_registry(documentation_url="https://one.example"), load_registry(documentation_url="https://other.example/")


def viewed(error, *, locale="en", audience="developer", registry=ONE, status=None):
    """Return the view of an error."""
    return view_of(error, locale=locale, exposure=exposure_of(audience), registry=registry, status=status)


def test_registries_do_not_mix():
    """
    One error seen through two registries has the pages of each, however often they take turns.
    """
    for _ in range(3):
        for error in DOCUMENTED:
            for registry in (ONE, OTHER):
                page = category_page(error.category, registry)
                assert page.startswith(f"{registry.documentation_url}/categories/")
                assert page == viewed(error, registry=registry).type


def test_languages_and_audiences_do_not_mix():
    """
    Each language and each audience gets its own texts, however they take turns.
    """
    for _ in range(2):
        for error in DOCUMENTED:
            for locale in locales():
                for audience in AUDIENCES:
                    found = viewed(error, locale=locale, audience=audience)
                    assert (locale, category_text(error.category, locale)[0]) == (found.locale, found.title)
                    assert (found.vendor is None) == (audience == "public")
                    if audience != "public":
                        assert hint_text(error, locale=locale) == found.detail


def test_thousands_of_verdicts():
    """
    A cached result is never returned for another value, even if an id is used again.
    """
    codes = list(Category)
    for number in range(10_000):
        category = codes[number % len(codes)]
        verdict = evolve(verdict_of(DOCUMENTED[0]), category=category, vendor=f"vendor{number}")
        found = viewed(CanonicalError(None, None, verdict, details_of(DOCUMENTED[0])))
        assert (category, f"vendor{number}") == (found.category, found.vendor)
        assert category.value == found.common["category"]
        assert f"vendor{number}" == found.common["vendor"]


def test_what_is_remembered_has_a_bound():
    """
    Keys that callers make up, such as language tags, do not fill the memory.
    """
    cache, value = PerValueCache(max_size=20), object()
    for number in range(1000):
        assert number == cache.keep(value, f"de-x-{number}", number)
        assert 0 < len(cache) <= 20
    assert 999 == cache.get(value, "de-x-999")
    assert cache.get(value, "de-x-0") is None
    assert cache.get(object(), "de-x-999") is None


def test_values_are_held():
    """
    A value lives as long as its cached result, so that no other value can have its id.
    """

    class Value:
        """Something that can be watched."""

    cache, value = PerValueCache(max_size=1), Value()
    watched = ref(value)
    cache.keep(value, "key", "made")
    del value
    assert watched() is not None
    cache.keep(Value(), "key", "made")
    assert watched() is None


def test_threads():
    """
    Many threads may use the cache at once, even while it is cleared.
    """
    cache, values, faults = PerValueCache(max_size=20), [object() for _ in range(50)], []

    def ask(key):
        made = ((cache.get(value, key) or cache.keep(value, key, (value, key))) == (value, key) for value in values * 20)
        faults.extend(right for right in made if not right)

    threads = [threading.Thread(target=ask, args=(locale,)) for locale in locales()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == faults
    assert len(cache) <= 20 + len(threads)


def test_members_are_not_shared():
    """
    One answer changes nothing in the next.
    """
    once = render(DOCUMENTED[0]).body
    for name in ("graphql", "json:api", "problem+xml", "google.rpc"):
        render(DOCUMENTED[0], name, expose="operator")
    assert once == render(DOCUMENTED[0]).body


def test_wait_in_the_sentence():
    """
    If the server stated a delay, the sentence contains it, although other answers of the same entry do not.
    """
    plain, waiting = (
        parse(fake("authrocket", "429", **more), "authrocket")
        for more in ({"headers": {"Retry-After": None}}, {"retry_after": 42})
    )
    assert "42" in viewed(waiting).detail
    assert "42" not in viewed(plain).detail
    assert "42" in viewed(waiting).detail


def test_what_the_public_has_to_do():
    """
    The public gets the tasks of clients and end users, in words without the vendor, else the meaning of the category.
    """
    for error in DOCUMENTED:
        hints = tuple(evolve(hint, text="") for hint in error.hints if hint.actor in {"client", "end_user"})
        expected = category_text(error.category)[1]
        if hints:
            expected = hint_text(CanonicalError(None, None, evolve(verdict_of(error), hints=hints), details_of(error)))
        assert expected == viewed(error, audience="public").detail


def test_status():
    """
    The status is the category's unless another one is asked for.
    """
    assert DOCUMENTED[0].emitted_status == viewed(DOCUMENTED[0]).status
    assert 418 == viewed(DOCUMENTED[0], status=418).status


def test_what_was_found():
    """
    Only operators see the vendor's own status and how the verdict was found.
    """
    error = parse(fake("planoauth", "record_not_found"), "planoauth")
    expected = {"status": 400, "level": "code", "entry": "record_not_found", "status_conflict": False, "intermediary": False}
    assert expected == viewed(error, audience="operator").match
    assert viewed(error).match is None


def test_wrong_language():
    """
    A text that is not a language tag is refused.
    """
    with pytest.raises(ValueError, match="is not a language tag"):
        viewed(DOCUMENTED[0], locale="")


def test_nothing_preserved():
    """
    If nothing must be preserved, there is nothing to show.
    """
    assert viewed(DOCUMENTED[0], audience=Exposure(preserved=True)).preserved is None


def test_sentences_in_place_of_names():
    """
    A field name is shown to audiences without texts only if it is a single word.
    """
    odd = ("no route to\u00a0db-7", "a" * 101, "パスワードが間違っています", "https://db-7/x?u=alice", "alice@example.com")
    raw = RawResponse(422, {}, json.dumps({"errors": {name: ["a"] for name in (*odd, "items[0].name")}}))
    error = parse(raw, "authrocket")
    for audience in ("public", "developer"):
        assert ["items[0].name"] == [complaint.field for complaint in viewed(error, audience=audience).field_errors]
    assert 1 + len(odd) == len(viewed(error, audience="operator").field_errors)
