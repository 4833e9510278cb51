"""
An extension for Sphinx: pages about codes in your own documentation, and links to them. It needs the extra ``docs``.

Add ``errortax.docgen.sphinx`` to ``extensions`` of ``conf.py``. The domain ``errortax`` has the roles and directives ``code``,
``category`` and ``vendor``, the role ``word``, and the directives ``catalogue`` and ``page``. Settings:

- ``errortax_registry``: vendor files, relative to the folder of ``conf.py``.
- ``errortax_vendors``: the names of the vendors to describe; empty for all.
- ``errortax_base_url``: the address of pages that this project does not have.
- ``errortax_pages``: the folder in which the sources of a page for everything are written; empty for none.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errortax.docgen.sphinx import details, updating
from errortax.docgen.sphinx.domain import ErrortaxDomain, resolve_elsewhere, warn
from errortax.docgen.sphinx.sources import write_sources
from errortax.registry import DOCUMENTATION_URL

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

_AFTER_OTHERS = 900  # intersphinx has 500


def setup(app: Sphinx) -> dict[str, Any]:
    """
    Register the domain, its settings and what follows from a changed registry.
    """
    app.add_config_value("errortax_registry", (), "env", (list, tuple))
    app.add_config_value("errortax_vendors", (), "env", (list, tuple))
    app.add_config_value("errortax_base_url", DOCUMENTATION_URL, "env", str)
    app.add_config_value("errortax_pages", "", "env", str)
    app.connect("config-inited", _find_files)
    details.setup(app)
    app.add_domain(ErrortaxDomain)
    app.connect("builder-inited", write_sources)
    app.connect("env-get-outdated", updating.outdated)
    app.connect("missing-reference", resolve_elsewhere, priority=_AFTER_OTHERS)
    app.connect("warn-missing-reference", warn)
    return {"version": version("errortax"), "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


def _find_files(app: Sphinx, config: Config) -> None:
    """Make the paths of vendor files whole."""
    config.errortax_registry = [str(Path(app.confdir, name)) for name in config.errortax_registry]
