"""
Exit codes of the command line.
"""

from __future__ import annotations

from typing import Final

FINDINGS: Final = 1
USAGE: Final = 2
UNREADABLE: Final = 3
UNWRITABLE: Final = 4
INTERRUPTED: Final = 130  # 128 + SIGINT, as in shells

EXIT_CODES: Final = """
\b
Exit codes:
  0  success, whatever the responses mean
  1  findings of `check` besides advice, drift of `docs --check`, or a match of `parse --fail-on`
  2  a wrong command line, an unknown vendor, code or schema
  3  an input that cannot be read; the rest is printed
  4  the output cannot be written
"""
