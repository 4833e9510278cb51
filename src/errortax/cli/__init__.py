"""
The command ``errortax``; it needs the extra ``cli``.
"""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from typing import Final

from errortax.cli.exits import UNWRITABLE

_EXTRA: Final = ("click", "jinja2")


def main() -> None:
    """
    Run the command line and exit; the exit code is 2 if the extra ``cli`` is not installed.
    """
    if hasattr(signal, "SIGPIPE"):  # not on Windows
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `errortax list | head -1` ends quietly, as other tools do
    if sys.stderr is None:  # closed with 2>&-
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # for as long as the process runs
    if sys.stdout is None:  # closed with >&-
        _cannot_write("it is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)  # any encoding; each line appears at once
    try:
        from errortax.cli.commands import app  # needs click, and a page in HTML needs Jinja2

        app(prog_name="errortax")
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        print(f"errortax: the command line needs {error.name}; run: pip install 'errortax[cli]'", file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # those of reading are complaints of the commands
        _cannot_write(error.strerror or str(error))


def _cannot_write(reason: str) -> None:
    """Say that standard output cannot be written, and exit."""
    print(f"errortax: standard output cannot be written ({reason})", file=sys.stderr)
    sys.stdout = None  # else Python tries again to write what is left, and reports that, too
    sys.exit(UNWRITABLE)
