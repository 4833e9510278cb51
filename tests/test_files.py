"""
Files that users name are read without waiting and up to a limit, whoever reads them.
"""

from __future__ import annotations

import os
import socket
from time import monotonic

import pytest

from errortax import load_registry
from errortax.checking import check, fix
from errortax.exceptions import ConfigurationError, UnreadableFileError
from errortax.gateway.configuration import configuration
from errortax.registry.files import MAX_FILE, file_bytes

READERS = {
    "load_registry": load_registry,
    "check": check,
    "fix": fix,
    "file_bytes": file_bytes,
    "configuration": lambda path: configuration({}, path),
    "vendor file of a configuration": lambda path: configuration({"registry": (str(path),)}).registry(),
}
NOT_REGULAR = "this is not a regular file; save its content to one"


def fifo(folder):
    """Return a FIFO that nobody writes to."""
    os.mkfifo(folder / "fifo.json")
    return folder / "fifo.json"


def socket_file(folder):
    """Return a socket that nobody listens to."""
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(folder / "socket.json"))
    return folder / "socket.json"


def huge(folder):
    """Return a file of a gigabyte without any blocks."""
    path = folder / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    return path


FILES = {
    "FIFO": (fifo, NOT_REGULAR),
    "endless device": (lambda _: "/dev/zero", NOT_REGULAR),
    "empty device": (lambda _: "/dev/null", NOT_REGULAR),
    "socket": (socket_file, "it cannot be read (No such device or address); check the path"),
    "directory": (lambda folder: folder, "this is a directory; name a file in it"),
    "a gigabyte": (huge, f"it is longer than {MAX_FILE} bytes; name another file, or split this one"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", FILES)
def test_unusual_files(reader, kind, tmp_path):
    """
    A file that is not regular or is too long is refused within a second, with its path.
    """
    make, problem = FILES[kind]
    path = make(tmp_path)
    start = monotonic()
    with pytest.raises((UnreadableFileError, ConfigurationError)) as caught:
        READERS[reader](path)
    assert monotonic() - start < 1
    assert str(path) in str(caught.value)
    assert problem in str(caught.value)


def test_longest_file(tmp_path):
    """
    A file of the greatest length is read, and one more byte is too many.
    """
    path = tmp_path / "long.json"
    path.write_bytes(b" " * MAX_FILE)
    assert MAX_FILE == len(file_bytes(path))
    path.write_bytes(b" " * (MAX_FILE + 1))
    with pytest.raises(UnreadableFileError):
        file_bytes(path)
