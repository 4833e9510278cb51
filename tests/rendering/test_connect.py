from __future__ import annotations

import json
from base64 import b64decode, b64encode

import pytest
from google.rpc import code_pb2, error_details_pb2
from hypothesis import given
from hypothesis import strategies as st

import errortax
from changing import LIMITED, changed
from errortax import CanonicalError, Category, RawResponse

STATUSES = {  # https://connectrpc.com/docs/protocol, "Error codes"
    "canceled": 499, "unknown": 500, "invalid_argument": 400, "deadline_exceeded": 504, "not_found": 404, "already_exists": 409,
    "permission_denied": 403, "resource_exhausted": 429, "failed_precondition": 400, "aborted": 409, "out_of_range": 400,
    "unimplemented": 501, "internal": 500, "unavailable": 503, "data_loss": 500, "unauthenticated": 401,
}  # fmt: skip


def test_body():
    """
    A client of Connect gets a code, a message and details, each as a binary message and as JSON for people.
    """
    response = errortax.render(LIMITED, "connect")
    document = json.loads(response.body)
    assert (429, "application/json") == (response.status, response.headers["content-type"])
    assert ["code", "message", "details"] == list(document)
    assert ("resource_exhausted", "Too many requests") == (document["code"], document["message"])
    info, delay, *_ = document["details"]
    assert ("google.rpc.ErrorInfo", "google.rpc.RetryInfo") == (info["type"], delay["type"])
    assert "=" not in info["value"] + delay["value"]
    assert {"retryDelay": "20s"} == delay["debug"]
    binary = error_details_pb2.RetryInfo.FromString(b64decode(delay["value"] + "=" * (-len(delay["value"]) % 4)))
    assert 20 == binary.retry_delay.seconds
    google = json.loads(errortax.render(LIMITED, "google.rpc").body)["error"]["details"]
    assert google == [{"@type": f"type.googleapis.com/{detail['type']}", **detail["debug"]} for detail in document["details"]]


@pytest.mark.parametrize("category", Category)
def test_statuses(category):
    """
    Code and status go together as the protocol requires, even if another status was asked for.
    """
    error = changed(category=category.value, group=category.group.value)
    response = errortax.render(error, "connect", status=418)
    code = json.loads(response.body)["code"]
    assert STATUSES[code] == response.status
    grpc_code = int(errortax.render(error, "grpc").headers["grpc-status"])
    assert code_pb2.Code.Name(grpc_code).replace("CANCELLED", "CANCELED") == code.upper()


def test_half_a_pair():
    """
    Half a surrogate pair becomes a replacement character.
    """
    read = errortax.read(errortax.render(changed(message="a\ud800b"), "connect", expose="operator"), "connect")
    assert "a\ufffdb" == read.message


GOOD = json.loads(errortax.render(LIMITED, "connect").body)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {**GOOD, "code": 8},
        {**GOOD, "details": {}},
        {**GOOD, "details": [None, 1, {}, {"type": 1, "value": ""}, {"type": "google.rpc.ErrorInfo"}]},
        {**GOOD, "details": [{"type": "google.rpc.ErrorInfo", "value": "!"}, {"type": "google.rpc.ErrorInfo", "value": None}]},
        {**GOOD, "details": [{"type": "acme.ErrorInfo", "value": GOOD["details"][0]["value"]}]},
    ],
)
def test_no_error(document):
    """
    A body that is not a Connect error, or has no details of ours, contains no error.
    """
    assert errortax.read(RawResponse(429, {"content-type": "application/json"}, json.dumps(document).encode()), "connect") is None


def test_padding_and_debug():
    """
    Base64 may be padded, and the parts for people are not read.
    """
    details = [
        {"type": detail["type"], "value": detail["value"] + "=" * (-len(detail["value"]) % 4), "debug": {"reason": "UNKNOWN"}}
        for detail in GOOD["details"]
    ]
    body = json.dumps({**GOOD, "details": details}).encode()
    assert LIMITED.category is errortax.read(RawResponse(429, {}, body), "connect").category


NAMES = st.sampled_from([f"google.rpc.{name}" for name in error_details_pb2.DESCRIPTOR.message_types_by_name])
VALUES = st.one_of(st.binary(max_size=60).map(lambda value: b64encode(value).decode()), st.text(max_size=20), st.none())


@given(st.lists(st.fixed_dictionaries({"type": NAMES | st.text(max_size=9), "value": VALUES}), max_size=6))
def test_hostile_details(details):
    """
    No details make reading raise an exception.
    """
    body = json.dumps({"code": "unknown", "details": details}).encode()
    read = errortax.read(RawResponse(500, {}, body), "connect")
    assert read is None or isinstance(read, CanonicalError)


@given(st.binary(max_size=200))
def test_hostile_bytes(body):
    """
    No bytes make reading raise an exception.
    """
    assert errortax.read(RawResponse(500, {}, body), "connect") is None
