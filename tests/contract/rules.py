"""
The retry rules of other libraries: their own functions, called with the same responses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import stamina
import urllib3
from attrs import frozen

from errortax import RawResponse

URL = "https://api.example/"
FORCED = (429, 500, 502, 503, 504)
"""The statuses that most programs hand to urllib3."""


@frozen
class Exchange:
    """A request with *method* and the response to it; none of the rules looks at idempotency keys."""

    method: str
    raw: RawResponse

    @property
    def status(self) -> int:
        """Return the status of the response."""
        assert self.raw.status is not None
        return self.raw.status

    @property
    def headers(self) -> dict[str, str]:
        """Return the header fields of the response."""
        return {name: self.raw.headers[name] for name in self.raw.headers}


Rule = Callable[[Exchange], bool]


def is_5xx(exception: Exception) -> bool:
    """Return what stamina's documentation shows for httpx."""
    return isinstance(exception, httpx.HTTPStatusError) and exception.response.status_code >= 500


def stamina_on_5xx(exchange: Exchange) -> bool:
    """Run stamina's loop and see whether it comes round."""
    calls = []

    @stamina.retry(on=is_5xx, attempts=2, wait_initial=0, wait_jitter=0, wait_max=0)
    def call() -> None:
        calls.append(exchange)
        if len(calls) == 1:
            request = httpx.Request(exchange.method, URL)
            httpx.Response(exchange.status, headers=exchange.headers, request=request).raise_for_status()

    try:
        call()
    except httpx.HTTPStatusError:
        return False
    return len(calls) == 2


def urllib3_with(retry: urllib3.Retry) -> Rule:
    """Ask a `Retry` as urllib3's pool does."""
    return lambda exchange: retry.is_retry(exchange.method, exchange.status, bool(exchange.headers.get("retry-after")))


def google_api_core(exchange: Exchange) -> bool:
    """Ask the predicate that the clients use which repeat at all."""
    from google.api_core.exceptions import from_http_status
    from google.api_core.retry import if_transient_error

    return if_transient_error(from_http_status(exchange.status, "it failed"))


def botocore_standard(exchange: Exchange) -> bool:
    """Ask the conditions of the retry mode ``standard``; a body of another vendor has no code that botocore would know."""
    from botocore.awsrequest import AWSResponse
    from botocore.parsers import create_parser
    from botocore.retries.standard import RetryContext, StandardRetryConditions

    parts = {"status_code": exchange.status, "headers": exchange.headers, "body": b""}
    context = RetryContext(
        attempt_number=1,
        operation_model=_aws_operation(),
        parsed_response=create_parser("json").parse(parts, None),
        http_response=AWSResponse(URL, exchange.status, exchange.headers, None),
    )
    return StandardRetryConditions().is_retryable(context)


@cache
def _aws_operation() -> Any:
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    return ServiceModel(create_loader().load_service_model("sts", "service-2"), "sts").operation_model("GetCallerIdentity")


def azure_core(exchange: Exchange) -> bool:
    """Ask the policy that every pipeline has by default."""
    from azure.core.pipeline import PipelineContext, PipelineResponse
    from azure.core.pipeline.policies import RetryPolicy
    from azure.core.rest import HttpRequest
    from azure.core.rest._requests_basic import RestRequestsTransportResponse
    from requests import Response

    policy = RetryPolicy()
    internal = Response()
    internal.status_code = exchange.status
    internal.headers.update(exchange.headers)
    request = HttpRequest(exchange.method, URL)
    response = RestRequestsTransportResponse(request=request, internal_response=internal)
    return bool(policy.is_retry(policy.configure_retries({}), PipelineResponse(request, response, PipelineContext(None))))


RULES: dict[str, Rule] = {
    "stamina, on 5xx": stamina_on_5xx,
    "urllib3, Retry()": urllib3_with(urllib3.Retry()),
    "urllib3, 429 and 5xx": urllib3_with(urllib3.Retry(status_forcelist=FORCED)),
    "urllib3, 429 and 5xx, any method": urllib3_with(urllib3.Retry(status_forcelist=FORCED, allowed_methods=None)),
    "google-api-core, if_transient_error": google_api_core,
    "botocore, standard mode": botocore_standard,
    "azure-core, RetryPolicy()": azure_core,
}
