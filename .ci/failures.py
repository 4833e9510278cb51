"""
Print the end of what each failing command of tox printed, and why its tests failed.

The argument is the file of ``tox --result-json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

_LINES: Final = 80
"""The lines in which a test runner sums up its failures."""


def main(results: str) -> None:
    """
    Print one section for each command that failed.
    """
    for name, environment in json.loads(Path(results).read_text(encoding="utf-8"))["testenvs"].items():
        if environment.get("result", {}).get("skipped"):
            continue
        for command in (*environment.get("setup", ()), *environment.get("test", ())):
            if not command["retcode"]:  # None: a build backend, which goes on
                continue
            lines = (command["output"] + command["err"]).splitlines()
            print(f"\n=== {name}: {' '.join(command['command'])} ended with {command['retcode']}; its last lines:")
            print(*lines[-_LINES:], sep="\n")
            print(*[line for line in lines if line.startswith("E  ")][-_LINES:], sep="\n")  # the reasons that pytest gives


main(*sys.argv[1:])
