"""
The files that are generated, and what a person has to edit for a new name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import generate
from errortax import locales

ROOT = Path(__file__).parents[2]
TREE = ("schemas", "src", "tools", "docs", "tests", "README.md", "CONTRIBUTING.md", "pyproject.toml")
"""What the checks below look at."""

CHECKS = (
    "tests/test_facade.py", "tests/test_locales.py", "tests/test_schemas.py", "tests/test_catalogue.py", "tests/test_examples.py",
    "tests/test_vendor_errors.py", "tests/test_validation.py", "tests/source/test_generating.py::test_nothing_is_stale",
    "tests/docs/test_reference.py",
)  # fmt: skip
"""Tests that look at every name of the vocabulary."""


def edit(path, change):
    """Change a JSON document in its file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_nothing_is_stale():
    """
    Every generated file is what the generator writes.
    """
    assert [] == [str(path) for path, text in generate.files(ROOT) if text != path.read_text(encoding="utf-8")]


def test_a_stale_file_is_named(tmp_path, capsys):
    """
    The check names what is stale and changes nothing; without it the file is written.
    """
    for name in ("schemas", "src", "tests/typed", "docs/reference"):
        shutil.copytree(ROOT / name, tmp_path / name)
    page = tmp_path / "src/errortax/model/raised.py"
    text = page.read_text(encoding="utf-8")
    page.write_text("old", encoding="utf-8")
    assert 1 == generate.main(["--check"], tmp_path)
    assert "src/errortax/model/raised.py is stale; run python tools/generate.py" in capsys.readouterr().out.replace(os.sep, "/")
    assert "old" == page.read_text(encoding="utf-8")
    assert 0 == generate.main([], tmp_path)
    assert text == page.read_text(encoding="utf-8")
    assert 0 == generate.main(["--check"], tmp_path)
    assert 2 == generate.main(["--chekc"])


def test_a_new_category(tmp_path):
    """
    For a new category a person edits six files: the taxonomy and five translations. All else follows, and no test is red.
    """
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    edited = [tmp_path / "schemas/taxonomy.json"]
    new = {
        "group": "server", "title": "Too hot", "description": "The server has to cool down first.",
        "end_user": "The service is too hot.", "grpc_code": "UNAVAILABLE",
        "oauth_error": "temporarily_unavailable", "http_status": 503, "retryability": "backoff", "action": "wait_and_retry",
        "actor": "client",
    }  # fmt: skip
    alike = json.loads(edited[0].read_text(encoding="utf-8"))["categories"]["internal"]
    edit(edited[0], lambda taxonomy: taxonomy["categories"].update({"melting": {**alike, **new}}))
    for tag in locales():
        if tag != "en":
            edited.append(tmp_path / f"schemas/locales/{tag}.json")
            text = {"title": "zu heiß", "description": "Der Server muss erst abkühlen.", "end_user": "Der Dienst ist zu heiß."}
            edit(edited[-1], lambda locale, text=text: locale["categories"].update({"melting": text}))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    for command in (["tools/generate.py"], ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *CHECKS]):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
    assert 6 == len(edited)
