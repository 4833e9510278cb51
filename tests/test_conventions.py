"""
Vendor files for well-known conventions, in ``tests/conventions/``: what each construct of the notation is for.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errortax import RawResponse, classify, load_registry
from errortax.checking import ADVICE, check

FILES = sorted((Path(__file__).parent / "conventions").glob("*.json"))
CASES = [json.loads(line) for line in (Path(__file__).parent / "conventions" / "cases.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def registry():
    """Return a registry with the vendors of all conventions."""
    return load_registry(*FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_sound(path):
    """
    Each file passes the check, in the canonical layout.
    """
    assert [] == [finding for finding in check(path, layout=True) if not finding.startswith(ADVICE)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['vendor']}: {case['about']}")
def test_cases(registry, case):
    """
    Each response of a convention means what its documentation says.
    """
    raw = case["response"]
    outcome = classify(RawResponse(raw["status"], raw["headers"], raw["body"].encode()), case["vendor"], registry=registry)
    assert case["expect"] == {name: seen(outcome, name) for name in case["expect"]}


def test_texts_that_repeat_words_of_conditions(registry):
    """
    A text in which all conditions of the vendor's file are written out changes nothing.
    """
    tried = 0
    for case in CASES:
        raw, vendor = case["response"], case["vendor"]
        document = json.loads(raw["body"]) if raw["body"].startswith("{") else None
        if document is not None:
            file = registry.document(vendor)
            asked = [file.get("variants"), *(part for part in (*file.get("envelopes", ()), *file["entries"]))]
            written = json.dumps(asked)
            longer = json.dumps({**document, "remark": written, "remarks": [written, {written: written}]})
            plain, repeated = (
                classify(RawResponse(raw["status"], raw["headers"], body), vendor, registry=registry)
                for body in (raw["body"], longer)
            )
            assert plain == repeated, case["about"]
            tried += 1
    assert tried > len(CASES) / 2


def seen(outcome, name):
    """Return a part of an outcome or its error, in the form of JSON."""
    if name == "fields":
        return [[complaint.field, complaint.message] for complaint in outcome.error.field_errors]
    if name in ("level", "entry"):
        return getattr(outcome.match, name)
    if name in ("kind", "retry_after", "retryability"):
        return getattr(outcome, name)
    if name == "warnings":
        return list(outcome.warnings)
    if name == "items":
        return [[item.index, item.id, item.error.code, item.error.category] for item in outcome.items]
    if name == "counts":
        return [outcome.item_count, outcome.partial, outcome.items_truncated]
    if name == "limit":
        return None if outcome.rate_limit is None else [outcome.rate_limit.limit, outcome.rate_limit.remaining]
    return getattr(outcome.error, name)


ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "envelopes": [
        {"name": "refusal", "recognise": "/refused", "outcome": "error", "category": "policy_blocked", "code": ["/code"]},
        {"name": "coded", "recognise": "/code", "code": ["/code"], "status": ["/at/status"]},
    ],
    "entries": [{"code": "tea", "also": ["chai"], "statuses": [418], "category": "declined"}],
}


@pytest.mark.parametrize(("status", "body", "expected"), [
    (200, {"refused": True}, ("policy_blocked", None)),
    (403, {"refused": True}, ("policy_blocked", None)),
    (418, {"refused": True, "code": "tea"}, ("declined", "tea")),
    (418, {"code": "chai"}, ("declined", "tea")),
    (None, {"code": "odd", "at": {"status": 404}}, ("not_found", None)),
])  # fmt: skip
def test_envelopes_and_spellings(tmp_path, status, body, expected):
    """
    The category of an envelope counts for bodies without a code; another spelling of a code stands for it.
    """
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(ACME), encoding="utf-8")
    error = classify(RawResponse(status, {}, json.dumps(body).encode()), "acme", registry=load_registry(path)).error
    assert expected == (error.category, error.match.entry if error.match.level == "code" else None)
