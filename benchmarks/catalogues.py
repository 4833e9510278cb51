"""
Large vendor files: what loading one costs, how much of it stays in memory, and how fast a code is found in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from measuring import Job, Scale, figure, interleave, least, ratio
from samples import HEADERS, compact
from startup import run
from table import Row

from errortax import RawResponse, Registry, default_registry, parse

CATEGORIES = ("credentials_expired", "permission_denied", "invalid_argument", "not_found", "rate_limited", "internal")


def slim(number: int) -> dict[str, Any]:
    """
    Return an entry of code, status, category and title.
    """
    return {
        "code": code(number),
        "statuses": [400 + number % 100],
        "category": CATEGORIES[number % len(CATEGORIES)],
        "title": f"Failure number {number}",
    }


def full(number: int) -> dict[str, Any]:
    """
    Return an entry with all that the bundled ones have, as long as theirs.
    """
    return {
        **slim(number),
        "description": f"The request was refused since rule {number} of the account does not let it pass at this hour.",
        "hints": [
            {"action": "fix_program", "actor": "developer", "text": f"Look up rule {number} and send what it lets pass."},
            {"target": "Authorization", "text": "Get a new token and repeat the request."},
        ],
        "facts": [{"about": "waiting time", "value": number, "unit": "s", "text": f"The rule is applied anew after {number} s."}],
        "alternatives": [{"category": "conflict", "reason": f"Rule {number} also refuses what was changed by somebody else."}],
        "source": {"document": "codes", "section": f"Rule {number}"},
        "basis": {"category": "documented", "retryability": "inferred", "hints": "inferred"},
    }


def code(number: int) -> str:
    """
    Return a code like those of dotted vendors.
    """
    return f"area{number % 17}.object{number % 1009}.failure{number}"


def vendor_file(entry: Callable[[int], dict[str, Any]], numbers: range) -> dict[str, Any]:
    """
    Return a vendor file with an entry for each of the *numbers*.
    """
    return {
        "format": "1.0",
        "vendor": "large",
        "title": "Large",
        "scheme": "dotted",
        "documents": [{"id": "codes", "title": "Codes", "url": "https://large.example/codes"}],
        "envelopes": [
            {
                "name": "error",
                "description": "Sent on every failure.",
                "recognise": {"at": "/error", "type": "string"},
                "code": ["/error"],
                "schema": {"title": "An error", "description": "The code alone.", "type": "object"},
                "source": {"document": "codes"},
                "basis": "documented",
            }
        ],
        "entries": [entry(number) for number in numbers],
    }


# Each runs in a process of its own, so that none finds the memory as another one left it.
LOADING = """
import gc, sys, json, tracemalloc
from time import perf_counter
import errortax
way, path, parameter = sys.argv[1], sys.argv[2], int(sys.argv[3])
errortax.default_registry()
if way == "held":
    errortax.load_registry(path, validate=False)  # what the first one imports is no entry
    gc.collect(); tracemalloc.start(); before = tracemalloc.get_traced_memory()[0]
    registry = errortax.load_registry(path, validate=False)
    gc.collect(); print((tracemalloc.get_traced_memory()[0] - before) / parameter)
else:
    registry = errortax.load_registry(path, validate=False) if way == "typed" else None
    if way == "validated":
        import errortax.registry.validation, jsonschema_rs
    gc.collect(); start = perf_counter()
    if way == "json":
        with open(path, "rb") as file: json.load(file)
    elif way == "typed":
        registry["large"]
    else:
        errortax.load_registry(path, validate=way == "validated")
    print((perf_counter() - start) / parameter * 1e6)
"""


def loading_rows(scale: Scale) -> Iterator[Row]:
    """
    Load a file of each kind of entries, in every way.
    """
    kinds = {
        "entries of code, status, category and title": (slim, {"load": 12, "validated": 15, "held": 500}),
        "full entries": (full, {"load": 30, "validated": 35, "held": 2000}),
    }
    fast = find_spec("jsonschema_rs") is not None
    ways = ["json", "load", *(["validated"] if fast else []), "held", "typed"]
    with TemporaryDirectory() as folder:
        for kind, (entry, bars) in kinds.items():
            path = Path(folder, "large.json")
            path.write_bytes(compact(vendor_file(entry, range(scale.entries))))
            found: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(scale.repetitions):
                for way in ways:
                    found[way].append(float(run(LOADING, way, str(path), str(scale.entries))))
            json_alone, times = least(found["json"]).value, ratio(found["load"], found["json"]).value
            size = path.stat().st_size // scale.entries
            note = (
                f"An entry has {size} bytes; `json.load` alone takes {json_alone:.1f} µs for it, loading {times:.1f} times that."
            )
            of = f"{scale.entries:,} {kind}"
            yield Row(f"loading without validation, {of}, per entry", least(found["load"]), "µs", bars["load"], note)
            yield Row(
                f"loading with `fast` validation, {of}, per entry",
                least(found["validated"]) if fast else None,
                "µs",
                bars["validated"],
                note if fast else "jsonschema-rs is not installed",
            )
            yield Row(f"memory held, {of}, per entry", figure(found["held"]), "B", bars["held"])
            yield Row(
                f"the typed view `registry[name]`, {of}, per entry",
                least(found["typed"]),
                "µs",
                note="Made by cattrs when it is first asked for; the parser reads the plain documents.",
            )


def lookup_rows(scale: Scale) -> Iterator[Row]:
    """
    Find a thousand codes, picked at random, in a large vendor file.
    """
    numbers = Random(1).sample(range(scale.catalogue), min(1000, scale.catalogue))  # noqa: S311  # not for secrets
    codes = [code(number) for number in numbers]
    raws = [RawResponse(400, HEADERS, json.dumps({"error": code}).encode()) for code in codes]
    large = vendor_file(slim, range(scale.catalogue))
    vendors = [default_registry().document(name) for name in default_registry()]
    few = Registry([*vendors, {**large, "entries": [slim(number) for number in islice(numbers, 10)]}])
    many = Registry([*vendors, large])
    jobs = {
        "entry": Job("for code in codes: entry(code)", {"entry": many["large"].__getitem__, "codes": codes}),
        "many": Job("for raw in raws: parse(raw, 'large', registry=many)", {"parse": parse, "raws": raws, "many": many}),
        "few": Job("for raw in raws: parse(raw, 'large', registry=few)", {"parse": parse, "raws": raws[:10] * 100, "few": few}),
    }
    times = interleave(jobs, scale)
    per_code = [seconds / len(codes) * 1e6 for seconds in times["entry"]]
    size = f"{scale.catalogue:,} entries"
    yield Row(f"look-up by `vendor[code]`, {size}", least(per_code), "µs", 1.0)
    more = [(one / len(raws) - other / 1000) * 1e6 for one, other in zip(times["many"], times["few"], strict=True)]
    note = f"What `parse` takes longer with {size} than with 10, a thousand codes in turn against ten."
    yield Row(f"look-up by `parse`, {size}", figure(more), "µs", 1.0, note)
