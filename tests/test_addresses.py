"""
The address of a request, as texts and logs show it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.model.addresses import safe_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example/orders/7", "https://api.example/orders/7"),
        ("https://api.example:8443", "https://api.example:8443"),
        ("https://ada:swordfish@api.example/me", "https://api.example/me"),
        ("https://a@b:c@api.example/", "https://api.example/"),
        ("https://[::1]:80/?q=1", "https://[::1]:80/?q=[redacted]"),
        ("https://api.example/?api_key=s3cret&page=2&empty=", "https://api.example/?api_key=[redacted]&page=[redacted]&empty="),
        ("https://api.example/?s3cret", "https://api.example/?[redacted]"),
        ("https://api.example/?a=b=c", "https://api.example/?a=[redacted]"),
        ("https://api.example/#access_token=s3cret", "https://api.example/"),
        ("https://api.example/?a=1#b?c", "https://api.example/?a=[redacted]"),
        ("/orders?key=1", "/orders?key=[redacted]"),
        ("https://api.example/a b\r\nc", "https://api.example/a%20b%20%20c"),
        ("https://user:" + "s" * 3000 + "@api.example/", "https://api.example/"),
        ("https://api.example/" + "x" * 3000, "https://api.example/" + "x" * 1980 + "…"),
        ("https://jo:pa/ss@word@api.example/me?a=1", "https://api.example/me?a=[redacted]"),
        ("https://jo:pa?ssword@api.example/me", "https://api.example/me"),
        ("https://jo:pa#ssword@api.example/me", "https://api.example/me"),
        ("//jo:pa/ssword@api.example", "//api.example"),
        ("https://api.example:8443/@jo", "https://api.example:8443/@jo"),
        ("https://api.example/@jo?a=b@c", "https://api.example/@jo?a=[redacted]"),
        ("https://api.example:/@jo", "https://api.example:/@jo"),
        ("https://[::1]/@jo", "https://[::1]/@jo"),
        ("https://jo@[::1]:80/@jo", "https://[::1]:80/@jo"),
        ("https://api.example:port/orders", "https://api.example:port/orders"),
        ("/to?next=https://jo@api.example", "/to?next=[redacted]"),
        (
            "https://api.example/a;jsessionid=31d4d96e/b;v=;x;y=1=2?c",
            "https://api.example/a;jsessionid=[redacted]/b;v=;x;y=[redacted]?[redacted]",
        ),
        ("", ""),
    ],
)
def test_safe_url(url, expected):
    """
    Scheme, host, port, path and all names stay; user information, values in path and query, and the fragment go.
    """
    assert expected == safe_url(url)


words = st.text("abcdefgh0123456789", min_size=1)


@given(user=words, password=words, path=words, query=st.dictionaries(words, words, max_size=3), fragment=words)
def test_no_secret_is_left(user, password, path, query, fragment):
    """
    Whatever is put into user information, values and fragment, the result is the same.
    """
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    masked = "&".join(f"{name}=[redacted]" for name in query)
    safe = safe_url(f"https://{user}:{password}@api.example/{path}?{pairs}#{fragment}")
    assert f"https://api.example/{path}?{masked}" == safe


@given(user=words, password=st.from_regex(r"[a-z][a-z0-9/?#:;=&%\\[\]]*", fullmatch=True))
def test_passwords_with_signs(user, password):
    """
    A password is left out even if its signs are not escaped.
    """
    assert "https://api.example/me" == safe_url(f"https://{user}:{password}@api.example/me")


@given(st.text())
def test_any_text(url):
    """
    Any text is accepted, and the result is one line of limited length.
    """
    safe = safe_url(url)
    assert safe.isprintable()
    assert len(safe) <= 2001
