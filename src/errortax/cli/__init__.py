"""
The command ``errortax``; it needs the extra ``cli``.
"""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper

_EXTRA = {"click", "rich"}


def main() -> None:
    """
    Run the command line and exit; the exit code is 2 if the extra ``cli`` is not installed.
    """
    if hasattr(signal, "SIGPIPE"):  # not on Windows
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `errortax list | head -1` ends quietly, as other tools do
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)  # any encoding; each line appears at once
    try:
        from errortax.cli.commands import app  # needs click

        app(prog_name="errortax")
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        print(f"errortax: the command line needs {error.name}; run: pip install 'errortax[cli]'", file=sys.stderr)
        sys.exit(2)
