"""
Write files into folders: each as a whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from errortax.cli.exits import UNWRITABLE
from errortax.cli.screen import note


class UnwritableError(click.ClickException):
    """A file cannot be written, or was not made by errortax."""

    exit_code = UNWRITABLE

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click passes it
        """
        Print the message.
        """
        note(self.message)


def unwritable(error: OSError, folder: Path) -> UnwritableError:
    """
    Return the exception for an *error* of the operating system while writing into *folder*.
    """
    return UnwritableError(f"{error.filename or folder}: cannot be written ({error.strerror}); choose another folder")


def replace(path: Path, content: bytes) -> None:
    """
    Write *content* to the file at *path*; a reader never sees half a file.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
