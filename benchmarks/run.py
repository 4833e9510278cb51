"""
Measure errortax against its bars and print the table.

    python benchmarks/run.py [--quick] [--only NAME] [--check] [--markdown [PAGE …]]

``--check`` fails where a bar is missed by more than a tenth, ``--markdown`` writes the table where the markers stand.
The peers are in the dependency group ``bench``; who is not installed is not compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bounds import bounds_rows
from catalogues import loading_rows, lookup_rows
from gateway import gateway_rows
from haproxy import haproxy_rows
from hooks import hook_rows
from measuring import Job, Scale, figure, interleave
from notation import notation_rows
from responses import parse_rows, peer_rows, unreadable_rows
from samples import PARSED
from startup import start_rows
from table import Row, markdown

from rendering import rendering_rows

GROUPS: dict[str, Callable[[Scale], Iterator[Row]]] = {
    "parse": parse_rows,
    "notation": notation_rows,
    "unreadable": unreadable_rows,
    "bounds": bounds_rows,
    "peers": peer_rows,
    "hooks": hook_rows,
    "rendering": rendering_rows,
    "gateway": gateway_rows,
    "haproxy": haproxy_rows,
    "start": start_rows,
    "loading": loading_rows,
    "lookup": lookup_rows,
}
SCALES = {
    "full": Scale(),
    "quick": Scale(repetitions=3, rounds=20, processes=5),
    "smoke": Scale(repetitions=1, rounds=1, processes=1, entries=50, catalogue=1000),
}
TOLERANCE = 0.1
ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "docs" / "reference" / "performance.md",)
START, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    scale = SCALES[options.scale]
    rows: list[Row] = []
    for name in options.only or GROUPS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += GROUPS[name](scale)
    text = f"{_machine(scale)}\n\n{markdown(rows)}"
    print(text, end="")
    for page in PAGES if options.markdown == [] else options.markdown or ():
        _insert(page, text)
    missed = [row for row in rows if row.excess() > TOLERANCE]
    for row in missed:
        print(f"missed by {row.excess():.0%}: {row.measure}", file=sys.stderr)
    return 1 if options.check and missed else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure errortax against its bars.")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--quick", dest="scale", action="store_const", const="quick", help="fewer rounds: half a minute")
    scale.add_argument("--smoke", dest="scale", action="store_const", const="smoke", help="one round: does everything run?")
    parser.set_defaults(scale="full")
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=f"one of {', '.join(GROUPS)}; repeatable")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bar is missed by more than a tenth")
    parser.add_argument(
        "--markdown",
        nargs="*",
        type=Path,
        metavar="PAGE",
        help="write the table into the pages, docs/reference/performance.md if none is named",
    )
    return parser.parse_args(arguments)


def _machine(scale: Scale) -> str:
    """Say where the figures come from; absolute ones mean little without it."""
    body = PARSED["89-byte slug body"][1].body
    job = Job("loads(body)", {"loads": json.loads, "body": body})
    loads = figure(interleave({"loads": job}, scale)["loads"]).value * 1e6
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} cores; `json.loads` of the slug body takes {loads:.1f} µs here. "
        f"Medians of {scale.repetitions} repetitions of {scale.rounds} interleaved rounds, "
        "of absolute times the least; in brackets the extremes."
    )


def _insert(page: Path, text: str) -> None:
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    end, after = rest.partition(END)[1:]
    if not end:
        raise SystemExit(f"{page.name}: the markers {START} and {END} are missing; write them where the table belongs")
    page.write_text(f"{before}{start}\n{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
