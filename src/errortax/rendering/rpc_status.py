"""
The binary form of google.rpc.Status (https://google.aip.dev/193), with the same details as its JSON form.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from errortax.model import CanonicalError
from errortax.registry import Registry
from errortax.rendering.encoding import encode
from errortax.rendering.google_rpc import TYPES, details, error_from_details
from errortax.rendering.names import names_of
from errortax.rendering.view import View

try:
    from google.protobuf import json_format  # type: ignore[import-untyped]  # protobuf ships no types
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # as above
    from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # the package has no py.typed
except ImportError as missing:  # raised when the format is chosen, not at the first error
    raise ImportError(
        f"the formats 'grpc' and 'connect' need googleapis-common-protos ({missing}); pip install 'errortax[grpc]'",
        name=missing.name,
        path=missing.path,
    ) from missing

_PACKAGE: Final = TYPES.rpartition("/")[2]
_MESSAGES: Final[Mapping[str, Any]] = {
    f"{_PACKAGE}{name}": getattr(error_details_pb2, name) for name in error_details_pb2.DESCRIPTOR.message_types_by_name
}

Packed: TypeAlias = tuple[str, bytes]
"""The full name of a message's type, and the message."""


class Detail(NamedTuple):
    """Hold one detail: the full name of its *type*, its members as JSON, and the binary message."""

    type: str
    members: Mapping[str, Any]
    value: bytes


def packed(view: View, registry: Registry) -> Iterator[Detail]:
    """
    Yield the details of *view*, each as JSON and as bytes.
    """
    for detail in details(view, registry):
        name = _PACKAGE + detail["@type"].removeprefix(TYPES)
        members = {member: value for member, value in detail.items() if member != "@type"}
        message = _MESSAGES[name]()
        json_format.Parse(encode(members), message)  # encode replaces lone surrogates, which messages refuse
        yield Detail(name, members, message.SerializeToString(deterministic=True))


def status_of(view: View, registry: Registry, max_bytes: int) -> tuple[str, bytes]:
    """
    Return the message and the bytes of the google.rpc.Status of *view*.

    Details are dropped, the largest first, until it has at most *max_bytes*; without details it may still be larger.
    """
    status = status_pb2.Status(code=names_of(view.category).number, message=view.title)
    for detail in packed(view, registry):
        status.details.add(type_url=TYPES + detail.type.removeprefix(_PACKAGE), value=detail.value)
    while status.details and status.ByteSize() > max_bytes:
        sizes = [detail.ByteSize() for detail in status.details]
        del status.details[sizes.index(max(sizes))]
    return status.message, status.SerializeToString(deterministic=True)


def error_in(data: bytes, registry: Registry) -> CanonicalError | None:
    """
    Return the error in the bytes of a google.rpc.Status, or None; no bytes make this function raise.
    """
    try:
        status = status_pb2.Status.FromString(data)
    except DecodeError:
        return None
    return error_from_packed(((detail.type_url.rpartition("/")[2], detail.value) for detail in status.details), None, registry)


def error_from_packed(found: Iterable[Packed], status: int | None, registry: Registry) -> CanonicalError | None:
    """
    Return the error in binary details, or None if none of them names a category.
    """
    return error_from_details([detail for item in found if (detail := _unpacked(*item)) is not None], status, registry)


def _unpacked(name: str, value: bytes) -> dict[str, Any] | None:
    """Return the JSON form of a message if its type is one of Google's error details, else None."""
    if name not in _MESSAGES:
        return None
    try:
        members: Any = json_format.MessageToDict(_MESSAGES[name].FromString(value))
    except (DecodeError, json_format.Error):  # the latter: a delay out of range
        return None
    return {**members, "@type": name}


def unpadded(text: object) -> bytes | None:
    """
    Return the bytes in base64 (:rfc:`4648#section-4`), padded or not; None if *text* is not base64.
    """
    if not isinstance(text, str):
        return None
    digits = text.rstrip("=")
    try:
        return b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except ValueError:
        return None
