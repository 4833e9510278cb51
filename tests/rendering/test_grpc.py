from __future__ import annotations

import socket
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st

import errortax
from anew import errortax_without
from changing import LIMITED, changed
from errortax import CanonicalError, RawResponse, Translator
from strategies import errors

GENEROUS = 60  # seconds, for a busy machine


def details_of(response):
    """Return the google.rpc.Status of a response, and its details by the names of their types."""
    text = response.headers["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(b64decode(text + "=" * (-len(text) % 4)))
    return status, {detail.TypeName().rpartition(".")[2]: detail for detail in status.details}


def test_header_fields():
    """
    HTTP succeeds, everything is in header fields, and there is no body (gRPC over HTTP/2, Trailers-Only).
    """
    response = errortax.render(LIMITED, "grpc", locale="ja")
    assert (200, b"") == (response.status, response.body)
    assert "application/grpc" == response.headers["content-type"]
    assert str(code_pb2.RESOURCE_EXHAUSTED) == response.headers["grpc-status"]
    assert response.headers["grpc-message"].startswith("%E")
    assert response.headers["grpc-message"].isascii()
    assert not response.headers["grpc-status-details-bin"].endswith("=")
    status, details = details_of(response)
    assert code_pb2.RESOURCE_EXHAUSTED == status.code
    assert ["ErrorInfo", "RetryInfo", "Help", "LocalizedMessage"] == list(details)


def test_status_stays():
    """
    The HTTP status is always 200, even if another one was asked for.
    """
    assert 200 == errortax.render(LIMITED, "grpc", status=503).status


@pytest.mark.parametrize(
    ("error", "pushback"),
    [
        (LIMITED, "20000"),
        (changed(retry_after=0.0), "1"),  # grpcio takes 0 for: never
        (changed(retry_after=0.2), "1000"),
        (changed(retry_after=2_147_483.0), "2147483000"),
        (changed(retry_after=2_147_484.0), "-1"),
        (changed(retry_after=None), None),
        (changed(retry_after=None, min_delay=60), "60000"),
        (changed(retryability="never"), "-1"),
        (changed(retryability="after_action"), "-1"),
        (changed(retryability="reconcile"), "-1"),
        (changed(retryability="poll"), "-1"),
    ],
)
def test_pushback(error, pushback):
    """
    Clients get the delay if it is known, and the order not to repeat if that cannot succeed (gRFC A6).
    """
    assert pushback == errortax.render(error, "grpc").headers.get("grpc-retry-pushback-ms")


def test_size():
    """
    A status stays so small that clients take it: the largest details go first.
    """
    complaints = [{"field": f"items.{number}", "message": "is missing " * 3} for number in range(100)]
    few = errortax.render(changed(field_errors=complaints[:20], message="x" * 500), "grpc", expose="operator")
    many = errortax.render(changed(field_errors=complaints, message="x" * 500), "grpc", expose="operator")
    assert {"BadRequest", "DebugInfo"} <= details_of(few)[1].keys()
    assert {"ErrorInfo", "RetryInfo", "Help", "LocalizedMessage", "DebugInfo"} == details_of(many)[1].keys()
    assert LIMITED.code == errortax.read(many, "grpc").code
    nothing = errortax.render(changed(code="\u00fc" * 2000), "grpc")
    assert len(nothing.headers["grpc-status-details-bin"]) < 6000
    assert errortax.read(nothing, "grpc") is None


def test_what_no_message_can_hold():
    """
    Half a surrogate pair becomes a replacement character.
    """
    response = errortax.render(changed(message="a\ud800b"), "grpc", expose="operator")
    _, details = details_of(response)
    debug = error_details_pb2.DebugInfo()
    assert details["DebugInfo"].Unpack(debug)
    assert "a\ufffdb" == debug.detail


class TrailersOnly:
    """The least server of HTTP/2 that answers one call with the header fields of a response, and with nothing else."""

    def __init__(self, response):
        self.response = response
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self):
        """Answer one call, and stay until the client goes."""
        with closing(self.listening), self.listening.accept()[0] as connection, connection.makefile("rb") as stream:
            connection.settimeout(GENEROUS)
            connection.sendall(frame(4, 0, 0, b""))  # SETTINGS
            stream.read(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
            while head := stream.read(9):
                kind, flags, number = head[3], head[4], int.from_bytes(head[5:], "big")
                payload = stream.read(int.from_bytes(head[:3], "big"))
                if kind == 1:  # HEADERS, answered with HEADERS that end the stream
                    connection.sendall(frame(1, 0x05, number, self.block()))
                elif kind in (4, 6) and not flags & 1:  # SETTINGS and PING want an acknowledgement
                    connection.sendall(frame(kind, 1, 0, payload if kind == 6 else b""))

    def block(self):
        """Return the header fields as HPACK literals (:rfc:`7541#section-6.2.2`)."""
        headers = self.response.headers
        fields = [(":status", str(self.response.status)), *((name, value) for name in headers for value in headers.get_all(name))]
        return b"".join(b"\0" + literal(name) + literal(value) for name, value in fields)


def frame(kind, flags, number, payload):
    """Return a frame of HTTP/2 (:rfc:`9113#section-4.1`)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + number.to_bytes(4, "big") + payload


def literal(text):
    """Return a text with its length before it (:rfc:`7541#section-5.2`)."""
    length, rest = [], len(text)
    if rest < 127:
        return bytes([rest]) + text.encode()
    rest -= 127
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    return bytes([127, *length, rest]) + text.encode()


def test_real_client():
    """
    A client of gRPC takes the very response for a call that failed, with its details, and so does grpcio-status.
    """
    server = TrailersOnly(Translator("grpc", locale="ja").answer(LIMITED))
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(server.serve)
        with (
            grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel,
            pytest.raises(grpc.RpcError) as caught,
        ):
            channel.unary_unary("/Service/Call")(b"", timeout=GENEROUS)
        served.result(GENEROUS)
    failure = caught.value
    assert grpc.StatusCode.RESOURCE_EXHAUSTED is failure.code()
    rich = rpc_status.from_call(failure)  # which compares the percent-encoded message with that of the status
    delay = error_details_pb2.RetryInfo()
    assert rich.details[1].Unpack(delay)
    assert 20 == delay.retry_delay.seconds
    assert "20000" == dict(failure.trailing_metadata())["grpc-retry-pushback-ms"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"grpc-status": "8"},
        {"grpc-status": "8", "grpc-status-details-bin": "/"},
        {"grpc-status": "8", "grpc-status-details-bin": "é"},
        {"grpc-status": "8", "grpc-status-details-bin": "////"},
        {"grpc-status": "8", "grpc-status-details-bin": ""},
        {"grpc-status-details-bin": errortax.render(LIMITED, "grpc").headers["grpc-status-details-bin"]},
        {"grpc-status": "0", "grpc-status-details-bin": errortax.render(LIMITED, "grpc").headers["grpc-status-details-bin"]},
    ],
)
def test_no_error(headers):
    """
    Without a status, without details and for a success there is no error to read.
    """
    assert errortax.read(RawResponse(200, headers, b""), "grpc") is None


def test_padding():
    """
    Base64 may be padded, and fields of one name may have been joined.
    """
    fields = dict(errortax.render(LIMITED, "grpc").headers)
    text = fields["grpc-status-details-bin"]
    padded = text + "=" * (-len(text) % 4)
    for value in (padded, f"{text},{text}"):
        assert LIMITED.code == errortax.read(RawResponse(200, {**fields, "grpc-status-details-bin": value}), "grpc").code


def encoded(*details):
    """Return the response with these details."""
    status = status_pb2.Status(code=8, message="odd")
    for detail in details:
        if isinstance(detail, Any):
            status.details.append(detail)
        else:
            status.details.add().Pack(detail)
    text = b64encode(status.SerializeToString()).decode()
    return RawResponse(200, {"grpc-status": "8", "grpc-status-details-bin": text}, b"")


def test_odd_details():
    """
    Details of other types, broken ones and impossible delays are passed over.
    """
    info = error_details_pb2.ErrorInfo(
        reason="RATE_LIMITED", domain="else", metadata={"vendor": "youforce", "code": "429", "retryability": "after_delay"}
    )
    odd = (
        Any(type_url="type.googleapis.com/acme.Secret", value=b"\x08\x01"),
        Any(type_url="", value=b""),
        Any(type_url="type.googleapis.com/google.rpc.DebugInfo", value=b"\xff"),
        Duration(seconds=5),
        error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2**62)),
    )
    read = errortax.read(encoded(*odd, info), "grpc")
    assert ("youforce", "429", None, None) == (read.vendor, read.code, read.retry_after, read.message)
    assert errortax.read(encoded(*odd), "grpc") is None


@given(errors)
def test_any_error(error):
    """
    Any error can be written, and its category can be read.
    """
    response = errortax.render(error, "grpc", expose="operator")
    assert len(response.headers["grpc-status-details-bin"]) < 6000
    read = errortax.read(response, "grpc")
    assert read is None or error.category is read.category


MESSAGES = st.sampled_from([getattr(error_details_pb2, name) for name in error_details_pb2.DESCRIPTOR.message_types_by_name])
DETAILS = st.builds(
    lambda kind, value: Any(type_url=f"type.googleapis.com/{kind.DESCRIPTOR.full_name}", value=value),
    MESSAGES,
    st.binary(max_size=60),
)


@given(st.lists(DETAILS, max_size=6))
def test_hostile_details(details):
    """
    No details make reading raise an exception.
    """
    read = errortax.read(encoded(*details), "grpc")
    assert read is None or isinstance(read, CanonicalError)


@given(st.binary(max_size=200), st.text(max_size=60))
def test_hostile_bytes(data, text):
    """
    No bytes make reading raise an exception.
    """
    for value in (b64encode(data).decode(), text, data):
        read = errortax.read(RawResponse(200, [("grpc-status", "8"), ("grpc-status-details-bin", value)], data), "grpc")
        assert read is None or isinstance(read, CanonicalError)


@pytest.mark.parametrize("name", ["grpc", "connect"])
@pytest.mark.parametrize("missing", ["google.protobuf", "google.rpc"])
def test_missing_library(name, missing):
    """
    A missing library is reported when the format is chosen, and the message says how to install it.
    """
    with errortax_without(missing) as anew:
        limited, blank = anew.CanonicalError.from_dict(LIMITED.to_dict()), anew.RawResponse(200)
        for use in (lambda: anew.render(limited, name), lambda: anew.Translator(name), lambda: anew.read(blank, name)):
            with pytest.raises(ImportError, match=r"need googleapis-common-protos .*pip install 'errortax\[grpc\]'"):
                use()
