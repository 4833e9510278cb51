from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath

import pytest

from pages import PAGES, ROOT, prose

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
