"""
Pages in a browser: small screens, dark, print, without scripts, for screen readers, with hostile texts.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from docgen_hostile import HOSTILE
from errortax.registry.addresses import path_of

KINDS = {
    "index": "index.html",
    "vendor": "gopoints/index.html",
    "entry": "gopoints/critical.auth.required/index.html",
    "short-entry": "planoauth/session-expired/index.html",
    "category": "categories/rate_limited/index.html",
    "action": "actions/wait_and_retry/index.html",
    "folder": "retryabilities/index.html",
}
SMALL = {"width": 360, "height": 760}

every_kind = pytest.mark.parametrize("kind", KINDS)


def has_no_sideways_scroll(page):
    """Return whether the page is not wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@every_kind
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "small"])
def test_accessibility(opened, pages, kind, scheme, size):
    """
    axe-core finds nothing on any kind of page, with everything unfolded.
    """
    viewport = SMALL if size == "small" else {"width": 1280, "height": 900}
    page = opened(pages, KINDS[kind], color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = Axe().run(page, options={"preload": False})  # which cannot ask for files
    assert [] == [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found.response["violations"]]


@every_kind
def test_small_screen(opened, pages, kind):
    """
    At a width of 360 pixels nothing has to be scrolled sideways.
    """
    page = opened(pages, KINDS[kind], viewport=SMALL)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert has_no_sideways_scroll(page)


@every_kind
@pytest.mark.parametrize(
    ("name", "options"),
    [("light", {}), ("dark", {"color_scheme": "dark"}), ("small", {"viewport": SMALL}), ("print", {})],
)
def test_screenshots(opened, pages, screenshots, kind, name, options):
    """
    Each kind of page has a picture in light, dark, small and print, for people to look at.
    """
    page = opened(pages, KINDS[kind], **options)
    if name == "print":
        page.emulate_media(media="print")
    page.add_style_tag(content="* { content-visibility: visible !important }")  # else the picture has gaps below the window
    path = screenshots / f"{kind}-{name}.png"
    page.screenshot(path=path, full_page=kind != "index")
    assert path.stat().st_size > 5_000


def test_dark(opened, pages):
    """
    The page is dark where people ask for it.
    """
    colour = "getComputedStyle(document.body).backgroundColor"
    assert "rgb(255, 255, 255)" == opened(pages).evaluate(colour)
    assert "rgb(20, 23, 29)" == opened(pages, color_scheme="dark").evaluate(colour)


def test_without_scripts(opened, pages):
    """
    Without scripts the first page has all codes and no search that does nothing, and each page can be read.
    """
    page = opened(pages, java_script_enabled=False)
    assert page.locator(".rows a").count() > 140
    assert not page.get_by_role("search").is_visible()
    page.locator(".rows a", has_text="auth.token.expired").click()
    assert page.get_by_role("heading", name="auth.token.expired").is_visible()
    page.get_by_text("The canonical error").first.click()
    assert page.locator("details pre").first.is_visible()


def test_print(opened, pages):
    """
    On paper everything is unfolded, and what needs a screen is left out.
    """
    page = opened(pages, KINDS["short-entry"])
    page.emulate_media(media="print")
    assert page.locator("details pre").first.is_visible()
    assert not page.get_by_role("navigation", name="Site").is_visible()


def test_copy(opened, pages):
    """
    A listing has a button that copies it.
    """
    page = opened(pages, KINDS["short-entry"])
    button = page.locator("pre button").first
    button.click()
    expect(button).to_have_text("Copied")
    page.goto((pages / "index.html").as_uri())
    page.get_by_label("Search").press("Control+v")
    assert page.get_by_label("Search").input_value().startswith("HTTP/1.1 401 Unauthorized")


def test_link_to_an_anchor(opened, pages):
    """
    A link to a part of a page leads there.
    """
    page = opened(pages, KINDS["short-entry"], fragment="handling")
    box = page.locator("#handling").bounding_box()
    assert 0 <= box["y"] < 900


@pytest.mark.parametrize("code", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts(opened, hostile_pages, code):
    """
    Texts of the data are shown as texts: nothing of them runs, loads or makes the page wider.
    """
    page = opened(hostile_pages, f"{path_of('hostile', code)}/index.html", viewport=SMALL)
    assert has_no_sideways_scroll(page)
    assert 0 == page.locator("article img").count()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert has_no_sideways_scroll(page)


def test_hostile_index(opened, hostile_pages):
    """
    The search of hostile codes shows them as texts, too.
    """
    page = opened(hostile_pages, viewport=SMALL)
    page.get_by_label("Search").fill("<script>")
    expect(page.locator(".rows a").first).to_have_text("<script>alert(1)</script>")
    assert has_no_sideways_scroll(page)
