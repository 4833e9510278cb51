"""
XML bodies, as documents.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import BodyKind, RawResponse, classify
from errortax.parsing import DEPTH_LIMIT, decode
from errortax.parsing.markup import read_xml

S3 = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message/><Key>a</Key><Key>b</Key></Error>'
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (S3, {"Error": {"Code": "NoSuchKey", "Message": "", "Key": ["a", "b"]}}),
        (b"<a/>", {"a": ""}),
        (b"<a> text </a>", {"a": "text"}),
        (b"<a>mixed<b>1</b>text</a>", {"a": {"b": "1"}}),
        (b'<D:m xmlns:D="DAV:"><D:r x="1">t</D:r></D:m>', {"m": {"r": "t"}}),
        (b"<a><b>1</b><c/><b><d>2</d></b><b>3</b></a>", {"a": {"b": ["1", {"d": "2"}, "3"], "c": ""}}),
        (b"<a>&lt;&#65;&amp;<![CDATA[<b>]]></a>", {"a": "<A&<b>"}),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1"), {"a": "é"}),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>", {"a": "é"}),
        ("\ufeff<a>é</a>".encode("utf-16-le"), {"a": "é"}),
        (b"\xef\xbb\xbf \n<a>x</a> ", {"a": "x"}),
    ],
)
def test_documents(body, document):
    """
    An element with children is an object, one without is its text, and a name that repeats is a list.
    """
    assert (BodyKind.XML, document) == decode(RawResponse(400, {}, body))[:2]


@pytest.mark.parametrize(
    "body",
    [
        b"<a>", b"<a></b>", b"<a/><b/>", b"<a>&unknown;</a>", BOMB, b"<!DOCTYPE a><a/>", b'<!DOCTYPE a SYSTEM "file:///x"><a/>',
        b"<?xml version='1.0' encoding='nope'?><a/>", b"<a>\xff</a>", b"<?xml", b"<a" * 30, b"<a>\x00</a>",
        b"<a>" * (DEPTH_LIMIT + 1) + b"</a>" * (DEPTH_LIMIT + 1),
    ],
)  # fmt: skip
def test_unreadable(body):
    """
    Broken XML, a document type and deep nesting give no document; the kind of the body stays.
    """
    assert (BodyKind.XML, None) == decode(RawResponse(400, {}, body))[:2]


@pytest.mark.parametrize("body", [b"<html><p>", b"<!DOCTYPE html>"])
def test_html_is_not_xml(body):
    """
    A page for people is not read as XML, and nor is markup that is declared as such a page.
    """
    assert (BodyKind.HTML, None) == decode(RawResponse(400, {}, body))[:2]
    assert (BodyKind.HTML, None) == decode(RawResponse(400, {"Content-Type": "text/html"}, S3))[:2]


def test_depth():
    """
    As many elements may be open as objects in JSON.
    """
    assert read_xml(b"<a>" * DEPTH_LIMIT + b"</a>" * DEPTH_LIMIT, DEPTH_LIMIT) is not None


leaves = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=5).map(str.strip)
trees = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3))


def written(name, tree):
    """Return an element in XML."""
    content = escape(tree) if isinstance(tree, str) else "".join(written(*member) for member in tree.items())
    return f"<x:{name}>{content}</x:{name}>"


@given(trees)
def test_what_is_written_is_read(tree):
    """
    Objects and texts come back as they were written, whatever characters the texts have.
    """
    body = f'<x:r xmlns:x="u">{written("a", tree)}</x:r>'
    assert {"r": {"a": tree}} == read_xml(body.encode(), DEPTH_LIMIT)
    assert {"r": {"a": tree}} == read_xml(body, DEPTH_LIMIT)


@given(st.text("<>/ab&;x ='\"?!-[]", max_size=40) | st.binary(max_size=40))
def test_any_markup(body):
    """
    No body raises, and a document is found only where the standard library finds one, too.
    """
    body = body if isinstance(body, bytes) else body.encode()
    found = read_xml(body, DEPTH_LIMIT)
    try:
        ElementTree.fromstring(body)  # noqa: S314  # a few characters
    except (ElementTree.ParseError, ValueError, LookupError):
        assert found is None
    classify(RawResponse(400, {}, body))
