from __future__ import annotations

import importlib.metadata
import json
import sys
from importlib import import_module
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from anew import errortax_without
from errortax import Category, Group
from errortax.cli import commands, looking_up, options
from errortax.registry.loading import schemas

EXPIRED = b'HTTP/2 401 \r\n\r\n{"status": "error", "error_code": "auth.token.expired", "error_id": "e-1", "messages": ["Old"]}'
ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "http_status",
    "hosts": ["*.acme.example"],
    "entries": [
        {
            "code": "418",
            "category": "declined",
            "title": "A teapot",
            "description": "It brews no coffee.",
            "basis": {"category": "inferred"},
            "examples": [
                {"name": "plain", "response": {"status": 418, "headers": {}, "text": ""}, "expect": {"outcome": "error"}}
            ],
        }
    ],
}


@pytest.fixture
def acme(tmp_path):
    """Write the file of a vendor of one's own."""
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(ACME))
    return path


def test_parse_text(run):
    """
    A response on standard input is explained in words on standard output, with nothing on standard error.
    """
    result = run("parse", "--vendor", "gopoints", stdin=EXPIRED)
    assert (0, "") == (result.exit_code, result.stderr)
    assert result.stdout.startswith("gopoints auth.token.expired  HTTP 401  credentials_expired\n  <stdin>\n  what      ")


@pytest.mark.parametrize("output_format", ["json", "ndjson"])
def test_parse_json(run, output_format):
    """
    The same as JSON is the wire form.
    """
    result = run("parse", "--vendor", "gopoints", "--format", output_format, "-", stdin=EXPIRED)
    found = json.loads(result.stdout)
    (report,) = found if output_format == "json" else [found]
    assert ("<stdin>", "error", "auth.token.expired") == (report["input"], report["outcome"], report["error"]["code"])


@pytest.mark.parametrize(
    ("arguments", "vendor"),
    [
        ([], "http"),
        (["--vendor", "auto"], "gopoints"),
        (["--vendor", "youforce"], "youforce"),
        (["--url", "https://api.gopoints.net/a"], "gopoints"),
        (["--vendor", "auto", "--url", "https://api.authrocket.com/a"], "authrocket"),
        (["--vendor", "youforce", "--url", "https://api.gopoints.net/a"], "youforce"),
    ],
)
def test_which_vendor(run, arguments, vendor):
    """
    The vendor is the one that was named, else the host's, else the generic one; only `auto` looks at the response.
    """
    result = run("parse", "--format", "ndjson", *arguments, stdin=EXPIRED)
    assert vendor == json.loads(result.stdout)["error"]["vendor"]


@pytest.mark.parametrize("url", ["api.gopoints.net/a", "/a", "https://"])
def test_url_without_host(run, url):
    """
    A URL that cannot say whose error it is, as it has no scheme or no host, is refused.
    """
    result = run("parse", "--url", url, stdin=EXPIRED)
    assert 2 == result.exit_code
    assert f"{url!r} has no host, which says whose error it is; write https://HOST/PATH" in " ".join(result.stderr.split())


def test_vendor_of_a_line(run):
    """
    A line's own vendor counts unless the command line names one.
    """
    line = '{"vendor": "planoauth", "status": 418, "headers": {}}'
    assert "planoauth" == json.loads(run("parse", "--format", "ndjson", stdin=line).stdout)["error"]["vendor"]
    named = run("parse", "--format", "ndjson", "--vendor", "youforce", stdin=line)
    assert "youforce" == json.loads(named.stdout)["error"]["vendor"]


def test_advice(run):
    """
    A response with only its status classified, which looks like some vendor's, causes one hint.
    """
    line = json.dumps({"status": 401, "body": EXPIRED.partition(b"\r\n\r\n")[2].decode()}) + "\n"
    result = run("parse", stdin=line * 3)
    assert "<stdin>:1: looks like a response of gopoints; add --vendor gopoints, or --vendor auto\n" == result.stderr
    assert 3 == result.stdout.count("http  HTTP 401  credentials_invalid")


@pytest.mark.parametrize("line", ['{"status": 200, "body": ""}', '{"status": 418, "body": ""}'])
def test_no_advice(run, line):
    """
    A success and a response of no known vendor cause no hint.
    """
    assert not run("parse", stdin=line).stderr


@pytest.mark.parametrize(
    ("wanted", "exit_code"),
    [
        (["error"], 1),
        (["authentication"], 1),
        (["credentials_expired"], 1),
        (["server", "credentials_expired"], 1),
        (["server"], 0),
        ([], 0),
    ],
)
def test_fail_on(run, wanted, exit_code):
    """
    The exit code is 1 after an error of a wanted category or group, and else 0.
    """
    arguments = [argument for word in wanted for argument in ("--fail-on", word)]
    assert exit_code == run("parse", "--vendor", "gopoints", *arguments, stdin=EXPIRED).exit_code


def test_fail_on_success(run):
    """
    A success is not an error to fail on.
    """
    assert 0 == run("parse", "--fail-on", "error", stdin="HTTP/1.1 204 No Content\n\n").exit_code


def test_bad_lines(run):
    """
    Bad lines are reported with their numbers, the good ones are printed, and the exit code is 3, before that of --fail-on.
    """
    text = '{"status": 500, "body": ""}\n{\n{"status": 404, "vendor": "gopoint"}\n{"status": 502}\n'
    result = run("parse", "--format", "ndjson", "--fail-on", "error", stdin=text)
    assert 3 == result.exit_code
    assert [500, 502] == [json.loads(line)["error"]["status"] for line in result.stdout.splitlines()]
    lines = result.stderr.splitlines()
    assert lines[0].startswith("<stdin>:2: not JSON (")
    assert lines[1].startswith("<stdin>:3: unknown vendor 'gopoint'; did you mean 'gopoints'")
    assert 2 == len(lines)


def test_no_response(run):
    """
    A request without a response is an error of the vendor that should have answered, which ``--fail-on`` knows.
    """
    request = {"url": "https://api.gopoints.net/me?key=secret", "method": "GET"}
    har = json.dumps({"log": {"entries": [{"request": request, "response": {"status": 0}}]}})
    result = run("parse", "--fail-on", "connection_failed", stdin=har)
    assert (1, "") == (result.exit_code, result.stderr)
    assert result.stdout.startswith(
        "gopoints  no HTTP status  connection_failed\n  <stdin>#/log/entries/0  GET https://api.gopoints.net/me?key=[redacted]\n"
    )
    assert "HTTP/1.1 502 Bad Gateway\n" in run("translate", stdin=har).stdout
    assert (
        "http" == json.loads(run("parse", "--format", "ndjson", stdin=har.replace("gopoints.net", "a.example")).stdout)["vendor"]
    )


def test_unknown_status(run):
    """
    An unknown status is mentioned once, and not if the body states it.
    """
    note = "<stdin>: the HTTP status is unknown; add --status if you know it\n"
    assert note == run("parse", "--vendor", "gopoints", stdin="{}").stderr
    lines = '{"headers": {}, "status": null}\n' * 2
    assert note.replace(":", ":1:", 1) == run("parse", "--input", "ndjson", "--vendor", "gopoints", stdin=lines).stderr
    problem = '{"type": "about:blank", "title": "Not Found", "status": 404}'
    result = run("parse", stdin=problem)
    assert ("", "http  HTTP 404  not_found") == (result.stderr, result.stdout.splitlines()[0])


def test_only(run):
    """
    Only the chosen outcomes are printed, in every format; the exit code is about all.
    """
    lines = '{"status": 204, "body": ""}\n{"status": 500, "body": ""}\n'
    assert ["<stdin>:2: http  HTTP 500  internal  backoff"] == run(
        "parse", "--only", "error", "--format", "line", stdin=lines
    ).stdout.splitlines()
    found = run("parse", "--only", "success", "--format", "ndjson", "--fail-on", "error", stdin=lines)
    assert (1, ["success"]) == (found.exit_code, [json.loads(line)["outcome"] for line in found.stdout.splitlines()])


def test_evidence(run):
    """
    How an entry was found, and its source, is printed on demand.
    """
    plain, full = (run("parse", "--vendor", "gopoints", *more, stdin=EXPIRED).stdout for more in ((), ("-v",)))
    assert full.startswith(plain.rstrip("\n"))
    assert ["match", "source", "more"] == [line.split()[0] for line in full.removeprefix(plain).splitlines()]


def test_several_files(run, tmp_path):
    """
    Files are read one after the other, and one that is missing does not stop the rest.
    """
    paths = [tmp_path / name for name in ("a", "missing", "b")]
    for path in (paths[0], paths[2]):
        path.write_bytes(EXPIRED)
    result = run("parse", "--vendor", "auto", *paths)
    assert 3 == result.exit_code
    assert 2 == result.stdout.count("auth.token.expired  HTTP 401")
    problem = "cannot be read (No such file or directory); name a readable file, or - for standard input"
    assert f"{paths[1]}: {problem}\n" == result.stderr


def test_body_with_status(run):
    """
    A bare body is classified with the given status.
    """
    result = run("parse", "--vendor", "planoauth", "--status", "500", stdin='{"status": "route-non-existent"}')
    assert "planoauth route-non-existent  HTTP 500" in result.stdout


def test_nothing_to_read_from(run, monkeypatch):
    """
    Without a file, on a terminal, the command does not wait in silence.
    """
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True), exit=sys.exit)
    monkeypatch.setattr(options, "sys", terminal)
    result = run("parse")
    assert 2 == result.exit_code
    assert "no FILE; name a file, or - to type or paste a response" in result.stderr


def test_translate(run):
    """
    An answer is printed as a gateway would send it, and a response that is not an error is mentioned.
    """
    result = run(
        "translate", "--vendor", "gopoints", "--status", "401", stdin='{"status": "error", "error_code": "auth.token.expired"}'
    )
    head, _, body = result.stdout.partition("\n\n")
    assert 0 == result.exit_code
    assert ["HTTP/1.1 401 Unauthorized", "content-type: application/problem+json"] == head.split("\n")[:2]
    assert f"content-length: {len(body.rstrip())}" in head
    assert "auth.token.expired" == json.loads(body)["code"]
    fine = run("translate", "--vendor", "gopoints", "--status", "200", stdin="{}")
    assert (0, "", "<stdin>: success, passes unchanged\n") == (fine.exit_code, fine.stdout, fine.stderr)


def test_translate_several(run):
    """
    Each of several answers is printed with its place, and their JSON can be read as NDJSON.
    """
    text = run("translate", "--vendor", "auto", "examples/responses/traffic.ndjson").stdout
    lines = run("translate", "--vendor", "auto", "--format", "ndjson", "examples/responses/traffic.ndjson").stdout
    statuses = [json.loads(line)["status"] for line in lines.splitlines()]
    assert len(statuses) > 1
    assert statuses == [int(line.split()[1]) for line in text.splitlines() if line.startswith("HTTP/1.1 ")]
    assert text.startswith("examples/responses/traffic.ndjson:1:\nHTTP/1.1 404 Not Found\n")
    assert [str(status) for status in statuses] == [
        json.loads(line)["error"]["code"] for line in run("parse", "--format", "ndjson", stdin=lines).stdout.splitlines()
    ]


def test_translate_options(run):
    """
    Format, audience, language and status are the caller's choice.
    """
    body = '{"status": "record_not_found", "code": 400}'

    def answer(*chosen):
        found = run("translate", "--vendor", "planoauth", "--status", "400", "--format", "json", *chosen, stdin=body)
        [document] = json.loads(found.stdout)
        return document

    assert 404 == answer()["status"]
    assert 400 == answer("--keep-status")["status"]
    assert "de" == answer("--locale", "de-AT")["headers"]["content-language"]
    assert "planoauth" not in answer("--expose", "public")["body"]
    assert '"error_code":"object.id.notfound"' in answer("--to", "gopoints")["body"]
    assert answer("--to", "problem+xml")["body"].startswith("<?xml")


def test_translate_to_nothing_known(run):
    """
    An unknown format is refused before anything is read.
    """
    result = run("translate", "--to", "problem-json", stdin="{}")
    assert 2 == result.exit_code
    assert "unknown format 'problem-json'; did you mean 'problem+json'" in result.stderr


def test_translate_without_the_library():
    """
    A format with a missing library says how to install it.
    """
    with errortax_without("google.rpc"):
        app = import_module("errortax.cli.commands").app
        result = CliRunner().invoke(app, ["translate", "--to", "grpc", "--vendor", "gopoints", "--status", "404"], input="")
    assert 2 == result.exit_code
    assert "errortax[grpc]" in result.stderr


def test_translate_unreadable(run):
    """
    An unreadable file makes the exit code 3; the others are printed.
    """
    result = run("translate", "--vendor", "gopoints", "no-such-file", "examples/responses/gopoints-token-expired.http")
    assert 3 == result.exit_code
    assert "no-such-file: cannot be read" in result.stderr
    assert "auth.token.expired" in result.stdout


def test_terminal_is_not_steered(run):
    """
    Control characters of a vendor's text reach neither the terminal nor the JSON unescaped.
    """
    body = json.dumps({"status": "error", "error_code": "auth.token.expired", "messages": ["\x1b]0;owned\x07\x9b2J\u202e"]})
    for output_format in ("text", "json", "ndjson"):
        result = run("parse", "--vendor", "gopoints", "--status", "401", "--format", output_format, stdin=body)
        assert "owned" in result.stdout
        assert not set("\x1b\x07\x9b\u202e") & set(result.stdout)


def test_parse_locale(run):
    """
    The locale changes the sentences.
    """
    english, german = (run("parse", "--vendor", "gopoints", "--locale", tag, stdin=EXPIRED).stdout for tag in ("en", "de-AT"))
    assert english != german


@pytest.mark.parametrize("name", ["C", "POSIX", "C.UTF-8", "C.utf8", "en_GB.UTF-8", "en"])
def test_locale_of_the_system(run, monkeypatch, name):
    """
    The locale of POSIX, which systems without a language have, means English, as an option and in the environment.
    """
    english = run("parse", "--vendor", "gopoints", stdin=EXPIRED).stdout
    assert english == run("parse", "--vendor", "gopoints", "--locale", name, stdin=EXPIRED).stdout
    monkeypatch.setenv("ERRORTAX_LOCALE", name)
    assert english == run("parse", "--vendor", "gopoints", stdin=EXPIRED).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["parse", "--vendor", "gopoint"], "unknown vendor 'gopoint'; did you mean 'gopoints'"),
        (["parse", ""], "the name is empty; is it that of a variable without a value?"),
        (["check", ""], "the name is empty"),
        (["list", "--registry", ""], "the name is empty"),
        (["docs", "--out", ""], "the name is empty"),
        (["export", "haproxy", "--to-dir", ""], "the name is empty"),
        (["parse", "--locale", "x_"], "'x_' is not a language tag"),
        (["parse", "--locale", "pt"], "no sentences in the language 'pt'; known: de, en, es, fr, ja, nl"),
        (["parse", "--locale", "deu"], "no sentences in the language 'deu'; did you mean 'de'?"),
        (["parse", "--fail-on", "rate_limitd"], "no category or group named 'rate_limitd'; did you mean 'rate_limited'?"),
        (["parse", "--fail-on", "?"], "no category or group named '?'; known: error, authentication"),
        (["parse", "--status", "9"], "9 is not in the range"),
        (["explain", "--vendor", "gopoint", "a"], "unknown vendor 'gopoint'; did you mean 'gopoints'"),
        (["explain", "sesion-expired"], "unknown code 'sesion-expired'; did you mean 'session-expired'"),
        (["explain", "aaaa"], "unknown code 'aaaa'; find codes with `errortax search TEXT`, or list all with `errortax list`\n"),
        (["explain", "--vendor", "gopoints", "session-expired"], "unknown code 'session-expired'; documented by planoauth"),
        (["list", "--vendor", "gopoint"], "unknown vendor 'gopoint'; did you mean 'gopoints'"),
        (["schema", "vendors"], "no schema named 'vendors'; did you mean 'vendor'"),
        (["completion", "powershell"], "'powershell' is not one of 'bash', 'zsh', 'fish'"),
        (["prase"], "No such command 'prase'"),
    ],
)
def test_usage_errors(run, arguments, message):
    """
    A wrong command line exits with 2, prints nothing on standard output, and says what would be right.
    """
    result = run(*arguments, stdin="")
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr


def test_ambiguous_code(run):
    """
    A code of several vendors lists them.
    """
    result = run("explain", "403")
    assert (2, "") == (result.exit_code, result.stdout)
    assert "code '403' is documented by authrocket, http, youforce; add --vendor authrocket\n" == result.stderr


def test_explain(run):
    """
    An entry is explained in prose, or as JSON with the defaults filled in.
    """
    prose = run("explain", "session-expired").stdout
    assert prose.startswith("session-expired (PlanoAuth, HTTP 401, credentials_expired, after_action)\n")
    assert prose != run("explain", "session-expired", "--locale", "nl").stdout
    found = json.loads(run("explain", "403", "--vendor", "authrocket", "--format", "json").stdout)
    assert ("authrocket", "403", "credentials_invalid", "authentication") == (
        found["vendor"],
        found["code"],
        found["category"],
        found["group"],
    )


@pytest.mark.parametrize("arguments", [["-32601"], ["-32601", "--vendor", "json-rpc"], ["--vendor", "json-rpc", "--", "-32601"]])
def test_explain_a_negative_number(run, arguments):
    """
    A code that begins with a minus is a code, not an option; other words that begin with it are options.
    """
    result = run("explain", *arguments)
    assert (0, "-32601 (JSON-RPC 2.0, ") == (result.exit_code, result.stdout[:22])
    assert "No such option '--nonsense'" in " ".join(run("explain", "--nonsense", *arguments).stderr.split())
    assert "nothing found" in run("search", "-32601").stderr


def test_list(run):
    """
    Without filters all entries are listed, one a line; filters are combined.
    """
    everything = run("list").stdout.splitlines()
    filters = ["--vendor", "gopoints", "--group", "limit", "--retryability", "after_action", "--actor", "account_owner"]
    few = run("list", *filters, "--category", "quota_exceeded", "--status", "403")
    assert 88 < len(everything)
    assert ["gopoints", "object.limit.exceeded", "403", "quota_exceeded"] == few.stdout.split()[:4]
    assert 1 == len(few.stdout.splitlines())
    assert len(everything) == len(json.loads(run("list", "--format", "json").stdout))


def test_empty_list(run):
    """
    If nothing matches, nothing is listed, and a note says so.
    """
    result = run("list", "--vendor", "gopoints", "--status", "500")
    assert (0, "", "nothing found; `errortax list` shows all codes\n") == (result.exit_code, result.stdout, result.stderr)


def test_search(run):
    """
    All words have to be there, and codes come before prose.
    """
    result = run("search", "token", "expired", "--format", "ndjson")
    assert ["auth.token.expired"] == [json.loads(line)["code"] for line in result.stdout.splitlines()][:1]
    assert 0 == run("search", "no-such-thing-anywhere").exit_code


def test_vendors(run):
    """
    Vendors are listed with their hosts, schemes and numbers of codes.
    """
    assert [["authrocket", "AuthRocket", "http_status", "22", "*.authrocket.com"]] == [
        line.split() for line in run("vendors").stdout.splitlines()
    ][:1]
    found = {vendor["vendor"]: vendor for vendor in json.loads(run("vendors", "--format", "json").stdout)}
    assert ("dotted", 37, ["*.gopoints.net"]) == tuple(found["gopoints"][name] for name in ("scheme", "entries", "hosts"))
    assert [] == found["http"]["hosts"]


def test_registry(run, acme):
    """
    A vendor file of one's own is used by every command that reads the registry.
    """
    own = ("--registry", acme)
    assert "acme  HTTP 418" in run("parse", *own, "--url", "https://api.acme.example", stdin="HTTP/1.1 418 Teapot\n\n").stdout
    assert run("explain", "418", *own).stdout.startswith("418 (Acme")
    assert run("list", *own, "--vendor", "acme").stdout.startswith("acme  418  418  declined")
    assert run("search", "teapot", *own).stdout.startswith("acme  418")
    assert run("vendors", *own).stdout.startswith("acme")


def test_bad_registry(run, tmp_path, acme):
    """
    A vendor file that cannot be read or is not valid exits with 3 and reports everything that is wrong.
    """
    missing = run("list", "--registry", tmp_path / "missing.json")
    assert (3, "") == (missing.exit_code, missing.stdout)
    assert "missing.json: " in missing.stderr
    acme.write_text(json.dumps({**ACME, "scheme": "morse", "entires": []}))
    invalid = run("list", "--registry", acme)
    assert 3 == invalid.exit_code
    assert 2 == len(invalid.stderr.splitlines())


def test_check(run, tmp_path, acme):
    """
    A good file has no findings; those of bad ones are printed and the exit code is 1; 3 if one cannot be read.
    """
    assert (0, "", "") == ((good := run("check", acme)).exit_code, good.stdout, good.stderr)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**ACME, "scheme": "morse"}))
    result = run("check", acme, bad)
    assert 1 == result.exit_code
    assert result.stdout.startswith(f"{bad}#/scheme: ")
    finding, *_ = json.loads(run("check", bad, "--format", "json").stdout)
    assert finding["finding"].startswith(f"{bad}#/scheme: ")
    unreadable = run("check", tmp_path / "missing.json", bad)
    assert 3 == unreadable.exit_code
    assert unreadable.stdout.startswith(f"{bad}#/scheme: ")
    assert "missing.json: " in unreadable.stderr


def test_check_a_standard(run, tmp_path, acme):
    """
    A file may name a standard that another file brings; what is wrong with that one is printed once.
    """
    acme.write_text(json.dumps({**ACME, "standards": ["common"]}))
    common = tmp_path / "common.json"
    document = {**ACME, "vendor": "common", "standard": {}, "hosts": []}
    common.write_text(json.dumps(document))
    assert 1 == run("check", acme).exit_code
    assert (0, "") == ((good := run("check", acme, common)).exit_code, good.stdout)
    common.write_text(json.dumps({**document, "scheme": "morse"}))
    assert [f"{common}#/scheme"] == [line.partition(": ")[0] for line in run("check", acme, common).stdout.splitlines()]


def test_check_fix(run, tmp_path, acme):
    """
    `--fix` writes files in the canonical layout and says so; one that breaks the rules stays as it is, a finding.
    """
    assert 1 == run("check", acme, "--layout").exit_code
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**ACME, "scheme": "morse"}))
    before = bad.read_bytes()
    result = run("check", "--fix", "--layout", acme, bad)
    assert (1, f"{acme}: formatted\n") == (result.exit_code, result.stderr)
    assert result.stdout.startswith(f"{bad}#/scheme: ")
    assert before == bad.read_bytes()
    result = run("check", "--fix", "--layout", acme)
    assert (0, "", f"{acme}: left as it is\n") == (result.exit_code, result.stdout, result.stderr)


def test_check_advice(run, acme):
    """
    Advice is printed, and does not count as a finding.
    """
    envelope = {"name": "any", "description": "Always.", "recognise": {"type": "object"}, "code": ["/code"], "schema": {}}
    entries = [{"code": "cold", "category": "declined"}]
    answers = {"codes": {"unknown": "cold"}, "plain": {"envelope": "any"}}
    document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug", "envelopes": [envelope]}
    acme.write_text(json.dumps({**document, "entries": entries, "answers": answers}))
    result = run("check", acme)
    assert 0 == result.exit_code
    assert result.stdout.startswith(f"advice: {acme}#/answers/codes: no code for ")


def test_schema(run):
    """
    A JSON Schema is printed unchanged; without a name, the names are printed.
    """
    assert list(schemas()) == run("schema").stdout.split()
    for name in schemas():
        assert json.loads(run("schema", name).stdout)["$id"].endswith(f"{name}.schema.json")


def test_interruption(run, monkeypatch):
    """
    Ctrl-C ends a command with an exit code of its own.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking_up, "rows", interrupt)
    result = run("list")
    assert (130, "", "") == (result.exit_code, result.stdout, result.stderr)


def test_version(run, monkeypatch):
    """
    The version is that of the installed package.
    """
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"errortax": "1.2.3"}[name])
    assert "1.2.3" in run("--version").stdout


@pytest.mark.parametrize("command", [[], *([name] for name in commands.app.list_commands(click.Context(commands.app)))])
def test_help(run, command):
    """
    Every command has help; those with exit codes of their own document them.
    """
    result = run(*command, "--help")
    assert 0 == result.exit_code
    assert result.stdout.startswith("Usage: ")
    if command not in (["completion"], ["export"], ["serve"]):
        assert "3  an input that cannot be read" in result.stdout
        assert "4  the output cannot be written" in result.stdout


def test_words_for_fail_on():
    """
    No category or group has the name that means all errors, or the name of another one.
    """
    assert len(set(options.FAIL_ON.words)) == len(options.FAIL_ON.words)
    assert {*Category, *Group} == {*options.FAIL_ON.words} - {options.ANY_ERROR}
