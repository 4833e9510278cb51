"""
Pages about vendor files of many conventions: whatever a file can say has its words.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource

from errortax import load_registry
from errortax.docgen import FORMATS, Catalogue, files, openapi, plain, terminal
from errortax.registry import loading

FILES = sorted((Path(__file__).parents[1] / "conventions").glob("*.json"))


def explained(vendor, code=None):
    """Return the page about a convention, or about one of its codes, as text."""
    catalogue = Catalogue(load_registry(Path(__file__).parents[1] / "conventions" / f"{vendor}.json"))
    page = catalogue.vendor(vendor) if code is None else catalogue.entry(vendor, code)
    return " ".join(terminal.text(page).split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_format(path):
    """
    Each convention has its pages in every format, and they are as their schemas describe.
    """
    catalogue = Catalogue(load_registry(path), [path.stem])
    for name in FORMATS:
        assert all(text for _, text in files(catalogue, name))
    resources = [Resource.from_contents(schema) for schema in loading.all_schemas().values()] @ Registry()
    validator = Draft202012Validator(loading.schema("docs"), registry=resources)
    for page in catalogue.pages():
        validator.validate(plain.document(page))
        assert terminal.text(page)
    validate(openapi.document(catalogue))


@pytest.mark.parametrize(
    ("vendor", "code", "words"),
    [
        ("aws-json", None, "Code what the pattern ([^;]+) finds in the header field x-amzn-query-error, else what the pattern"),
        ("aws-s3", None, "Items the body's DeleteResult.Error; id: its Key"),
        ("github", None, "When the header field X-RateLimit-Remaining is 0."),
        ("github", None, "When the response has the header field Retry-After."),
        ("github", None, "field: the text of its resource and its field joined by full stops, else its field"),
        ("github", None, "Rate limit limit: the header field X-RateLimit-Limit; remaining: the header field"),
        (
            "google",
            None,
            "the reason of an item of the body's error.details (one where its @type is type.googleapis.com/google.rpc.ErrorInfo)",
        ),
        ("kubernetes", "TooManyRequests", "When the reason of an item of the body's details.causes is DisruptionBudget:"),
        ("oauth-token", None, "Code the parameter error of the header field WWW-Authenticate"),
        ("openai", None, "Wait the header field retry-after-ms, in milliseconds"),
        ("openai", "insufficient_quota", "When the header field x-should-retry is false:"),
        ("slack", None, "this shape if the body's ok is false and the body's error is a text."),
        ("stripe", None, "any backoff When the header field Stripe-Should-Retry is true."),
        ("twilio", None, "Scheme number: The code is a whole number in the response;"),
    ],
)
def test_words(vendor, code, words):
    """
    What a file says about places and conditions is on its pages.
    """
    assert words in explained(vendor, code)
