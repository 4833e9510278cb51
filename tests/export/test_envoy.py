from __future__ import annotations

import json
import re

import pytest
from attrs import evolve

from errortax.export import MARK, envoy, lookups, rows

VENDORS = ("authrocket", "gopoints", "http", "planoauth", "youforce")


@pytest.fixture(scope="module")
def text():
    """Return the routes about all vendors."""
    [(name, content)] = envoy.files(rows(), lookups(), command="errortax export envoy").items()
    assert "retry-routes.yaml" == name
    return content


def policies(text, vendor):
    """Return the policies of a vendor, each a mapping: with an idempotency key, of idempotent methods, of the others."""
    host = text.partition(f'- name: "{vendor}"\n')[2].partition("\n- name:")[0]
    found = []
    for part in host.split("retry_policy:\n")[1:]:
        members = re.findall(r"^ {8}(\w+): (.*)$", part, re.MULTILINE)
        found.append({name: json.loads(value) for name, value in members})
    return found


def test_heading(text):
    """
    The file states the command that made it, and its limits.
    """
    assert text.startswith(f"# {MARK} ")
    assert all(f"# - {limit}\n" in text for limit in envoy.LIMITS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_other_methods(text, vendor):
    """
    With methods that are not idempotent, only requests that were refused before they were processed are repeated.
    """
    with_key, idempotent, others = policies(text, vendor)
    assert with_key == idempotent
    assert [421, 423, 425, 429] == others["retriable_status_codes"]
    assert "connect-failure,refused-stream,retriable-status-codes" == others["retry_on"]


def test_statuses(text):
    """
    A status is repeated if every code that is documented with it may be repeated soon.
    """
    repeated = {vendor: policies(text, vendor)[1]["retriable_status_codes"] for vendor in VENDORS}
    assert 500 in repeated["youforce"]
    assert 500 not in repeated["planoauth"], "a route that does not exist is a 500, too"
    assert not {500, 502, 503, 504} & {*repeated["authrocket"]}, "which asks for minutes"
    assert not {400, 401, 404, 505} & {status for statuses in repeated.values() for status in statuses}


def test_rate_limit(text):
    """
    The vendor's own field has the reset time, once as seconds and once as Unix time.
    """
    headers = policies(text, "authrocket")[0]["rate_limited_retry_back_off"]["reset_headers"]
    names = [(header["name"], header["format"]) for header in headers]
    assert [("Retry-After", "SECONDS"), ("RateLimit-Reset", "SECONDS")] == names[:2]
    assert ("RateLimit-Reset", "UNIX_TIMESTAMP") in names


def test_hosts(text):
    """
    A vendor without hosts gets all other hosts; ports make no difference.
    """
    assert "\nignore_port_in_host_matching: true\n" in text
    assert '- name: "gopoints"\n  domains: ["*.gopoints.net"]' in text
    assert '- name: "http"\n  domains: ["*"]' in text


@pytest.mark.parametrize(("vendors", "rest"), [(("acme", "http", "zeta"), "http"), (("acme", "zeta"), "acme")])
def test_several_vendors_without_hosts(vendors, rest):
    """
    One of them gets all other hosts, the generic one if it is there; the others wait for a host.
    """
    known = [evolve(lookups()[0], vendor=vendor, hosts=()) for vendor in vendors]
    (content,) = envoy.files([], known, command="").values()
    found = dict(re.findall(r'^- name: "(\w+)"\n(?:  # .*\n)?  domains: (.*)$', content, re.MULTILINE))
    assert {vendor: json.dumps(["*" if vendor == rest else f"{vendor}.invalid"]) for vendor in vendors} == found
    assert len(vendors) - 1 == content.count("write your host for it here")


def test_nothing_to_repeat():
    """
    If no status may be repeated, the policy has none.
    """
    never = [row for row in rows(vendors=["gopoints"]) if not row.retryable]
    [text] = envoy.files(never, lookups(vendors=["gopoints"]), command="x").values()
    assert ["connect-failure,refused-stream,reset"] * 2 + ["connect-failure,refused-stream"] == [
        policy["retry_on"] for policy in policies(text, "gopoints")
    ]
    assert "retriable_status_codes" not in text
