"""
errortax as a plug-in of pytest: the fixtures `fake_response` and `vendor_server`.

It is outside the package, so that a test run without these fixtures imports nothing of errortax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from errortax import RawResponse
    from errortax.testing import Server


@pytest.fixture(scope="session")
def fake_response() -> Callable[..., Any]:
    """
    Make the response with which a vendor reports a code: ``fake_response(vendor, code, client="httpx")``.

    It is the function ``errortax.testing.fake``.
    """
    from errortax.testing import fake

    return fake


@pytest.fixture
def vendor_server() -> Iterator[Callable[..., Server]]:
    """
    Serve responses on this machine until the test ends: ``vendor_server(fake_response(…), …).url``.

    It is the function ``errortax.testing.serve`` without the ``with``. The server that it returns has its ``url``, and the
    ``requests`` that it received.
    """
    from errortax.testing import serve

    with ExitStack() as servers:

        def start(*responses: RawResponse) -> Server:
            return servers.enter_context(serve(*responses))

        yield start
