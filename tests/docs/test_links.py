from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath

import pytest

from pages import PAGES, ROOT, prose, text

LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(page):
    """Return the anchors that the headings of the *page* get where it is shown."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page):
    """Return the pages, files and anchors that the *page* links to."""
    for path, anchor in LINK.findall(prose(page)):
        yield normpath(PurePosixPath(page).parent / path) if path else page, anchor


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    """
    Each relative link on the page leads to a file of the checkout, and each anchor to a heading.
    """
    broken = [
        (target, anchor)
        for target, anchor in links(page)
        if not (ROOT / target).exists() or (anchor and anchor not in anchors(target))
    ]
    assert [] == broken


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/") and page != "docs/index.md"])
def test_the_index_leads_to_each_page(page):
    """
    The index of the docs links to each of its pages.
    """
    assert page in {target for target, _ in links("docs/index.md")}


README = text("README.md")
SITE = "https://errortax.readthedocs.io"


def test_the_readme_is_short():
    """
    The README has at most 700 words besides its code.
    """
    assert len(prose("README.md").split()) <= 700


def test_the_readme_can_be_read_elsewhere():
    """
    The README has no relative link, since an index of packages shows it without the repository.
    """
    assert [] == LINK.findall(prose("README.md"))


@pytest.mark.parametrize("path", re.findall(rf"{SITE}/([\w/-]+)/\)", README))
def test_the_readme_leads_to_pages(path):
    """
    Each link of the README to the site leads to a page of the docs, or to a page of the repository that the site shows.
    """
    folder, _, name = path.rpartition("/")
    assert (ROOT / f"{name.upper()}.md" if folder == "project" else ROOT / "docs" / f"{path}.md").exists()


def test_pictures():
    """
    Each picture of the README is in the repository, and has a text for those who do not see it.
    """
    pictures = re.findall(r"!\[([^\]]+)\]\(\S+/main/(\S+)\)", README)
    assert pictures
    assert [] == [path for _, path in pictures if not (ROOT / path).exists()]


def test_no_host_of_a_registry():
    """
    No page names the host of a package registry: which one to use is the reader's choice.
    """
    assert [] == [page for page in PAGES if re.search(r"\b(?:pypi|pythonhosted|npmjs|crates)\.(?:org|com|io)\b", text(page))]
