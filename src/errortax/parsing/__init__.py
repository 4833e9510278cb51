"""
From bytes to a finding, and from that to details: decoding, places, conditions, envelopes, deciding, redaction.

`details` and what it needs are imported at the first detail, since many programs never read one.
"""

from errortax.parsing.budgets import MAX_COMPLAINTS
from errortax.parsing.conditions import Choice, Condition, compile_condition, compile_place, count_tests, first_of, tests_of
from errortax.parsing.deciding import Parser, parser_of
from errortax.parsing.decoding import DEPTH_LIMIT, decode, text_of
from errortax.parsing.decompressing import unsupported_coding
from errortax.parsing.detection import detect_vendor
from errortax.parsing.envelopes import Envelope, ranked
from errortax.parsing.places import Place, field_of, pointer_of
from errortax.parsing.pointers import compile_pointer, put, resolve
from errortax.parsing.prepared import PreparedVendor, prepared_vendor

__all__ = [
    "DEPTH_LIMIT",
    "MAX_COMPLAINTS",
    "Choice",
    "Condition",
    "Envelope",
    "Parser",
    "Place",
    "PreparedVendor",
    "compile_condition",
    "compile_place",
    "compile_pointer",
    "count_tests",
    "decode",
    "detect_vendor",
    "field_of",
    "first_of",
    "parser_of",
    "pointer_of",
    "prepared_vendor",
    "put",
    "ranked",
    "resolve",
    "tests_of",
    "text_of",
    "unsupported_coding",
]
