"""Fixes combine whole or not at all, edits stay inside their spans, and diffs can be applied by `patch`."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.fixers.apply import OverlapError, apply_fix, combine, unified_diff
from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.schemas.parsers.document import Document


def fix(document: Document, *edits: tuple[int, int, str]) -> Fix:
    return Fix("t", tuple(Edit(document.place(s, e), text) for s, e, text in edits), Applicability.SAFE)


@pytest.mark.parametrize(
    ("first", "second", "taken", "text"),
    [
        pytest.param([(0, 1, "X")], [(2, 3, "Y")], (0, 1), "XbYdef", id="apart"),
        pytest.param([(0, 2, "X")], [(1, 3, "Y")], (0,), "Xcdef", id="overlapping"),
        pytest.param([(0, 2, "X")], [(2, 3, "Y")], (0, 1), "XYdef", id="touching"),
        pytest.param([(2, 2, "X")], [(2, 2, "Y")], (0,), "abXcdef", id="two insertions at one point"),
        pytest.param([(2, 2, "X")], [(2, 2, "X")], (0, 1), "abXcdef", id="the same insertion twice"),
        pytest.param([(1, 4, "X")], [(2, 2, "Y")], (0,), "aXef", id="insertion inside a replacement"),
        pytest.param([(2, 2, "Y")], [(1, 4, "X")], (0,), "abYcdef", id="replacement around an insertion"),
        pytest.param([(1, 4, "X")], [(1, 4, "X"), (5, 6, "Z")], (0, 1), "aXeZ", id="one edit shared"),
        pytest.param([(1, 4, "X")], [(5, 6, "Z"), (3, 4, "Q")], (0,), "aXef", id="half of the second overlaps"),
        pytest.param([(0, 3, "X"), (2, 4, "Y")], [(5, 6, "Z")], (1,), "abcdeZ", id="the first overlaps itself"),
        pytest.param([(0, 1, "a")], [(5, 6, "Z")], (1,), "abcdeZ", id="the first changes nothing"),
        pytest.param([(0, 99, "X")], [(5, 6, "Z")], (1,), "abcdeZ", id="the first lies outside the file"),
    ],
)
def test_a_fix_is_taken_whole_or_waits(
    first: list[tuple[int, int, str]], second: list[tuple[int, int, str]], taken: tuple[int, ...], text: str
) -> None:
    document = Document("/p/a", "abcdef")
    combined = combine((fix(document, *first), fix(document, *second)))
    assert combined.taken == taken
    assert set(combined.taken) | set(combined.waiting) == {0, 1}
    assert combined.texts == {"/p/a": text}


def test_a_fix_over_two_files_waits_in_both_when_one_of_its_edits_clashes() -> None:
    one, two = Document("/p/1", "abc"), Document("/p/2", "abc")
    both = Fix("t", (Edit(one.place(0, 1), "X"), Edit(two.place(0, 1), "X")), Applicability.SAFE)
    combined = combine((fix(two, (0, 2, "Q")), both))
    assert combined.taken == (0,)
    assert combined.texts == {"/p/2": "Qc"}


def test_edits_made_on_an_older_text_of_a_file_wait() -> None:
    old, new = Document("/p/a", "abc"), Document("/p/a", "xabc")
    assert combine((fix(new, (0, 1, "")), fix(old, (2, 3, "Z")))).taken == (0,)


def test_a_single_fix_whose_edits_clash_is_refused_aloud() -> None:
    with pytest.raises(OverlapError, match="overlap"):
        apply_fix(fix(Document("/p/a", "abc"), (0, 2, "X"), (1, 3, "Y")))


ranges = st.tuples(st.integers(0, 12), st.integers(0, 12), st.text("xy\n", max_size=3)).map(
    lambda t: (min(t[0], t[1]), max(t[0], t[1]), t[2])
)


@settings(max_examples=150, deadline=None)
@given(st.text("abc\r\n{é😀", min_size=12, max_size=20), st.lists(st.lists(ranges, min_size=1, max_size=3), max_size=5))
def test_text_outside_the_taken_edits_is_kept_and_taken_edits_are_there(
    text: str, wanted: list[list[tuple[int, int, str]]]
) -> None:
    document = Document("/p/a", text)
    fixes = [fix(document, *edits) for edits in wanted]
    combined = combine(fixes)
    edits = sorted({(*e.place.span, e.text) for i in combined.taken for e in fixes[i].edits if e.place.text != e.text})
    rest, at = combined.texts.get("/p/a", text), 0
    for start, end, new in edits:
        kept = text[at:start] + new
        assert rest.startswith(kept)
        rest, at = rest[len(kept) :], end
    assert rest == text[at:]


@settings(max_examples=100, deadline=None)
@given(st.permutations([(0, 1, "X"), (3, 5, ""), (5, 6, "YY"), (8, 8, "Z")]))
def test_fixes_that_do_not_overlap_give_one_text_in_every_order(order: list[tuple[int, int, str]]) -> None:
    document = Document("/p/a", "0123456789")
    assert combine([fix(document, each) for each in order]).texts == {"/p/a": "X12YY67Z89"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a\nb\n", "a\nc\n", id="plain"),
        pytest.param("a\nb", "a\nc", id="no final newline"),
        pytest.param("a\nb", "a\nb\n", id="final newline added"),
        pytest.param("a\r\nb\r\n", "a\r\nc\r\n", id="crlf"),
        pytest.param("", "x\n", id="from nothing"),
        pytest.param("x\n", "", id="to nothing"),
    ],
)
@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_a_diff_applied_by_patch_gives_the_new_text(before: str, after: str, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "f"
    file.write_bytes(before.encode())
    diff = "\n".join(unified_diff(before, after, "f")) + "\n"
    subprocess.run(
        ["patch", "--binary", "-p1"], cwd=str(tmp_path), input=diff.encode(), check=True, capture_output=True
    )
    assert (file.read_bytes() if file.exists() else b"") == after.encode()


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("a\n", "a\n", "f") == []
