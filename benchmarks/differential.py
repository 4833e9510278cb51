"""
Compare what two checkouts make of the same responses: ``python benchmarks/differential.py COMMIT``.

All examples of the bundled vendors and ten thousand responses mutated from them are parsed, and each error is rendered to
every format that is installed. The commit is checked out beside this one; both run under this interpreter. What differs is
printed, a response each, and the exit code is 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from random import Random
from shutil import which
from tempfile import TemporaryDirectory

from errortax import default_registry

ROOT = Path(__file__).parents[1]
GIT = which("git") or "git"
MUTATED = 10_000
OTHER_BODIES = ("", "<html>Bad gateway</html>", "a=b&c=d", "null", "[]", "{}", "plain text")
NOW = 1_893_499_200.0  # 2030-01-01T12:00:00Z

DIGESTS = """
import hashlib, json, sys
import errortax
from errortax.rendering import formats

with open(sys.argv[1]) as file:
    corpus = json.load(file)
for vendor, status, fields, body in corpus:
    raw = errortax.RawResponse(status, [tuple(field) for field in fields], body.encode("latin-1"))
    outcome = errortax.classify(raw, vendor, now=float(sys.argv[2]))
    error = errortax.parse(raw, vendor, now=float(sys.argv[2]))
    made = [str(outcome.kind), outcome.entry, str(outcome.retryability), outcome.retry_after, outcome.request_id]
    if error is not None:
        made += [error.to_dict(), repr(sorted(error.preserved.items())), str(error)]
        for name in formats():
            for audience in ("public", "developer", "operator"):
                answer = errortax.render(error, name, expose=audience, locale="de")
                made.append((name, answer.status, sorted(answer.headers.items()), repr(answer.body)))
                again = errortax.read(answer, name)
                made.append(again and again.to_dict())
    text = json.dumps(made, default=repr)
    print(hashlib.sha256(text.encode()).hexdigest(), text[:2000])
"""


def corpus() -> list[tuple[str, int | None, list[list[str]], str]]:
    """
    Return the examples, and responses mutated from them: always the same ones.
    """
    random = Random(1)  # noqa: S311  # not for secrets
    registry = default_registry()
    plain: list[tuple[str, int | None, list[list[str]], str]] = [
        (
            name,
            raw.status,
            [list(field) for field in raw.headers.raw],
            raw.body.decode("latin-1") if isinstance(raw.body, bytes) else "",
        )
        for name in registry
        for raw in (example.raw for example in registry.examples(name))
    ]
    vendors = sorted({vendor for vendor, *_ in plain})
    extra = [["Retry-After", "7"], ["X-RateLimit-Remaining", "0"], ["RateLimit", '"a";r=0;t=9'], ["X-Request-Id", "id-1"]]
    mutated = []
    for _ in range(MUTATED):
        vendor, status, fields, body = random.choice(plain)
        kind = random.randrange(6)
        if kind == 0:
            status = random.choice([None, 200, 202, 302, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 599, 777])
        elif kind == 1:
            place = random.randrange(len(body) + 1)
            body = body[:place] + random.choice(["", "\xff", "}", '"', "0", "[", "\\"]) + body[place + random.randrange(3) :]
        elif kind == 2:
            body = random.choice(plain)[3]
        elif kind == 3:
            vendor = random.choice(vendors)
        elif kind == 4:
            body = random.choice(
                ["", "<html>Bad gateway</html>", "a=b&c=d", "null", "[]", "{}", "plain text", body[: len(body) // 2]]
            )
        fields = [*fields, *random.sample(extra, random.randrange(len(extra)))]
        mutated.append((vendor, status, fields, body))
    return plain + mutated


def digests(source: Path, responses: Path) -> list[str]:
    """
    Return a line for each of the *responses*: the digest of all that the checkout at *source* makes of it, and its beginning.
    """
    command = [sys.executable, "-c", DIGESTS, str(responses), str(NOW)]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(source / "src")}, cwd=source, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def main(commit: str) -> int:
    """
    Print what differs between this checkout and the *commit*, and return the exit code.
    """
    found = corpus()
    with TemporaryDirectory() as folder:
        responses, other = Path(folder, "responses.json"), Path(folder, "checkout")
        responses.write_text(json.dumps(found), encoding="utf-8")
        subprocess.run([GIT, "worktree", "add", "--quiet", "--detach", str(other), commit], cwd=ROOT, check=True)
        try:
            before, after = digests(other, responses), digests(ROOT, responses)
        finally:
            subprocess.run([GIT, "worktree", "remove", "--force", str(other)], cwd=ROOT, check=True)
    differing = [place for place, lines in enumerate(zip(before, after, strict=True)) if lines[0] != lines[1]]
    for place in differing[:20]:
        print(found[place], before[place], after[place], sep="\n", end="\n\n")
    whole = sha256("".join(after).encode()).hexdigest()[:12]
    print(f"{len(found)} responses, {len(differing)} differ from {commit}; digest of all {whole}")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
