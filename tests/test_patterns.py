"""
The patterns of places: which regular expressions take linear time.
"""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.parsing.budgets import MAX_SEEN
from errortax.registry.patterns import PatternError, check_pattern

SOUND = [
    r"[^\n]*\[json-pointer:([^\]]+)\]",
    r"(?:\[[A-Z]+\] )?([^\[]*[^\[ ])",
    r"(?:[^:#]*#)?([^:#]+)",
    "([^;]+)",
    r"error code: ([0-9]{4})$",
    r"^(a|b|c)\b",
    "(x{2,})",
    "(?i:bearer) (x)",
    "(?:[a-f]{2}){4}(x)",
    "(a]b)",
    r"([]\]]a)",
    "(a{1,3}?)",
    "(a*?)b",
    r"\((a|b|)\)",
    "(a{b)",
]


@pytest.mark.parametrize("pattern", SOUND)
def test_sound(pattern):
    """
    A pattern with one group, at most two open quantifiers and none within a repetition is accepted.
    """
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(a+)+$", "repeats a part that can itself match in several ways"),
        ("(?:a*)*(b)", "repeats a part"),
        ("(?:a|a)*(b)", "repeats a part"),
        ("(?:a*){2}(b)", "repeats a part"),
        ("(?:aa?)*(b)", "repeats a part"),
        (r"(a)\1", "unknown escape"),
        ("(?=a)(b)", "a group of an unknown kind"),
        ("(?<!a)(b)", "a group of an unknown kind"),
        ("(?P<name>a)", "a group of an unknown kind"),
        ("(?i)(a)", "a group of an unknown kind"),
        ("(a*)(b*)", "has 2 groups"),
        ("a", "has no groups"),
        ("(a)b*c*d*", "has 3 open quantifiers"),
        ("(a?a?a?a?a?a?a?aaaa)", "in too many ways"),
        ("(?:a|ab|abc|b){0,5}(x)", "in too many ways"),
        ("(?:ab?){20}(x)", "in too many ways"),
        ("(a{0,999})", "in too many ways"),
        ("(", "is not a regular expression"),
        ("(a**)", "is not a regular expression"),
        ("(a))", "is not a regular expression"),
        (r"(\u0041)", "unknown escape"),
    ],
)
def test_refused(pattern, what):
    """
    Any other pattern is refused, with the reason and a remedy.
    """
    with pytest.raises(PatternError, match=re.escape(what)) as caught:
        check_pattern(pattern)
    assert caught.value.remedy


parts = st.sampled_from(
    ["a", "b", ".", "[ab]", "a*", "[^a]+", "b?", "a{1,3}", "(?:a|b)", "(?:ab|a)", "(?:a|b)*", "(?:a*)?", "ab", "$"]
)


@given(before=st.lists(parts, max_size=4), inside=st.lists(parts, max_size=4), after=st.lists(parts, max_size=4))
def test_accepted_patterns_are_fast(before, inside, after):
    """
    A pattern that is accepted takes no more than some milliseconds, for texts that almost match.
    """
    pattern = f"{''.join(before)}({''.join(inside)}){''.join(after)}x"
    try:
        check_pattern(pattern)
    except PatternError:
        return
    match = re.compile(pattern, re.ASCII).match
    for text in ("a" * MAX_SEEN, "ab" * (MAX_SEEN // 2), "a" * (MAX_SEEN - 1) + "b"):
        start = process_time()
        match(text)
        assert 0.5 > process_time() - start


@given(st.text(r"ab()[]{}*+?|\^$.,:0123-", max_size=20))
def test_any_text(pattern):
    """
    Any text is either accepted, and is then a regular expression with one group, or refused.
    """
    try:
        check_pattern(pattern)
    except PatternError:
        return
    assert 1 == re.compile(pattern).groups
