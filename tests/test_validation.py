"""
What is said about vendor files that break the rules.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import Category, Group, load_registry
from errortax.checking import check
from errortax.exceptions import DataFormatWarning, InvalidFileError
from errortax.model import did_you_mean, pointer_to
from errortax.registry import loading, validation

INVALID = Path(__file__).parent / "invalid" / "vendor"
VALID = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": [{"code": "a", "category": "internal"}]}
BROKEN = "missing ), unterminated subpattern at position 0"
ENVELOPE = {"name": "error", "description": "Sent on errors.", "recognise": "/code", "schema": {}}

every_json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 600) | st.sampled_from(["", "a", "1.0", "1.1", "2.0", "slug", "internal"]),
    lambda children: st.lists(children, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["vendor", "format", "scheme", "entries", "code", "category", "envelopes", "name", "documents", "id", "source",
             "document", "secrets", "shapes", "fingerprints", "pattern", "variants", "when", "recognise", "deprecated",
             "replaced_by", "rate_limits", "facts", "statuses", "alike", "requests", "header", "alternative_to"]
        ),
        children,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip  # the names are one vocabulary


@pytest.fixture
def save(tmp_path):
    """Return a function that saves a document as the file about the vendor acme."""

    def save(document):
        path = tmp_path / "acme.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return save


@pytest.fixture(params=["installed", "missing"])
def _fast(request, monkeypatch):
    """Run the test with and without the fast validator, if it is there at all."""
    validation._fast_validator.cache_clear()
    if request.param == "missing":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    yield
    validation._fast_validator.cache_clear()


def violations(path):
    """Return what is said about the file, less its folder."""
    with pytest.raises(InvalidFileError) as caught:
        loading.vendor_file(path)
    assert path == caught.value.path
    assert "\n".join(caught.value.violations) == str(caught.value)
    return [line.removeprefix(str(path.parent)).lstrip("/\\") for line in caught.value.violations]


def said_about(document):
    """Return what is said about the document, None if it is valid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataFormatWarning)
        try:
            validation.validated(document, Path("acme.json"), loading.all_schemas)
        except InvalidFileError as error:
            return error.violations
    return None


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("path", sorted(INVALID.glob("*.json")), ids=lambda path: path.stem)
def test_defect(path):
    """
    A file with one defect gives the one line that lies beside it: where, what is wrong, what to do.

    An ellipsis at its end stands for the other names of a list that a release may extend.
    """
    [expected] = path.with_suffix(".errors").read_text(encoding="utf-8").splitlines()
    [said] = violations(path)
    if expected.endswith("…"):
        said = f"{said[: len(expected) - 1]}…"
    assert expected == said


def test_every_defect_has_its_words():
    """
    No expectation lies about without its file.
    """
    assert {path.stem for path in INVALID.glob("*.json")} == {path.stem for path in INVALID.glob("*.errors")}


def test_every_line_has_place_problem_and_remedy():
    """
    Each message is `file#/json/pointer: what is wrong; what to do`, without a full stop.
    """
    for path in INVALID.glob("*.errors"):
        line = path.read_text(encoding="utf-8").rstrip("\n")
        place, _, rest = line.partition(": ")
        assert place.startswith(f"{path.stem}.json#")
        assert place.endswith("#") or "#/" in place
        assert all(rest.partition("; ")), line
        assert not line.endswith(".")


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("name", loading.names("vendors"))
def test_bundled_vendors(name):
    """
    All bundled vendors are valid, and come out of validation as they are.
    """
    document = loading.read_bundled(f"vendors/{name}")
    assert document is validation.validated(document, Path(name), loading.all_schemas)


@pytest.mark.usefixtures("_fast")
def test_all_violations_at_once_and_sorted(save):
    """
    All violations are told at once, those of the schema and others, in the order of their places, items by number.
    """
    entries = [{"code": f"c{i}", "category": "internal"} for i in range(11)]
    entries[10] = {"code": "c2", "categry": "internal"}
    entries[2]["statuses"] = [99, 700]
    document = {
        **VALID,
        "entries": entries,
        "vendor": "other",
        "fingerprints": [{"header": "a", "pattern": "("}, {"header": "a", "pattern": 3}],
        "titel": "Acme",
    }
    assert [
        "acme.json#: unknown member 'titel'; did you mean 'title'?",
        "acme.json#/entries/2/statuses/0: 99 is less than 100; correct it: an HTTP status (RFC 9110, section 15)",
        "acme.json#/entries/2/statuses/1: 700 is more than 599; correct it: an HTTP status (RFC 9110, section 15)",
        "acme.json#/entries/10: member 'category' is missing; add it: what went wrong, as an error has to say",
        "acme.json#/entries/10: unknown member 'categry'; did you mean 'category'?",
        "acme.json#/entries/10/code: 'c2' is taken by /entries/2/code; keep one of the two or rename it",
        f"acme.json#/fingerprints/0/pattern: '(' is not a regular expression ({BROKEN}); correct it",
        (
            "acme.json#/fingerprints/1/pattern: expected a string, got 3; correct it: a regular expression that its value "
            "matches from the start, as Python reads it"
        ),
        "acme.json#/vendor: 'other' is not what the file 'acme.json' is called; rename one of the two",
    ] == violations(save(document))


@given(every_json)
def test_any_document(document):
    """
    Whatever a file holds, it is either valid or invalid with at least one message; nothing else is raised.
    """
    lines = said_about(document)
    assert lines is None or lines
    assert all(line.startswith("acme.json#") and "; " in line for line in lines or ())


def test_many_names(save):
    """
    Where nothing is near, a few of many names are proposed.
    """
    entries = [{"code": f"{i:03}", "category": "internal"} for i in range(100)]
    entries[0]["deprecated"] = {"since": "1.1", "replaced_by": "x"}
    [line] = violations(save({**VALID, "entries": entries}))
    assert "no entry has the code 'x'; known: 000, 001," in line
    assert line.endswith("048, 049, …")


@pytest.mark.parametrize(("name", "advice"), [("servers", "did you mean 'server'?"), ("x", "known: ")])
def test_names_of_all_alternatives(save, name, advice):
    """
    Where a name may be one of several kinds, those of each kind are proposed.
    """
    answers = {"codes": {"unknown": "a", name: "a"}, "plain": {"envelope": "error"}}
    [line] = violations(save({**VALID, "envelopes": [{**ENVELOPE, "code": ["/code"]}], "answers": answers}))
    assert line.startswith(f"acme.json#/answers/codes: {name!r} is not among the names allowed; {advice}")
    if advice == "known: ":
        assert {*Category, *Group} == {*line.rpartition(advice)[2].split(", ")}


def properties(schema):
    """Yield the members of each object of a schema, with their schemas."""
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield schema["properties"]
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from properties(part)


def closed_sets(schema):
    """Yield the members of each object of a schema, and each list of names that it allows."""
    if isinstance(schema, dict):
        yield from (list(schema[keyword]) for keyword in ("properties", "enum") if keyword in schema)
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from closed_sets(part)


@pytest.mark.parametrize("name", loading.schemas())
def test_closed_sets_are_listed_as_a_whole(name):
    """
    Where nothing is near an unknown member, or an unknown word of the vocabulary, all that are known are listed.
    """
    for names in closed_sets(loading.schema(name)):
        assert f"known: {', '.join(map(str, names))}" == did_you_mean("~", names)


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("https://docs.acme.example", True),
        ("http://[2001:db8::1]:8080/a%20b;c=d?q=(1,2)&r[]=x#top", True),
        ("https://acme.example?page=errors", True),
        ("docs.acme.example/errors", False),
        ("//docs.acme.example/errors", False),
        ("/errors", False),
        ("javascript:alert(1)", False),
        ("mailto:help@acme.example", False),
        ("https://", False),
        ("https:///errors", False),
        ("https://user:secret@acme.example/", False),
        ("https://acme.example/a b", False),
        ("https://acme.example/<b>", False),
        ("https://acme.example/\n", False),
    ],
)
def test_addresses(save, address, is_good):
    """
    Each address in a vendor file is an absolute one of the web (RFC 3986), or a finding.
    """
    entry = {"code": "a", "category": "internal", "hints": [{"url": address}]}
    documents = [{"id": "errors", "title": "Errors", "url": address}]
    path = save({**VALID, "url": address, "documents": documents, "entries": [entry]})
    places = [] if is_good else ["/documents/0/url", "/entries/0/hints/0/url", "/url"]
    found = () if is_good else violations(path)
    assert places == [line.partition(": ")[0].removeprefix("acme.json#") for line in found]
    assert all(line.endswith("which begins with `https://` or `http://`") for line in found)
    assert VALID["title"] == loading.vendor_file(path, validate=False)["title"]


def test_all_addresses_are_checked():
    """
    Every member of a vendor file that is called url has the rule for addresses.
    """
    urls = [part["url"] for part in properties(loading.schema("vendor")) if "url" in part]
    assert 3 == len(urls)
    assert {"#/$defs/web_address"} == {url["$ref"] for url in urls}


def test_names_in_different_lists(save):
    """
    Names have to be unique in their list only.
    """
    variants = [{"name": "api", "when": "/api"}]
    entries = [{"code": code, "category": "internal", "variants": variants} for code in ("api", "app")]
    assert {**VALID, "entries": entries} == loading.vendor_file(save({**VALID, "entries": entries}))


def test_known_documents(save):
    """
    Sources may be cited wherever the schema has them, if their document is known.
    """
    source = {"document": "errors"}
    document = {
        **VALID,
        "documents": [{"id": "errors", "title": "Errors"}],
        "facts": [{"about": "region", "value": "eu", "source": source}],
        "rate_limits": [{"limit": {"header": "X"}, "source": source}],
        "statuses": {"404": {"category": "not_found", "source": source}},
        "envelopes": [{**ENVELOPE, "source": source}],
    }
    assert document == loading.vendor_file(save(document))


SOURCE = {"source": {"document": "manual"}}
SAY = {"category": "declined", "variants": [{"name": "hot", "when": "/hot", **SOURCE}], **SOURCE}
FACT = {"about": "region", "value": "eu", **SOURCE}
WINDOW = {"limit": {"header": "X-Limit"}, **SOURCE}
LINKED = {
    **VALID,
    "standards": ["problem-types", "errors-of-all"],
    "documents": [{"id": "manual", "title": "Manual"}],
    "defaults": {"document": "manual"},
    "requests": [
        {"header": "X-Api-Key", "value": "{key}", "description": "Proves who is asking.", "alternative_to": ["Authorization"]},
        {"header": "authorization", "value": "{token}", "description": "Proves it, too.", **SOURCE},
    ],
    "envelopes": [{**ENVELOPE, "name": "plain", "code": ["/code"], "rate_limits": [WINDOW], **SOURCE}],
    "rate_limits": [WINDOW],
    "fingerprints": [{"header": "Server", "pattern": "Acme", **SOURCE}],
    "facts": [FACT],
    "statuses": {"409": SAY},
    "variants": [{"name": "cold", "when": "/cold", **SOURCE}],
    "answers": {
        "codes": {"unknown": "teapot", "declined": "coffeepot"},
        **{shape: {"envelope": "plain"} for shape in ("plain", "with_fields", "without_code")},
    },
    "entries": [
        {
            "code": "teapot",
            **SAY,
            "facts": [FACT],
            "deprecated": {"since": "1.1", "replaced_by": "coffeepot"},
            "examples": [{"response": {}, "expect": {"variant": name}} for name in ("hot", "cold")],
        },
        {"code": "coffeepot", **SAY},
    ],
}
"""A vendor file with every kind of reference by name, besides those to names that the schema knows."""


def references(part, place=()):
    """Yield the place of each reference, and the name, in a part of the linked file."""
    owners = {"document", "replaced_by", "envelope", "standards", "alternative_to", "codes"}
    if isinstance(part, (dict, list)):
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from references(inner, (*place, key))
    elif owners & {*place[-2:]} or place[-2:] == ("expect", "variant"):
        yield place, part


@pytest.fixture
def standard(tmp_path):
    """Return the path of a file that is a standard."""
    path = tmp_path / "errors-of-all.json"
    path.write_text(json.dumps({**VALID, "vendor": "errors-of-all", "standard": {}}), encoding="utf-8")
    return path


@pytest.mark.parametrize(("place", "name"), [*references(LINKED)], ids=lambda value: "-".join(map(str, value)))
def test_references(save, standard, place, name):
    """
    Each reference by name that leads nowhere is reported with its place and the nearest names, and each good one is good.
    """
    document = json.loads(json.dumps(LINKED))
    assert "acme" in load_registry(save(document), standard)
    assert "acme" in load_registry(standard, save(document))
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = stray = f"{name}x"
    path = save(document)
    with pytest.raises(InvalidFileError) as caught:
        load_registry(standard, path)
    [line] = caught.value.violations
    assert line.startswith(f"{path}#{pointer_to(place)}: no ")
    assert f" {stray!r}; did you mean " in line
    assert f"{name.lower()}'" in line.lower()


def test_standards_that_do_not_exist(save, standard):
    """
    A vendor may follow the standards that are bundled or loaded; a vendor is none, and a file known to be good is not checked.
    """
    path = save({**VALID, "standards": ["oauth", "gopoints", "errors-of-all", "oath"]})
    with pytest.raises(InvalidFileError) as caught:
        load_registry(path)
    known = "google-rpc, json-rpc, kubernetes, multistatus, oauth, problem-types"
    assert (
        f"{path}#/standards/1: no standard has the name 'gopoints'; known: {known}",
        f"{path}#/standards/2: no standard has the name 'errors-of-all'; known: {known}",
        f"{path}#/standards/3: no standard has the name 'oath'; did you mean 'oauth'?",
    ) == caught.value.violations
    assert caught.value.violations == check(path)
    assert ["1", "3"] == [finding.removeprefix(f"{path}#/standards/")[0] for finding in check(path, beside=[standard, path])]
    assert "acme" in load_registry(path, validate=False)


def test_unknown_keyword_of_a_body_schema(save):
    """
    The schema of a body may use all of JSON Schema, as deep as is sensible.
    """
    schema = {"propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"oneOf": [{}, {"minLength": 2}]}}
    document = {**VALID, "envelopes": [{**ENVELOPE, "schema": schema}]}
    assert document == loading.vendor_file(save(document))


@pytest.mark.parametrize("levels", [49, 400, 5_000])
def test_nesting(save, levels):
    """
    Conditions may be nested a hundred deep; deeper ones are refused and nothing breaks.
    """
    condition = '{"anyOf": [' * levels + '{"type": "string"}' + "]}" * levels
    path = save({**VALID, "envelopes": [{**ENVELOPE, "recognise": "CONDITION"}]})
    path.write_text(path.read_text(encoding="utf-8").replace('"CONDITION"', condition), encoding="utf-8")
    if levels == 49:
        assert VALID["title"] == loading.vendor_file(path)["title"]
    else:
        [line] = violations(path)
        assert line in (
            "acme.json#/envelopes/0/recognise: nested more than 100 deep; make it flatter",
            "acme.json#: nested too deeply; make it flatter",
        )


def test_newer_minor(save):
    """
    Members and names that a newer minor release added are ignored with a warning that names them and the caller.
    """
    document = {
        **VALID,
        "format": "1.3",
        "news": 1,
        "entries": [{"code": "a", "category": "overheated", "mood": {"x": 1}, "hints": [{"action": "cool", "when": 1}]}],
    }
    path = save(document)
    with pytest.warns(DataFormatWarning) as caught:
        registry = load_registry(path)
    [warning] = caught
    assert __file__ == warning.filename
    assert [
        "#/format: written for a newer release (1.3); install a newer errortax to use all of it",
        "#: unknown member 'news'; ignored",
        "#/entries/0: unknown member 'mood'; ignored",
        "#/entries/0/category: 'overheated' is not among the names allowed; ignored",
        "#/entries/0/hints/0: unknown member 'when'; ignored",
        "#/entries/0/hints/0/action: 'cool' is not among the names allowed; ignored",
    ] == str(warning.message).replace(str(path), "").splitlines()
    known = [{"code": "a", "category": "overheated", "hints": [{"action": "cool"}]}]
    assert {**VALID, "format": "1.3", "entries": known} == registry.document("acme")
    assert Category.UNKNOWN == registry["acme"]["a"].category


def test_newer_minor_without_news(save, recwarn):
    """
    A file of a newer minor release that holds nothing new is read without a word.
    """
    assert "1.1" == loading.vendor_file(save({**VALID, "format": "1.1"}))["format"]
    assert not recwarn.list


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": ""}, "#/title: '' is empty; fill it in: the vendor's name as people write it"),
        ({"scheme": "numeric"}, "#/scheme: 'numeric' is not among the names allowed; did you mean 'number'?"),
        (
            {"envelopes": [{**ENVELOPE, "recognise": {"const": "x"}}]},
            (
                "#/envelopes/0/recognise: unknown member 'const'; known: anyOf, at, header, is, join, members, optional,"
                " parameter, pattern, then, type, unit, where"
            ),
        ),
    ],
)
def test_newer_minor_with_defects(save, change, expected):
    """
    What cannot be ignored stays an error in a newer minor release: a wrong value, a scheme, a keyword of a condition.
    """
    assert [f"acme.json{expected}"] == violations(save({**VALID, "format": "1.1", "news": 1, **change}))


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize(
    ("member", "value", "where"),
    [
        ("vendor", "acme\n", "/vendor"),
        ("request_id", [{"header": "X-Id\n"}], "/request_id/0/header"),
        ("hosts", ["api.acme.example\n"], "/hosts/0"),
        ("rate_limits", [{"limit": {"header": "X-Limit\n"}}], "/rate_limits/0/limit/header"),
    ],
)
def test_line_after_a_name(save, member, value, where):
    """
    The end of a line after a name is no part of it, with either validator.
    """
    with pytest.raises(InvalidFileError, match=re.escape(f"#{where}: ")):
        load_registry(save({**VALID, member: value}))


def places_in(part, place=()):
    """Yield all places in a document but its root."""
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield (*place, key)
        yield from places_in(inner, (*place, key))


@pytest.mark.parametrize("place", [*places_in(LINKED)], ids=lambda place: "-".join(map(str, place)))
def test_a_wrong_type_is_reported_once(place):
    """
    A value of a type that is not allowed is reported once, however many parts of the schema say so.
    """
    document = json.loads(json.dumps(LINKED))
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    for value in (None, "~", [], {}, 1.5):
        holder[place[-1]] = value
        start = f"acme.json#{pointer_to(place)}: expected "
        assert 1 >= len([line for line in said_about(document) or () if line.startswith(start)])
