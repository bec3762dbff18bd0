"""A late pattern does what the compiled one does, and is compiled only when it is used."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stackmend.schemas.patterns import LatePattern

SOURCES = st.sampled_from(["a+", "(a)b?", "", "[ab]", "a|b", "^a"])


@given(SOURCES, st.text("ab\n", max_size=8), st.integers(0, 3))
def test_a_late_pattern_answers_as_a_compiled_one(source: str, text: str, at: int) -> None:
    late, now = LatePattern(source, re.MULTILINE), re.compile(source, re.MULTILINE)
    for ours, theirs in ((late.match(text, at), now.match(text, at)), (late.search(text, at), now.search(text, at))):
        assert (ours and ours.span()) == (theirs and theirs.span())
    assert bool(late.fullmatch(text)) == bool(now.fullmatch(text))
    assert [m.span() for m in late.finditer(text)] == [m.span() for m in now.finditer(text)]
    assert late.findall(text, at) == now.findall(text, at)
    assert late.sub("x", text, 1) == now.sub("x", text, count=1)
    assert late.split(text) == [part or "" for part in now.split(text)]


def test_a_late_pattern_is_not_compiled_before_it_is_used() -> None:
    assert "compiled" not in vars(LatePattern("("))
