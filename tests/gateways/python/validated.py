"""
The WSGI gateway between two validators: one watches the middleware, the other what the middleware makes of the app.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from socketserver import ThreadingMixIn
from wsgiref import validate
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wsgi_gateway import app


class Server(ThreadingMixIn, WSGIServer):
    """Serve several requests at a time."""

    daemon_threads = True


class Handler(WSGIRequestHandler):
    """Keep quiet."""

    def log_message(self, *_: object) -> None:
        """Print no line for each request."""


checked = validate.check_content_type  # type: ignore[attr-defined]  # not in the stubs


def check_content_type(status: str, headers: Sequence[tuple[str, str]]) -> None:
    """Ask for no content type where the upstream sent none: that is more than HTTP and PEP 3333 ask for."""
    if any(name.lower() == "content-type" for name, _ in headers):
        checked(status, headers)


validate.check_content_type = check_content_type  # type: ignore[attr-defined]  # as above
app.app = validate.validator(app.app)
make_server("127.0.0.1", int(sys.argv[1]), validate.validator(app), Server, Handler).serve_forever()
