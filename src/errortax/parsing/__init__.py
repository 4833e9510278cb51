"""
From bytes to a finding, and from that to details: decoding, places, conditions, envelopes, deciding, redaction.

`redaction` and `secret_shapes` are modules of their own, since many programs never need them.
"""

from errortax.parsing.budgets import MAX_COMPLAINTS
from errortax.parsing.conditions import KEYWORDS, Condition, compile_choice, compile_condition, required_members
from errortax.parsing.deciding import Parser, parser_of
from errortax.parsing.decoding import DEPTH_LIMIT, decode, text_of
from errortax.parsing.detection import detect_vendor
from errortax.parsing.envelopes import Envelope, ranked
from errortax.parsing.places import compile_pointer, first_of, put, resolve
from errortax.parsing.prepared import PreparedVendor, prepared_vendor

__all__ = [
    "DEPTH_LIMIT",
    "KEYWORDS",
    "MAX_COMPLAINTS",
    "Condition",
    "Envelope",
    "Parser",
    "PreparedVendor",
    "compile_choice",
    "compile_condition",
    "compile_pointer",
    "decode",
    "detect_vendor",
    "first_of",
    "parser_of",
    "prepared_vendor",
    "put",
    "ranked",
    "required_members",
    "resolve",
    "text_of",
]
