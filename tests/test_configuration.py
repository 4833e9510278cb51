from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from errortax import RawResponse, Translator
from errortax.exceptions import ConfigurationError
from errortax.gateway.configuration import address_of, configuration

ROOT = Path(__file__).parents[1]
EXPIRED = RawResponse(403, (("x-cache", "HIT"),), b'{"status": "error", "error_code": "auth.token.expired", "messages": []}')


def written(folder: Path, text: str) -> Path:
    """Return the path of a file with that *text*."""
    path = folder / "gateway.toml"
    path.write_text(text)
    return path


def made(said: dict[str, Any], path: Path | None = None) -> Translator:
    """Return the translator with these settings."""
    settings = configuration(said, path)
    return settings.translator(settings.registry())


def problem(said: dict[str, Any], path: Path | None = None) -> str:
    """Return the message about a bad configuration."""
    with pytest.raises(ConfigurationError) as caught:
        made(said, path)
    return str(caught.value)


def test_no_settings() -> None:
    """
    Without any setting, the translator is the one without arguments.
    """
    translator = made({})
    assert Translator().translate(EXPIRED, "gopoints") == translator.translate(EXPIRED, "gopoints")


def test_all_keys(tmp_path: Path) -> None:
    """
    Each key of the file has its effect.
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


def test_option_and_file(tmp_path: Path) -> None:
    """
    An option of the command line counts before the same key of the file.
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
            "#/vendor: unknown vendor 'gopoint'; did you mean 'gopoints'?",
        ),
        ('vendor = "zzz"', "#/vendor: unknown vendor 'zzz'; known: authrocket, google-rpc, gopoints, http, json-rpc,"),
        ('to = "problem"', "#/to: unknown format 'problem'; did you mean 'problem+xml' or 'problem+json'?"),
        ('locale = "%"', "#/locale: "),
        ('pass-header = ["etag"]', "#/pass-header: 'etag' belongs to the upstream's body"),
        (
            '[route]\n"/" = "http"\n"/~a/" = "gopoint"',
            "#/route/~1~0a~1: unknown vendor 'gopoint'; did you mean 'gopoints'?",
        ),
        ('[route]\n" a" = "gopoints"', "#/route/ a: ' a' is not a route; use a path such as '/points/' or a host"),
        ('[route]\n"/points" = 3', "#/route/~1points: 3 is not a name; write a vendor's name"),
        ('[route]\n"/points" = ""', "#/route/~1points: '' is not a name; write a vendor's name"),
        ('vendor = "http"\n[route]\n"/" = "http"', "#/route: vendor is given, too; give one of them"),
        (
            'lisen = "x"',
            "#/lisen: unknown key 'lisen'; did you mean 'listen'?",
        ),
        ('zzz = "x"', "#/zzz: unknown key 'zzz'; known: listen, "),
        ('"/a" = "x"', "#/~1a: unknown key '/a'; known: listen, "),
        ("to = 1", "#/to: 1 is not a text; write a text"),
        ('to = ""', "#/to: '' is not a text; write a text"),
        ('inspect-success = "yes"', "#/inspect-success: 'yes' is not true or false; write true or false"),
        ('registry = "a.json"', "#/registry: 'a.json' is not a list of texts; write a list of texts"),
        ("grace = -1", "#/grace: -1 is not a number of seconds; write a number of seconds"),
        ("grace = inf", "#/grace: inf is not a number of seconds; write a number of seconds"),
        ("grace = true", "#/grace: True is not a number of seconds; write a number of seconds"),
        ('route = "/a/"', "#/route: '/a/' is not a table of paths and hosts with the names of vendors; write a table"),
        (
            '[route]\n"/a" = "http"\n"/a/" = "gopoints"',
            "#/route: '/a' and '/a/' are the same route, to http and to gopoints; keep one of them",
        ),
        ("to = ", ": is not TOML; correct it: "),
        ("to = " + "[" * 5_000, ": is not TOML; correct it: "),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: str) -> None:
    """
    The message about a mistake has the file, the key and the choices.
    """
    path = written(tmp_path, text)
    assert problem({}, path).startswith(f"{path}{said}")


def test_audiences_are_listed_once(tmp_path: Path) -> None:
    """
    The message about an unknown audience lists the audiences once.
    """
    path = written(tmp_path, 'expose = "publik"')
    assert f"{path}#/expose: unknown audience 'publik'; did you mean 'public'?" == (problem({}, path))


def test_routes_of_the_command_line(tmp_path: Path) -> None:
    """
    A bad route of the command line is reported as such, even if the file has the same route.
    """
    path = written(tmp_path, '[route]\n"/a/" = "gopoints"')
    assert problem({"route": {"/a/": "gopoint"}}, path).startswith("--route: unknown vendor 'gopoint'; did you mean 'gopoints'?")


ADDRESSES = {
    "127.0.0.1:0": ("127.0.0.1", 0),
    "localhost:65535": ("localhost", 65535),
    "gate.example.:80": ("gate.example.", 80),
    "[::1]:50051": ("::1", 50051),
    "[fe80::1%eth0]:50051": ("fe80::1%eth0", 50051),
    "unix:/run/a b.sock": "/run/a b.sock",
    "unix:errortax:1": "errortax:1",
}
NO_ADDRESSES = (
    "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:٣",
    "localhost:http", ":18199", "18199", "*:18199", "::1:18199", "[::1]", "a..b:1", "a b:1", "http://127.0.0.1:1", "unix:",
    "unix:a\0b", "unix-abstract:a",
)  # fmt: skip


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items())
def test_addresses(text: str, address: tuple[str, int] | str) -> None:
    """
    An address is a host and a port, or a path; for metrics a path is not allowed.
    """
    assert address == address_of(text)
    assert text == configuration({"listen": text}).get("listen")
    if isinstance(address, tuple):
        assert text == configuration({"metrics": text}).get("metrics")
    else:
        assert f"--metrics: {text!r} is not an address; write HOST:PORT, such as 127.0.0.1:9464" == problem({"metrics": text})


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_malformed_addresses(text: str) -> None:
    """
    Any other address is refused, and the message says what to write.
    """
    assert address_of(text) is None
    assert f"--listen: {text!r} is not an address; write HOST:PORT or unix:PATH" == problem({"listen": text})
    assert f"--metrics: {text!r} is not an address; write HOST:PORT, such as 127.0.0.1:9464" == problem({"metrics": text})


def test_malformed_address_in_a_file(tmp_path: Path) -> None:
    """
    The message about a malformed address has its place in the file.
    """
    path = written(tmp_path, 'listen = "127.0.0.1"')
    assert f"{path}#/listen: '127.0.0.1' is not an address; write HOST:PORT or unix:PATH" == problem({}, path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """
    The message about an unreadable configuration or vendor file has its name and the reason.
    """
    missing = tmp_path / "missing.toml"
    assert f"{missing}: there is no such file; check the path" == problem({}, missing)
    assert "--registry: cannot be loaded, correct or remove it: nowhere.json: " in problem({"registry": ("nowhere.json",)})
    latin = tmp_path / "latin.toml"
    latin.write_bytes('to = "é"'.encode("latin-1"))
    assert problem({}, latin).startswith(f"{latin}: is not TOML; correct it: ")


def test_bad_vendor_file(tmp_path: Path) -> None:
    """
    The message about an invalid vendor file has the place in it, and the key that names the file.
    """
    bad = ROOT / "tests/invalid/vendor/entry-without-category.json"
    (tmp_path / "bad.json").write_text(bad.read_text())
    path = written(tmp_path, 'registry = ["bad.json"]')
    assert problem({}, path).startswith(
        f"{path}#/registry: cannot be loaded, correct or remove it: {tmp_path / 'bad.json'}#/entries"
    )


def test_example() -> None:
    """
    The example works unchanged.
    """
    path = ROOT / "examples/gateway/gateway.toml"
    assert "gopoints" == made({}, path).vendor_of("/gopoints/x", None)


def test_the_exception_is_portable() -> None:
    """
    The exception can be pickled and copied.
    """
    error = ConfigurationError("gateway.toml#/to", "is wrong")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # written a moment ago
        assert (error.place, error.problem, str(error)) == (again.place, again.problem, str(again))
