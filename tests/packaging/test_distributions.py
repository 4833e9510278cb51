"""
What is shipped: the sdist, the wheel built from it, and the three other ways to import the package.

Run by ``tox -e wheel``; these tests build distributions and environments, so that pytest alone passes them by.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMAS = ("*.json", "README.md", "vendors/*.json", "standards/*.json", "locales/*.json")
SHIPPED_IN_SDIST = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "PKG-INFO", "README.md", "SECURITY.md", "benchmarks", "docs", "examples",
    "pyproject.toml", "schemas", "src", "tests", "tools", "tox.ini",
}  # fmt: skip  # one name a line would be longer than the test
OF_MORE = ("tests/cli", "tests/docgen", "tests/docs", "tests/fast", "tests/source")
"""Tests of what only an extra provides, and of the source tree."""

PROBE = """
import json
import errortax

registry = errortax.default_registry()
codes = sorted(entry.code for _, entry in registry.entries())
print(json.dumps({"file": errortax.__file__, "codes": codes}))
"""
PRINT_SCHEMA = """
import sys
from errortax.cli import main

sys.argv = ["errortax", "schema", "vendor"]
main()
"""


def _run(*command: str | Path, **variables: str) -> str:
    """Run *command* away from the checkout and return what it printed, showing all of it if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    result = subprocess.run(
        [str(part) for part in command], cwd="/", env=environment | variables, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _environment(path: Path, *requirements: str) -> Path:
    """Make a virtual environment with *requirements* and the test tools, and return its Python."""
    python = path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _run(sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, path)
    tests = f"{CHECKOUT / 'pyproject.toml'}:tests"
    _run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, "--group", tests, *requirements)
    return python


def _codes(checkout: Path) -> list[str]:
    """List the code of each entry of each vendor file."""
    vendors = [json.loads(path.read_bytes()) for path in checkout.glob("schemas/vendors/*.json")]
    return sorted(entry["code"] for vendor in vendors for entry in vendor["entries"])


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build the sdist from the checkout and the wheel from the sdist."""
    directory = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--installer", "uv", "--outdir", directory, CHECKOUT)
    [sdist] = directory.glob("*.tar.gz")
    [wheel] = directory.glob("*.whl")
    return sdist, wheel


@pytest.fixture
def unpacked(distributions: tuple[Path, Path], tmp_path: Path) -> Path:
    """Unpack the sdist, as a packager does."""
    with tarfile.open(distributions[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    [directory] = tmp_path.glob("errortax-*")
    return directory


@pytest.fixture(scope="session")
def installed(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with all extras into a fresh environment."""
    return _environment(tmp_path_factory.mktemp("installed"), f"errortax[all] @ {distributions[1].as_uri()}")


def _expected_in_wheel(metadata: str) -> Iterator[str]:
    source = CHECKOUT / "src"
    for path in source.rglob("*.py"):
        yield path.relative_to(source).as_posix()
    yield from ("errortax/py.typed", "errortax/export/errortax.js", "errortax/export/errortax.lua")
    for path in source.glob("errortax/docgen/theme/*"):
        yield path.relative_to(source).as_posix()
    for pattern in SCHEMAS:
        for path in CHECKOUT.glob(f"schemas/{pattern}"):
            yield f"errortax/{path.relative_to(CHECKOUT).as_posix()}"
    for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"):
        yield f"{metadata}/{name}"


def test_the_wheel_holds_exactly_the_package_and_the_schemas(distributions: tuple[Path, Path]) -> None:
    """
    The wheel holds the modules, the type marker, the scripts for gateways, the theme of the pages, the schemas and its
    metadata, and no file more.
    """
    wheel = distributions[1]
    metadata = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    assert sorted(_expected_in_wheel(metadata)) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_sdist_holds_what_it_takes_to_build_and_test(unpacked: Path) -> None:
    """
    The sdist holds the sources, data, tests, documents and examples, and nothing else of the checkout.
    """
    assert SHIPPED_IN_SDIST == {path.name for path in unpacked.iterdir()} - {".gitignore"}  # hatchling always adds that


def test_the_tests_pass_without_the_source_and_without_extras(
    distributions: tuple[Path, Path], unpacked: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """
    The tests that the sdist ships pass on the installed wheel with src/ gone; the core needs only its three dependencies.
    """
    python = _environment(tmp_path / "bare", f"errortax @ {distributions[1].as_uri()}")
    shutil.rmtree(unpacked / "src")
    command = [python, "-m", "pytest", "-q", "--numprocesses", "auto", "--maxprocesses", "4"]
    with capfd.disabled():
        result = subprocess.run([*command, *(f"--ignore={folder}" for folder in OF_MORE)], cwd=unpacked, check=False)
    assert 0 == result.returncode


def test_the_installed_wheel_finds_its_data(installed: Path) -> None:
    """
    The installed package knows every documented code and the schema it validates files with.
    """
    found = json.loads(_run(installed, "-c", PROBE))
    assert "site-packages" in found["file"]
    assert _codes(CHECKOUT) == found["codes"]
    assert json.loads((CHECKOUT / "schemas/vendor.schema.json").read_bytes()) == json.loads(_run(installed, "-c", PRINT_SCHEMA))


def test_a_zip_finds_its_data(distributions: tuple[Path, Path], installed: Path) -> None:
    """
    The package knows every documented code and its schema when it is imported out of a zip.
    """
    wheel = str(distributions[1])
    found = json.loads(_run(installed, "-c", PROBE, PYTHONPATH=wheel))
    assert found["file"].startswith(wheel)
    assert _codes(CHECKOUT) == found["codes"]
    schema = json.loads(_run(installed, "-c", PRINT_SCHEMA, PYTHONPATH=wheel))
    assert json.loads((CHECKOUT / "schemas/vendor.schema.json").read_bytes()) == schema


def test_an_editable_install_reads_the_schemas_of_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    """
    An editable install reads schemas/ of the checkout itself, so that an edit counts without installing again.
    """
    python = _environment(tmp_path / "editable", "--editable", str(unpacked))
    vendor = json.loads((unpacked / "schemas/vendors/http.json").read_bytes())
    added = unpacked / "schemas/vendors/elsewhere.json"
    added.write_text(json.dumps(vendor | {"vendor": "elsewhere"}), encoding="utf-8")
    found = json.loads(_run(python, "-c", PROBE))
    assert found["file"].startswith(str(unpacked))
    assert _codes(unpacked) == found["codes"]
