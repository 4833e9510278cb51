"""
Whether a server can listen at an address, and why not: gRPC would not say.
"""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Final

from errortax.gateway.configuration import address_of

UNIX: Final = "unix:"
"""What the address of a socket in the file system begins with."""


def check_address(listen: str) -> None:
    """
    Raise `OSError` where nobody can *listen*: ``HOST:PORT`` or ``unix:PATH``. Nothing stays behind.
    """
    address = address_of(listen)
    try:
        if isinstance(address, tuple):
            _try_port(*address)
        else:
            _try_path(str(address))
    except OSError as error:  # without a number: a path that is too long
        raise OSError(error.errno or errno.ENAMETOOLONG, error.strerror or str(error), listen) from error


def _try_port(host: str, port: int) -> None:
    """Bind all that the name of a host stands for. One will do, as for gRPC, but no part of it may be another server's."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failures: list[OSError] = []
    for family, *_, address in found:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have ended do not matter
                probe.bind(address)
        except OSError as error:
            failures.append(error)
    taken = [error for error in failures if error.errno == errno.EADDRINUSE]
    if taken or len(failures) == len(found):
        raise (taken or failures)[0]


def _try_path(path: str) -> None:
    """Bind a path, and leave nothing there; what a server that is no more has left there is removed."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # a server that hangs is one all the same
        if probe.connect_ex(path) == errno.ECONNREFUSED and Path(path).is_socket():
            Path(path).unlink()
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(path)
    Path(path).unlink()
