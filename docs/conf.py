"""
The project's site: these pages, a page about every code, and the schemas. ``tox -e docs`` builds it.

The pages can be read without a site, so that they link to files of the repository. Here those links lead to pages.
"""

from __future__ import annotations

import os
import re
import shutil
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SITE = "https://errortax.readthedocs.io"
MIRRORED = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "schemas/README.md": "project/schemas.md",
}
"""File of the repository → the page that shows it."""

ELSEWHERE = {
    "README.md": "docs/index.md",
    "schemas/vendors": "docs/project/schemas.md",
    "schemas/locales": "docs/project/schemas.md",
    "schemas": "docs/project/schemas.md",
}
"""What is not on the site → the page to link to instead."""

LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)")
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)

project = "errortax"
version = release = version_of("errortax")
copyright = "the authors of errortax"  # Sphinx's name for it
extensions = ["errortax.docgen.sphinx", "myst_parser"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]

errortax_pages = "codes"  # where https://errortax.readthedocs.io/codes/ leads
myst_heading_anchors = 4

html_theme = "furo"
html_title = "errortax"
html_baseurl = SITE + "/"
html_copy_source = False


def setup(app: Any) -> None:
    """
    Mirror the pages outside this folder, correct the links, add the contents, and serve the schemas at their ``$id``.
    """
    app.connect("config-inited", mirror)
    app.connect("source-read", correct)
    app.connect("build-finished", copy_schemas)


def mirror(*_: Any) -> None:
    """
    Write the pages that are outside this folder.
    """
    for name, page in MIRRORED.items():
        text, target = (ROOT / name).read_text(encoding="utf-8"), DOCS / page
        text = moved(text, ROOT / name, target)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")


def correct(_: Any, docname: str, source: list[str]) -> None:
    """
    Let links to files of the repository lead to pages, and add the contents to the first page.
    """
    path = DOCS / f"{docname}.md"
    if path.exists() and not docname.startswith("project/"):
        source[0] = moved(source[0], path, path)
    if docname == "index":
        source[0] += contents(source[0])


def moved(text: str, source: Path, target: Path) -> str:
    """
    Return the *text* of the file *source* as it has to be in the file *target*: with links that lead to pages of the site.
    """

    def link(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(source.parent / found[1])).relative_to(ROOT).as_posix()
        path = ELSEWHERE.get(path, path)
        if path in MIRRORED:
            path = f"docs/{MIRRORED[path]}"
        if path.startswith("schemas/"):
            return f"{SITE}/{path}"
        return os.path.relpath(ROOT / path, target.parent)

    return LINK.sub(link, text)


def contents(index: str) -> str:
    """
    Return a tree for each part of the first page, of the pages to which it links, in their order.
    """
    parts = HEADING.split(index)[1:]
    trees = [(title, LINK.findall(text)) for title, text in zip(parts[::2], parts[1::2], strict=True)]
    trees += [("Error codes", ["codes/index"]), ("Project", list(MIRRORED.values()))]
    return "".join(tree(title, pages) for title, pages in trees)


def tree(title: str, pages: list[str]) -> str:
    """
    Return a tree of contents, which only the navigation shows.
    """
    names = "\n".join(dict.fromkeys(page.removesuffix(".md") for page in pages))
    return f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{names}\n```\n"


def copy_schemas(app: Any, failure: Exception | None) -> None:
    """
    Copy the schemas and the data to the addresses that they name.
    """
    if failure is None and app.builder.format == "html":
        shutil.copytree(ROOT / "schemas", Path(app.outdir, "schemas"), dirs_exist_ok=True)
