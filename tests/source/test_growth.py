"""
A vocabulary that grows: files of today under the taxonomy of tomorrow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VERDICTS = """
import json, sys
import errortax
from errortax.checking import check
from errortax.registry import loading
registry = errortax.load_registry(sys.argv[1])
vendor = registry["acme"]
print(json.dumps({
    "taxonomy": len(loading.bundled("taxonomy.json")["categories"]),
    "verdicts": [repr(registry.verdict("acme", code)) for code in vendor],
    "findings": check(sys.argv[1]),
    "answers": errortax.render(errortax.transport_error("connection_failed"), "acme", registry=registry).body.decode(),
}))
"""


def verdicts(checkout, path):
    """Return what a checkout makes of a vendor file."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-c", VERDICTS, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "" == done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def tomorrow(tmp_path):
    """Return a checkout whose taxonomy has one category more."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "schemas", checkout / "schemas")
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
    taxonomy = checkout / "schemas" / "taxonomy.json"
    document = json.loads(taxonomy.read_text(encoding="utf-8"))
    document["categories"]["overheated"] = {**document["categories"]["internal"], "title": "Overheated"}
    taxonomy.write_text(json.dumps(document), encoding="utf-8")
    schema = checkout / "schemas" / "taxonomy.schema.json"
    document = json.loads(schema.read_text(encoding="utf-8"))
    document["$defs"]["category"]["enum"].append("overheated")
    schema.write_text(json.dumps(document), encoding="utf-8")
    return checkout


def test_new_category(tmp_path, tomorrow):
    """
    A vendor file that names today's categories loads under a taxonomy with one more, and means the same.
    """
    document = json.loads((ROOT / "schemas" / "vendors" / "planoauth.json").read_text(encoding="utf-8"))
    path = tmp_path / "acme.json"
    path.write_text(json.dumps({**document, "vendor": "acme", "hosts": ["acme.example"]}), encoding="utf-8")
    before, after = verdicts(ROOT, path), verdicts(tomorrow, path)
    assert before.pop("taxonomy") + 1 == after.pop("taxonomy")
    assert before == after
    assert [] == after["findings"]
