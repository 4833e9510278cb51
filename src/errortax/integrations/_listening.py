"""
Check whether a server can listen at an address, and report why not: gRPC does not report it.
"""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Final

from errortax.gateway.configuration import address_of

UNIX: Final = "unix:"
"""The prefix of an address that is a socket in the file system."""


def check_address(listen: str) -> None:
    """
    Raise `OSError` if no server can *listen* at ``HOST:PORT`` or ``unix:PATH``. Nothing is left behind.
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
    """Bind each address of a host. One is enough, as for gRPC, but none may belong to another server."""
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
    """Bind a path, and remove the socket afterwards; the socket of a server that has ended is removed as well."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # a server that hangs is a server, too
        if probe.connect_ex(path) == errno.ECONNREFUSED and Path(path).is_socket():
            Path(path).unlink()
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(path)
    Path(path).unlink()
