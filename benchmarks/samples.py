"""
The responses that are parsed again and again.
"""

from __future__ import annotations

import json

from errortax import RawResponse

HEADERS = {
    "Date": "Tue, 01 Sep 2026 11:00:00 GMT",
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": "240",
    "Connection": "keep-alive",
    "Cache-Control": "no-store",
    "Server": "nginx",
    "Vary": "Accept-Encoding, Origin",
    "X-Request-Id": "7d1f0c52b1c94f8e",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Access-Control-Allow-Origin": "*",
    "Etag": '"9e107d9d372bb6826bd81d3542a419d6"',
}


def compact(document: object) -> bytes:
    """
    Write JSON as most servers do: without blanks.
    """
    return json.dumps(document, separators=(",", ":")).encode()


SLUG = compact({"status": "session-expired", "code": 401, "data": {}, "message": "The session is over, log in"})
DOTTED = compact(
    {
        "status": "error",
        "error_code": "auth.token.expired",
        "error_id": "5c260f0a-91d3-4f57-8f1c-2b7a86",
        "messages": [
            "The token that came with this request is by now too old.",
            "Ask for a new token and then send the same request once more with it.",
        ],
    }
)
FIELDS = compact(
    {
        "status": "error",
        "error_code": "request.validation.failed",
        "error_id": "5c260f0a-91d3-4f57-8f1c-2b7a86",
        "messages": {f"customer_address_{number}": ["May be at most 40 characters long, it is 57"] for number in range(1, 21)},
    }
)
HTML = (
    b"""<html>\r
<head><title>502 Bad Gateway</title></head>\r
<body>\r
<center><h1>502 Bad Gateway</h1></center>\r
<hr><center>nginx/1.27.4</center>\r
</body>\r
</html>\r
"""
    + b"<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n" * 6
)

PARSED = {
    "89-byte slug body": ("planoauth", RawResponse(401, HEADERS, SLUG)),
    "240-byte dotted body": ("gopoints", RawResponse(401, HEADERS, DOTTED)),
    "1.5 kB body with 20 field errors": ("gopoints", RawResponse(422, HEADERS, FIELDS)),
}
"""What is parsed, by whose rules; each is compared with `json.loads` of its own body."""

UNREADABLE = {
    "HTML 502 page": ("planoauth", RawResponse(502, {**HEADERS, "Content-Type": "text/html"}, HTML)),
    "empty body": ("planoauth", RawResponse(503, HEADERS, b"")),
}
"""What is no JSON; each is compared with `json.loads` of the slug body."""
