from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import errortax
from docgen_hostile import hostile_document
from errortax import Registry, load_registry
from errortax.docgen import Catalogue, files
from errortax.registry import loading

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
"""Root has no sandbox, and the browser has nothing to ask the network for."""


def written(catalogue: Catalogue, folder: Path) -> Path:
    """Write the pages of a *catalogue* into a *folder*, and return it."""
    for name, text in files(catalogue, "html"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> Path:
    """Return the folder with the pages of the bundled registry."""
    return written(Catalogue(errortax.default_registry()), tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session")
def hostile_pages(tmp_path_factory) -> Path:
    """Return the folder with the pages of a registry whose texts are hostile."""
    registry = Registry([hostile_document(), loading.bundled_vendor("http")])
    return written(Catalogue(registry), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def many_pages(tmp_path_factory) -> Path:
    """Return the folder with the first page of a registry with a thousand entries."""
    from pages import vendor_file  # of the benchmarks

    folder = tmp_path_factory.mktemp("many")
    catalogue = Catalogue(load_registry(vendor_file(folder, 1000), validate=False), ["many"])
    for name, text in (file for file in files(catalogue, "html") if file[0] == "index.html" or file[0].startswith("_static/")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the system's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser) -> Iterator[object]:
    """Return a function that opens a file and returns its page; nothing may fail in it, or be asked from the network."""
    contexts, faults = [], []

    def open_file(folder: Path, name: str = "index.html", *, fragment: str = "", **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: None if request.url.startswith("file:") else faults.append(request.url))
        page.goto((folder / name).as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert [] == faults


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory) -> Path:
    """Return the folder for screenshots: that in ERRORTAX_SCREENSHOTS, so that people can look at them, or any."""
    folder = Path(os.environ.get("ERRORTAX_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
