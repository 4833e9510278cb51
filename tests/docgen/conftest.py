from __future__ import annotations

import pytest

from docgen_hostile import hostile_document
from errortax import Registry, default_registry
from errortax.docgen import Catalogue
from errortax.registry import loading


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the pages of the bundled registry."""
    return Catalogue(default_registry())


@pytest.fixture(scope="session")
def hostile() -> Catalogue:
    """Return the pages of a registry whose texts are hostile."""
    return Catalogue(Registry([hostile_document(), loading.bundled_vendor("http")]))
