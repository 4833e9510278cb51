"""
What a body of 256 KiB, or 64,000 header fields, can cost at most: the processor time of the worst of many families.

Each family is a shape of bodies in which two quantities grow together: complaints and the lengths of names, secret values
and texts, separators and the distance to the next one. A cost that was their product would take seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import thread_time

from measuring import Figure, Scale
from table import Row

from errortax import RawResponse, parse, render
from errortax.http import BODY_CAP

VENDORS = ("authrocket", "gopoints", "planoauth", "youforce", "http")
_BASE = {"status": "error", "error_code": "a.b", "title": "t", "type": "about:blank", "message": "x"}


def _text(unit: str) -> Callable[[int], object]:
    """Return the family of one text that repeats *unit*."""
    return lambda size: _BASE | {"message": _repeated(unit, size), "messages": _repeated(unit, size)}


def _texts(unit: str) -> Callable[[int], object]:
    """Return the family of a hundred complaints that repeat *unit*."""
    return lambda size: _complaints({f"f{i}": _repeated(unit, size // 100) for i in range(100)})


def _repeated(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def _complaints(complaints: object, **rest: object) -> object:
    return _BASE | {"errors": complaints, "messages": complaints} | rest


def _deep(size: int) -> object:
    complaints: object = "x"
    for _ in range(40):
        complaints = {"a" * (size // 90): complaints}
    return _complaints(complaints)


FAMILIES: dict[str, Callable[[int], object]] = {
    "long path, many fields": lambda size: _complaints({"a" * (size // 3): {f"k{i}": "x" for i in range(size // 30)}}),
    "deep path": _deep,
    "path with full stops": lambda size: _complaints({"a." * (size // 9): {f"k{i}": "x" for i in range(size // 30)}}),
    "many long names": lambda size: _complaints({f"{i:05}" + "n" * 300: "x" for i in range(size // 650)}),
    "many texts": lambda size: _complaints(["y"] * (size // 10)),
    "many objects": lambda size: _complaints([{"field": "pin", "value": f"v{i}", "message": "x"} for i in range(size // 110)]),
    "lists in lists": lambda size: _complaints([[["x"]] * 30] * (size // 500)),
    "values and texts": lambda size: _complaints(
        {f"f{i}": "y" * 30 for i in range(size // 120)}, tokens=[f"{i:0400}" for i in range(size // 900)]
    ),
    "overlapping values": lambda size: _complaints({"a": "a" * (size // 3)}, tokens=["a" * i for i in range(4, 64)]),
    "short values": lambda size: _complaints({"a": "abcd" * (size // 12)}, tokens=["abcd", "bcda", "cdab", "dabc"]),
    "many names": lambda size: _BASE | {"message": "x", "data": {f"name{i}": 1 for i in range(size // 14)}},
    "many secret names": lambda size: _BASE | {"message": "x", "data": {f"x{i}_token": 1 for i in range(size // 16)}},
    "values and escapes": lambda size: _complaints(
        {f"f{i}": "y%25" * 8 for i in range(size // 120)}, tokens=[f"{i:040}%25" for i in range(60)]
    ),
    "wide secret": lambda size: _BASE | {"token": [[i] for i in range(size // 8)]},
    **{f"one text of {unit!r}": _text(unit) for unit in ("a1" * 9 + " ", "token= x:y=", "://a:b@", "\\\"", "é\u202e")},
    **{
        f"many texts of {unit!r}": _texts(unit)
        for unit in (
            "token= x:y=", "token='", 'token="\\', "://", "://a:", "@", " 'a", "('token','a", "<token>a", "-----BEGIN ", "sk_",
            "eyJ.", "a" * 16 + " ", "Ab3" * 11 + "/", "cookie: a=b ", "authorization: Bearer ", "token%3D%26", "\u200b", "\x00",
            "    x=token=1\n", "パスワード\uff1a", "ß: ", "pat-A-",
            "token%25253D1%252526", 'token=\\\\\\"a\\\\\\"', "\\\\u0041=", "token=a(b",
            "token=['a1', ", "&amp;", "\x1b[1mtoken\x1b[0m=",
        )
    },
}  # fmt: skip


def bounds_rows(scale: Scale) -> Iterator[Row]:
    """
    Take the worst family at every vendor.
    """
    size = BODY_CAP if scale.repetitions > 1 else BODY_CAP // 16
    bodies = {name: json.dumps(family(size // 3)).encode()[:BODY_CAP] for name, family in FAMILIES.items()}
    reading = {name: _slowest(body, _read, scale) for name, body in bodies.items()}
    showing = {name: _slowest(body, _show, scale) for name, body in bodies.items()}
    for words, found, bar in (("reading", reading, 30), ("reading, `to_dict` and rendering", showing, 60)):
        worst = max(found, key=found.__getitem__)
        note = f"Processor time; the worst of {len(found)} families at {len(VENDORS)} vendors is: {worst}."
        yield Row(f"milliseconds of {words}, body of 256 KiB", _figure(found[worst]), unit="", bar=bar, note=note)
    fields = [("X-Dup", "a")] * 64_000
    seconds = min(_time(lambda: _read(parse(RawResponse(429, fields, b"{}"), "authrocket"))) for _ in range(scale.repetitions))
    yield Row("milliseconds of reading, 64,000 header fields with one name", _figure(seconds), unit="", bar=100)


def _slowest(body: bytes, use: Callable[[object], None], scale: Scale) -> float:
    return max(
        min(_time(lambda: use(parse(RawResponse(422, {}, body), vendor))) for _ in range(scale.repetitions))  # noqa: B023
        for vendor in VENDORS
    )


def _read(error: object) -> None:
    assert error.message or error.field_errors or error.request_id or error.match


def _show(error: object) -> None:
    error.to_dict()
    render(error, expose="operator")


def _time(job: Callable[[], None]) -> float:
    begin = thread_time()
    job()
    return thread_time() - begin


def _figure(seconds: float) -> Figure:
    return Figure(seconds * 1000, seconds * 1000, seconds * 1000)
