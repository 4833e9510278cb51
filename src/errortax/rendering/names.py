"""
What a category is called elsewhere: in gRPC, in Connect, in OAuth 2.0. All of it is data in ``taxonomy.json``.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from errortax.model import Category
from errortax.registry import loading


class Names(NamedTuple):
    """
    Hold the names of one category.

    *grpc* is the name of the google.rpc.Code and *number* its number; *connect_status* the HTTP status that goes with it
    in the Connect protocol.
    """

    grpc: str
    number: int
    connect: str
    connect_status: int
    oauth: str


@cache
def names_of(category: Category) -> Names:
    """
    Return what *category* is called elsewhere.
    """
    taxonomy = loading.bundled("taxonomy.json")
    data = taxonomy["categories"][category.value]
    code = data["grpc_code"]
    return Names(code, oauth=data["oauth_error"], **taxonomy["grpc_codes"][code])
