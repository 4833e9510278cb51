from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "responses"

VERDICTS = {
    "authrocket-invalid-user.http": ("authrocket", "422", "invalid_argument", "after_action"),
    "authrocket-rate-limited.http": ("authrocket", "429", "rate_limited", "after_delay"),
    "gopoints-otp-needed.http": ("gopoints", "critical.auth.required", "challenge_required", "after_action"),
    "gopoints-token-expired.http": ("gopoints", "auth.token.expired", "credentials_expired", "after_action"),
    "planoauth-client-required.http": ("planoauth", "client-required", "failed_precondition", "after_action"),
    "planoauth-session-expired.http": ("planoauth", "session-expired", "credentials_expired", "after_action"),
    "proxy-bad-gateway.http": ("http", "502", "dependency_failed", "backoff"),
    "youforce-conflict.http": ("youforce", "409", "conflict", "reconcile"),
}


def verdict(error):
    """Return the parts that distinguish one verdict from another."""
    return error["vendor"], error["code"], error["category"], error["retryability"]


def test_all_messages_are_known():
    """
    Every raw message among the examples is tested.
    """
    assert set(VERDICTS) == {path.name for path in EXAMPLES.glob("*.http")}


@pytest.mark.parametrize("name", VERDICTS)
def test_message(run, name):
    """
    Each raw message comes out as the right vendor's right error.
    """
    result = run("parse", "--vendor", "auto", "--format", "ndjson", EXAMPLES / name)
    assert (0, "") == (result.exit_code, result.stderr)
    assert VERDICTS[name] == verdict(json.loads(result.stdout)["error"])


def test_ndjson(run):
    """
    The lines of the NDJSON example come out as four vendors' errors and one pending request.
    """
    result = run("parse", "--format", "ndjson", EXAMPLES / "traffic.ndjson")
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert (0, "") == (result.exit_code, result.stderr)
    assert [
        ("authrocket", "404", "not_found", "after_action"),
        ("gopoints", "request.validation.failed", "invalid_argument", "after_action"),
        ("planoauth", "route-non-existent", "endpoint_not_found", "never"),
        ("youforce", "503", "unavailable", "backoff"),
    ] == [verdict(report["error"]) for report in reports[:4]]
    assert 120.0 == reports[3]["error"]["retry_after"]
    assert ("pending", 30.0) == (reports[4]["outcome"], reports[4]["retry_after"])


def test_har(run):
    """
    The entries of the HAR example, including the base64 body, get their vendors from their hosts.
    """
    result = run("parse", "--format", "ndjson", EXAMPLES / "browser.har")
    success, *errors = [json.loads(line) for line in result.stdout.splitlines()]
    assert (0, "") == (result.exit_code, result.stderr)
    assert "success" == success["outcome"]
    assert [
        ("gopoints", "auth.otp.invalid", "challenge_failed", "after_action"),
        ("youforce", "404", "not_found", "after_action"),
        ("authrocket", "409", "failed_precondition", "after_action"),
    ] == [verdict(report["error"]) for report in errors]
