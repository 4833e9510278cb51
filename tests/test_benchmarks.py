from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from errortax.exceptions import CredentialsExpired

RUN = Path(__file__).parent.parent / "benchmarks" / "run.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """
    Run the benchmarks, with the least rounds there can be.
    """
    return subprocess.run([sys.executable, str(RUN), "--smoke", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """The cells beside each measure of a whole run."""
    result = run()
    assert 0 == result.returncode, result.stderr
    cells = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if line.startswith("| ")]
    return {re.sub(r" \[\d+\]$", "", measure): rest for measure, *rest in cells[1:]}


@pytest.mark.parametrize(
    ("measure", "bar"),
    [
        ("`parse`, 89-byte slug body / `json.loads`", 1.25),
        ("`parse`, 240-byte dotted body / `json.loads`", 1.25),
        ("`parse`, 1.5 kB body with 20 field errors / `json.loads`", 1.15),
        ("`parse`, all details read, 89-byte slug body / `json.loads`", 5),
        ("`parse`, all details read, 240-byte dotted body / `json.loads`", 7),
        ("`parse`, all details read, 1.5 kB body with 20 field errors / `json.loads`", 7),
        ("milliseconds of reading, body of 256 KiB", 30),
        ("milliseconds of reading, `to_dict` and rendering, body of 256 KiB", 60),
        ("milliseconds of reading, 64,000 header fields with one name", 100),
        ("`parse` with `fast`, 89-byte slug body / `json.loads`", 0.7),
        ("`parse` with `fast`, 240-byte dotted body / `json.loads`", 0.7),
        ("`parse` with `fast`, 1.5 kB body with 20 field errors / `json.loads`", 0.7),
        ("`parse`, a condition on a header / the greater of twice `json.loads` and 3 µs more", 1),
        ("`parse`, the second of three codes / the greater of twice `json.loads` and 3 µs more", 1),
        ("`parse`, the last of 20 items / the greater of twice `json.loads` and 3 µs more", 1),
        ("`parse`, a pattern / the greater of twice `json.loads` and 3 µs more", 1),
        ("`parse`, 1,000 variants by a constant / one", 1.2),
        ("`parse`, XML / `xml.etree`", 3),
        ("no vendor known, the bundled standards tried / `json.loads`, what they add", 0.5),
        ("`parse`, HTML 502 page / `json.loads` of the slug body", 0.8),
        ("`parse`, empty body / `json.loads` of the slug body", 0.8),
        ("`parse` / google-api-core `from_http_response`", 1),
        ("`parse` / azure-core `map_error`", 1),
        ("`parse` / botocore parser and error factory", 1),
        ("`parse` / stripe `_interpret_response`", 1),
        ("`parse` / pydantic `model_validate_json` and raise", 1),
        ("hook of httpx, success / `json.loads` of the slug body", 1.11),
        ("hook of httpx2, success / `json.loads` of the slug body", 1.11),
        ("hook of requests, success / `json.loads` of the slug body", 1.11),
        ("hook of aiohttp, success / `json.loads` of the slug body", 1.11),
        ("hook of urllib3, success / `json.loads` of the slug body", 1.11),
        ("hook of httpx, error / `json.loads` of the slug body", 4.03),
        ("hook of httpx2, error / `json.loads` of the slug body", 4.03),
        ("hook of requests, error / `json.loads` of the slug body", 4.03),
        ("hook of aiohttp, error / `json.loads` of the slug body", 4.03),
        ("hook of urllib3, error / `json.loads` of the slug body", 4.03),
        ("`render` to problem+json / `json.dumps` of the same members", 2),
        ("`render` to problem+json / rfc9457", 1),
        ("`render` to problem+json / fastapi-problem", 1),
        ("what the ASGI middleware adds to a success / `json.loads` of the slug body", 1.11),
        ("what the ASGI middleware adds to an error translated to problem+json / `json.loads` of the slug body", 11.11),
        ("ASGI, error translated to problem+json, p99 / p50", 5),
        ("HAProxy tables, error, p50 / without them", 1.3),
        ("milliseconds that `import errortax.integrations.httpx` takes in a process that has httpx and errortax", 15),
        ("`import errortax` and the first `parse` / `import attrs, cattrs, json`, whole process", 1.3),
        ("the first `.message` of a process, what it imports included / `import attrs`", 0.15),
        ("modules of jsonschema imported by then", 0),
        ("loading without validation, 50 entries of code, status, category and title, per entry", 12),
        ("loading with `fast` validation, 50 entries of code, status, category and title, per entry", 15),
        ("memory held, 50 entries of code, status, category and title, per entry", 500),
        ("loading without validation, 50 full entries, per entry", 30),
        ("loading with `fast` validation, 50 full entries, per entry", 35),
        ("memory held, 50 full entries, per entry", 2000),
        ("look-up by `vendor[code]`, 1,000 entries", 1),
        ("look-up by `parse`, 1,000 entries", 1),
    ],
)
def test_measures(rows, measure, bar):
    """
    Every measure that has a bar is in the table, with the bar and whether it was met.
    """
    figure, printed, met = rows[measure]
    assert bar == float(printed.split()[1])
    assert met in ({"not measured"} if figure == "\N{EN DASH}" else {"yes", "no"})


def test_sizes(monkeypatch):
    """
    The bodies are as long, and the headers as many, as the measures say.
    """
    monkeypatch.syspath_prepend(RUN.parent)
    import samples

    assert [89, 240] == [len(samples.SLUG), len(samples.DOTTED)]
    assert 1.5 == round(len(samples.FIELDS) / 1000, 1)
    assert 14 == len(samples.HEADERS)


def test_verdicts(monkeypatch):
    """
    What is measured leads to the documented verdict, texts and field errors included.
    """
    monkeypatch.syspath_prepend(RUN.parent)
    from samples import PARSED, UNREADABLE

    from errortax import parse

    errors = [parse(raw, vendor) for vendor, raw in (*PARSED.values(), *UNREADABLE.values())]
    assert ["session-expired", "auth.token.expired", "request.validation.failed", None, None] == [error.code for error in errors]
    assert [0, 0, 20, 0, 0] == [len(error.field_errors) for error in errors]
    assert errors[1].message.startswith("The token that came with this request")


@pytest.mark.parametrize("client", ["httpx", "httpx2", "requests", "aiohttp", "urllib3"])
def test_hooks(monkeypatch, client):
    """
    What is measured of a hook is that it lets a success pass and raises for an error, again and again.
    """
    monkeypatch.syspath_prepend(RUN.parent)
    import hooks

    with closing(asyncio.new_event_loop()) as loop:
        success, error = hooks._hook(client, loop, 200), hooks._hook(client, loop, 401)
        for job in (success, success):
            exec(job.statement, {**job.names, "VendorError": None})  # noqa: S102  # nothing is caught
        uncaught = error.statement.replace("VendorError", "ZeroDivisionError")
        for _ in range(2):
            with pytest.raises(CredentialsExpired):
                exec(uncaught, dict(error.names))  # noqa: S102  # as timeit does


def test_jsonschema_stays_out(rows):
    """
    Importing errortax and parsing a response imports nothing of jsonschema.
    """
    assert "0" == rows["modules of jsonschema imported by then"][0]


def test_markdown(tmp_path):
    """
    The table is written between the markers of a page and nothing else is changed.
    """
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n", encoding="utf-8")
    result = run("--only", "unreadable", "--markdown", str(page))
    assert 0 == result.returncode, result.stderr
    assert f"before\n<!-- benchmarks -->\n{result.stdout}<!-- /benchmarks -->\nafter\n" == page.read_text(encoding="utf-8")


def test_markdown_without_markers(tmp_path):
    """
    A page without markers is left alone, and said to lack them.
    """
    page = tmp_path / "page.md"
    page.write_text("no markers\n", encoding="utf-8")
    result = run("--only", "unreadable", "--markdown", str(page))
    assert 1 == result.returncode
    assert "page.md: the markers" in result.stderr
    assert "no markers\n" == page.read_text(encoding="utf-8")


def test_check():
    """
    `--check` fails where a bar is missed by far, as loading is when so few entries bear its fixed costs.
    """
    assert 1 == run("--only", "loading", "--check").returncode
