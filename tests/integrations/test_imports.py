"""
Importing an integration imports its own library at most, and no other.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pkgutil import iter_modules

import pytest

from errortax import integrations

MODULES = sorted(module.name for module in iter_modules(integrations.__path__))
LIBRARIES = {
    "aiohttp", "django", "envoy", "fastapi", "flask", "google", "grpc", "httpcore", "httpx", "httpx2", "niquests",
    "opentelemetry", "requests", "sentry_sdk", "stamina", "starlette", "structlog", "tenacity", "urllib3", "urllib3_future",
}  # fmt: skip
OWN = {
    "_envoy_access_log": {"envoy"},
    "envoy": {"envoy", "google", "grpc"},
    "grpc": {"google", "grpc"},
    "httpx": {"httpx", "httpx2"},
    "requests": {"requests", "niquests"},
    "sentry": {"sentry_sdk"},
}
"""The libraries of an integration, or of a part of one, that serves several, or one that has another name."""

WATCH = """
import json, sys
class Watch:
    found = set()
    def find_spec(self, name, path=None, target=None):
        self.found.add(name.partition(".")[0])
sys.meta_path.insert(0, Watch())
try:
    import {module}
except ModuleNotFoundError as missing:
    if missing.name.partition(".")[0] == "errortax":
        raise
print(json.dumps(sorted(Watch.found)))
"""


def asked_for(module):
    """Return the libraries, installed or not, that a fresh interpreter looks for when it imports *module*."""
    done = subprocess.run([sys.executable, "-c", WATCH.format(module=module)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout)) & LIBRARIES


def imports(tree):
    """Yield the full names that the source imports, at its top and inside of functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def source(module):
    """Return the syntax tree of an integration."""
    [root] = integrations.__path__
    with open(f"{root}/{module}.py", encoding="utf-8") as file:  # noqa: PTH123  # a string is what the package gives
        return ast.parse(file.read())


def test_the_shared_part_needs_no_library():
    """
    The package and the modules' common parts import no library.
    """
    shared = [f"errortax.integrations.{module}" for module in MODULES if module.startswith("_") and module not in OWN]
    assert shared
    assert set() == asked_for(", ".join(["errortax", "errortax.integrations", *shared]))


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("_")])
def test_an_integration_imports_no_other_library(module):
    """
    Importing an integration looks only for its own library, and the libraries which that needs.
    """
    asked = asked_for(f"errortax.integrations.{module}")
    for own in asked & OWN.get(module, {module}):
        asked -= asked_for(own)
    assert set() == asked


@pytest.mark.parametrize("module", MODULES)
def test_an_integration_knows_no_other(module):
    """
    The source of an integration imports neither another integration nor another one's library.
    """
    libraries, siblings = LIBRARIES - OWN.get(module, {module}), "errortax.integrations."
    names = set(imports(source(module)))
    assert set() == {name for name in names if name.partition(".")[0] in libraries}
    assert set() == {name for name in names if name.startswith(siblings) and not name.startswith(f"{siblings}_")}
