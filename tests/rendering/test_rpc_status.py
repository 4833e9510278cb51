from __future__ import annotations

import pytest

import errortax
from changing import changed
from errortax import FieldError
from errortax.testing import documented_errors, fake
from noting import noted

each_format = pytest.mark.parametrize("name", ["connect", "google.rpc", "grpc"])
KEPT = (
    "vendor", "code", "category", "retryability", "action", "actor", "retry_after", "min_delay", "request_id", "field_errors",
    "message", "emitted_status",
)  # fmt: skip


@each_format
def test_round_trip(name):
    """
    Of every documented error all survives that a google.rpc.Status has room for.
    """
    for vendor, code in documented_errors():
        with noted(vendor, code):
            error = errortax.parse(fake(vendor, code), vendor)
            read = errortax.read(errortax.render(error, name, expose="operator"), name)
            assert {member: getattr(error, member) for member in KEPT} == {member: getattr(read, member) for member in KEPT}


@each_format
def test_fields(name):
    """
    A delay, an id, complaints about fields and a text survive, too.
    """
    errors = [{"field": "user.name", "message": "too short"}, {"field": None, "message": ""}]
    error = changed(retry_after=20.5, request_id="req-1", field_errors=errors, message="Slow down")
    read = errortax.read(errortax.render(error, name, expose="operator"), name)
    assert (20.5, "req-1", "Slow down") == (read.retry_after, read.request_id, read.message)
    assert (FieldError("user.name", "too short"), FieldError(None, "")) == read.field_errors
