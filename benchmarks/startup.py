"""
Whole processes that take turns: import and first parse against the import of what errortax is built on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from measuring import FAST, Figure, Scale
from samples import HEADERS, SLUG
from table import Row

import errortax

FIRST_PARSE = f"""
import errortax
errortax.parse(errortax.RawResponse(401, {HEADERS!r}, {SLUG!r}), "planoauth")
"""
FIRST_MESSAGE = f"""
import errortax
from time import perf_counter
error = errortax.parse(errortax.RawResponse(401, {HEADERS!r}, {SLUG!r}), "planoauth")
begin = perf_counter()
error.message
print(perf_counter() - begin)
"""
IMPORT_OF_ATTRS = """
from time import perf_counter
begin = perf_counter()
import attrs
print(perf_counter() - begin)
"""
BASE = "import attrs, cattrs, json"
WITHOUT_FAST = "import sys; sys.modules['msgspec'] = None\n"  # as if it were not installed
LOADED = "\nimport sys\nprint(len([name for name in sys.modules if name.partition('.')[0] == 'jsonschema']))"

_bytecode = TemporaryDirectory()  # of ours and of others alike, whether or not somebody has compiled them before


def start_rows(scale: Scale) -> Iterator[Row]:
    """
    Let the processes take turns; a first round writes the bytecode and is not counted.
    """
    programs = {"core": WITHOUT_FAST + FIRST_PARSE, "fast": FIRST_PARSE, "base": BASE, "bare": "pass"}
    for program in programs.values():
        run(program)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(scale.processes):
        for name, program in programs.items():
            times[name].append(_seconds(program))
    for name, words, bar in (("core", "", 1.3), ("fast", " (the extra `fast` installed)", None)):
        if name == "core" or FAST:
            measure = f"`import errortax` and the first `parse`{words} / `import attrs, cattrs, json`, whole process"
            yield Row(measure, _ratio(times[name], times["base"]), bar=bar, note=_note(times, scale))
    loaded = float(run(FIRST_PARSE + LOADED))
    yield Row("modules of jsonschema imported by then", Figure(loaded, loaded, loaded), unit="", bar=0)
    run(FIRST_MESSAGE)
    parts = [(float(run(FIRST_MESSAGE)), float(run(IMPORT_OF_ATTRS))) for _ in range(scale.processes)]
    messages, imports = ([*times] for times in zip(*parts, strict=True))
    yield Row("the first `.message` of a process, what it imports included / `import attrs`", _ratio(messages, imports), bar=0.15)


def _ratio(over: list[float], under: list[float]) -> Figure:
    """Compare the medians; in brackets stands what the shortest of each give."""
    value, least = median(over) / median(under), min(over) / min(under)
    return Figure(value, min(value, least), max(value, least))


def _note(times: dict[str, list[float]], scale: Scale) -> str:
    milliseconds = {name: f"{median(values) * 1000:.0f}" for name, values in times.items()}
    return (
        f"Medians of {scale.processes} processes each, in brackets with the shortest of each: {milliseconds['core']} ms "
        f"({milliseconds['fast']} with what else is installed) against {milliseconds['base']}; a bare interpreter takes "
        f"{milliseconds['bare']}. Importing msgspec is what the extra adds."
    )


def run(*arguments: str) -> str:
    """
    Run Python with the errortax that is being measured, and return what it prints; the first argument is the program.
    """
    sources = Path(errortax.__file__).parent.parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(sources), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONPYCACHEPREFIX": _bytecode.name,
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _seconds(program: str) -> float:
    start = perf_counter()
    run(program)
    return perf_counter() - start
