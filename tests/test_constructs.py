"""
What each reader of vendor data makes of each construct: it supports the construct, or says at start where it does not.
"""

from __future__ import annotations

import json

import pytest

from errortax import RawResponse, classify, load_registry, parse, render
from errortax.checking import check
from errortax.docgen import Catalogue, files
from errortax.export import lookups, nginx, rows
from errortax.testing import fake

BODY = {"code": "out-of-stock", "message": "No more"}
FIELD = {"x-code": "out-of-stock"}
ITEMS = {"errors": [{"level": "note", "code": "a"}, {"level": "error", "code": "out-of-stock"}]}
KEYED = {"errors": {"first": {"level": "error", "code": "out-of-stock"}}}
ERROR = {"level": "error"}
LISTED = {"at": "/errors", "where": {"at": "/level", "is": "error"}, "then": "/code"}
NAMED = {"name": "error", "recognise": "/code", "outcome": "error"}
"""What constructs are shown with, where the construct itself is something else."""

CONSTRUCTS = {
    "JSON Pointer": ({"code": ["/code"]}, {}, BODY),
    "alternatives": ({"code": ["/error", "/code"]}, {}, BODY),
    "header field": ({"code": [{"header": "X-Code"}]}, FIELD, {}),
    "parameter": ({"code": [{"header": "X-Error", "parameter": "code"}]}, {"x-error": "a; code=out-of-stock"}, {}),
    "item by condition": ({"code": [LISTED]}, {}, ITEMS),
    "member by condition": ({"code": [{"at": "/errors", "members": True, "then": "/code"}]}, {}, KEYED),
    "joined texts": ({"code": [{"join": ["/a", "/b"]}], "scheme": "dotted"}, {}, {"a": "out-of", "b": "stock"}),
    "pattern": ({"code": [{"at": "/message", "pattern": "([a-z-]+):"}]}, {}, {"message": "out-of-stock: no more"}),
    "pointer after another place": ({"code": [{"header": "X-Code"}, "/code"]}, {}, BODY),
    "envelope": ({"envelopes": [{**NAMED, "code": ["/code"]}]}, {}, BODY),
    "place in an envelope": ({"envelopes": [{**NAMED, "recognise": "/errors", "code": [LISTED]}]}, {}, ITEMS),
    "numbers": ({"code": ["/code"], "scheme": "number"}, {}, {"code": 17}),
    "letter case": ({"code": ["/code"], "alike": ["case"]}, {}, {"code": "Out-Of-Stock"}),
    "hyphen and underscore": ({"code": ["/code"], "alike": ["hyphen_underscore"]}, {}, {"code": "out_of_stock"}),
    "other spelling": ({"code": ["/code"], "also": ["oos"]}, {}, {"code": "oos"}),
    "variant": ({"code": ["/code"], "variants": [{"name": "late", "when": {"at": "/late", "is": True}}]}, {}, BODY),
}
"""By name: members of the file (``also`` and ``variants`` of the entry), and header fields and body of a response."""

BY_STATUS = {
    "header field": "#/code/0", "parameter": "#/code/0", "item by condition": "#/code/0", "member by condition": "#/code/0",
    "joined texts": "#/code/0", "pattern": "#/code/0", "pointer after another place": "#/code/1",
    "place in an envelope": "#/envelopes/0/code/0", "numbers": "#/scheme", "letter case": "#/alike",
}  # fmt: skip
"""The constructs that gateways without Python do not look up, and the place that they name; the status decides then."""

WRITTEN = {"JSON Pointer", "alternatives", "pointer after another place", "envelope", "hyphen and underscore", "other spelling",
           "variant", "numbers", "letter case"}  # fmt: skip
"""The constructs that the vendor's own scheme can be written with; a file with ``answers`` and any other is refused."""


def file_of(name):
    """Return a vendor file with the construct called *name*, and the response that it is shown with."""
    members, fields, body = CONSTRUCTS[name]
    code = {"numbers": "17", "joined texts": "out-of.stock"}.get(name, "out-of-stock")
    entry = {"code": code, "statuses": [409], "category": "failed_precondition"}
    entry |= {member: members[member] for member in ("also", "variants") if member in members}
    spelled = {"expect": {"code": body["code"]}} if isinstance(body.get("code"), str) and body["code"] != code else {}
    entry["examples"] = [{"response": {"status": 409, "headers": fields, "json": body}, **spelled}]
    rest = {member: part for member, part in members.items() if member not in ("also", "variants")}
    document = {"format": "1.0", "vendor": "shop", "title": "Shop", "scheme": "slug", "hosts": ["shop.example"], **rest}
    return {**document, "entries": [entry]}, RawResponse(409, fields, json.dumps(body))


@pytest.fixture(params=CONSTRUCTS)
def name(request):
    """Return the name of each construct."""
    return request.param


@pytest.fixture
def path(name, tmp_path):
    """Save the file with the construct."""
    saved = tmp_path / "shop.json"
    saved.write_text(json.dumps(file_of(name)[0], indent=2) + "\n", encoding="utf-8")
    return saved


@pytest.fixture
def shop(path):
    """Load the file with the construct."""
    return load_registry(path)


def test_parser(name, shop):
    """
    `parse` and `classify` support every construct.
    """
    document, raw = file_of(name)
    error = parse(raw, "shop", registry=shop)
    assert document["entries"][0]["code"] == error.match.entry
    assert error == classify(raw, "shop", registry=shop).error


def test_fakes(name, shop):
    """
    A fake response is made from the example, so that it has what the construct needs.
    """
    code = file_of(name)[0]["entries"][0]["code"]
    assert code == parse(fake("shop", code, registry=shop), registry=shop).match.entry


def test_check(path):
    """
    `errortax check` finds no fault in any construct, and tries the example.
    """
    assert [] == [line for line in check(path) if "Consider" not in line and "consider" not in line]


SAID = {
    "JSON Pointer": "the body's `code`", "alternatives": "`code`", "header field": "`X-Code`", "parameter": "`X-Error`",
    "item by condition": "`level`", "member by condition": "`errors`", "joined texts": "`b`", "pattern": "([a-z-]+):",
    "pointer after another place": "`code`", "envelope": "`code`", "place in an envelope": "`errors`", "other spelling": "`oos`",
    "variant": "`late` is `true`",
}  # fmt: skip
"""What the pages about the vendor say of constructs that have words there."""


def test_pages(name, shop):
    """
    The pages about a vendor say in words what the file says.
    """
    pages = dict(files(Catalogue(shop), "markdown"))
    text = "\n".join(page for path, page in pages.items() if path.startswith("shop/"))
    assert SAID.get(name, "Shop") in text


def test_gateways_without_python(name, shop):
    """
    The tables for HAProxy, nginx and Lua have the code, or say at the export where the file names a place they do not look at.
    """
    [lookup] = lookups(shop, vendors=["shop"])
    assert BY_STATUS.get(name) == (lookup.ignored[-1].removeprefix("shop").partition(":")[0] if lookup.ignored else None)
    answered = [row for row in rows(shop, vendors=["shop"]) if row.code is not None or 409 in row.statuses]
    assert {"failed_precondition"} >= {row.category for row in answered if row.code is not None}
    table = json.loads(nginx.files(answered, [lookup], command="x")["errortax.json"])
    assert all(any(line.strip() in comment for comment in table["$comment"]) for line in lookup.ignored)


def test_own_scheme(name, path):
    """
    Errors are written in the vendor's own scheme and read again, or the file with ``answers`` is refused with the place.
    """
    document, raw = file_of(name)
    code = document["entries"][0]["code"]
    if "envelopes" not in document:
        document["envelopes"] = [{**NAMED, "recognise": True, "code": document.pop("code")}]
    document["answers"] = {"codes": {"unknown": code}, "plain": {"envelope": "error"}}
    path.write_text(json.dumps(document), encoding="utf-8")
    if name not in WRITTEN:
        with pytest.raises(ValueError, match="#/answers/plain/envelope: the code cannot be written"):
            load_registry(path)
        return
    registry = load_registry(path)
    error = parse(raw, "shop", registry=registry)
    answer = render(error, "shop", registry=registry)
    assert code == parse(answer, "shop", registry=registry).match.entry
