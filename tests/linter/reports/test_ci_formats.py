"""gitlab, junit and rdjson hold what their readers ask for, in the units they count, and no secret."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.diagnostic import Diagnostic
from stackmend.linter.report import Report
from stackmend.linter.reports import gitlab, junit, rdjson
from stackmend.schemas.parsers.document import Document

MakeReport = Callable[[list[Diagnostic]], Report]
FORMATS = pytest.mark.parametrize("write", [gitlab.write, junit.write, rdjson.write], ids=["gitlab", "junit", "rdjson"])


@pytest.fixture(autouse=True)
def _outside_gitlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)


def written(write: Callable[..., None], report: Report) -> str:
    out = io.StringIO()
    write(report, out, verbose=True)
    return out.getvalue()


def pretty(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.fixture
def found(make_report: MakeReport, report: Report) -> Callable[..., Report]:
    """A report of one finding at a span of a text, with fixes."""

    def make(document: Document, start: int, end: int, *fixes: Fix) -> Report:
        return make_report([Diagnostic(document.place(start, end), "x", fixes=fixes, rule=report.diagnostics[0].rule)])

    return make


@FORMATS
def test_no_secret_and_no_control_character_is_in_it(report: Report, write: Callable[..., None]) -> None:
    text = written(write, report)
    assert "kastanien" not in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert text.isascii()


@FORMATS
def test_notes_are_shown_when_asked_for(report: Report, write: Callable[..., None]) -> None:
    out = io.StringIO()
    write(report, out)
    assert "CMP007" not in out.getvalue()
    assert "CMP007" in written(write, report)


@FORMATS
def test_bytes_that_are_not_utf8_never_make_it_invalid(
    write: Callable[..., None], make_report: MakeReport, report: Report
) -> None:
    document = Document.decode("/srv/stack/caf\udce9\n\ufffe.env", b"A=\xff\n")
    fix = Fix("Keep it", (Edit(document.place(0, 3), "B=\udcff"),), Applicability.SAFE)
    finding = Diagnostic(
        document.place(2, 3), "{v}", (("v", "\udcff\ufffe\x00"),), fixes=(fix,), rule=report.diagnostics[0].rule
    )
    text = written(write, make_report([finding]))
    if write is junit.write:
        ET.fromstring(text)
    else:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
        assert "suggestions" not in text


def test_gitlab_is_as_recorded(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("reports/gitlab.json", pretty(written(gitlab.write, report)))


def test_gitlab_gives_every_finding_a_fingerprint_of_its_own(report: Report) -> None:
    for reported in report.diagnostics:
        reported.__dict__["fingerprint"] = "same"
    prints = [issue["fingerprint"] for issue in json.loads(written(gitlab.write, report))]
    assert len(set(prints)) == len(prints) == 8
    assert prints == [issue["fingerprint"] for issue in json.loads(written(gitlab.write, report))]


def test_gitlab_has_an_empty_array_for_a_clean_run(make_report: MakeReport) -> None:
    assert written(gitlab.write, make_report([])) == "[]\n"


def test_gitlab_issues_have_what_the_merge_request_shows(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_PROJECT_DIR", "/srv")
    for issue in json.loads(written(gitlab.write, report)):
        assert issue["description"].startswith(issue["check_name"])
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["path"] in {"stack/.env", "stack/docker-compose.yaml"}
        assert issue["location"]["positions"]["begin"]["line"] >= 1


def test_junit_is_as_recorded(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("reports/junit.xml", written(junit.write, report))


def test_junit_counts_are_those_of_its_cases(report: Report) -> None:
    root = ET.fromstring(written(junit.write, report))
    for element in (root, *root.iter("testsuite")):
        assert int(element.attrib["tests"]) == len(list(element.iter("testcase")))
        assert int(element.attrib["failures"]) == len(list(element.iter("failure")))
        assert int(element.attrib["errors"]) == len(list(element.iter("error")))


def test_junit_passes_one_case_for_each_file_without_findings(make_report: MakeReport) -> None:
    root = ET.fromstring(written(junit.write, make_report([])))
    assert [suite.attrib["name"] for suite in root] == [".env", "docker-compose.yaml", "nginx/nginx.conf"]
    assert all(len(suite) == 1 and len(suite[0]) == 0 for suite in root)


def test_junit_has_an_error_when_not_everything_could_be_checked(make_report: MakeReport) -> None:
    root = ET.fromstring(written(junit.write, replace(make_report([]), failed=True)))
    (error,) = root.iter("error")
    assert error.text == "nginx/proxy.conf: not a regular file"
    assert root.attrib["errors"] == "1"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_junit_text_comes_back_from_xml_without_what_xml_forbids(text: str) -> None:
    escaped = junit.escape_xml(text)
    assert escaped.isascii()
    element = ET.fromstring(f'<a b="{escaped}">{escaped}</a>')
    allowed = "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" else c
        for c in text
        if (c >= " " or c in "\t\n\r") and c not in "\ufffe\uffff"
    )
    assert element.attrib["b"] == allowed
    assert (element.text or "") == allowed


def test_rdjson_is_as_recorded(report: Report, golden: Callable[[str, str], None]) -> None:
    golden("reports/rdjson.json", pretty(written(rdjson.write, report)))


@given(st.text(st.sampled_from("a\u00e9\u4e2d\U0001f418\udcff\r\n\ufeff"), max_size=30))
@settings(max_examples=100, deadline=None)
def test_rdjson_columns_count_bytes_of_the_line_in_the_file(text: str) -> None:
    document = Document("/srv/a", text)
    data = document.encode()
    starts = [len(text[:start].encode("utf-8", "surrogateescape")) for start in document.line_starts]
    for offset in range(len(text) + 1):
        position = rdjson.byte_position(document, offset)
        at = starts[position["line"] - 1] + position["column"] - 1
        assert data[:at] == text[:offset].encode("utf-8", "surrogateescape")


def suggestions(report: Report) -> list[dict[str, Any]]:
    (diagnostic,) = json.loads(written(rdjson.write, report))["diagnostics"]
    found: list[dict[str, Any]] = diagnostic.get("suggestions", [])
    return found


def test_rdjson_makes_one_suggestion_of_a_fix_with_several_edits(found: Callable[..., Report]) -> None:
    document = Document("/srv/stack/a.env", "名=1\nB=2\nC=3\n")
    edits = (Edit(document.place(10, 11), "three"), Edit(document.place(2, 3), "one"), Edit(document.place(4, 4), "# "))
    (suggestion,) = suggestions(found(document, 0, 1, Fix("Both", edits, Applicability.SAFE)))
    assert suggestion == {
        "range": {"start": {"line": 1, "column": 5}, "end": {"line": 3, "column": 4}},
        "text": "one\n# B=2\nC=three",
    }


def test_rdjson_suggests_only_what_is_safe_in_one_file_and_no_secret(found: Callable[..., Report]) -> None:
    document = Document("/srv/stack/a.env", "A=1\nDB_PASSWORD=kastanien-7431\nC=3\n")
    other = Document("/srv/stack/b.env", "A=1\n")
    end = document.text.index("3")
    first, last = Edit(document.place(2, 3), "one"), Edit(document.place(end, end + 1), "x")
    elsewhere = Edit(other.place(2, 3), "two")
    for fix in (
        Fix("Not safe", (first,), Applicability.UNSAFE),
        Fix("Two files", (first, elsewhere), Applicability.SAFE),
        Fix("Another file", (elsewhere,), Applicability.SAFE),
        Fix("A secret between", (first, last), Applicability.SAFE),
    ):
        assert suggestions(found(document, 0, 1, fix)) == []
    assert len(suggestions(found(document, 0, 1, Fix("One", (first,), Applicability.SAFE)))) == 1
