from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from select import select
from time import monotonic

import pytest
from click.shell_completion import ShellComplete

from errortax import Category, default_registry
from errortax.cli.commands import SHELLS, app

ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "entries": [
        {
            "code": "tea",
            "category": "declined",
            "title": "Tea",
            "description": "Tea is out.",
            "basis": {"category": "inferred"},
            "examples": [
                {"name": "plain", "response": {"status": 400, "headers": {}, "text": ""}, "expect": {"outcome": "error"}}
            ],
        }
    ],
}


def complete(*words):
    """Return the completions of the last word."""
    shell = ShellComplete(app, {}, "errortax", "_ERRORTAX_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["vend"], ["vendors"]),
        (["parse", "--vendor", "a"], ["authrocket", "auto"]),
        (["list", "--vendor", "a"], ["authrocket"]),
        (["explain", "session-"], ["session-expired"]),
        (["explain", "--vendor", "planoauth", "auth."], []),
        (["explain", "--vendor", "gopoints", "auth.token."], ["auth.token.expired", "auth.token.invalid"]),
        (["explain", "--vendor", "nobody", "session-"], ["session-expired"]),
        (["parse", "--fail-on", "rate"], ["rate_limited"]),
        (["list", "--category", "credentials_e"], ["credentials_expired"]),
        (["list", "--group", "li"], ["limit"]),
        (["parse", "--locale", "d"], ["de"]),
        (["parse", "--format", "nd"], ["ndjson"]),
        (["schema", "vend"], ["vendor"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["translate", "--to", "p"], ["problem+json", "problem+xml", "planoauth"]),
        (["export", ""], ["envoy", "haproxy", "lua", "nginx", "table"]),
    ],
)
def test_what_is_offered(words, offered):
    """
    Commands, vendors, codes and the words of options are offered.
    """
    assert offered == complete(*words)


def test_all_codes_are_offered():
    """
    Without a vendor, the codes of all vendors are offered, each once.
    """
    offered = complete("explain", "")
    assert {entry.code for _, entry in default_registry().entries()} == set(offered)
    assert len(set(offered)) == len(offered)


def test_own_vendors_are_offered(tmp_path):
    """
    Vendors and codes of files on the command line are offered; a file that cannot be read is passed over.
    """
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(ACME))
    bundled = complete("list", "--registry", str(tmp_path / "missing.json"), "--vendor", "")
    assert list(default_registry()) == bundled
    assert ["acme"] == complete("list", "--registry", str(path), "--vendor", "ac")
    assert ["tea"] == complete("explain", "--registry", str(path), "te")


@pytest.mark.parametrize("shell", SHELLS)
def test_script(run, shell):
    """
    Each shell gets its script, which asks the command itself.
    """
    script = run("completion", shell).stdout
    assert f"_ERRORTAX_COMPLETE={shell}_complete" in script
    assert "errortax" in script


def test_help_is_short(run):
    """
    The help of a command shows no list of all categories.
    """
    assert Category.RATE_LIMITED not in run("parse", "--help").stdout + run("list", "--help").stdout


SCRIPTS = {
    "bash": 'COMP_WORDS=(errortax {words}); COMP_CWORD={last}; _errortax_completion errortax; printf "%s\\n" "${{COMPREPLY[@]}}"',
    "fish": "complete -C 'errortax {line}' | string split -f 1 \\t",
}
LINES = (("explain --vendor gopoints auth.token.e", "auth.token.expired"), ("list --vendor auth", "authrocket"))


def installed(*shells):
    """Return the shells that are there to be started; .ci/run installs all."""
    return [shell for shell in shells if shutil.which(shell)]


@pytest.mark.parametrize(("line", "offered"), LINES)
@pytest.mark.parametrize("shell", installed(*SCRIPTS))
def test_in_the_shell(tmp_path, run, environment, shell, line, offered):
    """
    In a real shell, the script loads and offers vendors and codes.
    """
    script = tmp_path / "script"
    script.write_text(run("completion", shell).stdout)
    words = line.split()
    question = SCRIPTS[shell].format(words=" ".join(words), last=len(words), line=line)
    command = [shell, "-c", f". {script}; {question}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ("", True) == (done.stderr, offered in done.stdout.split())


@pytest.mark.parametrize(("line", "offered"), LINES)
@pytest.mark.parametrize("shell", installed("zsh"))
def test_at_the_terminal(tmp_path, run, environment, shell, line, offered):
    """
    In zsh, which completes only typed words, the tab key completes vendors and codes.
    """
    script = tmp_path / "script"
    script.write_text(run("completion", shell).stdout)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [shell, "-f", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "dumb"},
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            os.write(ours, f"autoload -Uz compinit; compinit -u -D; . {script}; echo rea''dy\n".encode())
            assert "ready\r\n" in read_until(ours, "ready\r\n")
            os.write(ours, f"errortax {line}\t".encode())
            assert offered in read_until(ours, offered)
        finally:
            process.kill()
            os.close(ours)


def read_until(terminal, text, seconds=30.0):
    """Return the output of the *terminal* until *text* appears, or the time is over."""
    seen = ""
    end = monotonic() + seconds
    while text not in seen and monotonic() < end:
        if select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode()
    return seen
