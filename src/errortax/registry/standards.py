"""
The marks of the bundled standards.

Written by ``python tools/generate.py`` from ``schemas/standards/``; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from errortax.registry.marks import Marks

STANDARDS: Final[Mapping[str, Marks]] = {
    "google-rpc": Marks(members=("error",)),
    "json-rpc": Marks(media_types=("application/json-rpc",), members=("error",)),
    "kubernetes": Marks(members=("reason",)),
    "multistatus": Marks(statuses=(207,), members=("multistatus",)),
    "oauth": Marks(fields=("www-authenticate",), members=("error",)),
    "problem-types": Marks(media_types=("application/problem+json", "application/problem+xml"), members=("problem", "type")),
}
