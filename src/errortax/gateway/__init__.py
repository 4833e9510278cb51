"""
From an upstream's response to the gateway's own answer: translating, routing, passing header fields, configuration.

`configuration` is a module of its own, since most programs pass arguments instead.
"""

from errortax.gateway.passing import PASSED_HEADERS, AllowList
from errortax.gateway.routing import Routes, Vendors
from errortax.gateway.translating import Audiences, Translator

__all__ = [
    "PASSED_HEADERS",
    "AllowList",
    "Audiences",
    "Routes",
    "Translator",
    "Vendors",
]
