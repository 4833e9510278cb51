from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest

from errortax import cli

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMAND = [sys.executable, "-m", "errortax"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}}
EXPIRED = b'HTTP/2 401 \r\n\r\n{"status": "error", "error_code": "auth.token.expired", "messages": ["Old"]}'


def environment(**variables: str) -> dict[str, str]:
    """Return an environment in which the package is found."""
    return {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm-256color", **variables}


@pytest.fixture
def restored() -> Iterator[None]:
    """Restore the handling of broken pipes."""
    before = signal.getsignal(signal.SIGPIPE)
    yield
    signal.signal(signal.SIGPIPE, before)


def main(monkeypatch, *arguments):
    """Run the console script in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["errortax", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.usefixtures("restored")
def test_main(monkeypatch, capsys):
    """
    The console script runs the command line, and a broken pipe ends it as it ends other tools.
    """
    assert 0 == main(monkeypatch, "schema")
    assert "vendor\n" in capsys.readouterr().out
    assert signal.SIG_DFL == signal.getsignal(signal.SIGPIPE)


def test_main_without_sigpipe(monkeypatch, capsys):
    """
    Without that signal, as on Windows, the command line runs all the same.
    """
    monkeypatch.delattr(signal, "SIGPIPE")
    assert 2 == main(monkeypatch, "no-such-command")
    assert "No such command" in capsys.readouterr().err


@pytest.mark.usefixtures("restored")
def test_extra_is_missing(monkeypatch, capsys):
    """
    Without click a message says what to install, and the exit code is 2.
    """
    real_import = __import__

    def halting(name, *arguments, **options):
        if name == "errortax.cli.commands":
            raise ModuleNotFoundError(name="click")
        return real_import(name, *arguments, **options)

    monkeypatch.setattr("builtins.__import__", halting)
    assert 2 == main(monkeypatch)
    assert "errortax: the command line needs click; run: pip install 'errortax[cli]'\n" == capsys.readouterr().err


@pytest.mark.usefixtures("restored")
def test_module(monkeypatch, capsys):
    """
    ``python -m errortax`` is the command.
    """
    monkeypatch.setattr(sys, "argv", ["errortax", "schema"])
    with pytest.raises(SystemExit) as ended:
        import_module("errortax.__main__")  # `runpy` cannot run what pytest loads, and it loads the package of a plug-in itself
    assert 0 == ended.value.code
    assert "vendor\n" in capsys.readouterr().out


@pytest.mark.usefixtures("restored")
def test_other_outputs(monkeypatch):
    """
    Streams that a program put in place of the real ones are left alone.
    """
    output = StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    assert 0 == main(monkeypatch, "schema")
    assert "vendor\n" in output.getvalue()


@pytest.mark.usefixtures("restored")
def test_other_module_is_missing(monkeypatch):
    """
    Any other missing module is not blamed on the extra.
    """
    real_import = __import__

    def halting(name, *arguments, **options):
        if name == "errortax.cli.commands":
            raise ModuleNotFoundError(name="attrs")
        return real_import(name, *arguments, **options)

    monkeypatch.setattr("builtins.__import__", halting)
    with pytest.raises(ModuleNotFoundError):
        cli.main()


@pytest.mark.parametrize("name", [one.partition(">")[0] for one in PROJECT["optional-dependencies"]["cli"]])
def test_without_a_part_of_the_extra(name, tmp_path):
    """
    Where a package of the extra is needed and not installed, there is a message, not a traceback.
    """
    script = f"import sys; sys.modules[{name!r}] = None; from errortax.cli import main; main()"
    command = [sys.executable, "-c", script, "docs", "--out", str(tmp_path / "pages")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (2, "", f"errortax: the command line needs {name}; run: pip install 'errortax[cli]'\n") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )


def test_import_is_cheap():
    """
    Jsonschema is not loaded.
    """
    script = (
        "import atexit, sys; from errortax.cli import main;"
        "atexit.register(lambda: print({'jsonschema'} & set(sys.modules), file=sys.stderr)); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "parse", "--vendor", "gopoints"],
        input=EXPIRED,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (0, b"set()\n") == (done.returncode, done.stderr)


def test_broken_pipe():
    """
    A reader that goes away early ends the command without a word.
    """
    lines = '{"status": 500, "body": ""}\n' * 20_000
    with subprocess.Popen(
        [*COMMAND, "parse", "--format", "ndjson"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(lines[:5600].encode())
        assert json.loads(process.stdout.readline())["error"]["status"] == 500
        process.stdout.close()
        with suppress(BrokenPipeError):  # it may have ended already, as it should
            process.stdin.write(lines.encode())
        process.stdin.close()
        assert b"" == process.stderr.read()
    assert -signal.SIGPIPE == process.returncode


def test_stream_is_answered_at_once():
    """
    A line is answered before the next one is there.
    """
    with subprocess.Popen(
        [*COMMAND, "parse", "--format", "ndjson"], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for status in (500, 502):
            process.stdin.write(b'{"status": %d, "body": ""}\n' % status)
            process.stdin.flush()
            assert status == json.loads(process.stdout.readline())["error"]["status"]
        process.stdin.close()
    assert 0 == process.returncode


def test_ascii_terminal():
    """
    An output with only ASCII gets the characters that it can show, and no traceback.
    """
    done = subprocess.run(
        [*COMMAND, "parse", "--vendor", "gopoints", "--locale", "ja"],
        input=EXPIRED,
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=False,
    )
    assert (0, b"") == (done.returncode, done.stderr)
    assert done.stdout.isascii()


def on_terminal(tmp_path, *arguments: str, **variables: str) -> str:
    """Run the command with its outputs on a terminal, and return the text that appeared there."""
    path = tmp_path / "a.http"
    path.write_bytes(EXPIRED)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=tmp_path, env=environment(**variables), stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # Linux reports the end of a terminal as an error
                break
            if not data:
                break
            shown += data
    os.close(ours)
    return shown.decode()


PARSE = ("parse", "--vendor", "gopoints", "a.http")


def test_colour_on_a_terminal(tmp_path):
    """
    A terminal gets colours.
    """
    shown = on_terminal(tmp_path, *PARSE)
    page = "https://errortax.readthedocs.io/codes/gopoints/auth.token.expired"
    assert f"\x1b]8;;{page}\x1b\\\x1b[1;31mgopoints auth.token.expired\x1b[0m\x1b]8;;\x1b\\" in shown
    assert "\x1b[2m  a.http\x1b[0m" in shown
    assert "\x1b[33mafter_action:\x1b[0m" in shown


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_on_a_terminal(tmp_path, variables):
    """
    NO_COLOR and a dumb terminal get none.
    """
    shown = on_terminal(tmp_path, *PARSE, **variables)
    assert "gopoints auth.token.expired  HTTP 401  credentials_expired\r\n  a.http\r\n" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("columns", [30, 60])
def test_narrow_terminal(tmp_path, columns):
    """
    On a narrow terminal no line is longer than it is wide, and no word is lost.
    """
    shown = on_terminal(tmp_path, *PARSE, NO_COLOR="1", COLUMNS=str(columns))
    assert columns >= max(len(line) for line in shown.splitlines())
    assert "after_action" in shown


def test_progress_on_a_terminal(tmp_path):
    """
    While NDJSON is read, a terminal shows a bar, and takes it away in the end.
    """
    (tmp_path / "a.ndjson").write_text('{"status": 204, "body": ""}\n' * 3_000)
    shown = on_terminal(tmp_path, "parse", "a.ndjson", NO_COLOR="1")
    assert re.search(r"reading \[#* *\] +\d+%", shown)
    assert 3_000 == shown.count("success  HTTP 204")
    assert shown.endswith("\r\x1b[2K")


def test_typing_into_a_terminal(tmp_path):
    """
    Without a file, on a terminal, the command says what it needs.
    """
    assert "no FILE; name a file" in on_terminal(tmp_path, "parse")


@pytest.mark.parametrize("command", [["list"], ["parse", "--format", "ndjson", "--vendor", "gopoints"], ["schema"], ["--help"]])
def test_full_disk(command):
    """
    If the output cannot be written, one line says so, and the exit code is not the one of findings.
    """
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        done = subprocess.run(
            [*COMMAND, *command], env=environment(), input=EXPIRED, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (4, b"errortax: standard output cannot be written (No space left on device)\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("redirection", "code", "message"),
    [(">&-", 4, "errortax: standard output cannot be written (it is closed)\n"), ("2>&-", 0, "")],
)
def test_closed_streams(redirection, code, message):
    """
    A closed standard output is named; a closed standard error loses the notes, and nothing else.
    """
    command = f'"{sys.executable}" -m errortax schema {redirection}'
    done = subprocess.run(command, shell=True, env=environment(), capture_output=True, text=True, check=False)  # noqa: S602  # redirections are the shell's
    assert (code, message) == (done.returncode, done.stderr)


@pytest.mark.parametrize(("variables", "has_colours"), [
    ({"FORCE_COLOR": "1"}, True), ({"CLICOLOR_FORCE": "1"}, True), ({"FORCE_COLOR": "0"}, False), ({}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
])  # fmt: skip
def test_colours_in_a_pipe(variables, has_colours):
    """
    A pipe has colours only if the environment asks for them, and NO_COLOR is stronger.
    """
    done = subprocess.run(
        [*COMMAND, "parse", "--vendor", "gopoints"], env=environment(**variables), input=EXPIRED, capture_output=True, check=True
    )
    assert has_colours == (b"\x1b[" in done.stdout)


def test_environment_sets_defaults():
    """
    The environment sets vendor and locale; the command line is stronger.
    """
    variables = environment(ERRORTAX_VENDOR="auto", ERRORTAX_LOCALE="de_DE.UTF-8")
    german, english = (
        subprocess.run([*COMMAND, "parse", *chosen], env=variables, input=EXPIRED, stdout=subprocess.PIPE, check=True).stdout
        for chosen in ([], ["--locale", "en"])
    )
    assert german.startswith(b"gopoints auth.token.expired")
    assert b"  Meldung   Old" in german
    assert b"  message   Old" in english


@pytest.mark.usefixtures("restored")
def test_closed_output(monkeypatch, capsys):
    """
    A closed standard output ends the command before it does anything.
    """
    monkeypatch.setattr(sys, "stdout", None)
    assert 4 == main(monkeypatch, "schema")
    assert "errortax: standard output cannot be written (it is closed)\n" == capsys.readouterr().err


@pytest.mark.usefixtures("restored")
def test_closed_notes(monkeypatch, capsys):
    """
    A closed standard error does not send the notes to standard output.
    """
    monkeypatch.setattr(sys, "stderr", None)
    assert 3 == main(monkeypatch, "parse", "no-such-file")
    assert not capsys.readouterr().out
    sys.stderr.close()


@pytest.mark.usefixtures("restored")
def test_output_that_fails(monkeypatch, capsys):
    """
    An output that fails in the middle is reported in one line.
    """

    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert 4 == main(monkeypatch, "schema")
    assert "errortax: standard output cannot be written (No space left on device)\n" == capsys.readouterr().err
