"""
What is not a secret stays as it is: messages, ids, file paths and source lines of tracebacks, addresses.
"""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from functools import cache
from pathlib import Path

import pytest

from errortax.parsing.redaction import Redactor
from harmless import PLAIN, WITH_IDS

REDACTOR = Redactor()
MANY = 1000


@cache
def sources() -> tuple[tuple[Path, str], ...]:
    """Return the Python files of the standard library and of what is installed, with their texts, in an order drawn once."""
    folders = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")}
    paths = sorted({path for folder in folders for path in folder.rglob("*.py")})
    random.Random(11).shuffle(paths)  # noqa: S311  # repeatable test data
    texts = [(path, path.read_text(encoding="utf-8", errors="replace")) for path in paths[: 4 * MANY]]
    return tuple((path, text) for path, text in texts if text.strip())


def changed(texts):
    """Return the texts that redaction changes."""
    return [text for text in texts if REDACTOR.text(text) != text]


def test_messages():
    """
    No message of the two hundred is changed, a hundred of which have ids.
    """
    assert len({*PLAIN}) >= 100
    assert len({*WITH_IDS}) >= 100
    assert [] == changed([*PLAIN, *WITH_IDS])


def test_texts_of_programs():
    """
    Of the texts that installed packages raise and log, not one in a hundred is changed.
    """
    texts = set()
    for _, source in sources()[:MANY]:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, SystemError):  # the last is a fault of Python 3.11 (python/cpython#106905)
            continue
        raised = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
        constants = [inner for node in raised for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
        texts |= {constant.value for constant in constants if isinstance(constant.value, str)}
    short = [text for text in texts if len(text) < 2000 and text.isprintable()]
    assert len(changed(short)) <= len(short) / 100


def is_code(line):
    """Return whether a line of a source is code: not empty, and not a piece of encoded data alone."""
    return bool(line.strip()) and re.fullmatch(r"\W*[\w+/=\\]{40,}\W*", line) is None


def test_traceback_lines():
    """
    No path in a traceback is changed, and of the source lines not one in five hundred: a few have a password or a cookie in them.
    """
    rng = random.Random(12)  # noqa: S311  # as above
    lines = [rng.choice([*filter(is_code, text.splitlines())] or [""]).strip() for _, text in sources()[:MANY]]
    head = "Traceback (most recent call last):\n"
    frames = [
        f'{head}  File "{path}", line {rng.randint(1, 999)}, in f\n    {line}\nValueError: no'
        for (path, _), line in zip(sources(), lines, strict=False)
        if len(line) < 500 and line.isprintable()
    ]
    assert [] == changed([frame.partition("\n    ")[0] for frame in frames])
    found = changed(frames)
    assert len(found) <= len(frames) / 500
    assert len([frame for frame in found if not {"'", '"'} & {*frame.split("\n")[2]}]) <= 1  # the rest is in literals


def may_have_a_secret(url):
    """Return whether an address has a user, a parameter with a secret name, or 32 characters that could be a token."""
    names = re.findall(r"[;?&#]([\w.-]+)=", url)
    long = [run for run in re.findall(r"[\w+-]{32,}", url) if re.search("[a-zA-Z]", run) and re.search("[0-9]", run)]
    hexadecimal = [run for run in long if re.fullmatch("[0-9a-f-]+", run)]
    return "@" in url or any(name in ("code", "key") or REDACTOR.is_secret_name(name) for name in names) or long != hexadecimal


def test_addresses():
    """
    No address is changed that has nothing like a secret.
    """
    found = {url for _, text in sources() for url in re.findall(r"https?://[^\s\"'<>)\]`}{\\]+", text)}
    plain = sorted(url for url in found if not may_have_a_secret(url))[:MANY]
    assert len(plain) > MANY / 2
    assert [] == changed(plain)


@pytest.mark.parametrize("address", [
    "{}.lambda-url.eu-west-1.on.aws", "https://{}.lambda-url.eu-west-1.on.aws/", "https:\\/\\/{}.yl4.eu-west-1.amazonaws.com\\/a",
    "https%3A%2F%2F{}.example.com%3A8080%2Forders", "wss://{}.example.com:443/orders?page=2", "jo@{}.example.com.",
])  # fmt: skip
def test_names_of_hosts(address):
    """
    A random first part of a host's name stays. A random text before or behind the host is hidden.
    """
    for drawn in ("hovgfykqcrj4l8ptvx9bu5z3w7ym2hi0", "7Q3LCX5ZJ2TPN8FD4VBW6RHK9YGM1SA0"):
        assert [] == changed([text := address.format(drawn), f"cannot reach {text}", f"{text} is down"])
        assert f"https://{drawn}.example.com/orders/[redacted]" == REDACTOR.text(f"https://{drawn}.example.com/orders/{drawn}")
        assert "https://[redacted]@shop.example.com" == REDACTOR.text(f"https://{drawn}:{drawn}@shop.example.com")


@pytest.mark.parametrize("text", [*PLAIN[::10], *WITH_IDS[::10]])
def test_texts_together(text):
    """
    A text is not changed because of what stands before or behind it.
    """
    texts = [*PLAIN[:5], text, *WITH_IDS[:5]]
    assert texts is REDACTOR.texts(texts)
