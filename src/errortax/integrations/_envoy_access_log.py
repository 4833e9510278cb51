"""
Envoy's access log: what Envoy has sent, not what the processor wrote, since Envoy may have stopped waiting.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterable, Callable
from typing import Any, Final

from envoy.service.accesslog.v3 import als_pb2  # type: ignore[import-untyped]  # ships no types
from envoy.service.accesslog.v3.als_pb2_grpc import AccessLogServiceServicer  # type: ignore[import-untyped]  # as above

from errortax.model import CanonicalError

DETAILS: Final = "errortax"
"""The beginning of Envoy's response code details for an answer of errortax."""

_LOGGER: Final = logging.getLogger("errortax")
_FOUND: Final = re.compile(rf"{DETAILS}:([\w-]*):([a-z_]*)", re.ASCII)
_messages: Any = als_pb2  # protobuf makes its classes at run time


def details_for(error: CanonicalError) -> str:
    """
    Return the response code details of an answer for an *error*: they come back in the access log.
    """
    return f"{DETAILS}:{error.vendor}:{error.category.value}"


class AccessLog(AccessLogServiceServicer):  # type: ignore[misc]  # a class without types
    """
    The gRPC service for the access log: call *observe* with the vendor and the category of each answer that Envoy has sent.
    """

    def __init__(self, observe: Callable[[str, str], None]) -> None:
        self._observe = observe

    async def StreamAccessLogs(  # pyright: ignore[reportIncompatibleMethodOverride]  # gRPC passes by position
        self,
        requests: AsyncIterable[Any],
        context: object,  # noqa: ARG002  # gRPC passes it
    ) -> Any:
        """
        Read the entries of one Envoy.
        """
        async for message in requests:
            for entry in message.http_logs.log_entry:
                found = _FOUND.fullmatch(entry.response.response_code_details)
                if found:
                    self._report(*found.groups())
        return _messages.StreamAccessLogsResponse()

    def _report(self, vendor: str, category: str) -> None:
        try:
            self._observe(vendor, category)
        except Exception:
            _LOGGER.exception("cannot observe an answer")
