"""The line formats keep one finding on one line, whatever the linted files say."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Diagnostic
from stackmend.linter.report import Report
from stackmend.linter.reports import concise, github
from stackmend.schemas.parsers.document import Document


@pytest.fixture(autouse=True)
def _outside_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def written(write: Callable[..., None], report: Report, *, verbose: bool = False) -> str:
    out = io.StringIO()
    write(report, out, verbose=verbose)
    return out.getvalue()


def test_concise_is_as_recorded(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("reports/concise.txt", written(concise.write, report, verbose=True))


def test_concise_lines_are_file_line_column_code_message(report: Report) -> None:
    *lines, _total = written(concise.write, report).splitlines()
    assert len(lines) == 7
    assert all(re.fullmatch(r"[^:]+:\d+:\d+: [A-Z]{3}\d{3} .+", line) for line in lines)


def test_concise_says_nothing_of_a_clean_run(make_report: Callable[[list[Diagnostic]], Report]) -> None:
    assert written(concise.write, make_report([])) == ""


def test_github_is_as_recorded(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("reports/github.txt", written(github.write, report, verbose=True))


def test_github_shows_the_worst_first_and_ends_with_the_counts(report: Report) -> None:
    *commands, remark, total = written(github.write, report, verbose=True).splitlines()
    levels = [command.split(" ")[0] for command in commands]
    assert levels == ["::error"] * 2 + ["::warning"] * 5 + ["::notice"]
    assert remark == "::warning title=stackmend::nginx/proxy.conf: not a regular file"
    assert total.startswith("Found 2 errors, 5 warnings, 1 note")


def test_github_columns_are_left_out_over_several_lines(report: Report) -> None:
    over_lines = next(line for line in written(github.write, report).splitlines() if "CMP012" in line)
    assert "line=12,endLine=13,title=" in over_lines
    assert "col" not in over_lines.partition("::service")[0]
    one_line = next(line for line in written(github.write, report).splitlines() if "CMP018" in line)
    assert "col=12,endColumn=19," in one_line


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\x1b\u202e:,%")), max_size=60)


@given(path=HOSTILE, message=HOSTILE)
@settings(max_examples=100, deadline=None)
def test_github_commands_cannot_be_smuggled_in(path: str, message: str) -> None:
    for text in (github.escape_data(message), github.escape_property(path)):
        assert not {"\r", "\n", "\x1b", "\u202e"} & set(text)
        text.encode()
    assert not {":", ","} & set(github.escape_property(path))


def test_github_annotates_nothing_for_a_file_that_names_a_command(
    make_report: Callable[[list[Diagnostic]], Report], diagnostics: list[Diagnostic]
) -> None:
    document = Document("/srv/stack/a,b\n::warning file=x::y.env", "A=1\n")
    smuggled = Diagnostic(document.place(0, 1), "words\n::error::more", rule=diagnostics[0].rule)
    text = written(github.write, make_report([smuggled]))
    started = [line for line in text.splitlines() if line.startswith("::") and "title=stackmend::" not in line]
    assert started == [text.splitlines()[0]]
    assert "file=a%2Cb%0A%3A%3Awarning file=x%3A%3Ay.env," in text


def test_github_paths_are_relative_to_the_checkout(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/srv")
    assert "file=stack/docker-compose.yaml," in written(github.write, report)


def test_github_appends_the_whole_table_to_the_step_summary(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("github") / "summary.md"
    path.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    written(github.write, report)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n### stackmend\n")
    rows = [line for line in text.splitlines() if line.startswith(("| error", "| warning"))]
    assert len(rows) == 7
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert "kastanien" not in text


def test_github_annotates_what_could_not_be_checked(make_report: Callable[[list[Diagnostic]], Report]) -> None:
    report = replace(make_report([]), errors=("x%\n::error::y: no such file",), failed=True)
    assert written(github.write, report).splitlines()[0] == "::error title=stackmend::x%25%0A::error::y: no such file"
    assert written(github.write, replace(report, failed=False)).startswith("::warning title=stackmend::x%25")


def test_github_findings_survive_a_summary_that_cannot_be_written(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path_factory.mktemp("github")))
    lines = written(github.write, report).splitlines()
    assert lines[-1] == "::warning title=stackmend::no job summary: is a directory"
    assert lines[0].startswith("::error file=")


def test_no_secret_is_in_any_line_format(report: Report) -> None:
    for write in (concise.write, github.write):
        assert "kastanien" not in written(write, report, verbose=True)
