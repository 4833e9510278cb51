from __future__ import annotations

import pytest

from errortax import Category
from errortax.cli.har import looks_like_har, read_har
from errortax.cli.readings import NotAResponseError, Reading


def har(*entries):
    """Return a HAR of entries."""
    return {"log": {"version": "1.2", "entries": list(entries)}}


def entry(status=404, content=None, **request):
    """Return an entry of a HAR."""
    response = {"status": status, "headers": [{"name": "X-A", "value": "1"}, {"name": "X-B"}], "content": content}
    return {"request": {"method": "GET", "url": "https://api.example.com/a", **request}, "response": response}


def read_one(one):
    """Read a HAR of one entry."""
    (found,) = read_har("a.har", har(one)).readings
    return found


def test_entries():
    """
    Each entry is a response with its place, its method and its URL, and the size is the number of entries.
    """
    found = read_har("a.har", har(entry(404), entry(500, method="PUT")))
    first, second = found.readings
    assert 2 == found.total
    assert ("a.har#/log/entries/0", 404, 1) == (first.where, first.response.status, first.position)
    assert ("a.har#/log/entries/1", 500, 2) == (second.where, second.response.status, second.position)
    assert ("https://api.example.com/a", "PUT") == (second.response.url, second.response.method)
    assert {"x-a": "1", "x-b": ""} == dict(first.response.headers)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"text": "{}"}, "{}"),
        ({"text": "e30=", "encoding": "base64"}, b"{}"),
        ({"size": 0}, b""),
        ({"size": 12}, None),
        (None, None),
    ],
)
def test_bodies(content, body):
    """
    A body is text or base64; if the browser did not keep it, it counts as unread.
    """
    assert body == read_one(entry(content=content)).response.body


@pytest.mark.parametrize("status", [0, None])
@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (None, Category.CONNECTION_FAILED),
        ("net::ERR_CONNECTION_REFUSED", Category.CONNECTION_FAILED),
        ("net::ERR_ABORTED", Category.CANCELLED),
    ],
)
def test_no_response(status, error, failure):
    """
    An entry that never got a response is a failed connection, or a request that the browser gave up.
    """
    without = entry(status)
    without["response"]["_error"] = error
    found = read_one(without)
    assert ("a.har#/log/entries/0", failure, None) == (found.where, found.failure, found.response.status)
    assert ("https://api.example.com/a", "GET") == (found.response.url, found.response.method)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ([], "no object at /response"),
        ({"response": {"status": 404}}, "no object at /request"),
        (entry("many"), "'status' is not an HTTP status; make it a number such as 404"),
        (entry(content={"text": "a", "encoding": "base64"}), "the body is marked as base64, but is not base64"),
        (entry(content={"text": "é", "encoding": "base64"}), "the body is marked as base64, but is not base64"),
        (entry(content={"text": 7}), "'text' is not a text; make it a text"),
        (entry(url=7), "'url' is not a text; make it a text"),
    ],
)
def test_broken_entry(broken, problem):
    """
    A broken entry is a complaint that names its place, and the entries behind it are read.
    """
    complaint, reading = read_har("a.har", har(broken, entry())).readings
    assert f"a.har#/log/entries/0: {problem}" == str(complaint)
    assert complaint.fatal
    assert isinstance(reading, Reading)


@pytest.mark.parametrize("document", [[], {}, {"log": []}, {"log": {}}, {"log": {"entries": {}}}])
def test_no_har(document):
    """
    A document without a list of entries does not look like a HAR and cannot be read as one.
    """
    assert not looks_like_har(document)
    with pytest.raises(NotAResponseError, match=r"^no (object|array) at /log|not a JSON object"):
        read_har("a.har", document)


def test_looks_like_har():
    """
    A HAR file is recognised by its list of entries.
    """
    assert looks_like_har(har())
