"""
The sources of a page for everything: one small file each, which only names the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from errortax.docgen.sphinx.domain import domain_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LIST: Final = ".errortax-pages"
_RST: Final = (":orphan:\n\n", ".. errortax:page:: {path}\n", "\n.. toctree::\n   :hidden:\n\n", "   {child}/index\n", "")
_MYST: Final = (
    "---\norphan: true\n---\n\n",
    "```{{errortax:page}} {path}\n```\n",
    "\n```{{toctree}}\n:hidden:\n\n",
    "{child}/index\n",
    "```\n",
)


def write_sources(app: Sphinx) -> None:
    """
    Write the sources into the folder of the setting ``errortax_pages``: only what differs, and remove what has no page any more.
    """
    if not app.config.errortax_pages:
        return
    folder = Path(app.srcdir, app.config.errortax_pages)
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / _LIST
    old = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    new = dict(_sources(domain_of(app.env).pages.by_path, _suffix(app)))
    for name, text in new.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in set(old).difference(new):
        if ".." not in Path(name).parts and not Path(name).is_absolute():
            (folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # not empty
                (folder / name).parent.rmdir()
    listed.write_text("".join(f"{name}\n" for name in new), encoding="utf-8")


def _suffix(app: Sphinx) -> str:
    return ".rst" if ".rst" in app.config.source_suffix else ".md"


def _sources(paths: Iterable[str], suffix: str) -> Iterator[tuple[str, str]]:
    """
    Yield the names and texts of the sources.

    Vendors and the parts of the vocabulary are in the tree of contents. The pages below them are not: they would be in the
    navigation of every other page.
    """
    alone, page, tree, item, end = _RST if suffix == ".rst" else _MYST
    paths = list(paths)
    for path in paths:
        text = page.format(path=path or "/")
        if not path:
            children = "".join(item.format(child=child) for child in paths if child and "/" not in child)
            text += tree.format() + children + end
        yield f"{path}/index{suffix}".lstrip("/"), alone + text if "/" in path else text
