"""
The addresses are the pages: whatever address the code emits is a page at that very path.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import errortax
from docgen_hostile import HOSTILE
from errortax import Category, RawResponse, default_registry, load_registry
from errortax.docgen import Catalogue, files
from errortax.model import documented_error
from errortax.registry.registry import verdicts_of
from errortax.rendering import render
from noting import noted

ROOT = "https://errors.example/codes"
CONVENTIONS = sorted((Path(__file__).parents[1] / "conventions").glob("*.json"))


FORMATS = ("problem+json", "oauth", "google.rpc", "json:api", "graphql")
"""The formats in JSON with addresses; the others have the same ones."""


def errors_of(registry, vendor):
    """Yield an error of *vendor* for each status, entry, variant and category."""
    for status in range(100, 1000):
        yield errortax.parse(RawResponse(status), vendor, registry=registry)
    verdicts = verdicts_of(registry, vendor)
    for entry in registry.document(vendor)["entries"]:
        whole = verdicts.of_code(entry["code"])
        for verdict in (whole, *whole.variants):
            if verdict.category is not None:
                yield documented_error(verdict, level="code", code=verdict.entry)
    for category in Category:
        yield documented_error(verdicts.of_category(category), level="code")
        yield documented_error(verdicts.unknown(category), level="code")
        if category.group == "transport" and category != "no_response":
            yield errortax.transport_error(category, vendor=vendor, sent=False, registry=registry)


def emitted(registry):
    """Yield each address that an error of the *registry* has, or that an answer about it has."""
    for vendor in (*registry, *registry.standards):
        for entry in registry.document(vendor)["entries"]:
            yield registry.verdict(vendor, entry["code"]).documentation_url
        errors = filter(None, errors_of(registry, vendor))
        for error in {(each.documentation_url, each.category, each.retryability): each for each in errors}.values():
            yield error.documentation_url
            for name in FORMATS:
                yield from addresses_in(json.loads(render(error, name, registry=registry).body))


def addresses_in(document):
    """Yield each address below our root in a *document*, whatever its member is called."""
    if isinstance(document, str) and document.startswith(ROOT):
        yield document
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from addresses_in(each)


def paths(addresses):
    """Return the paths below our root, each with its fragment."""
    return {address.removeprefix(ROOT).removeprefix("/") for address in addresses if address is not None}


@pytest.mark.parametrize("paths_of_files", [(), CONVENTIONS], ids=["bundled", "conventions"])
def test_every_address_is_a_page(paths_of_files):
    """
    The address of each code, category and outcome, and of each status from 100 to 999, is a page, and each fragment an anchor.
    """
    registry = load_registry(*paths_of_files, documentation_url=ROOT)
    made = dict(files(Catalogue(registry), "html"))
    found = paths(emitted(registry))
    assert len(found) > len(default_registry())
    documenting = {name for name in (*registry, *registry.standards) if registry.document(name)["entries"]}
    assert {path.partition("/")[0] for path in found} >= {*documenting, "categories"}
    for address in found:
        with noted(address):
            path, _, fragment = address.partition("#")
            page = made[f"{path}/index.html"]
            assert not fragment or f'id="{fragment}"' in page


def test_hostile_codes_have_pages_too(hostile):
    """
    The address of a code with slashes, dots, markup or surrogates is that of its page.
    """
    made = dict(files(hostile, "json"))
    for code in HOSTILE:
        address = hostile.registry.verdict("hostile", code).documentation_url
        path = address.removeprefix(hostile.registry.documentation_url + "/")
        assert code == json.loads(made[f"{path}/index.json"])["code"]
