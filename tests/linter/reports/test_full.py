"""The full format shows the right columns, hides secrets, and cannot be used to write on the terminal."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from unicodedata import category, combining, east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.masking import Masker
from stackmend.linter.report import Report
from stackmend.linter.reports.cells import cells
from stackmend.linter.reports.excerpt import LONGEST, Excerpts, masked_line
from stackmend.linter.reports.full import write
from stackmend.linter.reports.style import painter
from stackmend.linter.rule import Rule
from stackmend.schemas.parsers.document import Document, Place

Find = Callable[[Document, str, str], Place]


def full(report: Report, *, color: bool = False, verbose: bool = False) -> str:
    out = io.StringIO()
    write(report, out, color=color, verbose=verbose)
    return out.getvalue()


def excerpt(document: Document, place: Place, *secrets: str) -> list[str]:
    excerpts = Excerpts(Masker(lambda: secrets), painter(color=False))
    return excerpts.draw(place, role="error", gutter=excerpts.gutter([place]))


def columns(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("color", [pytest.param(False, id="plain"), pytest.param(True, id="coloured")])
def test_the_whole_report_is_as_recorded(report: Report, golden: Callable[[str, str], None], color: bool) -> None:
    golden(f"reports/full{'.ansi' if color else ''}.txt", full(report, color=color, verbose=True))


def test_colours_change_nothing_but_colours(report: Report) -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", full(report, color=True)) == full(report)


def test_notes_are_counted_but_not_shown_unless_verbose(report: Report) -> None:
    assert "obsolete-version" not in full(report)
    assert "(1 note not shown, see -v)" in full(report)
    assert "info[CMP007] obsolete-version" in full(report, verbose=True)


def test_a_clean_run_is_one_line(make_report: Callable[[list[Diagnostic]], Report]) -> None:
    assert full(make_report([])) == "No problems found in 3 files.\n"


def test_a_run_that_could_not_check_everything_does_not_pass_for_a_clean_one(
    make_report: Callable[[list[Diagnostic]], Report],
) -> None:
    said = full(replace(make_report([]), failed=True))
    assert said == (
        "No problems found in 3 files. Not everything could be checked: see the messages on standard error.\n"
    )


@pytest.mark.parametrize("verbose", [False, True])
def test_no_secret_and_no_control_character_is_printed(report: Report, verbose: bool) -> None:
    text = full(report, verbose=verbose)
    assert "kastanien" not in text
    assert not set(text) & {chr(c) for c in (*range(10), *range(11, 32), *range(127, 160), 0x202E)}
    assert "\\x1b[31m\\x07 red \\u202egnp" in text


def test_a_message_cannot_start_a_line_of_its_own(report: Report) -> None:
    assert "\n::error" not in full(report)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("    東京: 名前 # 全角", "名前", id="wide characters before and under the caret"),
        pytest.param("\tkey:\tvalue", "value", id="tabs"),
        pytest.param("e\u0301te\u0301: x", "x", id="combining marks"),
        pytest.param("a\u200bb: x", "x", id="a widthless character is shown as its escape"),
        pytest.param("a\x00b: x", "x", id="a control character is shown as its escape"),
        pytest.param("a\udcffb: x", "x", id="a byte that is not UTF-8 is shown as its escape"),
        pytest.param("ＡＢ＝x", "＝", id="full-width punctuation"),
    ],
)
def test_the_carets_stand_under_the_word(line: str, word: str) -> None:
    document = Document("/srv/a.yaml", f"first\n{line}\nlast\n")
    at = document.text.rindex(word)
    _, shown, marks = excerpt(document, document.place(at, at + len(word)))
    caret = marks.index("^")
    before = shown[: shown.rindex(word)]
    assert columns(before) == caret
    assert marks.count("^") == columns(word)


def test_the_carets_stand_under_what_follows_a_hidden_secret() -> None:
    document = Document("/srv/a.yaml", "url: pw=averylongsecretindeed host=cache\n")
    at = document.text.index("cache")
    _, shown, marks = excerpt(document, document.place(at, at + 5), "averylongsecretindeed")
    assert "averylong" not in shown
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "cache"


def test_a_place_inside_a_hidden_secret_is_marked_at_its_mask() -> None:
    document = Document("/srv/a.yaml", "url: averylongsecretindeed/x\n")
    at = document.text.index("secret")
    _, shown, marks = excerpt(document, document.place(at, at + 6), "averylongsecretindeed")
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "****"


def test_an_empty_place_at_the_end_of_the_file_gets_one_caret() -> None:
    document = Document("/srv/a.yaml", "key:")
    _, shown, marks = excerpt(document, document.place(4, 4))
    assert (shown, marks) == ("1 | key:", "  |     ^")


def test_a_long_line_is_cut_around_the_caret() -> None:
    document = Document("/srv/a.json", "x" * 5000 + "HERE" + "y" * 5000)
    _, shown, marks = excerpt(document, document.place(5000, 5004))
    assert len(shown) <= LONGEST + 10
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "HERE"
    assert shown.endswith("…")


def test_a_secret_across_the_cut_of_a_long_line_stays_hidden() -> None:
    secret = "s3cr3t" * 10
    document = Document("/srv/a.json", "x" * 90 + secret + "y" * 20 + "HERE" + "z" * 300)
    at = document.text.index("HERE")
    text = "\n".join(excerpt(document, document.place(at, at + 4), secret))
    assert "3cr" not in text
    assert "HERE" in text


def test_a_place_over_many_lines_shows_its_head_and_its_last_line() -> None:
    document = Document("/srv/a.yaml", "".join(f"line{n}\n" for n in range(1, 20)))
    place = document.place(0, document.text.index("line12\n"))
    assert excerpt(document, place) == [
        "   |",
        " 1 | / line1",
        " 2 | | line2",
        " 3 | | line3",
        "...  |",
        "11 | | line11",
        "   | |___^",
    ]


@given(st.text(max_size=60).filter(lambda t: not set(t) & set("\r\n")))
@settings(max_examples=100, deadline=None)
def test_cells_say_how_wide_each_character_is(line: str) -> None:
    laid = cells(line)
    assert len(laid.shown) == len(line)
    assert len(laid.edges) == len(line) + 1
    assert all(a <= b for a, b in zip(laid.edges, laid.edges[1:], strict=False))
    assert all(c.isprintable() or category(c) == "Zs" for part in laid.shown for c in part)


@given(st.text("abc=:/@ ", max_size=40), st.lists(st.text("abc", min_size=4, max_size=9), max_size=3))
@settings(max_examples=100, deadline=None)
def test_masking_a_line_keeps_the_order_of_its_characters(line: str, secrets: list[str]) -> None:
    masked = masked_line(line, Masker(lambda: secrets))
    offsets = [masked.at(column) for column in range(len(line) + 1)]
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(masked.text)
    for column, character in enumerate(line):
        if masked.text[offsets[column]] != "*":
            assert masked.text[offsets[column]] == character


@pytest.fixture
def paged_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A rule in a module of its own, with a page beside it."""
    (tmp_path / "topic.py").write_text("def check(subject):\n    return iter(())\n", encoding="utf-8")
    (tmp_path / "one-thing.md").write_text(
        "# One thing\n\nWhat it is.\n\n## Why\n\nBecause it [breaks](https://example.com/a)\n"
        + "a long line " * 20
        + "here.\n\nAnd more of it.\n",
        encoding="utf-8",
    )
    spec = spec_from_file_location("topic_with_a_page", tmp_path / "topic.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "topic_with_a_page", module)
    return Rule("TST001", "one-thing", object, Severity.ERROR, module.check)


def test_why_a_rule_matters_is_said_once_a_rule_from_its_page(
    paged_rule: Rule, diagnostics: list[Diagnostic], make_report: Callable[[list[Diagnostic]], Report]
) -> None:
    found = [Diagnostic(diagnostics[0].place, words, rule=paged_rule) for words in ("one", "two")]
    text = full(make_report(found))
    assert text.count("= why: ") == 1
    said = " ".join(text.partition("= why: ")[2].partition("\n\n")[0].split())
    assert said == "Because it breaks " + "a long line " * 20 + "here."
    assert all(len(line) <= 100 for line in text.splitlines())
