"""
The formatter: one layout, nothing lost, and nothing stated that goes without saying.
"""

from __future__ import annotations

import json
import os
import warnings
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import default_registry
from errortax.checking import fix, formatted
from errortax.checking.layout import WIDTH, laid_out
from errortax.exceptions import DataFormatWarning, InvalidFileError, UnreadableFileError
from errortax.registry import Registry, defaults, loading
from errortax.registry.expectations import examples
from errortax.registry.registry import verdicts_of

ROOT = Path(__file__).parents[1]
INFERRED = {"category": "inferred", "retryability": "inferred", "hints": "inferred"}
DOCUMENTED = {**INFERRED, "category": "documented"}
ENVELOPE = {"name": "plain", "description": "Always.", "recognise": {"type": "object"}, "code": ["/code"], "schema": {}}

every_vendor = pytest.mark.parametrize("name", tuple(default_registry()))
every_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda children: st.lists(children, max_size=8) | st.dictionaries(st.text(max_size=20), children, max_size=8),
    max_leaves=30,
)


@pytest.fixture
def acme():
    """Return a vendor file that states all that it could leave out."""
    headers = {"Content-Type": "application/json", "Server": "acme"}
    source = {"document": "errors", "section": "Codes"}

    def entry(code, number):
        expect = {"outcome": "error", "category": "declined", "level": "code", "code": code, "message": "No."}
        example = {"response": {"status": 400, "headers": headers, "json": {"code": code, "id": number}}, "expect": expect}
        return {"examples": [example], "basis": DOCUMENTED, "source": source, "category": "declined", "code": code}

    return {
        "vendor": "acme",
        "format": "1.0",
        "scheme": "slug",
        "title": "Acme",
        "entries": [entry("tea", 1), entry("milk", 2.0)],
        "envelopes": [ENVELOPE],
        "documents": [{"title": "Errors", "id": "errors"}, {"title": "Limits", "id": "limits"}],
        "alike": [],
    }


def lean(document):
    """Return what the formatter leaves of a document."""
    return json.loads(formatted(document))


def loaded(document):
    """Return what a vendor file means: with its defaults, and with all that its examples expect."""
    whole = defaults.filled(deepcopy(document))
    vendors = [whole] if whole["vendor"] == "http" else [whole, default_registry().document("http")]
    expected = [dict(example.expect) for example in examples(whole, verdicts_of(Registry(vendors), whole["vendor"]))]
    for (_, example), expect in zip(defaults.examples(whole), expected, strict=True):
        example["expect"] = expect
    return whole


# --- the layout


@given(every_json)
def test_any_json(document):
    """
    Whatever is laid out reads as before, and takes more than the width only where a name and a value cannot be parted.
    """
    text = laid_out(document)
    assert json.dumps(document) == json.dumps(json.loads(text))
    assert text == laid_out(json.loads(text))
    for line in text.split("\n"):
        if len(line) > WIDTH:
            json.loads(f"{{{line.strip().removesuffix(',')}}}" if '": ' in line else line.strip().removesuffix(","))
            assert not line.rstrip(",").endswith(("]", "}")) or line.rstrip(",").endswith(("[]", "{}"))


def test_lines():
    """
    An object or a list has one line if that fits into the width, else one line a member, two columns further in.
    """
    short = {"a": [1, {"b": "é🙂\u2028"}]}
    assert '{"a": [1, {"b": "é🙂\u2028"}]}' == laid_out(short)
    assert f'["{"x" * (WIDTH - 4)}"]' == laid_out(["x" * (WIDTH - 4)])
    assert f'[\n  "{"x" * (WIDTH - 3)}"\n]' == laid_out(["x" * (WIDTH - 3)])
    long = {"first": short, "second": {"third": "x" * 110, "fourth": []}}
    third = f'    "third": "{"x" * 110}",'
    expected = ["{", f'  "first": {laid_out(short)},', '  "second": {', third, '    "fourth": []', "  }", "}"]
    assert "\n".join(expected) == laid_out(long)


# --- what is left out


@every_vendor
def test_bundled_files(name):
    """
    The bundled files are in the layout already.
    """
    text = (ROOT / "schemas" / "vendors" / f"{name}.json").read_text(encoding="utf-8")
    assert text == formatted(json.loads(text))


@every_vendor
def test_nothing_is_lost(name):
    """
    A bundled file with everything spelt out and its members the other way round means the same after formatting.
    """
    whole = loaded(loading.read_bundled(f"vendors/{name}.json"))
    backwards = json.loads(json.dumps(whole), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    text = formatted(backwards)
    assert whole == loaded(json.loads(text))
    assert text == formatted(json.loads(text))
    assert len(text) <= len((ROOT / "schemas" / "vendors" / f"{name}.json").read_text(encoding="utf-8")) * 1.01


def test_what_is_left_out(acme):
    """
    The formatter states once what most parts say, and leaves out what the entry, the file or the schema says already.
    """
    before = deepcopy(acme)
    assert {
        "format": "1.0",
        "vendor": "acme",
        "title": "Acme",
        "scheme": "slug",
        "documents": [{"id": "errors", "title": "Errors"}, {"id": "limits", "title": "Limits"}],
        "defaults": {
            "document": "errors",
            "basis": {"category": "documented"},
            "headers": {"Content-Type": "application/json", "Server": "acme"},
        },
        "envelopes": [ENVELOPE],
        "entries": [
            {
                "code": code,
                "category": "declined",
                "source": "Codes",
                "examples": [{"response": {"status": 400, "json": {"code": code, "id": number}}, "expect": {"message": "No."}}],
            }
            for code, number in (("tea", 1), ("milk", 2.0))
        ],
    } == lean(acme)
    assert '"id": 2.0' in formatted(acme)
    assert before == acme
    assert ["format", "vendor", "title", "scheme", "documents", "defaults", "envelopes", "entries"] == list(lean(acme))


def test_what_differs_is_kept(acme):
    """
    What differs from the entry, the file and the schema stays.
    """
    tea, milk = acme["entries"]
    tea["examples"][0]["expect"] = {"category": "conflict", "status_conflict": True, "intermediary": False}
    tea["examples"][0]["response"]["headers"] = {"Content-Type": "text/json"}
    tea |= {"source": {"document": "limits", "section": "Codes"}, "basis": {**DOCUMENTED, "hints": "documented"}}
    milk["examples"] = []
    more = [{"code": code, "category": "declined", "source": {"document": "errors", "section": "More"}, "basis": DOCUMENTED}
            for code in ("a", "b")]  # fmt: skip  # the entries are one list
    found = lean({**acme, "entries": [tea, milk, *more], "alike": ["case"]})
    assert {"document": "errors", "basis": {"category": "documented"}} == found["defaults"]
    assert {"hints": "documented"} == found["entries"][0]["basis"]
    assert {"document": "limits", "section": "Codes"} == found["entries"][0]["source"]
    [example] = found["entries"][0]["examples"]
    assert {"category": "conflict", "status_conflict": True} == example["expect"]
    assert {"Content-Type": "text/json"} == example["response"]["headers"]
    assert found["alike"]


def test_no_defaults_for_a_few(acme):
    """
    A file gets no defaults that only one part would use.
    """
    acme["entries"] = acme["entries"][:1]
    found = lean(acme)
    assert "defaults" not in found
    assert {"category": "documented"} == found["entries"][0]["basis"]
    assert {"document": "errors", "section": "Codes"} == found["entries"][0]["source"]


@pytest.mark.parametrize("missing", ["basis", "headers"])
def test_no_defaults_where_one_part_says_nothing(acme, missing):
    """
    A part that does not say how it came about, or lacks a header field, keeps the file from having defaults for it.
    """
    tea, milk = acme["entries"]
    del (tea if missing == "basis" else tea["examples"][0]["response"])[missing]
    acme["entries"] = [tea, milk, {**milk, "code": "cocoa"}, {**milk, "code": "wine"}]
    assert missing not in lean(acme)["defaults"]


def test_own_defaults(acme):
    """
    The defaults that a file has stay as they are, and are used.
    """
    acme["defaults"] = {"document": "limits", "headers": {"Server": "acme"}}
    acme["entries"][0]["source"] = {"document": "limits", "section": "Codes"}
    found = lean(acme)
    assert acme["defaults"] == found["defaults"]
    assert ["Codes", {"document": "errors", "section": "Codes"}] == [entry["source"] for entry in found["entries"]]
    assert [{"category": "documented"}] * 2 == [entry["basis"] for entry in found["entries"]]
    assert {"Content-Type": "application/json"} == found["entries"][0]["examples"][0]["response"]["headers"]


def test_basis_of_a_variant(acme):
    """
    A variant whose basis is that of its entry does not state it; another one states what differs from the defaults.
    """
    a, b, c, d = ({"name": name, "when": f"/{name}"} for name in "abcd")
    acme["entries"][0]["variants"] = [{**a, "basis": DOCUMENTED}, {**b, "basis": INFERRED}, c]
    acme["entries"][1]["variants"] = [{**d, "basis": DOCUMENTED}]
    acme["entries"][1]["basis"] = INFERRED
    acme["defaults"] = {"basis": {"category": "documented"}}
    tea, milk = lean(acme)["entries"]
    assert [None, {"category": "inferred"}, None] == [variant.get("basis") for variant in tea["variants"]]
    assert ({"category": "inferred"}, {}) == (milk["basis"], milk["variants"][0]["basis"])


def test_variants_are_named(acme):
    """
    An example that was found by a variant names it, and says nothing that the variant says.
    """
    variants = [{"name": "hot", "when": "/hot", "category": "conflict"}]
    expect = {"level": "variant", "category": "conflict"}
    hot = {"response": {"status": 400, "json": {"code": "tea", "hot": 1}}, "expect": expect}
    cold = {"response": {"status": 400, "json": {"code": "tea"}}, "expect": expect}
    acme["entries"] = [{"code": "tea", "category": "declined", "variants": variants, "examples": [hot, cold]}]
    found = [example["expect"] for example in lean(acme)["entries"][0]["examples"]]
    assert [{"variant": "hot"}, {"category": "conflict", "level": "variant"}] == found


def test_newer_members(acme, tmp_path):
    """
    Members that only a newer release knows stay, behind those that this one knows.
    """
    acme |= {"format": "1.7", "mood": {"b": 1, "a": 1}}
    acme["entries"][0]["mood"] = 1.50
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(acme), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataFormatWarning)
        assert fix(path)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert ("mood", "mood", 1.5) == (list(found)[-1], list(found["entries"][0])[-1], found["entries"][0]["mood"])
    assert ["b", "a"] == list(found["mood"])


# --- files


@pytest.fixture
def path(acme, tmp_path):
    """Return a file about Acme that is not formatted."""
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(acme, ensure_ascii=True), encoding="utf-8")
    return path


def test_fix(acme, path):
    """
    A file is written once, in place of the old one, with its permissions; nothing else lies beside it.
    """
    path.chmod(0o640)
    assert fix(str(path))
    assert formatted(acme) == path.read_text(encoding="utf-8")
    assert 0o640 == path.stat().st_mode & 0o777
    written = path.stat().st_mtime_ns, path.stat().st_ino
    assert not fix(path)
    assert written == (path.stat().st_mtime_ns, path.stat().st_ino)
    assert [path] == list(path.parent.iterdir())


def test_link(acme, path, tmp_path):
    """
    A link stays a link, and the file that it leads to is written.
    """
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "acme.json"
    link.symlink_to(path)
    assert fix(link)
    assert link.is_symlink()
    assert formatted(acme) == path.read_text(encoding="utf-8")


def test_invalid_file(path):
    """
    A file that breaks the rules stays as it is.
    """
    path.write_text('{"vendor": "acme"}', encoding="utf-8")
    with pytest.raises(InvalidFileError):
        fix(path)
    assert '{"vendor": "acme"}' == path.read_text(encoding="utf-8")


def test_file_that_cannot_be_written(path, monkeypatch):
    """
    A file that cannot be written stays as it is, nothing lies beside it, and the error says why.
    """
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnreadableFileError, match=r"acme\.json: it cannot be written \(Permission denied\)"):
        fix(path)
    assert before == path.read_bytes()
    assert [path] == list(path.parent.iterdir())
