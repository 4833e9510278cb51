"""
Bodies: their kind and their document.
"""

from __future__ import annotations

import _thread
import codecs
import gc
import gzip
import inspect
import json
import math
import sys
import time
import zlib
from contextlib import suppress
from importlib.util import find_spec
from types import SimpleNamespace

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from anew import imported_anew
from errortax import BodyKind, Headers, RawResponse
from errortax.http import BODY_CAP
from errortax.parsing import DEPTH_LIMIT, decoding, unsupported_coding
from timing import least_times

NONE = Headers()
SLUG = b'{"code": 401, "status": "session-expired"}'
MISSING = {"msgspec": None, "msgspec.json": None}
DECODERS = {"json": imported_anew(decoding, MISSING)} | ({"msgspec": decoding} if find_spec("msgspec") else {})
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture(params=DECODERS, scope="session")
def decoder(request):
    """Return the module without msgspec, and with it."""
    return DECODERS[request.param]


@pytest.fixture(scope="session")
def decode(decoder):
    """Run each test without msgspec, and with it; return kind and document, and leave out whether reading was lenient."""
    return lambda body, headers: decoder.decode(RawResponse(None, headers, body))[:2]


@pytest.fixture(scope="session")
def decode_leniently(decoder):
    """Return kind, document, and whether reading was lenient."""
    return lambda body, headers: decoder.decode(RawResponse(None, headers, body))


def typed(content_type):
    """Return headers with this Content-Type."""
    return Headers({"Content-Type": content_type})


def coded(*codings):
    """Return headers with one Content-Encoding for each argument."""
    return Headers([("Content-Encoding", coding) for coding in codings])


def bare_deflate(data):
    """Compress without the zlib wrapper."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, BodyKind.UNREAD),
        (b"", BodyKind.EMPTY),
        (" \n", BodyKind.EMPTY),
        (b"\r\n ", BodyKind.EMPTY),
        (b"\xef\xbb\xbf", BodyKind.EMPTY),
        ("", BodyKind.EMPTY),
        (" ".encode("utf-16"), BodyKind.EMPTY),
        ("\x0b", BodyKind.EMPTY),
    ],
)
def test_nothing(decode, body, kind):
    """
    An unread body and a blank body are different kinds.
    """
    assert (kind, None) == decode(body, NONE)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("text", ['{"a": ["ü", "\U0001f600"]}', "[1, 2]", '"\u65e5"', "-1.5", "true", "null", " \n{} \r\n\t"])
def test_unicode_encodings(decode, encoding, text):
    """
    JSON is read in every Unicode encoding, with or without a byte order mark, whatever its root.
    """
    assert (BodyKind.JSON, json.loads(text)) == decode(text.encode(encoding), NONE)


@pytest.mark.parametrize("content_type", ["text/html", "application/x-www-form-urlencoded", "nonsense", ""])
def test_wrong_content_type(decode, content_type):
    """
    JSON is recognised with any Content-Type.
    """
    assert (BodyKind.JSON, {"code": 401, "status": "session-expired"}) == decode(SLUG, typed(content_type))


@pytest.mark.parametrize("body", ['{"a": 1}', '\ufeff{"a": 1}', b'{"a": 1}\n', b' {"a": 1}', b'{"a": 0, "a": 1}'])
def test_same_document(decode, body):
    """
    A text, blanks around it and duplicate keys (the last one counts) make no difference.
    """
    assert (BodyKind.JSON, {"a": 1}) == decode(body, NONE)


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'["\\ud800"]', ["\ud800"]),
        ('["\ud800"]', ["\ud800"]),
        (b"[1e999, -1e999]", [math.inf, -math.inf]),
        (b"[Infinity]", [math.inf]),
        (b"-Infinity", -math.inf),
        (b"[18446744073709551617]", [2**64 + 1]),
        (b"[-0, -0.0]", [0, 0.0]),
    ],
)
def test_odd_values(decode, body, document):
    """
    Lone surrogates, infinities and large integers are accepted.
    """
    assert (BodyKind.JSON, document) == decode(body, NONE)


@pytest.mark.parametrize("body", [b"NaN", b"[NaN]", "[NaN]", b'{"a": [NaN]}'])
def test_not_a_number(decode, body):
    """
    NaN is accepted, as `json` does.
    """
    assert repr((BodyKind.JSON, json.loads(body))) == repr(decode(body, NONE))


@pytest.fixture(params=[0, 640, 4300, 100_000])
def digits_limit(request):
    """Set the number of digits of an integer that the interpreter reads."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(request.param)
    yield
    sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("wrap", [lambda body: body, bytes.decode, lambda body: b" " + body])
@pytest.mark.parametrize("padding", [b"", b" " * 63])
@pytest.mark.usefixtures("digits_limit")
def test_long_integers(decode, wrap, padding):
    """
    An integer of up to 4300 digits is exact, a longer one infinite, with any limit of the interpreter.
    """
    exact, long, longer = b"9" * 4300, b"1" * 4301, b"-" + b"2" * 10_000
    body = wrap(b"[" + padding + b",".join((exact, b"-" + exact, long, longer)) + b"]")
    assert (BodyKind.JSON, [10**4300 - 1, 1 - 10**4300, math.inf, -math.inf]) == decode(body, NONE)


@pytest.mark.parametrize(
    "body",
    [
        SLUG[:-1],
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[",
        b"{",
        "{",
        b"[01]",
        b'["\\x"]',
        b"[connection reset]",
    ],
)
def test_broken_json(decode, body):
    """
    JSON that is cut off or broken is not decodable, and is not a text unless it is declared as one.
    """
    assert (BodyKind.UNDECODABLE, None) == decode(body, NONE)
    assert (BodyKind.UNDECODABLE, None) == decode(body, typed("application/json"))
    assert (BodyKind.TEXT, body if isinstance(body, str) else body.decode()) == decode(body, typed("text/plain"))


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"a": "caf\xc3"}', {"a": "caf\ufffd"}),
        (b'{"a": "caf\xe9", "b": 1}', {"a": "caf\ufffd", "b": 1}),
        (b'{"a": "\xed\xa0\x80"}', {"a": "\ufffd" * 3}),
        (b'{"\xff": 1}', {"\ufffd": 1}),
        (b'["a\nb\tc\x00"]', ["a\nb\tc\0"]),
        ('["a\nb"]', ["a\nb"]),
        (b"[NaN]", None),
        (b"{}\x00", {}),
        (b"{}\x00\x00\r\n", {}),
        (b"{}\r\n0\r\n\r\n", {}),
        (b'{"a": 1}{"b": 2}', {"a": 1}),
        (b'{"a": 1}\n{"b": 2}\n', {"a": 1}),
        (b"[1] [2]", [1]),
        (b"{}</html>", {}),
        (b'{"a": 1}' + b"[" * 1000, {"a": 1}),
        (b'"text"\x00', "text"),
    ],
)
def test_lenient_reading(decode_leniently, body, document):
    """
    Bad bytes, control characters in strings and whatever follows the first value do not hide the value.
    """
    kind, found, is_lenient = decode_leniently(body, NONE)
    assert (BodyKind.JSON, True) == (kind, is_lenient)
    assert document is None or document == found


@pytest.mark.parametrize(
    "body", [SLUG, b" {} \r\n", b'["\\ud800"]', '["\ud800"]', b"plain text", b"a=b", b"<p>", b"", b"\x00\x01"]
)
def test_strict_reading(decode_leniently, body):
    """
    A body that follows the rules of its format is not read leniently, and neither is one that cannot be read.
    """
    assert not decode_leniently(body, NONE)[2]


CHARSETS = (
    "iso-8859-1", "windows-1252", "us-ascii", "utf-16", "utf-32", "shift_jis", "euc-jp", "gb18030", "euc-kr", "big5", "koi8-r"
)  # fmt: skip
WORDS = dict.fromkeys(CHARSETS, "\u65e5\u672c") | {
    "iso-8859-1": "café",
    "windows-1252": "\u201ccafé\u201d",
    "us-ascii": "cafe",
    "koi8-r": "\u043d\u0435\u0442",
    "euc-kr": "\ud55c\uad6d",
}


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("spelling", [str.lower, str.upper, lambda name: f'"{name}"', lambda name: f"{name} ; q=1"])
def test_declared_charset(decode, charset, spelling):
    """
    The declared charset counts for JSON that is not Unicode, and for a plain text first of all.
    """
    text = WORDS[charset]
    declared = f"profile=plain; charset={spelling(charset)}"
    assert (BodyKind.JSON, {"a": text}) == decode(f'{{"a": "{text}"}}'.encode(charset), typed(f"application/json; {declared}"))
    assert (BodyKind.TEXT, f"no: {text}") == decode(f"no: {text}".encode(charset), typed(f"text/plain; {declared}"))


def test_json_is_unicode_first(decode):
    """
    JSON in UTF-8 is read as such, whatever charset is declared.
    """
    assert (BodyKind.JSON, ["café"]) == decode('["café"]'.encode(), typed("application/json; charset=iso-8859-1"))


@pytest.mark.parametrize("charset", ["punycode", "idna", "zlib", "rot13", "unicode_escape", "utf-7", "nonsense", "", "\0", "é"])
def test_unlisted_charset(monkeypatch, decode, charset):
    """
    A charset outside of the list is not looked up, since the names of codecs come from the network.
    """
    monkeypatch.setattr(codecs, "lookup", None)
    for media_type in ("application/json", "text/plain"):
        headers = typed(f"{media_type}; charset={charset}")
        assert (BodyKind.JSON, ["caf\ufffd"]) == decode(b'["caf\xe9"]', headers)
        assert (BodyKind.TEXT, "caf\ufffd") == decode(b"caf\xe9", headers)
    start = time.process_time()
    decode(b'["\xe9' + b"a-" * 130_000 + b'"]', headers)
    assert time.process_time() - start < 1


def test_text_that_does_not_fit_its_charset(decode):
    """
    If a text does not fit its declared charset, it is read as UTF-8, and bad bytes are replaced.
    """
    assert (BodyKind.TEXT, "café") == decode("café".encode(), typed("text/plain; charset=utf-16"))
    assert (BodyKind.TEXT, "caf\ufffd") == decode(b"caf\xe9", typed("text/plain; charset=euc-kr"))


@pytest.mark.parametrize(
    "body", [b"too many requests", b"Not found", b"503 Service Unavailable", b'"quoted" words', b"-", "Ünavailable"]
)
def test_words(decode, body):
    """
    A text that begins like a JSON scalar is a text, even if its Content-Type is JSON.
    """
    text = body if isinstance(body, str) else body.decode()
    assert (BodyKind.TEXT, text) == decode(body, typed("text/plain"))
    assert (BodyKind.TEXT, text) == decode(body, typed("application/problem+json; charset=utf-8"))


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"<!DOCTYPE html><p>", "", BodyKind.HTML),
        (b"\n <HTML>\xfc", "", BodyKind.HTML),
        (b"<h1>502</h1>", "text/html", BodyKind.HTML),
        (b"<?xml version='1.0'?>", "text/html", BodyKind.HTML),
        (b"<error/>", "application/xml", BodyKind.XML),
        ("<html>".encode("utf-16"), "", BodyKind.HTML),
        ("\ufeff<html>", "", BodyKind.HTML),
        (b"\xef\xbb\xbf<html>", "", BodyKind.HTML),
        (b"oops", "", BodyKind.TEXT),
        (b"\x1b[31moops", "", BodyKind.TEXT),
        (b"a = b", "", BodyKind.TEXT),
        (b"https://x.test/?a=b&c=d", "", BodyKind.TEXT),
        (b"a=b&", "", BodyKind.TEXT),
        (PNG, "text/plain", BodyKind.UNDECODABLE),
        (b"\x00\x01\x02\x03", "", BodyKind.UNDECODABLE),
        (b"a\x00b", "", BodyKind.UNDECODABLE),
        (b"ab\x00", "", BodyKind.TEXT),
        (b"\xfc", "", BodyKind.UNDECODABLE),
        (b"\xfc\xfd\xfe.", "text/plain", BodyKind.UNDECODABLE),
    ],
)
def test_kinds(decode, body, content_type, kind):
    """
    The kind of a body that is not JSON depends on its beginning, and only then on its Content-Type.
    """
    found, document = decode(body, typed(content_type))
    assert kind == found
    assert (document is None) == (kind not in (BodyKind.TEXT, BodyKind.XML))


@pytest.mark.parametrize(
    ("body", "content_type", "fields"),
    [
        (
            b"error=invalid_grant&error_description=No+such%20code",
            "",
            {"error": "invalid_grant", "error_description": "No such code"},
        ),
        (b"t=1", "", {"t": "1"}),
        ("a[b]=%ff&a[b]=&c=x==", "text/plain", {"a[b]": "", "c": "x=="}),
        (b"error", "application/x-www-form-urlencoded", {"error": ""}),
        (b"a=b c&", "application/x-www-form-urlencoded", {"a": "b c"}),
    ],
)
def test_forms(decode, body, content_type, fields):
    """
    A form is recognised by its shape or its Content-Type; the last field of a name counts.
    """
    assert (BodyKind.FORM, fields) == decode(body, typed(content_type))


def test_endless_form(decode):
    """
    A form of more than a thousand fields, or of more than 64 KiB, is a text: its fields are not read.
    """
    assert BodyKind.FORM == decode("a=" + "b" * 65_534, NONE)[0]
    assert BodyKind.TEXT == decode("a=" + "b" * 65_535, NONE)[0]
    assert BodyKind.FORM == decode("&".join(["a=b"] * 1000), NONE)[0]
    assert BodyKind.TEXT == decode("&".join(["a=b"] * 1001), NONE)[0]


@pytest.mark.parametrize("body", [b'"%s"', b'["%s"]', b" %s", "ü%s", "{%s}"])
def test_cap(decode, body):
    """
    The cap counts bytes, or characters of a text; one more is too many.
    """
    padding = "x" if isinstance(body, str) else b"x"
    full = body.replace(padding[:0] + ("%s" if isinstance(body, str) else b"%s"), padding * (BODY_CAP - len(body) + 2))
    assert BODY_CAP == len(full)
    assert BodyKind.OVER_CAP != decode(full, NONE)[0]
    assert (BodyKind.OVER_CAP, None) == decode(full + padding, NONE)


def nested(depth, opening="[", closing="]", core=""):
    """Return JSON of this depth."""
    return opening * depth + core + closing * depth


@pytest.mark.parametrize("encode", [str, str.encode, lambda text: text.encode("utf-16"), lambda text: b"\n" + text.encode()])
@pytest.mark.parametrize(
    ("opening", "closing", "core"), [("[", "]", ""), ('{"]\\"\\\\":', "}", "1"), ('[{"a[":"]",\n"":', "}]", '"\\"["')]
)
def test_depth(decode, encode, opening, closing, core):
    """
    A hundred brackets may be open at once, one more is too deep; brackets in strings do not count.
    """
    allowed = DEPTH_LIMIT // (2 if "[{" in opening else 1)
    text = nested(allowed, opening, closing, core)
    assert (BodyKind.JSON, json.loads(text)) == decode(encode(text), NONE)
    assert (BodyKind.JSON, [[[]] * 300, "[" * 300]) == decode(encode(json.dumps([[[]] * 300, "[" * 300])), NONE)
    assert (BodyKind.TOO_DEEP, None) == decode(encode(nested(allowed + 1, opening, closing, core)), NONE)


@pytest.mark.parametrize(
    "body", [b"[" * 101, b"[" * 100_000, b'{"":' * 100_000 + b"}" * 100_000, b"[" * 101 + b'"', b'["", ' * 101 + b'"\\']
)
def test_unclosed(decode, body):
    """
    A body that is too deep is too deep even if it is cut off, and is not decoded.
    """
    assert (BodyKind.TOO_DEEP, None) == decode(body[:BODY_CAP], NONE)


@pytest.mark.parametrize("body", [b"[" * 100, b"]" * 200 + b"[" * 200, b"[,]" + b"]" * 200 + b"[" * 200])
def test_broken_brackets(decode, body):
    """
    Brackets that do not match are broken JSON, not deep JSON.
    """
    assert BodyKind.JSON != decode(body, NONE)[0]


ZIPPED = [
    gzip.compress,
    zlib.compress,
    lambda data: zlib.compress(data, 9),
    lambda data: zlib.compress(data, 1),
    lambda data: zlib.compress(data, 0),
]


@pytest.mark.parametrize("compress", ZIPPED)
@pytest.mark.parametrize("headers", [NONE, coded("gzip"), coded("deflate"), coded("br"), coded("identity, GZIP")])
@pytest.mark.parametrize("text", ['{"a": "[ü]"}', "[1, 2]", '"x"'])
def test_compressed(decode, compress, headers, text):
    """
    A compressed body is recognised by its beginning, with any Content-Encoding.
    """
    assert (BodyKind.JSON, json.loads(text)) == decode(compress(text.encode()), headers)
    assert (BodyKind.JSON, json.loads(text)) == decode(compress(text.encode("utf-16")), headers)


@pytest.mark.parametrize("text", ["{}", "[1, 2]", json.dumps({"a": "b" * 50, "c": list(range(50))})])
def test_bare_deflate(decode, text):
    """
    A deflate body without the zlib wrapper is read, but only if the header says so.
    """
    assert (BodyKind.JSON, json.loads(text)) == decode(bare_deflate(text.encode()), coded("deflate"))
    assert (BodyKind.UNDECODABLE, None) == decode(bare_deflate(text.encode()), NONE)


@pytest.mark.parametrize("headers", [coded("gzip, gzip"), coded("gzip", "gzip"), coded("gzip,deflate , gzip")])
def test_several_codings(decode, headers):
    """
    Up to three codings are undone; codings that the client has undone already do not matter.
    """
    assert (BodyKind.JSON, []) == decode(gzip.compress(gzip.compress(b"[]")), headers)
    assert (BodyKind.JSON, []) == decode(gzip.compress(b"[]"), headers)
    assert (BodyKind.UNDECODABLE, None) == decode(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"[]")))), headers)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x-nonsense", "gzip, gzip, gzip, gzip, gzip"])
@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (SLUG, (BodyKind.JSON, json.loads(SLUG))),
        (b'"x"', (BodyKind.JSON, "x")),
        (b"Service unavailable", (BodyKind.TEXT, "Service unavailable")),
        (b"x^2", (BodyKind.TEXT, "x^2")),
        ("ok".encode("utf-16"), (BodyKind.TEXT, "ok")),
        (b"<p>", (BodyKind.XML, None)),
        (b"\x8b\x02\x80ok\x03", (BodyKind.UNDECODABLE, None)),
        (b"\x28\xb5\x2f\xfd\x04\x00", (BodyKind.UNDECODABLE, None)),
    ],
)
def test_decoded_by_the_client(decode, coding, body, verdict):
    """
    A Content-Encoding that the client has undone, or that we cannot undo, does not hide a plain body.
    """
    assert verdict == decode(body, coded(coding))


@pytest.mark.parametrize("compress", ZIPPED)
def test_broken_stream(decode, compress):
    """
    A compressed body that is cut off or damaged is not decodable.
    """
    stream = compress(json.dumps({"key": list(range(100))}).encode())
    assert (BodyKind.UNDECODABLE, None) == decode(stream[:-9], NONE)
    assert (BodyKind.UNDECODABLE, None) == decode(stream[:-1] + bytes([stream[-1] ^ 1]), NONE)


def test_compressed_markup(decode):
    """
    HTML and XML are recognised in any encoding, compressed or not.
    """
    assert (BodyKind.HTML, None) == decode(gzip.compress(b"<html>\xfc"), NONE)
    assert (BodyKind.XML, None) == decode(bare_deflate(b"<?xml version='1.0'?>\xfc"), coded("deflate"))


def test_empty_stream(decode):
    """
    A compressed empty body is empty.
    """
    assert (BodyKind.EMPTY, None) == decode(gzip.compress(b""), coded("gzip"))
    assert (BodyKind.EMPTY, None) == decode(gzip.compress(b" \n"), NONE)


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, bare_deflate])
def test_compression_bomb(decode, compress):
    """
    A bomb is unpacked only up to the cap; a stream that is over the cap itself is not unpacked.
    """
    bomb = compress(b'"' + b"0" * (BODY_CAP - 2) + b'"')
    assert (BodyKind.JSON, "0" * (BODY_CAP - 2)) == decode(bomb, coded("deflate"))
    larger = compress(b'"' + b"0" * 300 * BODY_CAP + b'"')
    assert (BodyKind.OVER_CAP, None) == decode(larger, coded("deflate"))
    assert (BodyKind.OVER_CAP, None) == decode(larger, coded("deflate, deflate, deflate"))
    assert (BodyKind.OVER_CAP, None) == decode(bomb + b"\0" * BODY_CAP, coded("deflate"))


@pytest.mark.parametrize("sizes", [(9, 30), (1, 1, 1, 40), (50,), (0, 5, 0)])
@pytest.mark.parametrize("tail", [b"", b"\0\0", b"garbage"])
def test_members_of_gzip(decode, sizes, tail):
    """
    A gzip stream of several members is read whole; what follows the last member is ignored.
    """
    pieces = [SLUG[sum(sizes[:place]) : sum(sizes[: place + 1])] for place in range(len(sizes))]
    pieces.append(SLUG[sum(sizes) :])
    assert (BodyKind.JSON, json.loads(SLUG)) == decode(b"".join(map(gzip.compress, pieces)) + tail, coded("gzip"))


@pytest.mark.parametrize(
    "compressed",
    [
        lambda: gzip.compress(SLUG[:9]) + gzip.compress(SLUG[9:])[:-9],
        lambda: gzip.compress(b"[") * 2000,
        lambda: gzip.compress(b"[1]") + b"\x1f\x8b\x08",
    ],
)
def test_broken_members_of_gzip(decode, compressed):
    """
    A gzip stream with a member that is cut off, or with very many members, is not decodable.
    """
    assert (BodyKind.UNDECODABLE, None) == decode(compressed(), coded("gzip"))


OPTIONAL = [(brotli.compress, "br"), (zstandard.compress, "zstd")]


@pytest.mark.parametrize(("compress", "coding"), OPTIONAL)
@pytest.mark.parametrize("text", ['{"a": "[ü]"}', "[1, 2]", json.dumps(list(range(1000)))])
def test_optional_codings(decode, compress, coding, text):
    """
    Brotli and Zstandard are read if the header names them, alone and around another coding.
    """
    body = text.encode()
    assert (BodyKind.JSON, json.loads(text)) == decode(compress(body), coded(coding))
    assert (BodyKind.JSON, json.loads(text)) == decode(compress(gzip.compress(body)), coded(f"gzip, {coding}"))
    assert (BodyKind.JSON, json.loads(text)) == decode(gzip.compress(compress(body)), coded(f"{coding}, gzip"))
    assert (BodyKind.UNDECODABLE, None) == decode(compress(body), coded("x-nonsense"))


@pytest.mark.parametrize(("compress", "coding"), OPTIONAL)
def test_optional_codings_broken(decode, compress, coding):
    """
    A stream that is cut off is not decodable, and a bomb is unpacked only up to the cap.
    """
    stream = compress(json.dumps({"key": list(range(100))}).encode())
    assert (BodyKind.UNDECODABLE, None) == decode(stream[:-9], coded(coding))
    assert (BodyKind.UNDECODABLE, None) == decode(stream[:9] + b"\xff" * 9 + stream[9:], coded(coding))
    bomb = compress(b'"' + b"0" * 50_000_000 + b'"')
    assert (BodyKind.OVER_CAP, None) == decode(bomb, coded(coding))


@pytest.mark.parametrize(
    ("compress", "coding", "library"), [(brotli.compress, "br", "brotli"), (zstandard.compress, "zstd", "zstandard")]
)
def test_optional_codings_without_their_libraries(monkeypatch, decode, compress, coding, library):
    """
    Without the library the body is not decodable, and the status decides.
    """
    body = compress(json.dumps(list(range(1000))).encode())
    monkeypatch.setitem(sys.modules, library, None)
    assert (BodyKind.UNDECODABLE, None) == decode(body, coded(coding))


def test_brotli_without_limit(monkeypatch, decode):
    """
    A release of Brotli without a limit is not used, since a few bytes may become gigabytes.
    """

    class Unlimited:
        def process(self, data):
            """Accept no limit, as releases before 1.2."""

    body = brotli.compress(SLUG)
    monkeypatch.setattr(brotli, "Decompressor", Unlimited)
    assert "br" == unsupported_coding(RawResponse(401, coded("br"), body))
    assert (BodyKind.UNDECODABLE, None) == decode(body, coded("br"))


@pytest.mark.parametrize(
    ("compress", "coding", "library"), [(brotli.compress, "br", "brotli"), (zstandard.compress, "zstd", "zstandard")]
)
def test_unsupported_coding(monkeypatch, compress, coding, library):
    """
    A coding is unsupported only if the body has it and its library is missing: nothing else is the reason for a broken body.
    """
    whole, around = compress(SLUG), f"{coding}, gzip"

    def unsupported(body, named=coding):
        return unsupported_coding(RawResponse(401, {"Content-Encoding": named}, body))

    broken = [whole[:-3], SLUG, gzip.compress(SLUG)[:-9], b"", None, SLUG.decode()]
    assert [None] * 8 == [unsupported(whole), unsupported(gzip.compress(whole), around), *map(unsupported, broken)]
    monkeypatch.setitem(sys.modules, library, None)
    assert [coding] * 3 == [unsupported(whole), unsupported(gzip.compress(whole), around), unsupported(whole[:-3])]
    assert [None] * 5 == [*map(unsupported, broken[1:])]
    assert [None] * 2 == [unsupported(whole, "x-nonsense"), unsupported(whole, "gzip")]


def frames():
    """Return the number of frames on the stack."""
    return len(inspect.stack(0))


def verdicts_near_the_limit(decode, body):
    """Return the result of `decode` at each depth down to the recursion limit, the deepest first; None where the call fails."""
    verdicts = []

    def descend():
        with suppress(RecursionError):
            descend()
        try:
            verdicts.append(decode(body, NONE))
        except RecursionError:  # no room for the call itself
            verdicts.append(None)

    limit = sys.getrecursionlimit()
    gc.collect()
    gc.disable()  # what other tests left has finalisers that would find no room
    sys.setrecursionlimit(frames() + 250)
    try:
        descend()
    finally:
        sys.setrecursionlimit(limit)
        gc.enable()
    return verdicts


@pytest.mark.parametrize(
    "body", [nested(DEPTH_LIMIT).encode(), nested(DEPTH_LIMIT), SLUG, b"a=b&c=d", b"oops", "[1]".encode("utf-16"), b"[NaN]"[:4]]
)
def test_stack_depth(decode, body):
    """
    The result does not depend on the caller's depth in the stack, down to the last frames.
    """
    verdicts = verdicts_near_the_limit(decode, body)
    assert len(verdicts) > 150
    assert {repr(decode(body, NONE))} == {repr(verdict) for verdict in verdicts[3:]}


@pytest.mark.parametrize("start", [_thread.start_new_thread, lambda function, arguments: function(*arguments)])
@pytest.mark.parametrize(("overflows", "verdict"), [(1, (BodyKind.JSON, 7)), (2, (BodyKind.UNDECODABLE, None))])
def test_stack_overflow(monkeypatch, decoder, start, overflows, verdict):
    """
    Decoding begins again on a new stack; if even that is too small, nothing waits for ever.
    """
    calls = []

    def overflow(body, _):
        calls.append(body)
        if len(calls) <= overflows:
            raise RecursionError
        return body.decode(), True

    monkeypatch.setattr(decoder, "unicode_text", overflow)
    monkeypatch.setattr(_thread, "start_new_thread", start)
    assert verdict == decoder.decode(RawResponse(None, NONE, b"7"))[:2]


def failing(error):
    """Return a function that raises *error* for any arguments."""

    def fail(*_):
        raise error

    return fail


def test_no_thread_to_be_had(monkeypatch, decoder):
    """
    If no thread can be started, the body is undecodable, and nothing raises.
    """
    monkeypatch.setattr(decoder, "unicode_text", failing(RecursionError()))
    monkeypatch.setattr(_thread, "start_new_thread", failing(RuntimeError("can't start new thread")))
    assert (BodyKind.UNDECODABLE, None) == decoder.decode(RawResponse(None, NONE, b"7"))[:2]


def test_no_thread_without_need(monkeypatch, decode):
    """
    A thread is started only if the stack is nearly full.
    """
    monkeypatch.setattr(_thread, "start_new_thread", None)
    assert BodyKind.JSON == decode(nested(DEPTH_LIMIT), NONE)[0]


@pytest.mark.parametrize("number", ["1e308", "-1.5E+300", "1e-300", "0.1"])
def test_easy_numbers(decode, number):
    """
    Numbers that one decoder is slow with do not slow a body down.
    """
    text = f"[{', '.join([number] * (250_000 // len(number) // 2))}]"
    ours, theirs = least_times(
        lambda: decode(text.encode(), NONE), lambda: json.loads(text), until=lambda ours, theirs: ours < 5 * theirs
    )
    assert ours < 5 * theirs
    assert json.loads(text) == decode(text.encode(), NONE)[1]


def test_choice_of_decoder():
    """
    The fast decoder is used if and only if it is installed.
    """
    module = SimpleNamespace(Decoder=lambda: SimpleNamespace(decode=bytes.decode))
    fast = imported_anew(decoding, {"msgspec": SimpleNamespace(json=module), "msgspec.json": module})
    assert (BodyKind.JSON, "[1]") == fast.decode(RawResponse(None, NONE, b"[1]"))[:2]
    assert (BodyKind.JSON, [1]) == imported_anew(decoding, MISSING).decode(RawResponse(None, NONE, b"[1]"))[:2]


@pytest.mark.parametrize(
    "body",
    [
        b'"' * BODY_CAP,
        b'["' + b"\\" * (BODY_CAP - 2),
        b"[{" * (BODY_CAP // 2),
        b"[" + b"1" * (BODY_CAP - 1),
        b"a=&" * (BODY_CAP // 3),
        b"[[],".ljust(4) * 200 + b"1" * 250_000,
        b"a" * BODY_CAP,
        b"a[" * (BODY_CAP // 2),
        b'["\\"' * (BODY_CAP // 4),
        b" " * BODY_CAP,
        b"1" * BODY_CAP,
        b"1." + b"1" * (BODY_CAP - 2),
        b"[]" * (BODY_CAP // 2),
        b"x^" + b"a" * (BODY_CAP - 2),
        b"<" * BODY_CAP,
    ],
)
def test_linear_time(decode, body):
    """
    Every body within the cap takes a short time.
    """
    start = time.process_time()
    for content_type in ("application/x-www-form-urlencoded", "application/json"):
        decode(body, Headers({"Content-Type": content_type, "Content-Encoding": "deflate, deflate"}))
    assert time.process_time() - start < 2


headers = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "Content-Encoding"]),
        st.sampled_from(
            ["gzip", "deflate", "br", "gzip, deflate", "text/html", "application/json", "application/x-www-form-urlencoded"]
            + [f"text/plain; charset={charset}" for charset in CHARSETS]
        ),
    )
).map(Headers)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


def is_json(body):
    """Return whether *body* has only values that JSON has."""
    try:
        json.loads(body, parse_constant=failing(ValueError()))
    except ValueError:
        return False
    return True


def both(body, headers=NONE):
    """Return the results for *body* without msgspec and with it, as texts, so that NaN equals itself."""
    raw = RawResponse(None, headers, body)
    return repr(DECODERS["json"].decode(raw)), repr(decoding.decode(raw))


@given(document=documents, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_decoders_agree_on_json(document, indent, ascii_only):
    """
    Both decoders read any output of `json`, with the same result as `json`; NaN and infinity are not JSON.
    """
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode("utf-16", "replace").decode("utf-16")
    body = text.encode()
    expected = repr((BodyKind.JSON, json.loads(body), not is_json(body)))
    assert (expected, expected) == both(body)


NOTABLE = r"""
{ } [ ] , : " "a" "" \ \u \ud800 \udc00 \ud83d 00e9 \n \/ 0 - -0 1 12 . .5 e E+ e-5 999 e309 true fals null NaN Infinity é
9007199254740993 18446744073709551616 0.1 2.5e-324
"""
fragments = st.sampled_from(
    [*NOTABLE.split(), " ", "\n", "\t", "\x0b", "\x00", "\x7f", "\ud800", "\u2028", "\ufeff", "\U0001f600"]
).map(lambda fragment: fragment.encode("utf-8", "surrogatepass"))


@given(
    parts=st.lists(fragments | st.binary(max_size=3), max_size=12), opening=st.sampled_from([b"", b"[", b'["', b'{"a":', b'{"'])
)
def test_decoders_agree_on_fragments(parts, opening):
    """
    Both decoders accept the same bodies with the same documents, even if these are broken.
    """
    closing = {b"": b"", b"[": b"]", b'["': b'"]', b'{"a":': b"}", b'{"': b'":1}'}[opening]
    slow, fast = both(opening + b"".join(parts) + closing)
    assert slow == fast


@given(document=documents, position=st.integers(0), replacement=fragments | st.binary(max_size=2), removed=st.integers(0, 3))
def test_decoders_agree_on_damaged_json(document, position, replacement, removed):
    """
    Both decoders agree on JSON with damage at one place.
    """
    body = json.dumps([document]).encode()
    position %= len(body)
    slow, fast = both(body[:position] + replacement + body[position + removed :])
    assert slow == fast


@given(
    sign=st.sampled_from(["", "-"]),
    digits=st.text("0123456789", min_size=1, max_size=25),
    rest=st.text("0123456789.eE+-", max_size=12),
)
def test_decoders_agree_on_numbers(sign, digits, rest):
    """
    Both decoders read every number alike, to the last bit.
    """
    slow, fast = both(f"[{sign}{digits}{rest}]".encode())
    assert slow == fast


@given(body=st.none() | st.binary() | st.text(), headers=headers)
def test_never_raises(decode, body, headers):
    """
    Any body has a kind, and only JSON and forms have a document.
    """
    kind, document = decode(body, headers)
    assert isinstance(kind, BodyKind)
    assert document is None or kind in (BodyKind.JSON, BodyKind.FORM, BodyKind.TEXT)


@given(
    head=st.sampled_from(
        [b"\x1f\x8b\x08\x00", b"x\x9c", b"x^", b"{", b"[", b"<", b"\xff\xfe", b"\x00\x00\xfe\xff", b"\xef\xbb\xbf"]
    ),
    tail=st.binary(),
    headers=headers,
)
def test_never_raises_on_likely_heads(head, tail, headers):
    """
    Any bytes may follow a usual beginning.
    """
    slow, fast = both(head + tail, headers)
    assert slow == fast


@given(text=st.text('[]{}"\\a,:', max_size=60))
def test_depth_is_that_of_the_brackets(decode, text):
    """
    The scan finds the same depth as reading character by character, to the very bracket.
    """
    body = '["' + '","[' * DEPTH_LIMIT + '",' + text
    depth = deepest = 0
    quoted = escaped = False
    for character in body:
        if quoted:
            quoted = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    room = "[" * (DEPTH_LIMIT - deepest)
    assert BodyKind.TOO_DEEP != decode(room + body, NONE)[0]
    assert (BodyKind.TOO_DEEP, None) == decode(f"[{room}{body}", NONE)
