"""
Places and conditions in words.
"""

from __future__ import annotations

import pytest

from errortax.docgen.conditions import condition_in_words, item_places_in_words, place_in_words, places_in_words
from errortax.docgen.slots import places_of
from errortax.docgen.values import Code
from errortax.registry import loading, structuring

_MANY = [{"anyOf": ["/a", "/b/c"]}, {"anyOf": ["/d", {"at": "/e", "is": 1}]}]


def text(phrase):
    """Return a phrase as text, with names and values in backticks."""
    return "".join(f"`{piece}`" if isinstance(piece, Code) else piece for piece in phrase)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "the body"),
        ({"at": ""}, "the body"),
        ("/error/code", "the body's `error.code`"),
        ({"at": "/error/code"}, "the body's `error.code`"),
        ("/0/code", "the value at `/0/code` of the body"),
        ("/a.b", "the value at `/a.b` of the body"),
        ("/", "the value at `/` of the body"),
        ("/a~1b", "the body's `a/b`"),
        ({"header": "Retry-After"}, "the header field `Retry-After`"),
        ({"header": "Retry-After", "unit": "s"}, "the header field `Retry-After`, in seconds"),
        ({"header": "retry-after-ms", "unit": "ms"}, "the header field `retry-after-ms`, in milliseconds"),
        ({"header": "WWW-Authenticate", "parameter": "error"}, "the parameter `error` of the header field `WWW-Authenticate`"),
        ({"join": ["/resource", "/field"]}, "the text of the body's `resource` and the body's `field` joined by full stops"),
        ({"at": "/errors", "where": True}, "an item of the body's `errors`"),
        ({"where": True, "then": "/code"}, "the `code` of an item of the body"),
        ({"members": True}, "a member of the body"),
        (
            {"at": "/errors", "members": {"at": "/code", "type": "string"}, "then": "/code"},
            "the `code` of a member of the body's `errors` (one where its `code` is a text)",
        ),
        (
            {"at": "/details", "where": {"at": "/@type", "is": "ErrorInfo"}, "then": "/reason"},
            "the `reason` of an item of the body's `details` (one where its `@type` is `ErrorInfo`)",
        ),
        (
            {"at": "/a", "where": True, "then": {"at": "/b", "where": True, "then": "/c/0"}},
            "the value at `/c/0` of an item of the `b` of an item of the body's `a`",
        ),
        ({"at": "/a", "where": True, "then": ""}, "an item of the body's `a`"),
        ({"at": "/type", "pattern": "(?:[^#]*#)?(.+)"}, "what the pattern `(?:[^#]*#)?(.+)` finds in the body's `type`"),
        ({"header": "X-Error", "pattern": "([^;]+)"}, "what the pattern `([^;]+)` finds in the header field `X-Error`"),
    ],
)
def test_places(place, words):
    """
    Each way to a value is said in words; names, patterns and values are code.
    """
    assert words == text(place_in_words(place))


def test_several_places():
    """
    Of several places, the order is said; places seen from an item begin at it.
    """
    assert "the header field `X-Error`, else the body's `code`" == text(places_in_words([{"header": "X-Error"}, "/code"]))
    assert "the body's `a` or the body's `b`" == text(places_in_words(["/a", "/b"], " or "))
    assert "its `field`, else it" == text(item_places_in_words(["/field", ""]))
    assert "the value at `/0` of it" == text(item_places_in_words(["/0"]))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (True, "the body is anything"),
        ({"at": "/a", "optional": True}, "the body is anything"),
        ("/a", "the body has `a`"),
        ({"at": "/a"}, "the body has `a`"),
        ("", "there is a body"),
        ({"at": ""}, "there is a body"),
        ("/0/a", "there is the value at `/0/a` of the body"),
        (["/a", "/b/c", "/d"], "the body has `a`, `b.c` and `d`"),
        ({"type": "object"}, "the body is an object"),
        ({"at": "/a", "type": "array"}, "the body's `a` is a list"),
        ({"at": "/a", "type": ["integer", "null"]}, "the body's `a` is a whole number or null"),
        ({"at": "/a", "type": ["number", "boolean"], "optional": True}, "the body's `a` is a number, true or false or missing"),
        ({"at": "/a", "is": "x"}, "the body's `a` is `x`"),
        ({"at": "/a", "is": "x", "optional": True}, "the body's `a` is `x` or missing"),
        ({"at": "/a", "is": ["x", 1, None, ["y"]]}, 'the body\'s `a` is `x`, `1`, `null` or `["y"]`'),
        ({"at": "/a", "is": False}, "the body's `a` is `false`"),
        ({"at": "/a", "is": ["2.0", "null", ""]}, 'the body\'s `a` is `"2.0"`, `"null"` or `""`'),
        ({"at": "/a", "is": []}, "the body's `a` is no value"),
        ({"is": {}}, "the body is `{}`"),
        ({"at": "/a", "is": ["x", 1], "type": "string"}, "the body's `a` is `x` or `1`, and a text"),
        ({"at": "/a", "is": "x", "type": "string", "optional": True}, "the body's `a` is `x`, and a text, or missing"),
        ({"header": "X-Left", "is": "0"}, "the header field `X-Left` is `0`"),
        ({"header": "Retry-After"}, "the response has the header field `Retry-After`"),
        ({"header": "X-SSO", "pattern": "(required)"}, "the pattern `(required)` finds a text in the header field `X-SSO`"),
        (
            {"header": "X-SSO", "pattern": "([a-z]+)", "is": "required"},
            "what the pattern `([a-z]+)` finds in the header field `X-SSO` is `required`",
        ),
        (
            {"header": "WWW-Authenticate", "parameter": "error"},
            "the header field `WWW-Authenticate` has the parameter `error`",
        ),
        (
            {"header": "WWW-Authenticate", "parameter": "error", "is": "invalid_token"},
            "the parameter `error` of the header field `WWW-Authenticate` is `invalid_token`",
        ),
        ({"join": ["/a", "/b"]}, "there is the text of the body's `a` and the body's `b` joined by full stops"),
        ({"join": ["/a", "/b"], "is": "1.2"}, "the text of the body's `a` and the body's `b` joined by full stops is `1.2`"),
        ({"at": "/a", "where": True}, "the body's `a` has an item"),
        ({"members": {"at": "/b", "is": 1}}, "the body has a member (one where its `b` is `1`)"),
        ({"at": "/a", "where": ["/b", "/c"]}, "the body's `a` has an item (one where it has `b` and `c`)"),
        ({"at": "/a", "where": ""}, "the body's `a` has an item (one where there is a value)"),
        ({"at": "/a", "where": "/0"}, "the body's `a` has an item (one where there is the value at `/0` of it)"),
        ({"at": "/a", "where": _MANY[0]}, "the body's `a` has an item (one where it has at least one of `a` and `b.c`)"),
        (
            {"at": "/a", "where": _MANY},
            "the body's `a` has an item (one where it has at least one of `a` and `b.c` and (it has `d`, or its `e` is `1`))",
        ),
        ({"at": "/a", "where": True, "then": "/b"}, "an item of the body's `a` has `b`"),
        ({"at": "/a", "where": True, "then": {"at": "/b", "where": True}}, "the `b` of an item of the body's `a` has an item"),
        (
            {"at": "/a", "where": True, "then": "/reason", "is": "Budget"},
            "the `reason` of an item of the body's `a` is `Budget`",
        ),
        ({"anyOf": ["/a", "/b"]}, "the body has at least one of `a` and `b`"),
        ({"anyOf": [["/a", "/b"], "/c"]}, "the body has `a` and `b`, or the body has `c`"),
        ({"anyOf": [True, "/a"]}, "the body is anything"),
        ({"anyOf": ["/a", {"header": "X"}]}, "the body has `a`, or the response has the header field `X`"),
        (_MANY, "the body has at least one of `a` and `b.c`; and the body has `d`, or the body's `e` is `1`"),
        ([{"at": "/b", "is": 1}, "/a"], "the body has `a` and the body's `b` is `1`"),
    ],
)
def test_conditions(condition, words):
    """
    Each kind of test is said in words, alone, with others, and inside another one.
    """
    assert words == text(condition_in_words(condition))


def test_statuses():
    """
    The statuses that a condition holds for are said first.
    """
    assert "the HTTP status is `409` or `412`" == text(condition_in_words(True, {412, 409}))
    assert "the HTTP status is `409` and the body has `a`" == text(condition_in_words("/a", [409]))


def test_parts_of_an_error():
    """
    Windows, complaints and items are said with their parts.
    """
    document = {
        **loading.bundled_vendor("http"),
        "vendor": "acme",
        "code": [{"header": "X-Error"}, "/code"],
        "retry_after": [{"header": "retry-after-ms", "unit": "ms"}],
        "rate_limits": [
            {"name": "tokens", "limit": {"header": "L"}, "reset": {"header": "R", "unit": "s"}},
            {"used": {"header": "U"}},
        ],
        "field_errors": {"at": ["/errors"], "field": ["/field", "/name"], "code": ["/code"]},
        "items": {"at": {"at": "/results", "where": True}, "id": "/id", "status": "/status"},
    }
    found = places_of(structuring.vendor(document).places)
    assert {
        "Code": "the header field `X-Error`, else the body's `code`",
        "Wait": "the header field `retry-after-ms`, in milliseconds",
        "Rate limit tokens": "limit: the header field `L`; reset: the header field `R`, in seconds",
        "Rate limit 2": "used: the header field `U`",
        "Field errors": "the body's `errors`; field: its `field`, else its `name`; code: its `code`",
        "Items": "an item of the body's `results`; id: its `id`; status: its `status`",
    } == {
        label: text(phrase)
        for label, phrase in found.items()
        if label in {"Code", "Wait", "Field errors", "Items"} or "limit" in label
    }
