"""
Problem details (RFC 9457), as JSON and as XML.
"""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlsplit
from xml.dom import minidom
from xml.etree import ElementTree

import acme.messages
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from errortax import (
    CanonicalError,
    Category,
    Exposure,
    FieldError,
    RawResponse,
    Translator,
    default_registry,
    load_registry,
    locales,
    parse,
    read,
    render,
)
from errortax.registry import loading
from errortax.rendering import AUDIENCES, problem
from errortax.rendering.encoding import encode
from errortax.rendering.view import view_of
from errortax.testing import documented_errors, fake
from strategies import EXAMPLES

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
KNOWN = [*DOCUMENTED, *(error for vendor, example in EXAMPLES if (error := parse(example.raw, vendor)) is not None)]
OURS = Draft202012Validator(loading.schema("problem"))
EVERYTHING = Exposure(texts=True, match=True, preserved=True)

# RFC 9457, appendix A: the rules that any reader of problem details relies on.
RFC_9457 = Draft202012Validator({
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 100, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
    },
})  # fmt: skip
NAMESPACE = "{urn:ietf:rfc:7807}"
STANDARD = {"type", "title", "status", "detail", "instance"}


def problem_of(error, **choices):
    """Return the problem details as any JSON reader reads them."""
    return json.loads(render(error, **choices).body)


def xml(inner, namespace="urn:ietf:rfc:7807"):
    """Return problem details as XML."""
    return f'<problem xmlns="{namespace}">{inner}</problem>'.encode()


def parsed(body):
    """Return the root of XML as the standard library reads it."""
    return ElementTree.fromstring(body)  # noqa: S314  # we have written it


@pytest.mark.parametrize("audience", AUDIENCES)
def test_read_by_others(audience):
    """
    The library of a protocol that reports its errors as problem details (ACME, RFC 8555, section 6.7) reads ours.
    """
    for error in DOCUMENTED:
        rendered = render(error, expose=audience)
        found, members = acme.messages.Error.json_loads(rendered.body.decode()), json.loads(rendered.body)
        assert [members[name] for name in ("type", "title", "detail")] == [found.typ, found.title, found.detail]


def read_xml(body, **fields):
    """Return the error in an XML document."""
    return read(RawResponse(500, fields, body), "problem+xml")


TYPE = "<type>https://errortax.readthedocs.io/codes/categories/internal</type>"


@pytest.mark.parametrize("audience", [*AUDIENCES, EVERYTHING])
@pytest.mark.parametrize("locale", locales())
def test_schema(audience, locale):
    """
    Problem details for any documented error, audience and language are valid by our schema and by that of RFC 9457.
    """
    for error in KNOWN:
        problem = problem_of(error, expose=audience, locale=locale)
        assert [] == [fault.message for fault in (*OURS.iter_errors(problem), *RFC_9457.iter_errors(problem))]


def test_schema_of_translations():
    """
    The same holds if an upstream had problem details of its own.
    """
    body = json.dumps({"type": "/problems/7", "title": "Theirs", "detail": "Broken.", "instance": "/orders/7", "balance": 3})
    raw = RawResponse(503, {"Content-Type": "application/problem+json"}, body)
    for audience in (*AUDIENCES, EVERYTHING):
        problem = json.loads(Translator(expose=audience).translate(raw).body)
        assert [] == [fault.message for fault in (*OURS.iter_errors(problem), *RFC_9457.iter_errors(problem))]


def test_every_member_is_written():
    """
    The schema describes no member that is never there.
    """
    found, complaints = set(), set()
    more = {"user_message": "Wait.", "more_info": "https://acme.example/e"}
    for error in (*KNOWN, error_with(field_errors=[{"field": "/a", "message": "Wrong."}], **more)):
        problem = problem_of(error, expose=EVERYTHING)
        found |= problem.keys()
        complaints |= {name for complaint in problem.get("errors", ()) for name in complaint}
    assert loading.schema("problem")["properties"].keys() - {"instance"} == found
    assert loading.schema("problem")["$defs"]["complaint"]["properties"].keys() == complaints


def error_with(**members):
    """Return a documented error with other details."""
    return CanonicalError.from_dict(DOCUMENTED[0].to_dict() | members)


def test_type_is_the_page_of_the_category():
    """
    The type is an absolute address, one for each category, below the root of our pages.
    """
    for category in Category:
        error = error_with(category=category.value)
        kind = problem_of(error)["type"]
        assert f"{default_registry().documentation_url}/categories/{category.value}" == kind
        assert urlsplit(kind).scheme == "https"
        assert urlsplit(kind).netloc


def test_status_is_that_of_the_answer():
    """
    The member and the status line say the same (RFC 9457, section 3.1.2).
    """
    for error in KNOWN:
        rendered = render(error)
        assert rendered.status == json.loads(rendered.body)["status"]


def test_what_is_remembered():
    """
    Each answer is the same as a first one, regardless of earlier answers.
    """
    registries = [load_registry(documentation_url=f"https://{name}.example") for name in ("one", "other")]
    for error in (*KNOWN, *(error_with(code=f"code{number}", retry_after=number) for number in range(100))):
        for registry in registries:
            for locale in ("en", "de"):
                for audience in AUDIENCES:
                    choices = {"expose": audience, "locale": locale, "registry": registry}
                    view = view_of(error, locale=locale, exposure=AUDIENCES[audience], registry=registry)
                    assert json.loads(encode(problem.document(view))) == problem_of(error, **choices)
                    assert 418 == json.loads(render(error, status=418, **choices).body)["status"]


def test_media_types():
    """
    The media types are the registered ones.
    """
    assert "application/problem+json" == render(DOCUMENTED[0]).headers["content-type"]
    assert "application/problem+xml" == render(DOCUMENTED[0], "problem+xml").headers["content-type"]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_only_plain_names(audience):
    """
    Extension members have names that every serialisation can take (RFC 9457, section 3.2), none of them standard.
    """
    for error in KNOWN:
        extensions = problem_of(error, expose=audience).keys() - STANDARD
        assert extensions
        assert all(name.isascii() and name.replace("_", "a").isalnum() and len(name) >= 3 for name in extensions)


def test_pointers():
    """
    Field errors have the fragment that leads to the field (RFC 9457, section 3.1), if there is one.
    """
    fields = {"user.email": "#/user/email", "a/b": "#/a~1b", "a b": "#/a%20b", "é": "#/%C3%A9", None: "#"}
    errors = [{"field": field, "message": "Wrong."} for field in fields]
    problem = problem_of(error_with(field_errors=errors), expose="operator")
    assert [{"pointer": pointer, "detail": "Wrong."} for pointer in fields.values()] == problem["errors"]


def test_name_that_is_a_pointer():
    """
    A vendor's own pointer is written unchanged, beside the name, which it does not reveal.
    """
    problem = problem_of(error_with(field_errors=[{"field": "/data/name", "message": "Wrong."}]), expose="operator")
    assert [{"pointer": "#/data/name", "detail": "Wrong.", "field": "/data/name"}] == problem["errors"]


def test_complaints_of_others():
    """
    Field errors are read in the form of RFC 9457; anything else is skipped.
    """
    found = [{"pointer": "#/a/0", "detail": "Wrong."}, {"pointer": "/a"}, {"pointer": 7, "detail": 7}, "b", None]
    document = {"type": "https://errortax.readthedocs.io/codes/categories/invalid_argument", "errors": found}
    error = read(RawResponse(422, {}, json.dumps(document).encode()))
    assert [("a.0", "Wrong."), (None, ""), (None, "")] == [(each.field, each.message) for each in error.field_errors]


@pytest.mark.parametrize(
    "document",
    [
        None, [], "problem", 7, {}, {"title": "Oops"}, {"type": "about:blank", "status": 404}, {"type": 7},
        {"type": "https://example.com/problems/out-of-credit"}, {"category": 7}, {"category": None}, {"category": {}},
        {"type": "https://example.com/problems/not_found"}, {"type": "about:blank", "category": "internal"},
        {"type": "https://errortax.readthedocs.io/codes/categories/"}, {"category": "internal", "retryability": 7},
    ],
)  # fmt: skip
def test_problems_of_others(document):
    """
    Problem details that name no category of ours are none of ours.
    """
    assert read(RawResponse(500, {}, json.dumps(document).encode())) is None


def test_type_alone():
    """
    The address of our page is enough to know the category, with its defaults.
    """
    error = read(RawResponse(503, {}, b'{"type": "https://errortax.readthedocs.io/codes/categories/unavailable"}'))
    assert (Category.UNAVAILABLE, "http", True, 503) == (error.category, error.vendor, error.retryable, error.status)


def test_xml_is_read_by_others():
    """
    Independent readers of XML find the same members, in the namespace of RFC 9457, appendix B, with lists of ``i``.
    """
    for error in KNOWN:
        for audience in AUDIENCES:
            rendered = render(error, "problem+xml", expose=audience)
            root, problem = parsed(rendered.body), problem_of(error, expose=audience)
            assert f"{NAMESPACE}problem" == root.tag
            assert [NAMESPACE + name for name in problem] == [member.tag for member in root]
            for name in STANDARD & problem.keys():
                assert str(problem[name]) == root.findtext(NAMESPACE + name)
            complaints = [
                {each.tag.removeprefix(NAMESPACE): each.text for each in item} for item in root.iterfind(f".//{NAMESPACE}i")
            ]
            assert problem.get("errors", []) == complaints
            assert "problem" == minidom.parseString(rendered.body).documentElement.tagName  # noqa: S318  # as above


@given(text=st.text(st.characters(exclude_categories=())))
@example(text="\x00\x1b\ufffe\ud800]]>&<")
def test_any_text_is_well_formed(text):
    """
    Any vendor text becomes well-formed XML, and operators get all of it that XML can contain.
    """
    error = error_with(message=text, field_errors=[{"field": text, "message": text}])
    text = error.message
    rendered = render(error, "problem+xml", expose="operator")
    root = parsed(rendered.body)
    kept = (root.findtext(f"{NAMESPACE}message") or "").replace("\r\n", "\n").replace("\r", "\n")
    legal = "".join(
        one if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff" and not "\ud800" <= one <= "\udfff") else "\ufffd"
        for one in text
    )
    assert legal.replace("\r\n", "\n").replace("\r", "\n") == kept


def test_preserved_members_in_xml():
    """
    Members that must survive are written under names that XML can take, and nothing of them becomes markup.
    """
    session = {"token": "t", "a b": 1, "<x>": 2, "list": [1, None, True, {"n": 1.5}], "{u}x": 3, "": 4, "none": None}
    error = parse(RawResponse(401, {}, json.dumps({"status": "client-required", "session": session})), "planoauth")
    root = parsed(render(error, "problem+xml", expose=EVERYTHING).body)
    (kept,) = root.iterfind(f"{NAMESPACE}preserved/*")
    assert ["token", "list", "none"] == [member.tag.removeprefix(NAMESPACE) for member in kept]
    items = list(kept.find(f"{NAMESPACE}list"))
    assert ["1", None, "true"] == [item.text for item in items[:3]]
    assert "1.5" == items[3].findtext(f"{NAMESPACE}n")


def test_numbers_in_preserved_members():
    """
    A value that is not a number is null in JSON, which has no NaN (RFC 8259, section 6).
    """
    body = b'{"status": "client-required", "session": {"a": NaN, "b": [Infinity, 1.5], "c": "\\ud800"}}'
    error = parse(RawResponse(401, {}, body), "planoauth")
    problem = json.loads(render(error, expose=EVERYTHING).body, parse_constant=pytest.fail)
    (kept,) = problem["preserved"].values()
    assert {"a": None, "b": [None, 1.5], "c": "?"} == kept


BOMB = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE = {
    "nothing": b"",
    "blanks": b"  \n",
    "no markup": b"problem",
    "cut off": xml(TYPE)[:-9],
    "other root": b'<error xmlns="urn:ietf:rfc:7807"/>',
    "no namespace": b"<problem>" + TYPE.encode() + b"</problem>",
    "other namespace": xml(TYPE, "urn:example"),
    "other prefix": b'<a:problem xmlns="urn:ietf:rfc:7807">' + TYPE.encode() + b"</a:problem>",
    "no type": xml("<title>Oops</title>"),
    "empty": xml(""),
    "list as type": xml("<type><i>internal</i></type>"),
    "object as category": xml("<category><a>internal</a></category>"),
    "not utf-8": xml("<type>\xff</type>").replace("\xff".encode(), b"\xff"),
    "half a surrogate pair": '<problem xmlns="urn:ietf:rfc:7807">\ud800</problem>',
    "entity": b'<!DOCTYPE problem [<!ENTITY a "internal">]>' + xml("<category>&a;</category>"),
    "external entity": b'<!DOCTYPE problem [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml("<category>&a;</category>"),
    "billion laughs": f'<!DOCTYPE problem [<!ENTITY a0 "ha">{BOMB}]>'.encode() + xml("<category>&a9;</category>"),
    "billion laughs in utf-16": (f'<!DOCTYPE problem [<!ENTITY a0 "ha">{BOMB}]>' + xml("&a9;").decode()).encode("utf-16"),
    "undefined entity": xml("<category>&nbsp;</category>"),
    "many attributes": b"<problem " + b" ".join(b'a%d="1"' % i for i in range(20_000)) + b"/>",
    "unfinished tags": b"<a>" * 80_000,
    "huge": xml(TYPE + "<title>" + "a" * 300_000 + "</title>"),
    "huge text": xml(TYPE + "<title>" + "a" * 300_000 + "</title>").decode(),
    "bomb": gzip.compress(xml(TYPE + "<title>" + "a" * 10_000_000 + "</title>")),
    "nul": xml("\x00"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_xml(case):
    """
    XML that attacks readers, or is not ours, contains no error, and nothing is raised.
    """
    fields = {"Content-Encoding": "gzip"} if case == "bomb" else {}
    assert read_xml(HOSTILE[case], **fields) is None


@pytest.mark.parametrize("depth", [1, 3, 30, 20_000])
def test_deep_xml(depth):
    """
    Deep nesting in foreign elements stops nothing, at any depth.
    """
    nested = "<i>" * depth + "</i>" * depth
    assert Category.INTERNAL is read_xml(xml(TYPE + f"<a>{nested}</a>")).category
    assert () == read_xml(xml(TYPE + f"<errors>{nested}</errors>")).field_errors
    complaint = f"<i><pointer>#/a</pointer><detail>{nested}</detail></i>"
    assert (FieldError("a", ""),) == read_xml(xml(TYPE + f"<errors>{complaint}</errors>")).field_errors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("declared", ["", "utf-8", "utf-16", "iso-8859-1", "cp037", "nobody-knows"])
def test_encodings(encoding, declared):
    """
    The bytes decide about the encoding of Unicode, not the declaration.
    """
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (declaration + xml(TYPE + "<vendor>gopoints</vendor><code>auth.token.expired</code>").decode()).encode(encoding)
    assert ("gopoints", "auth.token.expired") == (read_xml(body).vendor, read_xml(body).code)


def test_xml_with_a_prefix():
    """
    The namespace may have a prefix, and comments and CDATA sections may divide a text.
    """
    body = '<p:problem xmlns:p="urn:ietf:rfc:7807"><p:type>' + TYPE.removeprefix("<type>").replace("</type>", "</p:type>")
    body = body.replace("internal", "inter<!-- -->n<![CDATA[al]]>") + "<p:a>b<p:c/>d</p:a></p:problem>"
    assert Category.INTERNAL is read_xml(body.encode()).category


def test_compressed_xml():
    """
    A coding that a client left is undone.
    """
    assert Category.INTERNAL is read_xml(gzip.compress(xml(TYPE)), **{"Content-Encoding": "gzip"}).category


@pytest.mark.parametrize("body", [xml(TYPE), xml(TYPE).decode()])
def test_bytes_and_text(body):
    """
    XML is read from bytes and from text.
    """
    assert Category.INTERNAL is read_xml(body).category


def test_unread_xml():
    """
    A body that was not read contains nothing.
    """
    assert read_xml(None) is None


@pytest.mark.parametrize("number", ["", "soon", "-1", "nan", "inf", "1e999", "<a/>"])
def test_waits_that_are_none(number):
    """
    A value that is not a number of seconds is not a delay.
    """
    error = read_xml(xml(TYPE + f"<retry_after>{number}</retry_after><min_delay>{number}</min_delay>"))
    assert (None, None) == (error.retry_after, error.min_delay)


tags = st.sampled_from(
    ["type", "category", "errors", "i", "pointer", "detail", "field", "retry_after", "code", "vendor", "message"]
)
nodes = st.recursive(
    st.text(st.characters(exclude_characters="<&", codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
    | st.sampled_from(["internal", "https://x.example/internal", "gopoints", "9" * 400, "#/a"]),
    lambda inner: st.lists(st.builds("<{0}>{1}</{0}>".format, tags, inner), max_size=4).map("".join),
    max_leaves=20,
)


@given(inner=nodes)
def test_any_xml(inner):
    """
    XML with our members in the wrong places raises nothing.
    """
    error = read_xml(xml(inner))
    assert error is None or error.status == 500


@given(body=st.binary())
def test_any_bytes(body):
    """
    Bytes that look like the beginning or the inside of XML raise nothing.
    """
    for whole in (body, b'<?xml version="1.0"' + body, xml("").replace(b"><", b">" + body + b"<")):
        error = read_xml(whole)
        assert error is None or error.status == 500
