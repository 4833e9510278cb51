"""
Many mutated responses of all vendors: none raises, and none takes much longer than others of its length.

Run it as ``python tests/fuzz/campaign.py 1000000 [seed]``. The time of a response is processor time, the best of three. The
exit status is 1 if a response took more than `LIMIT` times the median of its class of length.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time
from typing import Any

from target import VENDORS, examine, read_input

from errortax import RawResponse
from errortax.http import BODY_CAP

LIMIT = 20
LEAST = 64  # bytes; the shortest class
CORPUS = Path(__file__).with_name("corpus")
LONG = 4096
LONGEST = 2 * BODY_CAP

WORDS = [
    b"\x00", b"\xff", b"\xc3", b"\\", b'"', b"{", b"}", b"[", b"]", b":", b",", b"\n", b"\x1f\x8b", b"\xef\xbb\xbf", b"<", b"%",
    b"1e308", b"-0", b"NaN", b"null", b"\\ud800", b"password=", b"Bearer ", b"://", b"@", b"eyJ", b"=", b"'", b"\xe2\x80\x9c",
]  # fmt: skip
FIELDS = [
    ("Retry-After", ["0", "1e9", "-1", "1m30s", "Sat, 21 Nov 2026 09:30:00 GMT", "9" * 30, "PT1H"]),
    (
        "Content-Type",
        ["application/json", "text/plain; charset=shift_jis", "text/html", "application/x-www-form-urlencoded", ";"],
    ),
    ("Content-Encoding", ["gzip", "br", "deflate, gzip", "zstd"]),
    ("RateLimit", ['"a";r=0;t=9', "limit=1, remaining=0, reset=5", '"', ",;,;"]),
    ("X-RateLimit-Remaining", ["0", "1, 0", "x"]),
    ("X-RateLimit-Reset", ["1", "1795253460", "1, 2", "6m0s"]),
    ("X-Request-Id", ["a", "a" * 300, "http://u:p@h/", "\x00"]),
    ("WWW-Authenticate", ['Bearer error="invalid_token"', "Basic", '"']),
    ("Date", ["Sat, 21 Nov 2026 09:30:00 GMT", "soon"]),
]
NAMES = [
    "error",
    "errors",
    "message",
    "messages",
    "detail",
    "status",
    "code",
    "path",
    "field",
    "password",
    "tokens",
    "error_code",
    "a",
]


def seeds() -> list[tuple[str, RawResponse]]:
    """Return the vendors and responses of the corpus, which has one for each example in the data."""
    return [read_input(path.read_bytes()) for path in sorted(CORPUS.iterdir())]


def value(random: Random, depth: int = 0) -> Any:
    """Return any JSON value."""
    kind = random.randrange(9 if depth < 6 else 6)
    if kind < 3:
        return random.choice(WORDS).decode("latin-1") * random.choice((1, 1, 2, 40))
    if kind < 6:
        return random.choice((0, -1, 404, 10**30, 1.5, True, None, "2026-11-21", "x" * 300))
    if kind == 6:
        return [value(random, depth + 1)] * random.choice((1, 2, 2 if depth else 200))
    return {
        random.choice(NAMES) + random.choice(("", "", "x" * 50)): value(random, depth + 1) for _ in range(random.randrange(6))
    }


def with_other_value(random: Random, body: bytes) -> bytes:
    """Replace, add or repeat members of a JSON object; other bodies become one."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        document = {}
    for _ in range(random.randrange(1, 4)):
        document[random.choice([*document, *NAMES])] = value(random)
    return json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")


def with_words(random: Random, body: bytes) -> bytes:
    """Put notable bytes into the body, sometimes very many."""
    for _ in range(random.randrange(1, 5)):
        place = random.randrange(len(body) + 1)
        body = body[:place] + random.choice(WORDS) * random.choice((1, 1, 1, 3, LONG)) + body[place + random.randrange(3) :]
    return body


def cut(random: Random, body: bytes) -> bytes:
    """Leave out the beginning or the end."""
    place = random.randrange(len(body) + 1)
    return body[:place] if random.random() < 0.8 else body[place:]


def repeated(random: Random, body: bytes) -> bytes:
    """Repeat the body, or a piece of it."""
    begin = random.randrange(len(body) + 1)
    return body[:begin] + body[begin : begin + random.randrange(1, 99)] * random.choice((2, 9, 99, LONG // 4)) + body[begin:]


MUTATIONS: list[Callable[[Random, bytes], bytes]] = [with_other_value, with_other_value, with_words, cut, repeated]


def mutated(random: Random, response: RawResponse) -> RawResponse:
    """Return a response that differs in status, header fields and body."""
    body = response.body or b""
    body = body.encode() if isinstance(body, str) else body
    for _ in range(random.randrange(1, 3)):
        body = random.choice(MUTATIONS)(random, body)[:LONGEST]
    fields = list(response.headers.raw)
    for _ in range(random.randrange(4)):
        name, values = random.choice(FIELDS)
        fields += [(name, random.choice(values))] * random.choice((1, 1, 1, 2, 50))
    status = random.choice((response.status, response.status, 200, 401, 422, 429, 503, None, 999))
    return RawResponse(status, fields, body)


def seconds_of(response: RawResponse, vendor: str) -> float:
    """Return the processor time of examining a response."""
    begin = thread_time()
    examine(response, vendor)
    return thread_time() - begin


def main(count: int, seed: int) -> int:
    """Run *count* mutations, print a line for each class of length, and return the exit status."""
    random, corpus = Random(seed), seeds()  # noqa: S311  # no secret
    for vendor, response in corpus:
        examine(response, vendor)  # what is imported or prepared at first use does not count
    times: dict[int, list[float]] = {}
    slowest: dict[int, list[tuple[float, str, RawResponse]]] = {}
    for _ in range(count):
        vendor, original = random.choice(corpus)
        vendor = vendor if random.random() < 0.8 else random.choice(VENDORS)
        response = mutated(random, original)
        length = max(LEAST, 1 << (len(response.body or b"") + sum(len(str(pair)) for pair in response.headers.raw)).bit_length())
        taken = seconds_of(response, vendor)
        times.setdefault(length, []).append(taken)
        slow = slowest.setdefault(length, [])
        slow.append((taken, vendor, response))
        if len(slow) > 200:
            slow.sort(key=lambda entry: -entry[0])
            del slow[20:]
    failed = False
    for length in sorted(times):
        usual = median(times[length])
        best, vendor, response = max(
            ((min(seconds_of(response, vendor) for _ in range(3)), vendor, response) for _, vendor, response in slowest[length]),
            key=lambda entry: entry[0],
        )
        print(
            f"< {length:8} bytes: {len(times[length]):7} responses, median {usual * 1e6:8.0f} µs, slowest {best / usual:5.1f} x"
        )
        if best > LIMIT * usual:
            failed = True
            print(f"  {vendor} {response.status} {response.headers.raw!r:.400}")
            print(f"  {base64.b64encode(bytes(response.body or b''))!r:.4000}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
