"""
Coverage-guided fuzzing of the parser: whatever a server sends, a verdict comes out and nothing is raised.

Run it as ``python tests/fuzz/fuzz_parse.py -max_total_time=60 tests/fuzz/corpus``.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["errortax"]):
    from target import one_input

    one_input(b"")  # some modules are imported when they are first needed

if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
