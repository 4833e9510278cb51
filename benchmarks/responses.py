"""
Parsing: against `json.loads` of the same body, and against the peers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version

from measuring import FAST, Job, Scale, interleave, ratio
from peers import PEERS
from samples import PARSED, UNREADABLE
from table import Row

from errortax import RawResponse, parse

_BARS = {"89-byte slug body": 1.25, "240-byte dotted body": 1.25, "1.5 kB body with 20 field errors": 1.15}
_READ_BARS = {"89-byte slug body": 5, "240-byte dotted body": 7, "1.5 kB body with 20 field errors": 7}
_DETAILS = "Texts, ids and delays are worked out, and secrets redacted, when the first of them is read."
_READ = "`parse`, all details read"
_ALL_DETAILS = "; error.message; error.field_errors; error.request_id; error.retry_after; error.rate_limit; error.match"
_WAYS = (("parse", "`parse`", 1.0), ("fast", "`parse` with `fast`", None), ("read", _READ, None))
_NO_FAST = "msgspec is not installed"


def parse_rows(scale: Scale) -> Iterator[Row]:
    """
    Parse what can be decoded, with either decoder, up to the verdict and with all texts read.
    """
    jobs: dict[str, Job] = {}
    for name, (vendor, raw) in PARSED.items():
        jobs[f"json {name}"] = Job("loads(body)", {"loads": json.loads, "body": raw.body})
        jobs[f"parse {name}"] = _parse(vendor, raw)
        jobs[f"read {name}"] = _parse(vendor, raw, read=True)
        if FAST:
            jobs[f"fast {name}"] = _parse(vendor, raw, FAST)
    times = interleave(jobs, scale)
    for name in PARSED:
        yield Row(f"`parse`, {name} / `json.loads`", ratio(times[f"parse {name}"], times[f"json {name}"]), bar=_BARS[name])
    for name in PARSED:
        found = ratio(times[f"fast {name}"], times[f"json {name}"]) if FAST else None
        note = f"The extra `fast`, here msgspec {version('msgspec')}." if FAST else _NO_FAST
        yield Row(f"`parse` with `fast`, {name} / `json.loads`", found, bar=0.7, note=note)
    for name in PARSED:
        found = ratio(times[f"read {name}"], times[f"json {name}"])
        yield Row(f"{_READ}, {name} / `json.loads`", found, bar=_READ_BARS[name], note=_DETAILS)


def unreadable_rows(scale: Scale) -> Iterator[Row]:
    """
    Parse what is no JSON.
    """
    slug = PARSED["89-byte slug body"][1].body
    jobs = {name: _parse(vendor, raw) for name, (vendor, raw) in UNREADABLE.items()}
    times = interleave({**jobs, "json": Job("loads(body)", {"loads": json.loads, "body": slug})}, scale)
    for name in UNREADABLE:
        yield Row(f"`parse`, {name} / `json.loads` of the slug body", ratio(times[name], times["json"]), bar=0.8)


def peer_rows(scale: Scale) -> Iterator[Row]:
    """
    Let the peers take turns with the parser on the dotted body.
    """
    vendor, raw = PARSED["240-byte dotted body"]
    jobs = {"parse": _parse(vendor, raw), "read": _parse(vendor, raw, read=True)}
    if FAST:
        jobs["fast"] = _parse(vendor, raw, FAST)
    absent = {}
    for name, peer in PEERS.items():
        try:
            jobs[name] = Job("job()", {"job": peer.prepare()})
        except ImportError:
            absent[name] = f"{name} is not installed"
    times = interleave(jobs, scale)
    for name, peer in PEERS.items():
        note = absent.get(name) or f"{name} {version(name)} {peer.does}"
        for job, words, bar in _WAYS:
            if job != "fast" or (FAST and peer.is_accelerated):
                found = None if name in absent else ratio(times[job], times[name])
                yield Row(f"{words} / {name} {peer.call}", found, bar=bar, note=note)


def _parse(vendor: str, raw: RawResponse, decode: Callable[[bytes], object] | None = None, *, read: bool = False) -> Job:
    statement = f"error = parse(raw, vendor){_ALL_DETAILS if read else ''}"
    return Job(statement, {"parse": parse, "raw": raw, "vendor": vendor}, decode)
