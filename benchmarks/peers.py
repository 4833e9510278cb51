"""
The same job by others: an error response that is in memory → the error object of an API client.

Each gets a body of its own format, about as long and as rich as the 240-byte dotted one, and the same headers. What a
peer keeps from call to call (decoded text, compiled models) it may keep; what it raises is caught.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen
from samples import HEADERS, compact

MESSAGE = "The token that came with this request is by now too old. Ask for a new token and then send the same request once more."
URL = "https://api.example.com/"


def google_api_core() -> Callable[[], object]:
    from google.api_core.exceptions import from_http_response

    response = _requests_response(
        {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": MESSAGE, "errors": [{"reason": "authError"}]}}
    )
    return lambda: from_http_response(response)


def azure_core() -> Callable[[], object]:
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, map_error
    from azure.core.rest import HttpRequest
    from azure.core.rest._requests_basic import RestRequestsTransportResponse

    internal = _requests_response({"error": {"code": "ExpiredToken", "message": MESSAGE, "innererror": {"code": "TooOld"}}})
    response = RestRequestsTransportResponse(request=HttpRequest("GET", URL), internal_response=internal)
    response._content = internal.content
    error_map = {401: ClientAuthenticationError}

    def job() -> object:
        try:
            map_error(401, response, error_map)
        except HttpResponseError as error:
            return error
        return None

    return job


def botocore() -> Callable[[], object]:
    from botocore.errorfactory import ClientExceptionsFactory
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel
    from botocore.parsers import create_parser

    model = ServiceModel(create_loader().load_service_model("dynamodb", "service-2"), "dynamodb")
    shape = model.operation_model("GetItem").output_shape
    exceptions = ClientExceptionsFactory().create_client_exceptions(model)
    parse = create_parser("json").parse
    body = compact({"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": MESSAGE})
    response = {"status_code": 400, "headers": HEADERS, "body": body}

    def job() -> object:
        parsed = parse(response, shape)
        return exceptions.from_code(parsed["Error"]["Code"])(parsed, "GetItem")

    return job


def stripe() -> Callable[[], object]:
    from stripe import StripeError
    from stripe._api_requestor import _APIRequestor

    interpret = _APIRequestor()._interpret_response
    body = compact({"error": {"type": "invalid_request_error", "code": "token_expired", "param": "token", "message": MESSAGE}})

    def job() -> object:
        try:
            return interpret(body, 401, HEADERS, "V1")
        except StripeError as error:
            return error

    return job


def pydantic() -> Callable[[], object]:
    from pydantic import BaseModel
    from samples import DOTTED

    class Body(BaseModel):
        status: str
        error_code: str
        error_id: str | int | None = None
        messages: list[str] | dict[str, str | list[str]] = []

    class ApiError(Exception):
        def __init__(self, status: int, body: Body) -> None:
            super().__init__(status, body)
            self.status, self.body = status, body

    class TokenExpired(ApiError):
        pass

    validate = Body.model_validate_json
    classes = {"auth.token.expired": TokenExpired}

    def job() -> object:
        try:
            body = validate(DOTTED)
            raise classes.get(body.error_code, ApiError)(401, body)
        except ApiError as error:
            return error

    return job


def _requests_response(document: object) -> Any:
    import requests

    response = requests.Response()
    response.status_code, response.reason, response.encoding = 401, "Unauthorized", "utf-8"
    response.headers.update(HEADERS)
    response.request = requests.Request("GET", URL).prepare()
    response._content = compact(document)
    return response


@frozen
class Peer:
    """What is called, how to get ready for it, and what it *does* in a call; *is_accelerated* if no Python code decodes."""

    call: str
    prepare: Callable[[], Callable[[], object]]
    does: str
    is_accelerated: bool = False


PEERS = {
    "google-api-core": Peer(
        "`from_http_response`",
        google_api_core,
        "decodes the body, picks a class by the HTTP status, keeps message and details as they came.",
    ),
    "azure-core": Peer(
        "`map_error`",
        azure_core,
        "picks a class by the HTTP status, decodes the body, takes it apart, raises; the body's text is kept between calls.",
    ),
    "botocore": Peer(
        "parser and error factory",
        botocore,
        "decodes the body, lower-cases the headers, builds an exception of the class that the code names.",
    ),
    "stripe": Peer(
        "`_interpret_response`",
        stripe,
        "decodes the body, picks a class by type and HTTP status, builds an error object out of it, raises.",
    ),
    "pydantic": Peer(
        "`model_validate_json` and raise",
        pydantic,
        "decodes and validates four members in Rust, picks a class by the code, raises; the verdict and its hints are not in it.",
        is_accelerated=True,
    ),
}
