"""
The clients that the contract suite holds to the same promises, one line each.
"""

from __future__ import annotations

from importlib.util import find_spec

import httpx
import httpx2
import requests

from contract.calls import Client
from contract.drivers import with_aiohttp, with_httpx, with_requests, with_stdlib, with_urllib3

CLIENTS: dict[str, Client] = {
    "httpx": with_httpx.blocking(httpx),
    "httpx, async": with_httpx.unblocking(httpx),
    "httpx2": with_httpx.blocking(httpx2),
    "httpx2, async": with_httpx.unblocking(httpx2),
    "requests": with_requests.blocking(requests),
    "aiohttp": with_aiohttp.CLIENT,
    "urllib3": with_urllib3.blocking(),
    "http.client": with_stdlib.http_client(),
    "urllib.request": with_stdlib.urllib_request(),
}

if find_spec("niquests"):  # it takes the place of urllib3, and so is tested in an environment of its own
    import niquests

    CLIENTS["niquests"] = with_requests.blocking(niquests)
    CLIENTS["niquests, async"] = with_requests.unblocking(niquests)
