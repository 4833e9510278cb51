"""
The pages as values: what each kind of page says, and that there is one for everything.
"""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

import errortax
from errortax import Category, Registry, default_registry, load_registry
from errortax.docgen import Catalogue, CategoryPage, EntryPage, FolderPage, IndexPage, VendorPage, WordPage, plain, terminal
from errortax.exceptions import UnknownVendorError
from errortax.registry import loading
from errortax.registry.addresses import WORDS
from noting import noted

ACME = {
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "entries": [
        {"code": "ok", "outcome": "success"},
        {"code": "later", "outcome": "pending"},
        {"code": "old", "category": "declined", "deprecated": {"since": "2.0", "replaced_by": "no"}, "statuses": [409, 400]},
        {"code": "older", "category": "declined", "deprecated": {"since": "1.0"}},
        {
            "code": "no",
            "category": "declined",
            "min_delay": 1200,
            "facts": [
                {"about": "hot", "value": True},
                {"about": "limit", "value": 60, "unit": "requests", "text": "Each minute."},
                {"about": "unsure", "value": "x", "source": {"document": "missing", "section": "1"}},
            ],
            "variants": [
                {"name": "slow", "when": "/slow", "category": "rate_limited"},
                {"name": "fine", "when": True, "outcome": "success"},
            ],
        },
    ],
}


def acme():
    """Return the pages of a small registry without plain HTTP."""
    return Catalogue(Registry([ACME]))


def test_every_page_has_its_own_path(catalogue):
    """
    No two pages have the same path, and the catalogue knows how many there are.
    """
    paths = [page.path for page in catalogue.pages()]
    assert len(paths) == len(set(paths)) == len(catalogue)
    assert all(page.url == f"{catalogue.registry.documentation_url}/{page.path}".rstrip("/") for page in catalogue.pages())


def test_every_kind_of_page(catalogue):
    """
    There is an index, a page for each vendor, entry, category and other word, and one for each part of the vocabulary.
    """
    count = dict.fromkeys((IndexPage, VendorPage, EntryPage, CategoryPage, WordPage, FolderPage), 0)
    for page in catalogue.pages():
        count[type(page)] += 1
    taxonomy = loading.bundled("taxonomy.json")
    words = sum(len(taxonomy[folder]) for folder in WORDS)
    registry = default_registry()
    assert {
        IndexPage: 1,
        VendorPage: len(registry) + len(registry.standards),
        EntryPage: sum(len(registry[name]) for name in (*registry, *registry.standards)),
        CategoryPage: len(Category),
        WordPage: words - len(Category),
        FolderPage: len(WORDS),
    } == count


def test_entry(catalogue):
    """
    An entry's page has its verdict with all defaults, the end user's sentence in every language, and an example.
    """
    page = catalogue.entry("planoauth", "session-expired")
    assert ("credentials_expired", "authentication", "after_action", False) == (
        page.category,
        page.group,
        page.retryability,
        page.automatic,
    )
    [hint] = [hint for hint in page.hints if hint.actor == "end_user"]
    assert set(errortax.locales()) == hint.translations.keys()
    assert "Bitte melden Sie sich erneut an." == hint.translations["de"]
    sample = page.samples[0]
    assert sample.response.startswith("HTTP/1.1 401 Unauthorized\nContent-Type: application/json")
    assert ("session-expired", "credentials_expired") == (sample.error["code"], sample.problem["category"])
    assert "Responses" in page.source.document
    assert page.basis.keys() == {"category", "retryability", "hints"}
    assert (401,) == page.statuses


def test_the_neighbours_of_an_entry(catalogue):
    """
    An entry's page lists entries of other vendors with the same category, at most eight, and counts them all.
    """
    for page in catalogue.entries("gopoints"):
        with noted(page.code):
            others = [row for row in catalogue.rows if row.category == page.category and row.vendor != "gopoints"]
            assert len(others) == page.elsewhere_count
            assert tuple(others[:8]) == page.elsewhere


def test_every_sample_agrees_with_its_entry(catalogue):
    """
    The canonical error of each sample of the bundled data is about the entry, and the problem details about that error.
    """
    for vendor in catalogue.vendors:
        for page in catalogue.entries(vendor):
            with noted(vendor, page.code):
                assert page.samples
                for sample in page.samples:
                    assert (sample.error is None) == (page.outcome != "error") == (sample.problem is None)
                    if sample.error is not None:
                        assert page.code == sample.error["match"]["entry"]
                        assert sample.error["category"] == sample.problem["category"]


def test_the_code_for_each_entry_runs(catalogue, capsys):
    """
    The sample code of each entry runs on the entry's first example, and does something.
    """
    for vendor in catalogue.vendors:
        examples = {example.code: example.raw for example in reversed(default_registry().examples(vendor))}
        for page in catalogue.entries(vendor):
            with noted(vendor, page.code):
                exec(page.handling, {"response": examples[page.code]})  # noqa: S102  # as a reader would
                if not page.variants:  # the first example may be one of a variant
                    assert capsys.readouterr().out


def test_variants(catalogue):
    """
    The page of an entry has its variants, each with its condition in words.
    """
    page = catalogue.entry("gopoints", "critical.auth.required")
    found = {variant.name: "".join(variant.condition) for variant in page.variants}
    assert {"otp", "password", "password-or-otp"} == found.keys()
    assert found["otp"].startswith("the body's critical_auth_method is otp or [\"otp\"], or the body's")


def test_deprecated():
    """
    A deprecated code keeps its page, which leads to the successor if there is one.
    """
    old, older = acme().entry("acme", "old"), acme().entry("acme", "older")
    assert ("2.0", "no", "acme/no") == (old.deprecated.since, old.deprecated.replaced_by, old.deprecated.path)
    assert ("1.0", None, None) == (older.deprecated.since, older.deprecated.replaced_by, older.deprecated.path)
    assert (400, 409) == old.statuses
    assert [True, True] == [row.deprecated for row in acme().rows if row.code.startswith("old")]


def test_facts():
    """
    A fact's value is text with its unit; a source that the file does not describe is named as it is.
    """
    facts = acme().entry("acme", "no").facts
    assert ["true", "60 requests", "x"] == [fact.value for fact in facts]
    assert ("missing", "1", None) == (facts[2].source.document, facts[2].source.section, facts[2].source.url)


def test_other_outcomes():
    """
    After a success there is nothing to do; for work that goes on there is.
    """
    ok, later = acme().entry("acme", "ok"), acme().entry("acme", "later")
    assert (None, None, (), False) == (ok.category, ok.category_title, ok.hints, ok.automatic)
    assert "There is nothing to repeat: the request was carried out." == ok.repeat
    assert ["client"] == [hint.actor for hint in later.hints]


def test_vendor(catalogue):
    """
    A vendor's page has its scheme, documents, headers, shapes of bodies, statuses without a code, facts and entries.
    """
    page = catalogue.vendor("gopoints")
    assert ("dotted", ("*.gopoints.net",)) == (page.scheme, page.hosts)
    assert ["401", "403", "404", "422"] == [status.status for status in page.statuses]
    assert len(default_registry()["gopoints"]) == len(page.rows)
    assert page.documents
    assert page.requests
    assert page.shapes
    assert page.facts


def test_category(catalogue):
    """
    A category's page has its texts in every language, all retryabilities, its exception, and all entries that have it.
    """
    page = catalogue.word("categories", "rate_limited")
    assert set(errortax.locales()) == page.titles.keys() == page.descriptions.keys()
    assert "RateLimited" == page.exception
    assert [repetition.name for repetition in page.repetitions] == [*errortax.Retryability]
    assert ["after_delay"] == [repetition.name for repetition in page.repetitions if repetition.default]
    assert {row.category for row in page.rows} == {"rate_limited"}


@pytest.mark.parametrize(
    ("folder", "name", "categories"),
    [
        ("groups", "limit", ("rate_limited", "quota_exceeded")),
        ("retryabilities", "poll", ()),
        ("actors", "vendor", None),
        ("actions", "fix_billing", ("payment_required",)),
        ("outcomes", "pending", ()),
        ("bases", "inferred", ()),
    ],
)
def test_word(catalogue, folder, name, categories):
    """
    A word's page has the categories with the word by default, and the first hundred entries with it.
    """
    page = catalogue.word(folder, name)
    assert name == page.name
    if categories is not None:
        assert categories == page.categories
    assert page.count == len([row for row in catalogue.rows if name == getattr(row, page.word)])
    assert len(page.rows) == min(page.count, 100)
    assert bool(page.sentences) == (folder == "actions")


@pytest.mark.parametrize(("folder", "name"), [("levels", "generic_status"), ("bodies", "over_cap"), ("schemes", "slug")])
def test_word_of_no_entry(catalogue, folder, name):
    """
    The page of a word that is about responses or vendors lists no entries.
    """
    page = catalogue.word(folder, name)
    assert (name, (), 0) == (page.name, page.rows, page.count)


def test_the_first_hundred():
    """
    The page of a word that many entries have lists a hundred of them, and says so in every format.
    """
    entries = [{"code": f"c{number}", "category": "declined"} for number in range(101)]
    many = Catalogue(Registry([{"vendor": "many", "title": "Many", "scheme": "slug", "entries": entries}]))
    assert "100 of 101; the list of all codes can be filtered." in terminal.text(many.word("groups", "resource"))
    assert 101 == len(many.word("categories", "declined").rows)


def test_some_vendors():
    """
    Pages can be about some vendors; those of plain HTTP are always there, and an unknown vendor is a mistake.
    """
    assert ("gopoints", "http") == Catalogue(default_registry(), ["gopoints"]).vendors
    assert {"gopoints", "http"} == {row.vendor for row in Catalogue(default_registry(), ["gopoints"]).rows}
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        Catalogue(default_registry(), ["gopoint"])


def test_the_standards_of_a_vendor(tmp_path):
    """
    The page of a vendor links the standards that hold for it, and their pages are made with it.
    """
    path = tmp_path / "acme.json"
    path.write_text(json.dumps({"format": "1.0", **ACME, "entries": [], "standards": ["oauth", "problem-types"]}))
    chosen = Catalogue(load_registry(path), ["acme"])
    assert ("acme", "http", "oauth", "problem-types") == chosen.vendors
    page = chosen.vendor("acme")
    assert (False, ("oauth", "problem-types")) == (page.is_standard, page.standards)
    assert "  Standards  oauth, problem-types" in terminal.text(page)
    assert (True, "OAuth 2.0") == (chosen.vendor("oauth").is_standard, chosen.vendor("oauth").title)


def test_a_registry_without_plain_http():
    """
    A registry needs neither plain HTTP nor any entry.
    """
    assert [page.path for page in acme().pages()][-6:-4] == ["acme", "acme/ok"]
    empty = Catalogue(Registry([{"vendor": "none", "title": "None", "scheme": "slug", "entries": []}]))
    assert len(empty) == len([*empty.pages()])


def test_the_order_is_that_of_the_files(catalogue):
    """
    Rows and pages are in the order of vendors, then of standards, and of their files.
    """
    registry = default_registry()
    codes = [(name, entry.code) for name in (*registry, *registry.standards) for entry in registry[name].entries]
    assert codes == [(row.vendor, row.code) for row in catalogue.rows]
    assert codes == [(page.vendor, page.code) for page in catalogue.pages() if isinstance(page, EntryPage)]


def test_the_same_every_time(catalogue):
    """
    Pages made twice are equal, byte for byte.
    """
    again = Catalogue(load_registry())
    assert [plain.text(page) for page in catalogue.pages()] == [plain.text(page) for page in again.pages()]


def test_own_addresses():
    """
    The addresses of all pages and in all samples begin with the registry's own root.
    """
    own = Catalogue(load_registry(documentation_url="https://errors.example/codes"))
    for page in own.pages():
        text = plain.text(page)
        assert page.url.startswith("https://errors.example/codes")
        assert "errortax.readthedocs.io/codes" not in text


def test_pages_are_frozen(catalogue):
    """
    A page is a value: it cannot be changed.
    """
    with pytest.raises(AttributeError):
        catalogue.entry("gopoints", "auth.token.expired").code = "other"


def test_rows_have_one_set_of_members(catalogue):
    """
    Every row has the same members in the same order, whatever the entry leaves out.
    """
    documents = [plain.row_document(row) for row in catalogue.rows]
    assert all(list(one) == list(other) for one, other in pairwise(documents))
    assert json.loads(json.dumps(documents)) == documents
