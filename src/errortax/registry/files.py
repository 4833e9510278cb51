"""
Files that users name: opened without waiting, and read up to a limit.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from errortax.model import UnreadableFileError

MAX_FILE: Final = 16 * 1024 * 1024
"""Bytes; a file with ten thousand errors is shorter."""

_WITHOUT_WAITING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # a FIFO without a writer would block
_OBSTACLES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (FileNotFoundError, "there is no such file; check the path"),
    (NotADirectoryError, "there is no such file, as a folder in its path is a file; check the path"),
    (IsADirectoryError, "this is a directory; name a file in it"),
    (PermissionError, "it may not be read; change its permissions"),
    (Exception, "it cannot be read ({}); check the path"),  # a loop of links, a name too long, a broken disk, …
)


def file_bytes(path: str | os.PathLike[str]) -> bytes:
    """
    Return the content of the regular file at *path*, of at most `MAX_FILE` bytes.

    Raise `errortax.exceptions.UnreadableFileError` if there is no such file, if it cannot be read, if it is longer, or if it
    is a directory, a device, a FIFO or a socket.
    """
    try:
        with open(path, "rb", opener=_opened) as file:  # pathlib's has no opener, and takes 5 ms to import
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_FILE + 1) if is_regular else b""
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        problem = next(text for kind, text in _OBSTACLES if isinstance(error, kind))
        reason = getattr(error, "strerror", error)
        raise UnreadableFileError(path, problem.format(reason), getattr(error, "errno", None)) from error
    if not is_regular:
        raise UnreadableFileError(path, "this is not a regular file; save its content to one")
    if len(data) > MAX_FILE:
        raise UnreadableFileError(path, f"it is longer than {MAX_FILE} bytes; name another file, or split this one")
    return data


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _WITHOUT_WAITING)
