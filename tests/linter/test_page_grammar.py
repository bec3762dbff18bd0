"""The grammar of rule pages, and that a page which promises too much or too little is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.pages import PageError, parse_page
from stackmend.linter.rule import Diagnostics, Rule, rule
from stackmend.linter.testing import check_page
from stackmend.schemas.parsers.dotenv import DotenvTree

PAGE = """# Bad key

A key that is bad.

## Found

```dotenv .env
A=1
BAD=1
#@1-3 TST001: BAD
```

```dotenv .env after fix
A=1
GOOD=1
```

## Fine

### Another key

```dotenv .env
GOOD=1
```

## Why

Because.

## How to mend

Rename it.

## Sources

None.
"""


def test_a_page_is_read_in_parts() -> None:
    page = parse_page(PAGE)
    assert (page.title, page.summary, page.why, page.mend, page.sources) == (
        "Bad key",
        "A key that is bad.",
        "Because.",
        "Rename it.",
        "None.",
    )
    (file,) = page.found[0].files
    assert (file.path, file.text, file.after) == (".env", "A=1\nBAD=1\n", "A=1\nGOOD=1\n")
    mark = file.marks[0]
    assert (mark.line, mark.start, mark.end, mark.code, mark.words) == (2, 1, 4, "TST001", "BAD")
    assert [e.title for e in page.fine] == ["Another key"]


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        pytest.param("#   ^^ TST001: w", 5, 7, id="carets"),
        pytest.param("  // ^ TST001: w", 6, 7, id="slashes"),
        pytest.param("#@2-5 TST001: w", 2, 6, id="columns"),
        pytest.param("# @7 TST001: w", 7, 7, id="empty place"),
    ],
)
def test_the_forms_of_a_mark(line: str, start: int, end: int) -> None:
    page = parse_page(f"# T\n## Found\n```yaml a.yaml\nkey: value\n{line}\n```\n")
    (file,) = page.found[0].files
    assert file.text == "key: value\n"
    assert [(m.line, m.start, m.end) for m in file.marks] == [(1, start, end)]


def test_folders_several_examples_and_longer_fences() -> None:
    page = parse_page("# T\n## Found\n### a\n```folder data\n```\n````text x\n```\n````\n### b\n```text y\n```\n")
    assert [(e.title, e.folders, [f.path for f in e.files]) for e in page.found] == [
        ("a", ("data",), ["x"]),
        ("b", (), ["y"]),
    ]
    assert page.found[0].files[0].text == "```\n"


def test_files_of_the_machine_are_none_of_the_deployment() -> None:
    (example,) = parse_page("# T\n## Found\n```yaml a\n```\n```text /proc/net/tcp\nx\n```\n").found
    assert [f.path for f in example.files] == ["a"]
    assert [(f.path, f.text) for f in example.machine] == [("/proc/net/tcp", "x\n")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("no title", "line 1", id="no title"),
        pytest.param("# T\n## Fond\n", "'Fond'", id="unknown section"),
        pytest.param("# T\n## Found\n```yaml\n```\n", "line 3", id="fence without a path"),
        pytest.param("# T\n## Found\n```yaml a\n", "never closed", id="open fence"),
        pytest.param("# T\n## Found\n```yaml a\n# ^ TST001: x\n```\n", "line 4", id="mark on top"),
        pytest.param("# T\n## Found\n```yaml a after fix\n```\n", "none before", id="after without before"),
    ],
)
def test_what_does_not_follow_the_grammar_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(PageError, match=said):
        parse_page(text)


@rule("TST001", "bad-key", DotenvTree, Severity.ERROR, fix=Applicability.SAFE)
def bad_key(tree: DotenvTree) -> Diagnostics:
    for entry in tree.entries:
        if entry.key == "BAD":
            place = tree.document.place(*entry.key_span)
            fix = Fix("t", (Edit(place, "GOOD"),), Applicability.SAFE)
            yield Diagnostic(place, "BAD is bad", fixes=(fix,))


@rule("TST002", "no-a", DotenvTree, Severity.ERROR)
def no_a(tree: DotenvTree) -> Diagnostics:
    for entry in tree.entries:
        if entry.key == "A":
            yield Diagnostic(tree.document.place(*entry.key_span), "A is bad")


def checked(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rules: tuple[Rule, ...] = (bad_key,)
) -> list[str]:
    page = tmp_path / "bad-key.md"
    page.write_text(text, encoding="utf-8")

    def page_there(*_: object) -> str:
        return str(page)

    monkeypatch.setattr("stackmend.linter.pages.page_path", page_there)
    from stackmend.linter.pages import page_text, read_page

    page_text.cache_clear()
    read_page.cache_clear()
    try:
        return check_page(bad_key, rules)
    finally:
        page_text.cache_clear()
        read_page.cache_clear()


def test_a_page_that_holds_has_nothing_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert checked(PAGE, monkeypatch, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("#@1-3 TST001: BAD", "#@1-2 TST001: BAD", "marked and not found", id="wrong place"),
        pytest.param("#@1-3 TST001: BAD", "#@1-3 TST001: worse", "the message says", id="wrong words"),
        pytest.param("#@1-3 TST001: BAD\n", "", "found and not marked", id="unmarked"),
        pytest.param(
            "GOOD=1\n```\n\n## Fine", "GOOD=2\n```\n\n## Fine", "after the fix becomes", id="wrong text after"
        ),
        pytest.param(
            "```dotenv .env after fix\nA=1\nGOOD=1\n```\n", "", "the page does not show it", id="no text after"
        ),
        pytest.param("GOOD=1\n```\n\n## Why", "BAD=1\n```\n\n## Why", "not silent", id="fine is not silent"),
        pytest.param("## Fine", "## Sources\n", "no Fine example", id="no fine example"),
    ],
)
def test_a_page_that_does_not_hold_is_caught(
    old: str, new: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert old in PAGE
    wrong = checked(PAGE.replace(old, new, 1), monkeypatch, tmp_path)
    assert any(said in each for each in wrong), wrong


def test_an_unmarked_error_of_another_rule_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = checked(PAGE, monkeypatch, tmp_path, (bad_key, no_a))
    assert any("found and not marked" in each and "TST002" in each for each in wrong)
