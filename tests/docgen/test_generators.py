"""
What `errortax docs --format markdown` writes builds without warnings in Sphinx and in MkDocs.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from docgen_hostile import hostile_document
from errortax import Registry, default_registry
from errortax.docgen import Catalogue, files
from errortax.registry import loading
from errortax.registry.addresses import path_of

CONF = 'extensions = ["myst_parser"]\nhtml_theme = "basic"\nmyst_heading_anchors = 3\nsource_suffix = {".md": "markdown"}\n'
MKDOCS = "site_name: Test\ndocs_dir: pages\nplugins: []\ntheme: {name: null, custom_dir: theme}\nnav:\n"


@pytest.fixture(params=["bundled", "hostile"])
def pages(request, tmp_path):
    """Return a folder with the Markdown of the bundled registry, or of a hostile one."""
    registry = (
        default_registry() if request.param == "bundled" else Registry([hostile_document(), loading.bundled_vendor("http")])
    )
    folder = tmp_path / "pages"
    for name, text in files(Catalogue(registry), "markdown"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(*command, folder):
    """Run a Python module in a *folder*; return what it prints, and fail if it fails."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_sphinx(pages):
    """
    Sphinx with MyST builds all pages without a warning.
    """
    (pages / "conf.py").write_text(CONF, encoding="utf-8")
    run("sphinx", "-q", "-W", "-n", "-b", "dirhtml", ".", "../out", folder=pages)
    assert (pages.parent / "out" / path_of("http", "429") / "index.html").exists()


def test_mkdocs(pages):
    """
    MkDocs builds all pages without a warning, with the fragment of navigation.
    """
    navigation = (pages / "nav.yml").read_text(encoding="utf-8")
    settings = (
        "site_name: Test\ndocs_dir: pages\nplugins: []\nuse_directory_urls: true\ntheme: {name: null, custom_dir: theme}\nnav:\n"
    )
    (pages.parent / "mkdocs.yml").write_text(settings + navigation, encoding="utf-8")
    theme = pages.parent / "theme"
    theme.mkdir()
    for name in ("main.html", "404.html"):
        (theme / name).write_text("{{ page.content if page else '' }}", encoding="utf-8")
    (pages / "nav.yml").unlink()
    run("mkdocs", "build", "--strict", "--quiet", folder=pages.parent)
    built = pages.parent / "site" / path_of("http", "429") / "index.html"
    assert "Too many requests" in built.read_text(encoding="utf-8")
    for html in (pages.parent / "site").rglob("index.html"):
        text = html.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<img" not in text
