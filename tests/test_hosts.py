"""
Patterns of host names.
"""

from __future__ import annotations

import pytest

from errortax.registry.hosts import Hosts

HOSTS = Hosts(
    {
        "api.example.com": "exact",
        "*.example.com": "subdomain",
        "*.eu.example.com": "deeper",
        "api.*.example.com": "inner",
        "api.us.*.com": "other inner",
        "*.*.amazonaws.test": "two",
    }
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.example.com", "exact"),
        ("API.Example.com.", "exact"),
        ("www.example.com", "subdomain"),
        ("a.b.example.com", "subdomain"),
        ("example.com", None),
        ("x.eu.example.com", "deeper"),
        ("api.us.example.com", "inner"),
        ("api.us.example.org", None),
        ("api.us.sample.com", "other inner"),
        ("s3.eu.amazonaws.test", "two"),
        ("eu.amazonaws.test", None),
        ("api..example.com", None),
        ("", None),
    ],
)
def test_find(host, expected):
    """
    The longest pattern that fits decides, an exact name before all.
    """
    assert expected == HOSTS.find(host)


def test_order_means_nothing():
    """
    The order of the patterns changes nothing.
    """
    patterns = {"*.example.com": 1, "api.*.example.com": 2, "*.eu.example.com": 3}
    turned = Hosts(dict(reversed(patterns.items())))
    for host in ("api.eu.example.com", "x.eu.example.com", "api.x.example.com", "example.com", "a.example.com"):
        assert Hosts(patterns).find(host) == turned.find(host)


def test_work_is_bounded():
    """
    A host with very many labels is looked up by few steps.
    """
    assert "subdomain" == HOSTS.find("a." * 500 + "example.com")
