from __future__ import annotations

import codecs
import json
import os
import tracemalloc
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from types import SimpleNamespace

import pytest

from errortax.cli.inputs import readings
from errortax.cli.readings import Assumptions, Complaint

HTTP = b"HTTP/1.1 404 Not Found\r\n\r\n{}"
HAR = {"log": {"entries": [{"request": {}, "response": {"status": 404}}]}}


class Bar:
    """Act as a progress bar, and record the positions."""

    def __init__(self, *, keep=True):
        self.totals, self.positions = [], []
        self.advance = self.positions.append if keep else len(self.positions).__add__

    @contextmanager
    def __call__(self, total):
        """Begin a file of this size."""
        self.totals.append(total)
        yield self.advance


@pytest.fixture
def read(tmp_path):
    """Read a file with this content; in complaints its own name replaces the whole path."""

    def read(data: bytes, kind="auto", name="a", bar=None, **assumed):
        path = tmp_path / name
        path.write_bytes(data)
        found = readings([str(path)], kind, Assumptions(**assumed), bar or Bar())
        return [(str(each).removeprefix(f"{tmp_path}/") if isinstance(each, Complaint) else each.response) for each in found]

    return read


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (HTTP, "a"),
        (b"$ curl -i https://api.example.com\n" + HTTP, "a"),
        (b"\r\n" + HTTP, "a"),
        (codecs.BOM_UTF8 + HTTP, "a"),
        (HTTP.decode().encode("utf-16"), "a"),
        (HTTP, "a.har"),
        (json.dumps(HAR).encode(), "a"),
        (json.dumps(HAR, indent=2).encode(), "a"),
        (b"\n" + json.dumps(HAR).encode(), "a.HAR"),
        (b'{"status": 404, "body": "{}"}', "a"),
        (b'\n\n{"status": 404, "body": "{}"}\n', "a"),
        (b'{"status": 404}', "a.ndjson"),
        (b'{"status": 404}', "a.jsonl"),
    ],
)
def test_kind_is_told_by_content(read, data, name):
    """
    HTTP, HAR and NDJSON are recognised by their content and, second, by the ending of the name.
    """
    response = read(data, name=name)[-1]
    assert 404 == response.status


@pytest.mark.parametrize(
    "data", [b'{"status": "invalid-token"}', b'{\n"status": 404,\n"title": "Not Found"\n}', b'[{"status": 404, "body": ""}]']
)
def test_bare_json(read, data):
    """
    Any other JSON is a bare body.
    """
    (response,) = read(data)
    assert (None, data) == (response.status, response.body)


@pytest.mark.parametrize("data", [b'{"status": 404, "body": ""}', b"<html></html>", b"", b"\0\1", b'{"cut": "o', b"[\n"])
def test_bare_body_with_status(read, data):
    """
    Anything is a bare body if its status is given, even an empty file.
    """
    (response,) = read(data, status=502, url="https://api.example.com/")
    assert (502, data, "https://api.example.com/") == (response.status, response.body, response.url)


def test_har_with_status(read):
    """
    A HAR stays a HAR even if a status is given.
    """
    (response,) = read(json.dumps(HAR).encode(), status=502)
    assert 404 == response.status


@pytest.mark.parametrize(
    ("data", "kind", "problem"),
    [
        (b"", "auto", "the file is empty; save a response with `curl -i`"),
        (b"\n \n", "auto", "the file is empty; save a response with `curl -i`"),
        (b"\x7fELF\0", "auto", "binary data; save the response with `curl -i`, or add --status if this is a bare body"),
        (
            b"<html>",
            "auto",
            "neither an HTTP message nor JSON; save the response with `curl -i`, or add --status if this is a bare body",
        ),
        (b"\xff\xfea", "auto", "begins as UTF-16, but is not UTF-16; save it as UTF-8"),
        (b"{", "auto", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        (b"{", "har", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        (b"[]", "har", "no object at /log"),
        (b"", "http", "no HTTP status line such as 'HTTP/1.1 404 Not Found'; save it with `curl -i`"),
    ],
)
def test_nothing_to_read(read, data, kind, problem):
    """
    A file without a response causes a complaint that names it and says what to do.
    """
    (complaint,) = read(data, kind)
    assert complaint.startswith(f"a: {problem}")


def test_named_kind_wins(read):
    """
    The kind from the command line is never doubted.
    """
    (response,) = read(HTTP, "body")
    assert HTTP == response.body


def test_progress(read):
    """
    NDJSON moves the bar by bytes, HAR by entries, and a single message has none.
    """
    bar = Bar()
    read(b'{"status": 404}\n{"status": 500}', "ndjson", bar=bar)
    read(json.dumps(HAR).encode(), bar=bar)
    read(HTTP, bar=bar)
    assert [31, 1, None] == bar.totals
    assert [16, 31, 1, 0] == bar.positions


@pytest.mark.parametrize("name", ["missing", "."])
def test_unreadable(tmp_path, monkeypatch, name):
    """
    A missing file and a directory are complaints, and the files behind them are read.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(HTTP)
    complaint, reading = readings([name, "a"], "auto", Assumptions(), Bar())
    assert str(complaint).startswith(f"{name}: cannot be read (")
    assert str(complaint).endswith("; name a readable file, or - for standard input")
    assert complaint.fatal
    assert 404 == reading.response.status


def test_failure_while_reading(monkeypatch):
    """
    A disk that fails in the middle causes a complaint after the readable part.
    """

    class Failing(BytesIO):
        def readline(self, size=-1):
            if self.tell():
                raise OSError("the disk is on fire")
            return super().readline(size)

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Failing(b'{"status": 404, "body": ""}\n')))
    reading, complaint = readings(["-"], "auto", Assumptions(), Bar())
    assert 404 == reading.response.status
    assert "<stdin>: cannot be read (the disk is on fire); name a readable file, or - for standard input" == str(complaint)


@pytest.mark.parametrize("text", [b"", b"\xff\xfeH", b"plain", b"HTTP/1.1 404 Not Found\nX\n", b"{"])
def test_standard_input_has_one_name(monkeypatch, text):
    """
    Whatever is wrong with standard input, it is called by the same name.
    """
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(text)))
    [complaint] = readings(["-"], "auto", Assumptions(), Bar())
    assert "<stdin>" == complaint.where


@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_without_parts(tmp_path, end):
    """
    Lines of JSON that are not recognised as NDJSON are refused with the option that reads them.
    """
    path = tmp_path / "lines"
    path.write_text(f'{{"status": 404}}\n{{"status": 500}}{end}')
    [complaint] = readings([str(path)], "auto", Assumptions(), Bar())
    assert "the first line alone is JSON; add --input ndjson if each line is a response" == complaint.problem
    assert [404, 500] == [reading.response.status for reading in readings([str(path)], "ndjson", Assumptions(), Bar())]


def test_pipe_has_no_size(tmp_path):
    """
    A named pipe has no size to measure progress by.
    """
    path = tmp_path / "pipe"
    os.mkfifo(path)
    Thread(target=path.write_bytes, args=(b'{"status": 404, "body": ""}\n',), daemon=True).start()
    bar = Bar()
    assert 1 == len(list(readings([str(path)], "auto", Assumptions(), bar)))
    assert [None] == bar.totals


def test_memory_is_flat(tmp_path):
    """
    Ten thousand lines need no more memory than five hundred.
    """
    peaks = []
    for count in (500, 10_000):
        path = tmp_path / f"{count}.ndjson"
        path.write_text('{"status": 500, "headers": {"X-A": "1"}, "body": "invented"}\n' * count)
        tracemalloc.start()
        assert count == sum(1 for _ in readings([str(path)], "auto", Assumptions(), Bar(keep=False)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000  # bytes; the lines alone are six times that
