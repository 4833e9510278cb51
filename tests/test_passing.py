"""
Which header fields of an upstream pass into our answer, and which are ours.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from errortax import RawResponse, Translator, parse
from errortax.gateway import PASSED_HEADERS

REFUSED = RawResponse(401, {"X-RateLimit-Limit": "17"}, b'{"status": "error", "error_code": "auth.token.expired"}')
SECRET = "sk_live_51HabcdefGhijklmnopqrstuv"


def headers_of(raw, vendor="gopoints", **choices):
    """Return the header fields of the answer to the upstream's *raw* response, with lists of values."""
    answer = Translator(**choices).translate(raw, vendor)
    return {name: list(answer.headers.get_all(name)) for name in answer.headers}


def upstream(**fields):
    """Return an error of an upstream with these header fields."""
    return evolve(REFUSED, headers=[(name.replace("_", "-"), value) for name, value in fields.items()])


def test_headers_that_pass():
    """
    The fields in the list pass, in any letter case; no other field passes.
    """
    raw = upstream(
        Allow="GET, POST", CACHE_CONTROL="no-store",
        RateLimit='"default";r=0;t=9', RateLimit_Policy='"default";q=10', X_RateLimit_Reset="30",
        Access_Control_Allow_Origin="https://app.example", Server="nginx", X_Powered_By="PHP", X_Allow="GET",
        ETag='"a"', Location="/login",
        WWW_Authenticate="Basic", Via="1.1 inner", X_Request_ID="rq_1",
    )  # fmt: skip
    found = headers_of(raw)
    own = {"content-type", "content-language", "content-length", "vary", "www-authenticate"}
    passed = {"allow", "cache-control", "ratelimit", "ratelimit-policy", "x-ratelimit-reset", "access-control-allow-origin"}
    assert own | passed == found.keys()
    assert ["GET, POST"] == found["allow"]
    assert found["www-authenticate"][0].startswith("Bearer")


def test_own_list():
    """
    A list of the user's replaces the default one; a star means any rest of the name.
    """
    raw = upstream(X_Note="a", X_Note_More="b", X_Other="c", Allow="GET")
    assert {"x-note", "x-note-more"} == headers_of(raw, pass_headers=["X-Note*"]).keys() & {
        "x-note",
        "x-note-more",
        "x-other",
        "allow",
    }
    assert {"x-other"} == headers_of(raw, pass_headers=("x-other",)).keys() & {"x-note", "x-note-more", "x-other", "allow"}
    assert not headers_of(raw, pass_headers=()).keys() & {"x-note", "x-note-more", "x-other", "allow"}
    assert {"x-note", "x-other", "allow"} <= headers_of(raw, pass_headers={"*"}).keys()
    assert "allow" in headers_of(raw, pass_headers=iter(["allow"]))


WRONG_FIELDS = (
    "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade", "TE", "Content-Encoding", "Content-Length",
    "Content-Range", "Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "ETag", "Last-Modified", "Accept-Ranges",
    "Content-Type", "Content-Language", "Content-Location", "Retry-After",
)  # fmt: skip


@pytest.mark.parametrize("name", WRONG_FIELDS)
def test_headers_that_never_pass(name):
    """
    Fields about the upstream's own body or connection pass under no pattern, and their names are refused.
    """
    raw = evolve(REFUSED, headers=[(name, "17"), ("X-Note", "a")])
    found = headers_of(raw, pass_headers=["*"])
    assert ["a"] == found["x-note"]
    assert ["17"] != found.get(name.lower())
    assert 1 == len(found["content-length"])
    with pytest.raises(ValueError, match="belongs to the upstream's body or connection"):
        Translator(pass_headers=[name])


@pytest.mark.parametrize("value", ["a\nSet-Cookie: b=c", "a\r\nb", "\u20ac", "a\x00", SECRET, f"token={SECRET}", "x" * 5000])
def test_values_that_do_not_pass(value):
    """
    A value with a secret, or with a character that a field cannot have, does not pass.
    """
    found = headers_of(evolve(REFUSED, headers=[("X-Note", value), ("X-Other", "b")]), pass_headers=["*"])
    assert "x-note" not in found
    assert ["b"] == found["x-other"]


LIMITS = [
    "17", "-1", "1.5", "6m0s", "250ms", "100, 100;w=60", "5000;window=3600", "limit=10, remaining=0, reset=5",
    '"default";q=100;w=10', 'policy="default"', "Sun, 22 Nov 2026 06:50:13 GMT", "2026-11-22T06:50:13.5Z",
    "2026-11-22 06:50:13 UTC",
]  # fmt: skip
AS_MEANT = [
    *(("X-RateLimit-Reset", value) for value in LIMITS),
    ("RateLimit-Policy", '"default";q=100'),
    ("Allow", "GET, VERSION-CONTROL"), ("Vary", "Origin, X-Tenant"), ("Vary", "*"),
    ("Cache-Control", "Private, max-age=0,must-revalidate"), ("Cache-Control", "public, s-maxage=60, stale-if-error=600"),
    ("Access-Control-Allow-Origin", "https://app.example:8443"), ("Access-Control-Allow-Origin", "http://[::1]:80"),
    ("Access-Control-Allow-Origin", "null"), ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Allow-Origin", "https://app-5f3a9c7e1b2d4.example"),
    ("Access-Control-Allow-Headers", "Content-Type, X-Tenant"), ("Access-Control-Max-Age", "600"),
]  # fmt: skip
AS_A_TEXT = [
    ("X-RateLimit-Reason", "host db-7 is down"), ("X-RateLimit-Scope", "tenant-7"), ("RateLimit", "17 left"),
    ("RateLimit-Policy", '"for tenant 7";q=1'), ("RateLimit-Policy", "q=1;comment=a"), ("X-RateLimit-Limit", "17;"),
    ("Allow", "nothing at all"), ("Vary", "the host db-7"), ("Cache-Control", 'private, community="db-7"'),
    ("Cache-Control", "db-7"), ("Access-Control-Allow-Origin", "db-7"), ("Access-Control-Note", "host db-7"),
    ("Access-Control-Allow-Origin", "https://a.example/db-7"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), AS_MEANT)
def test_usual_values_pass(name, value):
    """
    Fields that pass by default pass with their usual values: quantities, times, names, origins.
    """
    assert [value] == headers_of(evolve(REFUSED, headers=[(name, value)]), locale="en")[name.lower()]


@pytest.mark.parametrize(("name", "value"), AS_A_TEXT)
def test_texts_in_headers_that_pass(name, value):
    """
    Free text of the upstream does not pass in a field that passes by default, but does in a field that the user named in full.
    """
    raw = evolve(REFUSED, headers=[(name, value)])
    strictest = {"cache-control": ["no-store"], "vary": ["*"]}.get(name.lower())
    for patterns in (PASSED_HEADERS, [name], ["*"]):
        found = headers_of(raw, locale="en", pass_headers=patterns)
        passes = patterns == [name] and name.lower() not in PASSED_HEADERS
        assert ([value] if passes else strictest) == found.get(name.lower())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"), ("Cache-Control", "private, x-a=1"),
        ("Cache-Control", 'private="Set-Cookie", max-age=0'), ("Cache-Control", "max-age=0, private,"), ("Cache-Control", ""),
        ("Vary", "Origin,, X-Tenant"), ("Vary", "X-Tenant,"), ("Vary", "Cookie, X-Long-ghp_MadeUpExample0MadeUp"),
    ],
)  # fmt: skip
def test_strictest_values_for_caches(name, value):
    """
    If a field that restricts caches cannot pass unchanged, its strictest value takes its place.
    """
    expected = {"Cache-Control": "no-store", "Vary": "*"}[name]
    raw = evolve(REFUSED, headers=[("Cache-Control", "public, max-age=600"), (name, value)])
    assert [expected] == headers_of(raw)[name.lower()]


@pytest.mark.parametrize(
    ("name", "value", "passes"),
    [
        ("RateLimit-Policy", '"gopoints-basic";q=100;w=60', False), ("X-RateLimit-Resource", '"gopoints.members"', False),
        ("RateLimit", 'policy="gopoints"', False), ("RateLimit", "limit=10, remaining=0", True),
        ("X-RateLimit-Reset", "6m0s", True),
    ],
)  # fmt: skip
def test_names_of_limits(name, value, passes):
    """
    A limit's name may be the vendor's name, which not every audience may see.
    """
    raw = evolve(REFUSED, headers=[(name, value)])
    assert passes == (name.lower() in headers_of(raw, expose="public"))
    assert [value] == headers_of(raw, expose="developer")[name.lower()]


@pytest.mark.parametrize("name", ["x-ratelimit-a\r\nset-cookie: b", "x-ratelimit-a b", "x-ratelimit-\xe9", "x-ratelimit-", ""])
def test_malformed_names(name):
    """
    A malformed field name fits no pattern, since it might end the line and begin another one.
    """
    found = headers_of(evolve(REFUSED, headers=[(name, "17")]), pass_headers=["x-ratelimit-*", "*"])
    assert (name == "x-ratelimit-") == (name in found)


def test_letters_that_look_alike():
    """
    No letter outside ASCII counts as the other case of an ASCII letter.
    """
    assert "x-ratelimit-limit" not in headers_of(upstream(X_RateLimit_Limit="no-\u017ftore"))


@pytest.mark.parametrize("value", ["a=b", "123456", "public", '"hunter2hunter2"'])
@pytest.mark.parametrize(
    "name",
    ["Authorization", "Set-Cookie", "X-Api-Key", "X-Session-Token", "X-OTP", "X-RateLimit-Token", "Access-Control-X-Otp"],
)
def test_secret_headers(name, value):
    """
    Fields with secret values never pass, whatever the value looks like, even if the pattern fits.
    """
    raw = evolve(REFUSED, headers=[(name, value)])
    for patterns in (PASSED_HEADERS, ["*"], [name]):
        assert name.lower() not in headers_of(raw, pass_headers=patterns)


def test_own_headers_go_first():
    """
    If the answer has a field of its own, the upstream's field does not pass, even if its name is in the list.
    """
    found = headers_of(upstream(Cache_Control="max-age=60"), to="oauth")
    assert ["no-store"] == found["cache-control"]


def test_challenge_of_the_upstream():
    """
    If WWW-Authenticate is in the list, the upstream's challenge replaces ours; without one, ours remains.
    """
    assert ["Basic"] == headers_of(upstream(WWW_Authenticate="Basic"), pass_headers=["www-authenticate"])["www-authenticate"]
    [ours] = headers_of(upstream(), pass_headers=["www-authenticate"])["www-authenticate"]
    assert ours.startswith("Bearer")
    denied = evolve(upstream(WWW_Authenticate="Basic"), status=403, body=b"")
    assert ["Basic"] == headers_of(denied, "http", pass_headers=["www-authenticate"])["www-authenticate"]


def test_repeated_headers():
    """
    Fields with the same name are joined (RFC 9110, section 5.2).
    """
    raw = evolve(REFUSED, headers=[("Allow", "GET"), ("allow", "PUT")])
    assert ["GET, PUT"] == headers_of(raw)["allow"]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (None, "Accept-Language"),
        ("Origin", "Origin, Accept-Language"),
        ("*", "*"),
        ("accept-language", "accept-language"),
        ("X-Accept-Language", "X-Accept-Language, Accept-Language"),
    ],
)
def test_vary(theirs, expected):
    """
    The upstream's ``Vary`` and ours are one field.
    """
    raw = REFUSED if theirs is None else upstream(Vary=theirs)
    assert [expected] == headers_of(raw)["vary"]
    assert ([theirs] if theirs else None) == headers_of(raw, locale="en").get("vary")


def test_several_vary_fields():
    """
    Several fields of the upstream become one, too.
    """
    raw = evolve(REFUSED, headers=[("Vary", "Origin"), ("Vary", "Accept-Encoding")])
    assert ["Origin, Accept-Encoding, Accept-Language"] == headers_of(raw)["vary"]


def test_vendor_that_the_registry_does_not_hold():
    """
    For a vendor of another registry, the same fields pass as for the generic vendor.
    """
    error = parse(REFUSED, "gopoints")
    stranger = error.__class__.from_dict(error.to_dict() | {"vendor": "acme-pay"})
    raw = upstream(Allow="GET", X_RateLimit_Reset=SECRET)
    answer = Translator().answer(stranger, upstream=raw)
    assert "GET" == answer.headers["allow"]
    assert "x-ratelimit-reset" not in answer.headers


def test_answers_for_one_caller():
    """
    No cache may store an answer that depends on the caller, whatever the upstream's fields say.
    """
    raw = upstream(Cache_Control="public, max-age=60")
    assert ["no-store"] == headers_of(raw, expose=lambda _: "operator")["cache-control"]
    assert ["public, max-age=60"] == headers_of(raw, expose="operator")["cache-control"]
