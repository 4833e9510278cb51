"""
The command ``errortax docs``.
"""

from __future__ import annotations

import json

import pytest

from errortax.cli.documenting import LIST


def written(folder):
    """Return the files in a *folder* with their contents."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def acme(tmp_path):
    """Return a function that writes a vendor file with some codes and returns its path."""

    def save(*codes):
        entries = [{"code": code, "category": "declined"} for code in codes]
        document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "entries": entries}
        path = tmp_path / "acme.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return save


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("html", "gopoints/auth.token.expired/index.html"),
        ("markdown", "gopoints/auth.token.expired/index.md"),
        ("json", "gopoints/auth.token.expired/index.json"),
        ("openapi", "openapi.json"),
    ],
)
def test_formats(run, tmp_path, name, file):
    """
    Each format is written into the folder, and a second run changes nothing.
    """
    folder = tmp_path / "new" / "pages"
    result = run("docs", "--format", name, "--out", folder, "--vendor", "gopoints")
    assert (0, "") == (result.exit_code, result.stdout)
    files = written(folder)
    assert f"wrote {len(files) - 1} file" in result.stderr
    assert file in files
    assert not any(name.startswith("planoauth") for name in files)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.name != LIST}
    assert 0 == run("docs", "--format", name, "--out", folder, "--vendor", "gopoints").exit_code
    assert files == written(folder)
    assert times == {path: path.stat().st_mtime_ns for path in times}
    checked = run("docs", "--format", name, "--out", folder, "--vendor", "gopoints", "--check")
    assert (0, "") == (checked.exit_code, checked.stdout)


def test_drift(run, tmp_path, acme):
    """
    `--check` writes nothing, prints what would change, missing and needless files included, and ends with 1.
    """
    folder, registry = tmp_path / "pages", acme("old", "kept")
    arguments = ("docs", "--format", "json", "--out", folder, "--vendor", "acme", "--registry", registry)
    assert 0 == run(*arguments).exit_code
    before = written(folder)
    acme("kept", "new")
    result = run(*arguments, "--check")
    assert 1 == result.exit_code
    assert before == written(folder)
    assert "acme/new/index.json: missing" in result.stdout
    assert "acme/old/index.json: no longer made" in result.stdout
    assert '-   "code": "old",' in result.stdout
    assert '+   "code": "new",' in result.stdout
    assert 0 == run(*arguments).exit_code
    entries = {name for name in written(folder) if name.startswith("acme/") and name.count("/") > 1}
    assert {"acme/kept/index.json", "acme/new/index.json"} == entries
    assert not (folder / "acme" / "old").exists()
    assert 0 == run(*arguments, "--check").exit_code
    assert 0 == run("docs", "--format", "json", "--out", folder, "--vendor", "http").exit_code
    assert not (folder / "acme").exists()


def test_a_folder_of_others(run, tmp_path):
    """
    A folder with other files is left alone without `--force`; with it, its files stay.
    """
    (tmp_path / "mine.txt").write_text("mine")
    result = run("docs", "--format", "openapi", "--out", tmp_path)
    assert (4, "") == (result.exit_code, result.stdout)
    assert "errortax did not make what is in this folder" in result.stderr
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]
    assert 0 == run("docs", "--format", "openapi", "--out", tmp_path, "--force").exit_code
    assert "mine" == (tmp_path / "mine.txt").read_text()
    assert 0 == run("docs", "--format", "openapi", "--out", tmp_path).exit_code


def test_a_file_of_others(run, tmp_path):
    """
    In a folder of its own, errortax keeps the files of others, and overwrites one in the place of a page only with `--force`.
    """
    arguments = ["docs", "--format", "openapi", "--out", tmp_path]
    assert 0 == run(*arguments).exit_code
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "openapi.json").write_text("old")
    assert 0 == run(*arguments).exit_code  # its own page
    (tmp_path / "index.html").write_text("mine")
    arguments[2] = "html"
    result = run(*arguments)
    assert (4, "") == (result.exit_code, result.stdout)
    assert f"{tmp_path / 'index.html'}: errortax did not make this file; move it, or overwrite it with --force\n" == result.stderr
    assert ["mine", "mine"] == [(tmp_path / name).read_text() for name in ("index.html", "mine.txt")]
    assert 0 == run(*arguments, "--force").exit_code
    assert "mine" == (tmp_path / "mine.txt").read_text() != (tmp_path / "index.html").read_text()


def test_the_list_of_files_cannot_lead_elsewhere(run, tmp_path):
    """
    Nothing outside the folder is removed, whatever its list of files says.
    """
    outside = tmp_path / "outside.txt"
    outside.write_text("outside")
    folder = tmp_path / "pages"
    assert 0 == run("docs", "--format", "openapi", "--out", folder).exit_code
    (folder / LIST).write_text(f"../outside.txt\n{outside}\nopenapi.json\ngone.json\n\n")
    assert 0 == run("docs", "--format", "openapi", "--out", folder).exit_code
    assert outside.exists()


def test_base_url(run, tmp_path, monkeypatch):
    """
    The root of all addresses is `--base-url`, else the environment variable; anything but an address is refused.
    """
    monkeypatch.setenv("ERRORTAX_DOCS", "https://variable.example/codes")
    page = "gopoints/auth.token.expired/index.json"
    run("docs", "--format", "json", "--out", tmp_path / "a", "--base-url", "https://option.example")
    run("docs", "--format", "json", "--out", tmp_path / "b")
    assert "https://option.example/gopoints/auth.token.expired" == json.loads((tmp_path / "a" / page).read_text())["url"]
    assert "https://variable.example/codes/gopoints/auth.token.expired" == json.loads((tmp_path / "b" / page).read_text())["url"]
    assert run("explain", "after_action").stdout.endswith("Page  https://variable.example/codes/retryabilities/after_action\n")
    for arguments, environment, message in (
        (["--base-url", "nowhere"], "", "--base-url must be an absolute address"),
        ([], "nowhere", "ERRORTAX_DOCS must be an absolute address"),
    ):
        monkeypatch.setenv("ERRORTAX_DOCS", environment)
        result = run("docs", "--out", tmp_path / "c", *arguments)
        assert 2 == result.exit_code
        assert message in result.stderr


def test_an_unusable_folder(run, tmp_path):
    """
    A folder that cannot be made is a message and an exit code, not a traceback.
    """
    (tmp_path / "file").write_text("")
    result = run("docs", "--format", "openapi", "--out", tmp_path / "file" / "pages")
    assert 4 == result.exit_code
    assert "cannot be written (Not a directory); choose another folder" in result.stderr


def test_a_word_that_is_a_code(run, acme):
    """
    `explain` mentions that a word of the vocabulary is some vendor's code as well.
    """
    result = run("explain", "not_found", "--registry", acme("not_found"))
    assert result.stdout.startswith("Not found (Categories not_found")
    assert "not_found is also a code; add --vendor acme for its page\n" == result.stderr
