"""
Reading: bundled data from wherever the package lies, and users' files with a clear word about each that is unreadable.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import errortax
from errortax.exceptions import InvalidFileError, RegistryError, UnknownSchemaError, UnreadableFileError
from errortax.registry import loading

VALID = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": []}


@pytest.fixture
def path(tmp_path):
    """Return where the file about the vendor acme may lie."""
    return tmp_path / "acme.json"


def complaint(path, data):
    """Return what is said about a file of these bytes, less the folder."""
    path.write_bytes(data)
    with pytest.raises(InvalidFileError) as caught:
        loading.vendor_file(path)
    [line] = caught.value.violations
    return line.removeprefix(str(path.parent)).lstrip("/\\")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_vendor_file(path, encoding):
    """
    A vendor file is read as it is, with or without a byte order mark.
    """
    path.write_bytes(json.dumps({**VALID, "title": "Ácme 🙂"}, ensure_ascii=False).encode(encoding))
    assert {**VALID, "title": "Ácme 🙂"} == loading.vendor_file(path) == loading.vendor_file(str(path))


def test_characters_in_escapes(path):
    """
    Characters may be written as pairs of surrogates, and a backslash before what looks like one keeps its meaning.
    """
    path.write_text(json.dumps({**VALID, "title": "🙂 \\ud83d"}), encoding="utf-8")
    assert "🙂 \\ud83d" == loading.vendor_file(path)["title"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "acme.json#: the file is empty; start from an existing vendor file"),
        (b" \r\n", "acme.json#: the file is empty; start from an existing vendor file"),
        (b"\xef\xbb\xbf", "acme.json#: the file is empty; start from an existing vendor file"),
        (b'{"title": "\xc1cme"}', "acme.json#: byte 11 is not UTF-8; save the file as UTF-8"),
        ("{}".encode("utf-16"), "acme.json#: byte 0 is not UTF-8; save the file as UTF-8"),
        ("{}".encode("utf-16-le"), "acme.json#: it holds NUL characters, as UTF-16 does; save the file as UTF-8"),
        (b"[" * 100_000, "acme.json#: nested too deeply; make it flatter"),
        (b"[" * 100_000 + b"]" * 100_000, "acme.json#: nested too deeply; make it flatter"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "acme.json#: nested too deeply; make it flatter"),
        (b"1" * 5_000, "acme.json#: a number has thousands of digits; write a smaller one"),
        (b"-Infinity", "acme.json#: -Infinity is not a number in JSON; write a finite number or leave the member out"),
        (b"-1e400", "acme.json#: -1e400 is not a number in JSON; write a finite number or leave the member out"),
        (b"\n{} {}", "acme.json#: extra data at line 2, column 4; the file has to be JSON, correct it there"),
        (b"// Acme", "acme.json#: expecting value at line 1, column 1; the file has to be JSON, correct it there"),
    ],
)  # fmt: skip  # a row per file reads better
def test_what_is_no_json_in_utf8(path, data, expected):
    """
    What is no JSON document in UTF-8 is told apart, each with a word about what to do.
    """
    assert expected == complaint(path, data)


def test_all_repetitions(path):
    """
    All members that stand twice are told, in the order of their places, at any depth.
    """
    path.write_text('{"c": [{"d": 1, "d": {"e": 1, "e": 2, "e": 3}}], "a/b~": 1, "a/b~": 2, "c2": 0}', encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        loading.vendor_file(path, validate=False)
    lines = [f"{path}#{place}: the member is here twice; keep one of the two" for place in ("/a~1b~0", "/c/0/d", "/c/0/d/e")]
    assert lines == [*caught.value.violations]


def test_obstacles(path, tmp_path, monkeypatch):
    """
    A file that cannot be read at all is an error that is an OSError too, and says what is in the way and what to do.
    """

    def problem(name):
        with pytest.raises(UnreadableFileError) as caught:
            loading.vendor_file(name)
        assert isinstance(caught.value, RegistryError)
        assert isinstance(caught.value, OSError)
        assert f"{name}: {caught.value.problem}" == str(caught.value)
        return caught.value.problem

    assert "there is no such file; check the path" == problem(path)
    path.write_text("{}", encoding="utf-8")
    assert "there is no such file, as a folder in its path is a file; check the path" == problem(path / "acme.json")
    assert "this is a directory; name a file in it" == problem(tmp_path)
    assert "it cannot be read (embedded null byte); check the path" == problem(tmp_path / "a\0b")

    def refuse(*_):
        raise refusal

    monkeypatch.setattr("os.open", refuse)
    refusal = PermissionError(13, "Permission denied")
    assert "it may not be read; change its permissions" == problem(path)
    refusal = OSError(5, "Input/output error")
    assert "it cannot be read (Input/output error); check the path" == problem(path)


def test_unvalidated(path):
    """
    Without validation a file has to be JSON and nothing more.
    """
    path.write_text('{"vendor": 3}', encoding="utf-8")
    assert {"vendor": 3} == loading.vendor_file(path, validate=False)


@pytest.mark.parametrize("switch", [gc.enable, gc.disable])
def test_garbage_collection(path, switch):
    """
    Loading leaves garbage collection switched as it was, whether it succeeds or fails.
    """
    path.write_text(json.dumps(VALID), encoding="utf-8")
    try:
        switch()
        before = gc.isenabled()
        loading.vendor_file(path)
        assert before == gc.isenabled()
        complaint(path, b"")
        assert before == gc.isenabled()
    finally:
        gc.enable()


def test_bundled():
    """
    Bundled documents are shared by those who only read them, and copied for those who ask for their own.
    """
    assert loading.bundled("taxonomy.json") is loading.bundled("taxonomy.json")
    assert loading.bundled("taxonomy.json") == loading.read_bundled("taxonomy.json")
    assert loading.read_bundled("taxonomy.json") is not loading.read_bundled("taxonomy.json")


def test_bundled_document_missing():
    """
    A broken installation is an error of the family, with what to do.
    """
    with pytest.raises(UnreadableFileError, match=r"^vendors/none\.json: the bundled data is missing; install errortax again$"):
        loading.read_bundled("vendors/none.json")


def test_names():
    """
    The bundled documents are listed by folder, sorted.
    """
    assert ("authrocket.json", "gopoints.json", "http.json", "planoauth.json", "youforce.json") == loading.names("vendors")
    assert {"taxonomy.json", "vendor.schema.json"} <= set(loading.names())
    assert sorted(loading.names("locales")) == [*loading.names("locales")]


def test_schemas():
    """
    Each JSON Schema is known by its name, and a misspelt one is told the right name.
    """
    assert {"canonical-error", "locale", "problem", "taxonomy", "vendor"} <= set(loading.schemas()) == set(loading.all_schemas())
    assert "A vendor of errortax" == loading.schema("vendor")["title"]
    with pytest.raises(UnknownSchemaError, match=r"^unknown schema 'vendors'; did you mean 'vendor'") as caught:
        loading.schema("vendors")
    assert isinstance(caught.value, KeyError)


def test_names_without_a_folder(monkeypatch, tmp_path):
    """
    Where the data lies in no folder, as in a zip, it is listed by the machinery of imports.
    """
    (tmp_path / "schemas" / "vendors").mkdir(parents=True)
    for name in ("b.json", "a.json", "README.md"):
        (tmp_path / "schemas" / "vendors" / name).touch()
    monkeypatch.setattr("os.path.isdir", lambda _: False)
    monkeypatch.setattr("importlib.resources.files", {"errortax": tmp_path}.__getitem__)
    assert ("a.json", "b.json") == loading.names.__wrapped__("vendors")


def test_zip(tmp_path):
    """
    The package works from inside a zip, bundled data included.
    """
    package = Path(errortax.__file__).parent
    archive = tmp_path / "errortax.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for source in package.rglob("*.py"):
            file.write(source, source.relative_to(package.parent))
        for folder in ("", "vendors/", "locales/"):
            for name in loading.names(folder.rstrip("/")):
                file.writestr(f"errortax/schemas/{folder}{name}", json.dumps(loading.bundled(folder + name)))
    probe = "from errortax import registry; r = registry.load_registry(); print(registry.__file__, *r)"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(archive)!r}); {probe}"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()
    assert printed[0].startswith(str(archive))
    assert ["authrocket", "gopoints", "http", "planoauth", "youforce"] == printed[1:]
