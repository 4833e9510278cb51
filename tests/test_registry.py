"""
The registry: vendors by name, by host, by code and by words.
"""

from __future__ import annotations

import json
import pickle

import pytest

from errortax import RawResponse, Registry, default_registry, load_registry, parse, registry
from errortax.exceptions import (
    AmbiguousCodeError,
    DuplicateHostError,
    DuplicateVendorError,
    InvalidFileError,
    RegistryError,
    UnknownCodeError,
    UnknownVariantError,
    UnknownVendorError,
    UnreadableFileError,
    WireFormError,
)
from errortax.model import Level
from errortax.registry import DOCUMENTATION_URL, loading
from errortax.registry.registry import verdicts_of
from errortax.registry.standards import STANDARDS
from errortax.rendering import format_of

VENDORS = ("authrocket", "gopoints", "http", "planoauth", "youforce")


def vendor(name, *codes, **members):
    """Return a small vendor file."""
    entries = [{"code": code, "category": "internal"} for code in codes]
    return {"format": "1.0", "vendor": name, "title": name.title(), "scheme": "slug", "entries": entries, **members}


@pytest.fixture
def save(tmp_path):
    """Return a function that saves a vendor file and returns its path."""

    def save(document, folder="."):
        path = tmp_path / folder / f"{document['vendor']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return save


def test_default_registry():
    """
    The default registry holds the bundled vendors and is the same each time.
    """
    assert VENDORS == tuple(default_registry())
    assert default_registry() is default_registry()
    assert "<Registry of authrocket, gopoints, http, planoauth, youforce>" == repr(default_registry())


def test_identity():
    """
    Registries are equal to themselves only.
    """
    one, other = Registry([vendor("a")]), Registry([vendor("a")])
    assert one == one  # noqa: PLR0124  # equality with itself is what is tested
    assert one != other
    assert 2 == len({one, other})
    assert load_registry() != default_registry()


def test_vendors():
    """
    Vendors are listed by name, each made once, with what their files say.
    """
    vendors = [*default_registry().values()]
    assert VENDORS == tuple(vendor.name for vendor in vendors)
    assert vendors[1] is default_registry()["gopoints"]
    assert "GoPoints" == default_registry()["gopoints"].title
    assert default_registry().document("gopoints")["title"] == vendors[1].title


def test_documents_without_examples():
    """
    What the parser reads holds no examples, and reading them elsewhere takes nothing from it.
    """
    for name in VENDORS:
        assert not any("examples" in entry for entry in default_registry().document(name)["entries"])


@pytest.mark.parametrize("name", [*VENDORS, *default_registry().standards])
def test_a_document_is_a_file(name, save):
    """
    The plain JSON of a vendor or of a standard, saved as a file, loads as the same.
    """
    document = default_registry().document(name)
    path = save(document)
    assert document == load_registry(path).document(name)


@pytest.mark.parametrize("look_up", [default_registry().__getitem__, default_registry().document, default_registry().examples])
def test_unknown_vendor(look_up):
    """
    A name that no vendor bears is told the nearest, whoever asks, as a KeyError of the family.
    """
    with pytest.raises(UnknownVendorError) as caught:
        look_up("goponts")
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, RegistryError)
    assert "unknown vendor 'goponts'; did you mean 'gopoints'?" == str(caught.value)
    assert ("gopoints",) == caught.value.suggestions
    assert tuple(sorted([*VENDORS, *default_registry().standards])) == caught.value.known
    with pytest.raises(
        UnknownVendorError, match="unknown vendor 'x'; known: authrocket, google-rpc, gopoints, http, json-rpc, kubernetes,"
    ):
        look_up("x")


def test_vendor_that_is_no_name():
    """
    What is no name at all is an unknown vendor, too.
    """
    for name in (None, 3, ()):
        with pytest.raises(UnknownVendorError):
            default_registry()[name]
    with pytest.raises(UnknownVendorError):
        default_registry().document([])


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("acme.example", "acme"),
        ("ACME.Example", "acme"),
        ("acme.example.", "acme"),
        ("api.acme.example", "wild"),
        ("a.b.acme.example", "wild"),
        ("EU.api.acme.example.", "deeper"),
        ("api.eu.acme.example", "exact"),
        ("wild.example", None),
        ("notacme.example", None),
        ("acme.example.org", None),
        ("example", None),
        ("", None),
        (".", None),
        ("*.acme.example", "wild"),
        ("localhost", "plain"),
        ("10.0.0.1", None),
    ],
)
def test_vendor_of_host(host, name):
    """
    The longest pattern that fits a host decides, in any case and with a dot at the end; `*.` stands for subdomains only.
    """
    found = Registry(
        [
            vendor("deeper", hosts=["*.api.acme.example"]),
            vendor("wild", hosts=["*.acme.example", "*.wild.example"]),
            vendor("exact", hosts=["api.eu.acme.example"]),
            vendor("acme", hosts=["acme.example"]),
            vendor("plain", hosts=["localhost"]),
            vendor("nowhere"),
        ]
    )
    assert name == found.vendor_of_host(host)
    assert name == found.vendor_of_host(host)  # from the index


@pytest.mark.parametrize(
    ("host", "name"),
    [("eu1.api.gopoints.net", "gopoints"), ("acme.e2.authrocket.com", "authrocket"), ("gopoints.net.evil.example", None)],
)
def test_bundled_hosts(host, name):
    """
    Bundled vendors are known by their hosts, and by no host that only looks like one.
    """
    assert name == default_registry().vendor_of_host(host)


def test_entries():
    """
    All entries come with their vendors, by vendor, in the order of the files.
    """
    found = Registry([vendor("b", "b2", "b1"), vendor("a", "a1")])
    assert [("a", "a1"), ("b", "b2"), ("b", "b1")] == [(owner.name, entry.code) for owner, entry in found.entries()]


def test_unknown_code():
    """
    A code that a vendor does not have is told the nearest ones, of that vendor or of all.
    """
    with pytest.raises(UnknownCodeError, match=r"^unknown code 'sesion_expired'; did you mean 'session-expired'") as caught:
        default_registry()["planoauth"]["sesion_expired"]
    assert isinstance(caught.value, KeyError)
    with pytest.raises(UnknownCodeError, match=r"did you mean 'auth\.token\.expired'"):
        default_registry().find("auth.token.expire")
    with pytest.raises(UnknownCodeError):
        default_registry().find("session-expired", "gopoints")
    with pytest.raises(UnknownVendorError):
        default_registry().find("session-expired", "plano")
    assert default_registry()["planoauth"].get("sesion_expired") is None


def test_a_code_of_another_vendor():
    """
    The exception for a code that the named vendor does not document names the vendors that do.
    """
    with pytest.raises(UnknownCodeError, match=r"^unknown code 'session-expired'; documented by planoauth$") as caught:
        default_registry().find("session-expired", "gopoints")
    assert ("planoauth",) == caught.value.vendors


def test_the_case_of_letters_does_not_matter_for_suggestions():
    """
    A code in other letters than documented is suggested in the documented ones.
    """
    with pytest.raises(UnknownCodeError, match=r"did you mean 'auth\.token\.expired'\?$"):
        default_registry().find("AUTH.Token.EXPIRED")


def test_find():
    """
    A code is found by itself where one vendor has it, and by its vendor where several do, `http` among them.
    """
    owner, entry = default_registry().find("session-expired")
    assert ("planoauth", "session-expired") == (owner.name, entry.code)
    assert "youforce" == default_registry().find("409", "youforce")[0].name
    assert "http" == default_registry().find("451")[0].name
    with pytest.raises(AmbiguousCodeError) as caught:
        default_registry().find("409")
    assert isinstance(caught.value, LookupError)
    assert ("authrocket", "http", "youforce") == caught.value.vendors
    assert "code '409' is documented by authrocket, http, youforce; name the vendor" == str(caught.value)
    with pytest.raises(AmbiguousCodeError):
        Registry([vendor("http", "x"), vendor("a", "x")]).find("x")


def test_search():
    """
    All words have to be there, in any case; code goes before title, title before the rest, and then the order of entries.
    """
    found = Registry(
        [
            vendor("b", "code-of-b", title="Quota"),
            {
                **vendor("a"),
                "entries": [
                    {"code": "one", "category": "internal", "description": "Your quota is used up."},
                    {"code": "two", "category": "internal", "title": "The Quota is used up"},
                    {"code": "quota", "category": "internal", "title": "Used"},
                    {"code": "three", "category": "quota_exceeded"},
                    {"code": "quota-used", "category": "internal"},
                ],
            },
        ]
    )

    def codes(text):
        return [entry.code for _, entry in found.search(text)]

    assert ["quota", "quota-used", "two", "one", "three", "code-of-b"] == codes("quota")
    assert ["quota-used", "two", "quota", "one"] == codes("USED  quota")
    assert [] == codes("quota absent")
    assert 6 == len(codes(""))


def test_taxonomy():
    """
    A registry gives access to the vocabulary.
    """
    taxonomy = default_registry().taxonomy
    assert set(taxonomy.groups) == {category.group for category in taxonomy.categories}


def test_load_registry(save):
    """
    Users' files join the bundled vendors; one about a bundled vendor takes its place, and the default registry stays.
    """
    ours = load_registry(save(vendor("acme", "x")), str(save(vendor("gopoints", "y"))), documentation_url="https://docs.example/")
    assert ("acme", *VENDORS) == tuple(ours)
    assert ["y"] == [*ours["gopoints"]]
    assert 37 == len(default_registry()["gopoints"].entries)
    assert VENDORS == tuple(default_registry())
    assert "https://docs.example" == ours.documentation_url
    assert DOCUMENTATION_URL == default_registry().documentation_url


def test_load_registry_without_examples(save):
    """
    Examples in users' files are checked and not kept.
    """
    document = vendor("acme", "x")
    document["entries"][0]["examples"] = [{"response": {}}]
    path = save(document)
    registry = load_registry(path)
    assert "examples" not in registry.document("acme")["entries"][0]
    assert ["x"] == [example.code for example in registry.examples("acme")]
    document["entries"][0]["examples"] = [{"expect": {}}]
    path = save(document)
    with pytest.raises(InvalidFileError, match="member 'response' is missing"):
        load_registry(path)
    assert "acme" in tuple(load_registry(path, validate=False))


def test_load_registry_twice_the_same_vendor(save):
    """
    Two files about one vendor are a mistake that names both.
    """
    paths = save(vendor("acme", "x")), save(vendor("acme", "y"), "more")
    with pytest.raises(DuplicateVendorError) as caught:
        load_registry(*paths)
    assert isinstance(caught.value, ValueError)
    assert f"vendor 'acme' is in {paths[0]} and in {paths[1]}; load one of them" == str(caught.value)


def test_load_registry_loads_all_or_nothing(save, tmp_path):
    """
    One bad file among good ones is an error of the family, and nothing of the good ones stays.
    """
    good = save(vendor("acme", "x"))
    bad = save({**vendor("bad"), "title": ""})
    for other, kind in ((bad, InvalidFileError), (tmp_path / "none.json", UnreadableFileError)):
        with pytest.raises(kind) as caught:
            load_registry(good, other)
        assert isinstance(caught.value, RegistryError)
    assert VENDORS == tuple(default_registry()) == tuple(load_registry())


@pytest.mark.parametrize("name", VENDORS)
def test_examples(name):
    """
    Examples are read when asked for, complete and named.
    """
    raw = loading.read_bundled(f"vendors/{name}.json")
    found = default_registry().examples(name)
    assert sum(len(entry.get("examples", ())) for entry in raw["entries"]) == len(found)
    assert all(example.name for example in found)
    assert {example.code for example in found} <= set(default_registry()[name])


ERRORS = [
    UnknownVendorError("x", ["y"]),
    UnknownCodeError("x", ["y", "xx"]),
    UnknownCodeError("x", ["y", "xx"], ["acme"]),
    AmbiguousCodeError("409", ["b", "a"]),
    DuplicateVendorError("a", ["one", "two"]),
    InvalidFileError("a.json", ["a.json#: wrong; right"]),
    UnreadableFileError("a.json", "there is no such file; check the path"),
    WireFormError("/status", "expected an integer; give one"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_pickle(error):
    """
    Errors survive pickling with their fields and their words.
    """
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(error) is type(copy)
    assert vars(error) == vars(copy)
    assert str(error) == str(copy)
    assert "; " in str(copy)


def test_generic_vendor():
    """
    The generic vendor is there under its name.
    """
    assert "http" == default_registry()[registry.GENERIC].name


def test_host_claimed_twice(save):
    """
    Two vendors that claim one host are told at once, whether they are bundled or the user's own.
    """
    mine = save(vendor("mine", hosts=["*.gopoints.net"]))
    with pytest.raises(DuplicateHostError) as caught:
        load_registry(mine)
    assert ("*.gopoints.net", ("gopoints", "mine")) == (caught.value.host, caught.value.vendors)
    expected = "host '*.gopoints.net' is claimed by the vendors 'gopoints' and 'mine'; keep it in one, or give both files one"
    assert f"{expected} vendor's name" == str(caught.value)
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))  # noqa: S301  # our own bytes


def test_generic_vendor_without_classes(save):
    """
    A file that takes the place of the generic vendor has to know every class of statuses.
    """
    path = save(vendor("http", "2xx", "404", "5xx") | {"scheme": "http_status"})
    with pytest.raises(InvalidFileError) as caught:
        load_registry(path)
    assert (
        tuple(
            f"{path}#/entries: no entry has the code {family!r}; every vendor falls back on it, add it"
            for family in ("1xx", "3xx", "4xx")
        )
        == caught.value.violations
    )
    whole = vendor("http", "1xx", "2xx", "3xx", "4xx", "5xx") | {"scheme": "http_status"}
    assert load_registry(save(whole))["http"].title == "Http"


def test_suggestions_by_a_word():
    """
    A code that is remembered by one of its words, misspelt even, is found.
    """
    with pytest.raises(UnknownCodeError) as caught:
        default_registry().find("sesion")
    assert ("auth.session.invalid", "session-expired") == caught.value.suggestions
    assert "unknown code 'sesion'; did you mean 'auth.session.invalid' or 'session-expired'?" == str(caught.value)


def test_spellings():
    """
    Where a vendor's hyphens and underscores are alike, an entry is found by either spelling, as the parser finds it.
    """
    planoauth, gopoints = default_registry()["planoauth"], default_registry()["gopoints"]
    assert planoauth["session-expired"] is planoauth["session_expired"]
    assert planoauth.get("record-not-found") is planoauth["record_not_found"]
    assert gopoints.get("auth_token") is None
    with pytest.raises(TypeError, match=r"code must be text such as '404', not 404"):
        planoauth[404]


def test_registries_are_portable(save):
    """
    A registry can be pickled, also after it was used, with the user's own vendors and their examples.
    """
    registry = load_registry(save(vendor("acme", "x")), documentation_url="https://docs.example")
    parse(RawResponse(500, {}, b'{"code": "x"}'), "acme", registry=registry)
    again = pickle.loads(pickle.dumps(registry))  # noqa: S301  # our own bytes
    assert (tuple(registry), registry.documentation_url) == (tuple(again), again.documentation_url)
    assert again.examples("acme") == ()
    assert "x" == again["acme"]["x"].code


@pytest.mark.parametrize(
    "address",
    [
        "",
        "docs.example",
        "/errors",
        "ftp://docs.example",
        "https://",
        "https://h/a b",
        'https://h/"',
        "https://h/?q",
        "https://h\n",
        7,
    ],
)
def test_documentation_url_that_is_none(address):
    """
    What is no absolute address of pages is told at once.
    """
    with pytest.raises(ValueError, match="documentation_url must be an absolute address such as 'https://errortax"):
        load_registry(documentation_url=address)


@pytest.mark.parametrize("name", VENDORS)
def test_verdicts(name):
    """
    The verdict of a code is its entry with the defaults of its category filled in.
    """
    registry = default_registry()
    for code, entry in registry[name].items():
        verdict = registry.verdict(name, code)
        assert (name, code, entry.category) == (verdict.vendor, verdict.entry, verdict.category)
        assert (entry.title or verdict.title, set(entry.statuses)) == (verdict.title, verdict.statuses)
        assert sorted(variant.name for variant in entry.variants) == [variant.variant for variant in verdict.variants]
        if verdict.category is not None:
            defaults = registry.taxonomy.categories[verdict.category]
            assert (entry.retryability or defaults.retryability) is verdict.retryability
            assert (entry.emitted_status or defaults.http_status) == verdict.emitted_status
            assert verdict.hints


def test_verdicts_of_variants():
    """
    A variant of a code has a verdict of its own, with the condition under which it holds.
    """
    registry = default_registry()
    names = [variant.variant for variant in registry.verdict("gopoints", "critical.auth.required").variants]
    assert names
    for name in names:
        variant = registry.verdict("gopoints", "critical.auth.required", name)
        assert (name, "critical.auth.required") == (variant.variant, variant.entry)
        assert variant.when


@pytest.mark.parametrize("name", ["acme", *VENDORS, *STANDARDS])
@pytest.mark.parametrize("generic", ["bundled", "own"])
def test_sources(name, generic, save):
    """
    The source of a verdict is a document of the file that the cited part is in, whatever other files call by the same id.
    """
    http = loading.bundled_vendor("http")
    section = {"source": {"document": http["documents"][0]["id"], "section": "ours"}}
    document = http["documents"][0] | {"title": "Ours", "url": "https://acme.example/errors"}
    variants = [{"name": name, "when": f"/{name}", **source} for name, source in (("cited", section), ("uncited", {}))]
    members = {"documents": [document], "variants": variants, "statuses": {"402": {"category": "internal", **section}}}
    entry = {"code": "x", "category": "internal", "variants": [{"name": "late", "when": "/late", **section}], **section}
    files = [save(vendor("acme") | members | {"entries": [entry]})]
    if generic == "own":
        renamed = [{**document, "title": f"Own {document['title']}"} for document in http["documents"]]
        refused = next(entry for entry in http["entries"] if entry["code"] == "451")
        refused["variants"] = [{"name": "late", "when": "/late", "source": {**refused["source"], "section": "late"}}]
        files.append(save({**http, "documents": renamed}))
    registry = load_registry(*files)

    def documents(vendor):
        """Return the title and address of each document that the vendor's file has."""
        return {(cited["title"], cited.get("url")) for cited in registry.document(vendor)["documents"]}

    verdicts, found = verdicts_of(registry, name), []
    for status in range(100, 600):
        verdict, level = verdicts.at_status(status)
        owner = "http" if level in {Level.GENERIC_STATUS, Level.STATUS_CLASS} else name
        found += [(verdict, owner), *((one, name if one.variant == "cited" else owner) for one in verdict.variants)]
    for code in registry[name]:
        verdict = registry.verdict(name, code)
        found += [(one, name) for one in (verdict, *verdict.variants)]
    assert [] == [
        (verdict.entry, verdict.variant, verdict.source)
        for verdict, owner in found
        if verdict.source is None or (verdict.source.document, verdict.source.url) not in documents(owner)
    ]


def test_verdicts_of_nothing():
    """
    A verdict is asked for by names that exist; the near misses are told.
    """
    registry = default_registry()
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        registry.verdict("gopoint", "auth.token.expired")
    with pytest.raises(UnknownCodeError, match=r"did you mean 'auth\.token\.expired'"):
        registry.verdict("gopoints", "auth.token.expird")
    with pytest.raises(UnknownVariantError, match="unknown variant 'otp!'"):
        registry.verdict("gopoints", "critical.auth.required", "otp!")


def test_mapping():
    """
    A registry is a mapping from vendors' names to vendors, and a vendor one from codes to entries.
    """
    registry = default_registry()
    assert (5, True, False, False) == (len(registry), "gopoints" in registry, "gopoint" in registry, 7 in registry)
    assert registry["gopoints"] is registry.get("gopoints")
    assert registry.get("gopoint") is None
    vendor = registry["gopoints"]
    assert (37, True, False, False) == (len(vendor), "auth.token.expired" in vendor, "auth" in vendor, 7 in vendor)
    assert vendor.entries == tuple(vendor.values())


@pytest.mark.parametrize("name", [["gopoints"], 7, b"gopoints"])
def test_names_that_are_none(name):
    """
    What cannot be the name of a vendor is told like an unknown name.
    """
    for look_up in (default_registry().__getitem__, default_registry().document, lambda it: parse(RawResponse(401), it)):
        with pytest.raises(UnknownVendorError, match="unknown vendor "):
            look_up(name)


def test_two_registries_in_turn():
    """
    What one registry has worked out stays, however often another one is used in between.
    """
    registries = [load_registry(), load_registry()]
    formats = [[format_of("planoauth", registry) for registry in registries] for _ in range(3)]
    assert formats[0] == formats[1] == formats[2]
    assert formats[0][0] is formats[2][0] is not formats[0][1]
    assert formats[0][1] is formats[2][1]
