"""
Responses as people paste and export them: each is read for what it is, or refused with a message that says why.
"""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.cli.pasted import unwrapped

BODY = '{"status":"error","error_code":"auth.token.expired","error_id":"err-1","messages":["zu spät"]}'
FIELDS = "Content-Type: application/json\nX-Request-Id: abc-123"
PLAIN = f"HTTP/1.1 401 Unauthorized\n{FIELDS}\n\n{BODY}"
REQUEST = "GET /api/me HTTP/1.1\nHost: api.gopoints.net\nAccept: */*\n"


def marked(mark, text):
    """Return *text* with a mark at the beginning of each line."""
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))


CURL = f"""\
* Host api.gopoints.net:443 was resolved.
*   Trying 192.0.2.7:443...
{marked("> ", REQUEST)}
* Request completely sent off
{marked("< ", PLAIN.partition("{")[0].rstrip())}
< \n"""
CURL_TAIL = "* Connection #0 to host api.gopoints.net left intact\n"
WGET = f"""\
--2026-11-30 10:00:00--  https://api.gopoints.net/api/me
Connecting to api.gopoints.net (api.gopoints.net)|192.0.2.7|:443... connected.
HTTP request sent, awaiting response...\x20
{marked("  ", "HTTP/1.1 401 Unauthorized" + chr(10) + FIELDS)}

Username/Password Authentication Failed.
"""
MITMPROXY = f"""\
127.0.0.1:50123: GET https://api.gopoints.net/api/me HTTP/2.0
    accept: */*

 << HTTP/2.0 401 Unauthorized 94b
{marked("    ", FIELDS + chr(10) * 2 + BODY)}
"""

READ = {
    "curl -i": PLAIN,
    "curl -i, CRLF": PLAIN.replace("\n", "\r\n"),
    "curl -i with HTTP/2": PLAIN.replace("HTTP/1.1 401 Unauthorized", "HTTP/2 401 "),
    "curl -v": f"{CURL}{{ [94 bytes data]\n{BODY}\n",
    "curl -v, the tail first": f"{CURL}{{ [94 bytes data]\n{CURL_TAIL}{BODY}",
    "curl -v, the tail behind the body": f"{CURL}{BODY}{CURL_TAIL}",
    "curl -v, CRLF": f"{CURL}{BODY}".replace("\n", "\r\n"),
    "curl --raw, in chunks": PLAIN.replace(BODY, "").replace("\n\n", "\nTransfer-Encoding: chunked\n\n")
    + f"{len(BODY.encode()):x}\r\n{BODY}\r\n0\r\n\r\n",
    "HTTPie -v": f"{REQUEST}\n\n\n{PLAIN.replace(BODY, json.dumps(json.loads(BODY), indent=4))}\n\n",
    "HTTPie --all": f"{REQUEST}\n\nHTTP/1.1 302 Found\nLocation: /b\n\n\n{REQUEST}\n\n{PLAIN}",
    "mitmdump": MITMPROXY,
    "developer tools": f":status: 401\n{FIELDS}\n\n{BODY}",
    "developer tools, the status last": f"{FIELDS}\n:status: 401\n\n{BODY}",
    "a CGI script": f"Status: 401 Unauthorized\n{FIELDS}\n\n{BODY}",
    "a log with escapes": PLAIN.replace("\n", "\\r\\n"),
    "a log with line feeds": PLAIN.replace("\n", "\\n"),
    "a log as a JSON string": json.dumps(PLAIN),
    "a log as Python writes bytes": f"b'{PLAIN.replace(chr(10), chr(92) + 'r' + chr(92) + 'n')}'",
    "a mail": marked("> ", PLAIN),
    "Markdown": f"```http\n{PLAIN}\n```\n",
    "an indented paste": marked("    ", PLAIN),
    "a prompt above": f"$ curl -i https://api.gopoints.net/api/me\n{PLAIN}",
    "a progress meter above": f"  % Total    % Received\n100    94  100    94\n{PLAIN}",
    "a lost blank line": PLAIN.replace("\n\n", "\n"),
}


@pytest.mark.parametrize("kind", READ)
def test_read(run, kind):
    """
    Whatever tool printed the response, status, code, message and id are read; what is unclear about it is mentioned.
    """
    result = run("parse", "--vendor", "gopoints", "--format", "ndjson", stdin=READ[kind].encode())
    found = json.loads(result.stdout)["error"]
    assert (0, "auth.token.expired", 401, "zu spät", "err-1") == (
        result.exit_code, found["code"], found["status"], found["message"], found["request_id"],
    )  # fmt: skip
    assert bool(result.stderr) == ("above" in kind or "lost" in kind)


@pytest.mark.parametrize("kind", ["curl -v", "HTTPie -v"])
def test_the_request_names_the_vendor(run, kind):
    """
    If the request was printed, too, its host says who answered.
    """
    found = json.loads(run("parse", "--format", "ndjson", stdin=READ[kind].encode()).stdout)
    assert ("gopoints", "GET", "https://api.gopoints.net/api/me") == (found["vendor"], found["method"], found["url"])


def test_wget(run):
    """
    With wget there is no body: the status decides, and a remark says that the body is not there.
    """
    result = run("parse", "--format", "line", "--vendor", "gopoints", stdin=WGET)
    assert result.stdout.startswith("<stdin>: gopoints  HTTP 401  ")
    assert "<stdin>: there is no body: only the status and the header fields count\n" in result.stderr


REFUSED = {
    "one line": (PLAIN.replace("\n", " "), "in the status line; have the line ends been lost?"),
    "a request": (REQUEST + "\n", "a request without a response"),
    "prose": ("The server said 401.\n", "neither an HTTP message nor JSON"),
    "Python": ("<Response [401]>\n", "neither an HTTP message nor JSON"),
    "PowerShell": ("StatusCode        : 401\n", "neither an HTTP message nor JSON"),
    "a text without a blank line": ("HTTP/1.1 401 No\nA: 1\nnot allowed\n", "line 3 is not a header field"),
    "binary data": (gzip.compress(b"{}").decode("latin-1") + "\0", "binary data"),
    "nothing": ("", "the file is empty"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(run, kind):
    """
    Where a response cannot be made out, nothing is guessed: the message says why, and the exit code is 3.
    """
    text, reason = REFUSED[kind]
    result = run("parse", "--vendor", "gopoints", stdin=text.encode("latin-1"))
    assert (3, "") == (result.exit_code, result.stdout)
    assert reason in result.stderr


def test_binary_bodies_survive():
    """
    Unwrapping keeps every byte of a body.
    """
    body = bytes(range(256)).decode("latin-1")
    for head in ("HTTP/1.1 200 OK\n\n", f"{CURL}", "Status: 200\n\n"):
        assert unwrapped(head + body).endswith(body)


@given(text=st.text(st.sampled_from("<>*:{}[]`~ \n\r\\\"'aH/1.")) | st.text(st.characters(max_codepoint=255)))
def test_any_text(text):
    """
    Unwrapping raises nothing, whatever the text is.
    """
    for head in ("", "HTTP/1.1 400 \\n\\n", "< HTTP/1.1 400\n", " << 400 Bad\n", "awaiting response...\n", ":status: 400\n"):
        assert isinstance(unwrapped(head + text), str)
