from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from errortax import RawResponse
from errortax.configuration import configuration
from errortax.exceptions import ConfigurationError
from errortax.translating import Translator

ROOT = Path(__file__).parents[1]
EXPIRED = RawResponse(403, (("x-cache", "HIT"),), b'{"status": "error", "error_code": "auth.token.expired", "messages": []}')


def written(folder: Path, text: str) -> Path:
    """Return the path of a file with that *text*."""
    path = folder / "gateway.toml"
    path.write_text(text)
    return path


def made(said: dict[str, Any], path: Path | None = None) -> Translator:
    """Return the translator that was asked for."""
    settings = configuration(said, path)
    return settings.translator(settings.registry())


def problem(said: dict[str, Any], path: Path | None = None) -> str:
    """Return what is wrong with a configuration."""
    with pytest.raises(ConfigurationError) as caught:
        made(said, path)
    return str(caught.value)


def test_nothing_said() -> None:
    """
    Nothing has to be said: the translator then is the one without arguments.
    """
    translator = made({})
    assert Translator().translate(EXPIRED, "gopoints") == translator.translate(EXPIRED, "gopoints")


def test_all_keys(tmp_path: Path) -> None:
    """
    Each key of the file does what it says.
    """
    (tmp_path / "gopoints.json").write_text((ROOT / "schemas/vendors/gopoints.json").read_text())
    path = written(
        tmp_path,
        'listen = "127.0.0.1:1"\nmetrics = "127.0.0.1:2"\ngrace = 2.5\nregistry = ["gopoints.json"]\nto = "problem+json"\n'
        'expose = "public"\nlocale = "de"\ninspect-success = true\nkeep-status = true\npass-header = ["x-*"]\n'
        '[route]\n"/points/" = "gopoints"\n"api.example" = "planoauth"\n',
    )
    settings = configuration({}, path)
    assert ("127.0.0.1:1", "127.0.0.1:2", 2.5) == tuple(settings.get(key) for key in ("listen", "metrics", "grace"))
    translator = made({}, path)
    assert ["gopoints", "planoauth", None] == [translator.vendor_of(path, "api.example") for path in ("/points/", "/")] + [
        translator.vendor_of("/", "other.example")
    ]
    assert translator.inspects_success
    answer = translator.translate(EXPIRED, "gopoints")
    assert answer is not None
    assert (403, "de", "HIT") == (answer.status, answer.headers["content-language"], answer.headers["x-cache"])
    assert b"gopoints" not in bytes(answer.body or b"")


def test_said_twice(tmp_path: Path) -> None:
    """
    What the command line says counts more than the file.
    """
    path = written(tmp_path, 'to = "oauth"\nvendor = "planoauth"\n')
    settings = configuration({"vendor": "gopoints"}, path)
    assert ("oauth", "gopoints") == (settings.get("to"), settings.get("vendor"))
    assert (f"{path}#/to", "--vendor") == (settings.places["to"], settings.places["vendor"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'vendor = "gopoint"',
            "#/vendor: unknown vendor 'gopoint'; choose one of authrocket, gopoints, http, planoauth, youforce",
        ),
        ('to = "problem"', "#/to: unknown format 'problem'; choose one of "),
        ('expose = "all"', "#/expose: "),
        ('locale = "%"', "#/locale: "),
        ('[route]\n"/a/" = "gopoint"', "#/route: unknown vendor 'gopoint'; choose one of "),
        ('[route]\n" a" = "gopoints"', "#/route: vendor: ' a' is no route; use a path such as '/points/' or a host"),
        ('vendor = "http"\n[route]\n"/" = "http"', "#/route: vendor is given, too; give one of them"),
        (
            'lisen = "x"',
            "#/lisen: there is no such key; did you mean 'listen'? the keys are listen, metrics, grace, registry, to,",
        ),
        ('zzz = "x"', "#/zzz: there is no such key; the keys are listen, "),
        ("to = 1", "#/to: 1 is not a text; write a text"),
        ('to = ""', "#/to: '' is not a text; write a text"),
        ('inspect-success = "yes"', "#/inspect-success: 'yes' is not true or false; write true or false"),
        ('registry = "a.json"', "#/registry: 'a.json' is not a list of texts; write a list of texts"),
        ("grace = -1", "#/grace: -1 is not a number of seconds; write a number of seconds"),
        ("grace = inf", "#/grace: inf is not a number of seconds; write a number of seconds"),
        ("grace = true", "#/grace: True is not a number of seconds; write a number of seconds"),
        ('route = "/a/"', "#/route: '/a/' is not a table of paths and hosts with the names of vendors; write a table"),
        ("to = ", ": is no TOML; correct it: "),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: str) -> None:
    """
    A mistake is told with file, key and choices.
    """
    path = written(tmp_path, text)
    assert problem({}, path).startswith(f"{path}{said}")


def test_audiences_are_told(tmp_path: Path) -> None:
    """
    Who asks for an audience that does not exist is told which ones do.
    """
    assert all(name in problem({}, written(tmp_path, 'expose = "all"')) for name in ("public", "developer", "operator"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """
    A configuration or a vendor file that cannot be read is named, with the reason.
    """
    missing = tmp_path / "missing.toml"
    assert f"{missing}: cannot be read (No such file or directory); name a readable file" == problem({}, missing)
    assert "--registry: cannot be loaded, correct or remove it: nowhere.json: " in problem({"registry": ("nowhere.json",)})
    latin = tmp_path / "latin.toml"
    latin.write_bytes('to = "é"'.encode("latin-1"))
    assert problem({}, latin).startswith(f"{latin}: is no TOML; correct it: ")


def test_bad_vendor_file(tmp_path: Path) -> None:
    """
    A vendor file that breaks its rules is named, with the place in it, and the key that names the file.
    """
    bad = ROOT / "tests/invalid/vendor/entry-without-category.json"
    (tmp_path / "bad.json").write_text(bad.read_text())
    path = written(tmp_path, 'registry = ["bad.json"]')
    assert problem({}, path).startswith(
        f"{path}#/registry: cannot be loaded, correct or remove it: {tmp_path / 'bad.json'}#/entries"
    )


def test_example() -> None:
    """
    The example can be used as it stands.
    """
    path = ROOT / "examples/gateway/gateway.toml"
    assert "gopoints" == made({}, path).vendor_of("/gopoints/x", None)


def test_the_exception_is_portable() -> None:
    """
    What is wrong can be pickled and copied.
    """
    error = ConfigurationError("gateway.toml#/to", "is wrong")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # written a moment ago
        assert (error.place, error.problem, str(error)) == (again.place, again.problem, str(again))
