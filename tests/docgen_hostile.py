"""
Vendor data all of whose texts are hostile: markup of every format, steering characters, very long words.
"""

from __future__ import annotations

from errortax.model import pointer_to

SCRIPT = "javascript:alert(1)"
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "a&amp;b \"c\" 'd'",
    "\u202eevil\u202c",
    "zero\u200bwidth\x00\x1b[31m",
    "*bold* _under_ `code` [link](x) | pipe ~~gone~~ $x$ {role}`y`",
    "# heading",
    "- item",
    "1. item",
    "::: directive",
    "+++",
    "--- \n---",
    "% comment",
    "(target)=",
    "../../etc/passwd",
    ".",
    "..",
    "index",
    "_static",
    "lone\ud800surrogate",
    "ﷺ日本語é",
    "x" * 128,
    "word " * 25,
    "{{ 7 * 7 }}",
    SCRIPT,
    "{% raw %}",
    "<!-- comment",
    "]]>",
    "\\",
    "https://example.com",
)


def hostile_document(texts: tuple[str, ...] = HOSTILE) -> dict[str, object]:
    """Return a vendor file all of whose texts are hostile, with an entry for each of the *texts*."""
    entries = [
        {
            "code": text,
            "category": "declined",
            "title": text,
            "description": text,
            "hints": [
                {"text": text, "target": text, "actor": "end_user", "url": SCRIPT},
                {"text": text, "url": text},
            ],
            "alternatives": [{"category": "conflict", "reason": text}],
            "facts": [{"about": text, "value": text, "text": text}],
            "variants": [
                {
                    "name": f"v{number}",
                    "when": [{"at": pointer_to((text,)), "is": text}, {"header": text, "is": text}],
                    "title": text,
                }
            ],
            "preserve": {text: [pointer_to((text,))]},
            "source": {"document": "d", "section": text},
            "examples": [{"name": text, "response": {"status": 400, "json": {"error": text, text: text}}}],
        }
        for number, text in enumerate(texts)
    ]
    entries[0]["deprecated"] = {"since": texts[1], "replaced_by": texts[2]}
    return {
        "vendor": "hostile",
        "title": HOSTILE[0],
        "description": HOSTILE[1],
        "url": SCRIPT,
        "scheme": "slug",
        "documents": [{"id": "d", "title": HOSTILE[5], "url": SCRIPT}],
        "hosts": [HOSTILE[2]],
        "envelopes": [
            {
                "name": "e",
                "description": HOSTILE[1],
                "recognise": {"at": "/error", "where": {"is": HOSTILE[0]}, "then": pointer_to((HOSTILE[5],))},
                "code": ["/error"],
                "schema": {"description": HOSTILE[1], "$ref": "#/$defs/x", "$defs": {"x": {}}},
            }
        ],
        "requests": [{"header": HOSTILE[0], "value": HOSTILE[3], "description": HOSTILE[4], "applies_to": HOSTILE[5]}],
        "facts": [{"about": HOSTILE[0], "value": True}],
        "entries": entries,
    }
