"""
The names of categories in gRPC, Connect and OAuth 2.0. They are data in ``taxonomy.json``.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from errortax.model import Category
from errortax.registry import loading


class Names(NamedTuple):
    """
    Hold the names of one category.

    *grpc* is the name of the google.rpc.Code, and *number* is its number. *connect_status* is the HTTP status of that
    code in the Connect protocol.
    """

    grpc: str
    number: int
    connect: str
    connect_status: int
    oauth: str


@cache
def names_of(category: Category) -> Names:
    """
    Return the names of *category* in other protocols.
    """
    taxonomy = loading.bundled("taxonomy.json")
    data = taxonomy["categories"][category.value]
    code = data["grpc_code"]
    return Names(code, oauth=data["oauth_error"], **taxonomy["grpc_codes"][code])
