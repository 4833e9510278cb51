"""
The extension for Sphinx: roles, directives, pages for everything, and what is read again.
"""

from __future__ import annotations

import json
import re
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinx.util.inventory import InventoryFile

from docgen_hostile import HOSTILE, hostile_document
from errortax import default_registry
from errortax.docgen import Catalogue
from errortax.registry import DOCUMENTATION_URL
from errortax.registry.addresses import path_of

CONF = 'extensions = ["errortax.docgen.sphinx"]\nhtml_theme = "basic"\nnitpicky = True\n'


class Project:
    """A project in a folder, which can be built several times."""

    def __init__(self, folder: Path, conf: str = "", **sources: str) -> None:
        self.folder, self.out = folder, folder / "_build"
        folder.mkdir(exist_ok=True)
        (folder / "conf.py").write_text(CONF + conf, encoding="utf-8")
        self.write(**sources)
        self.warnings, self.read = "", []

    def write(self, **sources: str) -> None:
        """Write the sources; two underscores stand for the dot of a suffix."""
        for name, text in sources.items():
            stem, _, suffix = name.partition("__")
            (self.folder / f"{stem}.{suffix or 'rst'}").write_text(text, encoding="utf-8")

    def build(self, builder: str = "dirhtml", parallel: int = 1) -> Project:
        """Build the project, and keep the warnings and the names of the documents that were read."""
        warnings, out = StringIO(), self.out / builder
        with patch_docutils(self.folder), docutils_namespace():
            app = Sphinx(
                self.folder, self.folder, out, self.out / "doctrees", builder, status=None, warning=warnings, parallel=parallel
            )
            self.read = []
            app.connect("env-before-read-docs", lambda _, __, names: self.read.extend(names))
            app.build()
        self.warnings = re.sub("\x1b\\[[0-9;]*m", "", warnings.getvalue())
        return self

    def page(self, name: str) -> str:
        """Return the HTML of a document."""
        return (self.out / "dirhtml" / name / "index.html").read_text(encoding="utf-8")


def acme(folder, **titles):
    """Write the file of a small vendor, and return the setting that names it."""
    entries = [{"code": code, "category": "declined", "title": title} for code, title in titles.items()]
    document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}
    folder.mkdir(exist_ok=True)
    (folder / "acme.json").write_text(json.dumps(document), encoding="utf-8")
    return 'errortax_registry = ["acme.json"]\nerrortax_vendors = ["acme"]\n'


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a project with a page for everything in the bundled registry."""
    index = "Test\n====\n\n:errortax:code:`session-expired`\n\n.. toctree::\n\n   codes/index\n"
    project = Project(tmp_path_factory.mktemp("whole"), 'errortax_pages = "codes"\n', index=index)
    return project.build()


def test_a_page_for_everything(whole):
    """
    There is a page for everything, at the very path of its address, with its title, and nothing warns.
    """
    assert "" == whole.warnings
    for page in Catalogue(default_registry()).pages():
        html = whole.page(f"codes/{page.path}")
        assert '<section id="page">\n<h1>' in html
    assert "<title>auth.token.expired" in whole.page("codes/gopoints/auth.token.expired")
    assert 'href="codes/planoauth/session-expired/"' in whole.page("")
    assert '<details class="errortax"><summary>The canonical error</summary>' in whole.page("codes/planoauth/session-expired")
    assert 'href="../../categories/credentials_expired/"' in whole.page("codes/planoauth/session-expired")
    assert 'id="after_delay"' in whole.page("codes/categories/rate_limited")


def test_the_inventory(whole):
    """
    The inventory has each code, category, vendor and word.
    """
    with (whole.out / "dirhtml" / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "https://docs.example", lambda base, path: f"{base}/{path}")
    count = {kind: len(inventory[f"errortax:{kind}"]) for kind in ("code", "category", "vendor")}
    registry = default_registry()
    owners = (*registry, *registry.standards)
    assert {"code": sum(len(registry[name]) for name in owners), "category": 33, "vendor": len(owners)} == count
    assert "oauth/invalid_grant" in inventory["errortax:code"]
    assert "gopoints/auth.token.expired" in inventory["errortax:code"]


def test_the_index_of_codes(whole):
    """
    The index has all codes in alphabetical order.
    """
    html = (whole.out / "dirhtml" / "errortax-codes" / "index.html").read_text(encoding="utf-8")
    codes = re.findall(r'href="\.\./codes/[a-z-]+/[^"]+/#page">', html)
    registry = default_registry()
    assert sum(len(registry[name]) for name in (*registry, *registry.standards)) == len(codes)


@pytest.mark.parametrize("suffix", ["rst", "md"])
def test_links_and_lists(tmp_path, suffix):
    """
    Roles and directives work in reST and MyST; what the project has no page for is a link to the registry's own address.
    """
    if suffix == "rst":
        role, block = ":errortax:{}:`{}`", ".. errortax:{}:: {}\n{}\n"
        option = "   :{}: {}\n"
    else:
        role, block = "{{errortax:{}}}`{}`", "```{{errortax:{}}} {}\n{}```\n"
        option = ":{}: {}\n"
    parts = [
        "Test\n====\n" if suffix == "rst" else "# Test\n",
        role.format("code", "gopoints/auth.token.expired"),
        role.format("code", "session-expired"),
        role.format("code", "other words <gopoints/auth.token.invalid>"),
        role.format("category", "not_found"),
        role.format("vendor", "youforce"),
        role.format("word", "wait_and_retry"),
        block.format("code", "gopoints/auth.token.expired", option.format("sections", "actions, repeat")),
        block.format("vendor", "planoauth", option.format("sections", "scheme") + option.format("noindex", "")),
        block.format("category", "conflict", ""),
        block.format("catalogue", "", option.format("vendor", "planoauth") + option.format("status", "401")),
        block.format("catalogue", "", option.format("actor", "vendor")),
    ]
    conf = 'extensions.append("myst_parser")\n' if suffix == "md" else ""
    project = Project(tmp_path, conf, **{f"index__{suffix}": "\n\n".join(parts) + "\n"}).build()
    assert "" == project.warnings
    html = project.page("")
    assert 'href="#errortax-gopoints-auth-token-expired"' in html
    assert f'href="{DOCUMENTATION_URL}/planoauth/session-expired"' in html
    assert f'href="{DOCUMENTATION_URL}/gopoints/auth.token.invalid"' in html
    assert "other words" in re.sub("<[^>]+>", "", html)
    assert f'href="{DOCUMENTATION_URL}/categories/not_found"' in html
    assert f'href="{DOCUMENTATION_URL}/actions/wait_and_retry"' in html
    assert "Who has to do what" in html
    assert "Handling it in Python" not in html
    assert "How it reports failure" in html
    assert (
        3
        == html.count("planoauth/client-required")
        + html.count("planoauth/invalid-token")
        + html.count("planoauth/session-expired")
        - 1
    )
    text = project.build("text")
    assert "" == text.warnings
    assert "The end user's sentence in every language" in (project.out / "text" / "index.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        (":errortax:code:`gopoints/auth.token.expird`", "unknown code 'auth.token.expird'; did you mean 'auth.token.expired'?"),
        (":errortax:code:`429`", "code '429' is documented by authrocket, http; name the vendor"),
        (":errortax:category:`poll`", "unknown category 'poll'; known: credentials_missing, "),
        (":errortax:vendor:`gopoint`", "unknown vendor 'gopoint'; did you mean 'gopoints'?"),
        (":errortax:word:`after_acton`", "unknown word 'after_acton'; did you mean 'after_action'?"),
        (".. errortax:code:: gopoints/session-expired", "unknown code 'session-expired'; documented by planoauth"),
        (
            ".. errortax:page:: categories/not_fond",
            "no page 'categories/not_fond' in this project; did you mean 'categories/not_found'?",
        ),
        (".. errortax:catalogue::\n   :vendor: gopoints\n   :group: limt", "no code has group 'limt'; did you mean 'limit'?"),
        (".. errortax:catalogue::\n   :vendor: gopoints\n   :status: 451", "no code has vendor 'gopoints', status '451'"),
        (":any:`gopoints/nothing`", "gopoints/nothing"),
    ],
)
def test_unknown_names(tmp_path, source, warning):
    """
    A name that does not exist is a warning, which fails under `-W`, with its place.
    """
    project = Project(tmp_path, index=f"Test\n====\n\n{source}\n").build()
    assert warning in project.warnings
    assert re.search(r"index\.rst:4", project.warnings)


def test_any(tmp_path):
    """
    The role `any` finds a page of the project.
    """
    source = "Test\n====\n\n:any:`acme/one`\n\n.. errortax:code:: acme/one\n"
    project = Project(tmp_path, acme(tmp_path, one="One"), index=source).build()
    assert "" == project.warnings
    assert 'href="#errortax-acme-one"' in project.page("")


def test_only_what_depends_is_read_again(tmp_path):
    """
    If an entry changes, the documents with its page, a link to it or a list that has it are read again, and no others.
    """
    sources = {
        "index": "Test\n====\n\n.. toctree::\n   :glob:\n\n   *\n",
        "link": "Link\n====\n\n:errortax:code:`acme/one`\n",
        "other": "Other\n=====\n\n:errortax:code:`acme/two`\n",
        "list": "List\n====\n\n.. errortax:catalogue::\n   :vendor: acme\n",
        "elsewhere": "Elsewhere\n=========\n\n.. errortax:catalogue::\n   :vendor: http\n   :group: limit\n",
        "plain": "Plain\n=====\n",
    }
    project = Project(tmp_path, acme(tmp_path, one="One", two="Two"), **sources).build()
    assert set(sources) == set(project.read)
    assert [] == project.build().read
    acme(tmp_path, one="Uno", two="Two")
    assert {"link", "list"} == set(project.build().read)
    assert "Uno" in project.page("list")
    acme(tmp_path, two="Two")
    assert {"link", "list"} == set(project.build().read)
    assert "unknown code 'one'" in project.warnings
    project.write(link="Link\n====\n")
    assert {"link"} == set(project.build().read)
    (tmp_path / "list.rst").unlink()
    acme(tmp_path, two="Zwei")
    assert {"other"} == set(project.build().read) - {"index"}


def test_the_pages_that_one_entry_touches(tmp_path):
    """
    If an entry changes, its page and the pages that list it are read again; a page without an entry is removed.
    """
    conf = acme(tmp_path, one="One", two="Two", three="Three") + 'errortax_pages = "codes"\n'
    project = Project(tmp_path, conf, index="Test\n====\n\n.. toctree::\n\n   codes/index\n").build()
    assert "" == project.warnings
    acme(tmp_path, one="Uno", two="Two", three="Three")
    read = set(project.build().read)
    assert {"codes/acme/one/index", "codes/acme/index", "codes/index", "codes/categories/declined/index"} <= read
    assert len(read) < 12
    assert "codes/acme/two/index" not in read
    acme(tmp_path, one="Uno", two="Two")
    project.build()
    assert "" == project.warnings
    assert not (tmp_path / "codes" / "acme" / "three").exists()


def test_the_list_of_sources_cannot_lead_elsewhere(tmp_path):
    """
    Nothing outside the folder of the sources is removed, whatever their list says.
    """
    conf = acme(tmp_path, one="One") + 'errortax_pages = "codes"\n'
    project = Project(tmp_path, conf, index="Test\n====\n\n.. toctree::\n\n   codes/index\n")
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / ".errortax-pages").write_text("../index.rst\n")
    project.build()
    assert "" == project.warnings
    assert (tmp_path / "index.rst").exists()


def test_in_parallel(tmp_path):
    """
    A project that several processes read and write is the same.
    """
    projects = []
    for parallel in (1, 4):
        folder = tmp_path / str(parallel)
        conf = acme(folder, one="One", two="Two") + 'errortax_pages = "codes"\n'
        index = "Test\n====\n\n:errortax:code:`one`\n\n.. toctree::\n\n   codes/index\n"
        projects.append(Project(folder, conf, index=index).build(parallel=parallel))
    assert ["", ""] == [project.warnings for project in projects]
    for one, other in pairwise(projects):
        files = sorted(path.relative_to(one.out / "dirhtml") for path in (one.out / "dirhtml").rglob("*.html"))
        assert files
        assert all((one.out / "dirhtml" / file).read_text() == (other.out / "dirhtml" / file).read_text() for file in files)


def test_another_project_links_in(tmp_path, whole):
    """
    Through intersphinx another project links to the pages of this one.
    """
    conf = (
        'extensions.append("sphinx.ext.intersphinx")\n'
        f'intersphinx_mapping = {{"codes": ("https://errors.example/docs", {str(whole.out / "dirhtml" / "objects.inv")!r})}}\n'
    )
    project = Project(tmp_path, conf, index="Test\n====\n\n:errortax:code:`gopoints/auth.token.expired`\n").build()
    assert "" == project.warnings
    assert 'href="https://errors.example/docs/codes/gopoints/auth.token.expired/"' in project.page("")


def test_a_project_in_myst_alone(tmp_path):
    """
    The sources of the pages are Markdown in a project without reST.
    """
    conf = 'extensions = ["errortax.docgen.sphinx", "myst_parser"]\nsource_suffix = {".md": "markdown"}\n'
    conf += acme(tmp_path, one="One") + 'errortax_pages = "codes"\n'
    project = Project(tmp_path, conf, index__md="# Test\n\n```{toctree}\ncodes/index\n```\n").build()
    assert "" == project.warnings
    assert "<title>one" in project.page("codes/acme/one")


def test_hostile_texts(tmp_path):
    """
    Texts of the data are shown as texts: no markup of reST or HTML comes from them.
    """
    codes = tuple(code for code in HOSTILE if "\ud800" not in code)  # which no file can have
    document = hostile_document(codes) | {"format": "1.0"}
    tmp_path.joinpath("hostile.json").write_text(json.dumps(document), encoding="utf-8")
    conf = "from errortax.docgen.sphinx import domain\nfrom functools import partial\n"
    conf += "domain.load_registry = partial(domain.load_registry, validate=False)\n"  # no valid file is that bad
    conf += 'errortax_registry = ["hostile.json"]\nerrortax_vendors = ["hostile"]\nerrortax_pages = "codes"\n'
    project = Project(tmp_path, conf, index="Test\n====\n\n.. toctree::\n\n   codes/index\n").build()
    assert "" == project.warnings
    for code in codes:
        html = project.page(f"codes/{path_of('hostile', code)}")
        assert "<img" not in html
        assert "<script>alert" not in html
        assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
