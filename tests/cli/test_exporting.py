from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from errortax.export import MARK, envoy, haproxy


def made_with(path):
    """Return the command that a file says it was made with."""
    return path.read_text().partition("`")[2].partition("`")[0]


def test_to_a_folder(run, tmp_path):
    """
    All files are written to a new folder, and the limits of the gateway are printed.
    """
    folder = tmp_path / "new" / "errortax"
    done = run("export", "haproxy", "--to-dir", folder)
    assert (0, "") == (done.exit_code, done.stdout)
    assert {"errortax.cfg", "codes.map", "bodies.map"} < {path.name for path in folder.iterdir()}
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
    assert all(f"limit: {limit}" in " ".join(done.stderr.split()) for limit in haproxy.LIMITS)
    assert f"to {folder}" in done.stderr.replace("\n", "")


@pytest.mark.parametrize("name", ["nginx", "lua"])
def test_scripts(run, tmp_path, name):
    """
    There are tables with scripts for other gateways.
    """
    assert 0 == run("export", name, "--to-dir", tmp_path).exit_code
    assert any(MARK in path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize(("name", "file", "changes"), [
    ("haproxy", "errortax.cfg", "http-response return"), ("nginx", "youforce.conf", "error_page"),
    ("lua", "errortax_table.lua", '"shadow"] = false'),
])  # fmt: skip
def test_shadow(run, tmp_path, name, file, changes):
    """
    The files for shadow mode have nothing that changes a response, and state the option.
    """
    for folder, options in (("real", ()), ("shadow", ("--shadow",))):
        assert 0 == run("export", name, *options, "--to-dir", tmp_path / folder).exit_code
    assert changes in (tmp_path / "real" / file).read_text()
    assert changes not in (tmp_path / "shadow" / file).read_text()
    assert f"errortax export {name} --shadow" == made_with(tmp_path / "shadow" / file)


def test_to_standard_output(run):
    """
    One file goes to standard output, and the limits do not.
    """
    done = run("export", "envoy")
    assert done.stdout.startswith(f"# {MARK} ")
    assert "virtual_hosts:" in done.stdout
    assert f"limit: {envoy.LIMITS[0]}" in " ".join(done.stderr.split())


def test_several_files_and_no_folder(run):
    """
    Several files are not mixed on standard output; a message names the option to use.
    """
    done = run("export", "haproxy")
    assert (2, "") == (done.exit_code, done.stdout)
    assert "name a folder with --to-dir" in " ".join(done.stderr.split())


def test_tables(run):
    """
    The flat table comes in three kinds.
    """
    assert run("export", "table").stdout.startswith("vendor,code,statuses,")
    assert MARK in json.loads(run("export", "table", "--to", "json", "--vendor", "gopoints").stdout)["about"][0]
    assert b"PAR1" == run("export", "table", "--to", "parquet").stdout_bytes[:4]


def test_options(run, tmp_path):
    """
    Vendor, format, language and audience can be chosen, and the files state the command that made them.
    """
    options = ("--to", "json:api", "--locale", "de", "--expose", "public", "--vendor", "gopoints", "--vendor", "youforce")
    run("export", "haproxy", *options, "--to-dir", tmp_path, "--force")
    assert f"errortax export haproxy {' '.join(sorted_by_name(options))}" == " ".join(
        ["errortax export haproxy", *sorted_by_name(made_with(tmp_path / "codes.map").split()[3:])]
    )
    bodies = (tmp_path / "bodies.map").read_text()
    assert "authrocket" not in bodies
    assert '"vendor":' not in bodies
    assert "hdr content-language 'de'" in (tmp_path / "errortax.cfg").read_text()


def sorted_by_name(words):
    """Return options and their values in an order that does not depend on how they were written."""
    return [word for pair in sorted(zip(words[::2], words[1::2], strict=True)) for word in pair]


def test_vendor_file(run, tmp_path):
    """
    A vendor file of one's own counts.
    """
    path = tmp_path / "own.json"
    document = json.loads((Path(__file__).parents[2] / "schemas" / "vendors" / "youforce.json").read_text())
    path.write_text(json.dumps({**document, "vendor": "own", "hosts": ["own.example"]}))
    done = run("export", "table", "--registry", path, "--vendor", "own")
    assert "\nown,404,404,not_found," in done.stdout.replace("\r", "")


def test_again(run, tmp_path):
    """
    Files that errortax made are written anew.
    """
    for _ in range(2):
        assert 0 == run("export", "haproxy", "--to-dir", tmp_path).exit_code
        assert 0 == run("export", "table", "--to-dir", tmp_path).exit_code


@pytest.mark.parametrize(("name", "content"), [("codes.csv", "mine,not,yours\n"), ("codes.json", '{"mine": 1}')])
def test_foreign_file(run, tmp_path, name, content):
    """
    A file that errortax did not make stays, unless it may be overwritten.
    """
    path = tmp_path / name
    path.write_text(content)
    asked = ("export", "table", "--to", name.rpartition(".")[2], "--to-dir", tmp_path)
    done = run(*asked)
    assert (4, content) == (done.exit_code, path.read_text())
    assert "errortax did not make this file; move it, or overwrite it with --force" in " ".join(done.stderr.split())
    assert 0 == run(*asked, "--force").exit_code
    assert content != path.read_text()


def test_nothing_is_half_written(run, tmp_path):
    """
    If one file must not be overwritten, none is written.
    """
    (tmp_path / "statuses.map").write_text("mine")
    assert 4 == run("export", "haproxy", "--to-dir", tmp_path).exit_code
    assert ["statuses.map"] == [path.name for path in tmp_path.iterdir()]


def test_unwritable_folder(run, tmp_path):
    """
    A folder that cannot be made is reported.
    """
    (tmp_path / "file").write_text("")
    done = run("export", "envoy", "--to-dir", tmp_path / "file" / "folder")
    assert 4 == done.exit_code
    assert "cannot be written (Not a directory); choose another folder" in " ".join(done.stderr.split())


def test_no_rest_of_a_failure(run, tmp_path):
    """
    A file that cannot take its place leaves nothing behind.
    """
    (tmp_path / "codes.csv").mkdir()
    done = run("export", "table", "--to-dir", tmp_path, "--force")
    assert 4 == done.exit_code
    assert ["codes.csv"] == [path.name for path in tmp_path.iterdir()]
    assert stat.S_ISDIR((tmp_path / "codes.csv").stat().st_mode)


def test_wrong_names(run):
    """
    Unknown vendors and formats are refused with the choices.
    """
    done = run("export", "table", "--vendor", "gopoint")
    assert 2 == done.exit_code
    assert "did you mean 'gopoints'?" in " ".join(done.stderr.split())
    done = run("export", "haproxy", "--to", "problem+jsn")
    assert 2 == done.exit_code
    assert "problem+json" in done.stderr


def test_format_that_does_not_fit(run):
    """
    A format that the gateway's files cannot contain is refused.
    """
    done = run("export", "haproxy", "--to", "grpc")
    assert 2 == done.exit_code
    assert "choose another format, such as problem+json" in " ".join(done.stderr.split())
