"""
What holds for all formats: a page each, no broken link, the same bytes each time, hostile texts as texts.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from posixpath import dirname, join, normpath

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from openapi_spec_validator import validate
from referencing import Registry, Resource

from docgen_hostile import HOSTILE
from errortax import Registry as VendorRegistry
from errortax import load_registry
from errortax.docgen import FORMATS, Catalogue, files, markdown, openapi, plain, terminal
from errortax.docgen.blocks import Link
from errortax.docgen.escaping import one_line, visible
from errortax.docgen.values import Code
from errortax.registry import loading
from errortax.registry.addresses import path_of

FILES = {"html": "index.html", "markdown": "index.md", "json": "index.json"}
VOID = {"meta", "link", "input", "br", "img", "hr"}


@pytest.fixture(scope="module", params=["bundled", "hostile"])
def pages(request, catalogue, hostile):
    """Return the pages of the bundled registry, or those of a hostile one."""
    return catalogue if request.param == "bundled" else hostile


@cache
def made(catalogue, name):
    """Return the files of a *catalogue* in a format; no name twice."""
    found = list(files(catalogue, name))
    assert len(found) == len(dict(found))
    return dict(found)


class Reader(HTMLParser):
    """Read a page as a browser does: links, anchors, tags that are open, and text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links, self.ids, self.tags, self.open, self.text = [], [], set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Keep what begins."""
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert not name.startswith("on")
            if name in ("href", "src"):
                self.links.append(value)
            if name == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        """Close what is open."""
        assert tag == self.open.pop()

    def handle_data(self, data):
        """Keep the text."""
        self.text += data


@pytest.mark.parametrize("name", FILES)
def test_each_page_is_a_file(pages, name):
    """
    Each format but OpenAPI has a file for each page, at the very path of the page.
    """
    assert {f"{page.path}/{FILES[name]}".lstrip("/") for page in pages.pages()} <= made(pages, name).keys()


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes(catalogue, name):
    """
    Files made twice are the same byte for byte.
    """
    assert list(made(catalogue, name).items()) == list(files(Catalogue(load_registry()), name))


@pytest.mark.parametrize("name", FORMATS)
def test_everything_can_be_encoded(hostile, name):
    """
    Each file is UTF-8, whatever the data contains, and has no character that cannot be seen.
    """
    for text in made(hostile, name).values():
        assert text.encode()
        assert text == visible(text)


def test_links_in_html(pages):
    """
    Each page of HTML is well-formed, and each link within the pages leads to a file, each fragment to an anchor.
    """
    readers = {file: Reader(text) if file.endswith(".html") else None for file, text in made(pages, "html").items()}
    for file, page in readers.items():
        if page is None:
            continue
        assert [] == page.open
        assert len(page.ids) == len(set(page.ids))
        for link in page.links:
            if link.startswith(("https://", "http://")):
                continue
            path, _, fragment = link.partition("#")
            target = normpath(join(dirname(file), path)) if path else file
            assert target in readers, f"{file}: {link}"
            assert not fragment or fragment in readers[target].ids, f"{file}: {link}"


def test_links_in_markdown(pages):
    """
    Each link within the pages of Markdown leads to a file.
    """
    for file, text in made(pages, "markdown").items():
        if not file.endswith(".md"):
            continue
        for token in MarkdownIt("commonmark").enable("table").parse(text.split("---\n", 2)[2]):
            for inner in token.children or ():
                link = (inner.attrs or {}).get("href", "")
                if link and not link.startswith(("http:", "https:")):
                    assert normpath(join(dirname(file), link)) in made(pages, "markdown"), f"{file}: {link}"


def test_hostile_html(hostile):
    """
    Texts of the data are shown as they are: no tag, no attribute and no address comes from them.
    """
    index = Reader(made(hostile, "html")["index.html"])
    assert not {"img", "iframe", "object"} & index.tags
    pages = {file: Reader(text) for file, text in made(hostile, "html").items() if file.startswith("hostile/")}
    for code in HOSTILE:
        page = pages[f"{path_of('hostile', code)}/index.html"]
        assert not {"img", "iframe", "object"} & page.tags
        assert 1 <= page.text.count(visible(code))
        assert all(link.startswith(("../", "#", "http://", "https://")) for link in page.links)


def test_hostile_markdown(hostile):
    """
    Texts of the data are no markup in Markdown: each code is shown as it is, in a heading or as code.
    """
    for code in HOSTILE:
        text = made(hostile, "markdown")[f"{path_of('hostile', code)}/index.md"]
        _, front, body = text.split("---\n", 2)
        assert json.loads(re.search(r"^title: (.*)$", front, re.MULTILINE)[1]) == one_line(code)
        tokens = MarkdownIt("commonmark").enable("table").parse(body)
        heading = next(tokens[index + 1] for index, token in enumerate(tokens) if token.type == "heading_open")
        assert one_line(code) == one_line("".join(child.content for child in heading.children))
        assert "html_block" not in {token.type for token in tokens}
        inner = [child for token in tokens for child in token.children or ()]
        assert not {"html_inline", "image", "em_open"} & {child.type for child in inner}
        links = [child.attrs["href"] for child in inner if child.type == "link_open"]
        assert all(re.match(r"(\.\./)+[\w.~/-]+index\.md$|https?:|[^:]*$", link) for link in links), links


@pytest.mark.parametrize("start", ["- ", "+ ", "= ", "# ", ": ", "% ", "(a) ", "12. ", "3) ", "plain "])
def test_a_line_that_begins_like_something_else(start):
    """
    A line that would begin a list or the like is text, and the code and the link behind it are what they are.
    """
    line = markdown._inline("acme/a", (start, Code("x-1: y"), " - ", Link("- z", path="acme/critical-auth")))
    [opened, inline, _] = MarkdownIt().parse(line)
    assert "paragraph_open" == opened.type
    assert f"{start}x-1: y - - z" == "".join(token.content for token in inline.children)
    assert ["../../acme/critical-auth/index.md"] == [
        token.attrs["href"] for token in inline.children if token.type == "link_open"
    ]


def test_json_is_as_described(pages):
    """
    Each page and each row is as the schema describes it.
    """
    resources = [Resource.from_contents(schema) for schema in loading.all_schemas().values()] @ Registry()
    validator = Draft202012Validator(loading.schema("docs"), registry=resources)
    for page in pages.pages():
        validator.validate(json.loads(plain.text(page)))
    for row in pages.rows:
        validator.validate(json.loads(json.dumps(plain.row_document(row))))


def test_text(pages):
    """
    Each page is text for a terminal, too: nothing in it steers the terminal, and the last line is the address.
    """
    for page in pages.pages():
        text = terminal.text(page)
        assert text == visible(text)
        assert text.endswith(f"\nPage  {page.url}\n")


def test_openapi_without_shapes_and_statuses():
    """
    A vendor without known shapes of bodies, and an example without a status, make valid components as well.
    """
    example = {"response": {"json": {"error": "x"}}}
    entries = [{"code": "x", "category": "declined", "examples": [example, example]}, {"code": "y", "category": "declined"}]
    acme = {"vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}
    document = openapi.document(Catalogue(VendorRegistry([acme])))
    validate(document)
    assert {"acme"} == {name for name in document["components"]["responses"] if not name.startswith("category.")}


def test_openapi_is_valid(pages):
    """
    The components are valid OpenAPI 3.1.
    """
    validate(json.loads(openapi.text(pages)))


def test_openapi_components(catalogue):
    """
    There is a response for each category, vendor and status, with the examples of the codes and the schemas of the bodies.
    """
    parts = openapi.document(catalogue)["components"]
    assert "Retry-After" in parts["responses"]["category.rate_limited"]["headers"]
    assert "headers" not in parts["responses"]["category.not_found"]
    answer = parts["responses"]["category.not_found"]["content"]["application/problem+json"]
    assert "not_found" == answer["example"]["category"]
    assert "vendor" not in answer["example"]
    unauthorised = parts["responses"]["gopoints.401"]["content"]["application/json"]
    assert {"$ref": "#/components/examples/gopoints.auth.token.expired"} == unauthorised["examples"][
        "gopoints.auth.token.expired"
    ]
    assert {"$ref": "#/components/schemas/gopoints.error-list"} in unauthorised["schema"]["anyOf"]
    assert "auth.token.expired" == parts["examples"]["gopoints.auth.token.expired"]["value"]["error_code"]
    assert "planoauth.200" not in parts["responses"]


def test_openapi_schemas_stay_whole(hostile):
    """
    A reference within the schema of a body still leads to its part.
    """
    schema = openapi.document(hostile)["components"]["schemas"]["hostile.e"]
    assert "#/components/schemas/hostile.e/$defs/x" == schema["$ref"]


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("gopoints", "auth.token.expired"), "gopoints.auth.token.expired"),
        (("acme", "a b"), "acme.a..20b"),
        (("acme", "a..20b"), "acme.a...2E20b"),
        (("acme",), "acme"),
    ],
)
def test_names_of_components(names, key):
    """
    The key of a component has only characters that OpenAPI allows, and differs for different names.
    """
    assert key == openapi.component(*names)


def test_navigation(catalogue):
    """
    The fragment of navigation names each page of Markdown once.
    """
    text = made(catalogue, "markdown")["nav.yml"]
    assert len(catalogue) == len(text.splitlines())
    assert '- "Token expired": "gopoints/auth.token.expired/index.md"' in text.splitlines()


def test_stable_anchors():
    """
    The anchors of a page stay when other entries and vendors come.
    """
    before = Catalogue(load_registry(), ["gopoints"])
    after = Catalogue(load_registry())
    old = {file: Reader(text).ids for file, text in made(before, "html").items() if file.endswith(".html")}
    new = {file: Reader(text).ids for file, text in made(after, "html").items() if file.endswith(".html")}
    assert old.keys() < new.keys()
    assert all(set(ids) <= set(new[file]) for file, ids in old.items())
