"""sarif fits what the standard and GitHub ask of it, gives no secret away, and names files as a checkout does."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stackmend.linter.diagnostic import Diagnostic, Related
from stackmend.linter.report import Report
from stackmend.linter.reports import sarif
from stackmend.linter.reports.portable import relative_uri
from stackmend.linter.reports.sarif_rules import FAMILY, SECURITY, rule_descriptor
from stackmend.linter.rules import all_rules
from stackmend.schemas.parsers.document import Document

MakeReport = Callable[[list[Diagnostic]], Report]


def closed(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def array(items: dict[str, Any], **more: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


WORDS = {"type": "string", "minLength": 1}
SHORT = closed({"text": {"type": "string", "minLength": 1, "maxLength": 1024}})
MESSAGE = closed({"text": WORDS})
ONE_UP = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["note", "warning", "error"]}
REGION = closed(dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), ONE_UP))
# A reference of RFC 3986 in ASCII that is relative, or names a file outside of the checkout.
URI = {"type": "string", "pattern": r"^(?:file:///|(?!/)(?![^/]*:))(?:[A-Za-z0-9\-._~/:]|%[0-9A-F]{2})+$"}
ARTIFACT = closed({"uri": URI})
PHYSICAL = closed({"artifactLocation": ARTIFACT, "region": REGION})
REPLACEMENT = closed({"deletedRegion": REGION, "insertedContent": MESSAGE}, optional=("insertedContent",))
FIX = closed(
    {
        "description": MESSAGE,
        "artifactChanges": array(
            closed({"artifactLocation": ARTIFACT, "replacements": array(REPLACEMENT, minItems=1)}), minItems=1
        ),
        "properties": closed({"applicability": {"enum": ["safe", "unsafe"]}}),
    }
)
RULE = closed(
    {
        "id": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"},
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "shortDescription": SHORT,
        "fullDescription": SHORT,
        "help": closed({"text": WORDS, "markdown": WORDS}),
        "defaultConfiguration": closed({"level": LEVEL}),
        "properties": closed(
            {
                "tags": array(WORDS, minItems=1, maxItems=10),
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "problem.severity": {"enum": ["error", "warning", "recommendation"]},
                "security-severity": {"type": "string", "pattern": r"^(?:10\.0|[1-9]\.\d|0\.[1-9])$"},
            },
            optional=("security-severity",),
        ),
    }
)
RESULT = closed(
    {
        "ruleId": WORDS,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": array(closed({"physicalLocation": PHYSICAL}), minItems=1, maxItems=1),
        "partialFingerprints": closed({"primaryLocationLineHash": WORDS, "stackmend/v1": WORDS}),
        "relatedLocations": array(
            closed({"id": ONE_UP, "message": MESSAGE, "physicalLocation": PHYSICAL}), maxItems=1000
        ),
        "fixes": array(FIX, minItems=1),
        "baselineState": {"const": "new"},
    },
    optional=("relatedLocations", "fixes", "baselineState"),
)
DRIVER = closed({"name": WORDS, "semanticVersion": WORDS, "rules": array(RULE)})
RUN = closed(
    {
        "tool": closed({"driver": DRIVER}),
        "automationDetails": closed({"id": {"type": "string", "pattern": r"^stackmend/(?:.+/)?$"}}),
        "columnKind": {"const": "unicodeCodePoints"},
        "newlineSequences": array(WORDS),
        "invocations": array(
            closed(
                {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": array(closed({"level": LEVEL, "message": MESSAGE})),
                }
            )
        ),
        "results": array(RESULT, maxItems=25_000),
    }
)
SCHEMA = closed(
    {
        "$schema": {"type": "string", "pattern": r"^https://.+/sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": array(RUN, minItems=1, maxItems=1),
    }
)


@pytest.fixture(autouse=True)
def _outside_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def run_of(report: Report) -> dict[str, Any]:
    """The run that is written, after every check that a schema can make, and those of what belongs together."""
    out = io.StringIO()
    sarif.write(report, out, verbose=True)
    data = json.loads(out.getvalue())
    json.dumps(data, ensure_ascii=False).encode()
    validator: Any = Draft202012Validator(SCHEMA)
    validator.validate(data)
    run: dict[str, Any] = data["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        linked = [int(n) for n in re.findall(r"(?<!\\)\]\((\d+)\)", result["message"]["text"])]
        assert linked == [other["id"] for other in result.get("relatedLocations", ())]
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]
    assert len(set(prints)) == len(prints)
    return run


def result_of(make_report: MakeReport, diagnostic: Diagnostic) -> dict[str, Any]:
    result: dict[str, Any]
    (result,) = run_of(make_report([diagnostic]))["results"]
    return result


def test_sarif_is_as_recorded_and_fits_the_standard(report: Report, golden: Callable[[str, str], None]) -> None:
    run = run_of(report)
    run["tool"]["driver"]["semanticVersion"] = "0"
    golden("reports/sarif.json", json.dumps(run, indent=2, ensure_ascii=False) + "\n")


def test_a_clean_run_sends_an_empty_list_so_that_old_alerts_close(make_report: MakeReport) -> None:
    assert run_of(make_report([]))["results"] == []


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.code) for r in all_rules()])
def test_every_rule_is_described_within_githubs_limits(rule: Any) -> None:
    described = rule_descriptor(rule)
    validator: Any = Draft202012Validator(RULE)
    validator.validate(described)
    assert "## Why" in described["help"]["markdown"]
    assert "## How to mend" in described["help"]["markdown"]
    assert rule.family in FAMILY


def test_every_rule_that_is_rated_for_security_is_there() -> None:
    assert set(SECURITY) <= {rule.name for rule in all_rules()}


def test_no_secret_is_in_sarif(report: Report) -> None:
    assert "kastanien" not in json.dumps(run_of(report))


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_relative_uri_is_ascii_names_the_path_and_has_no_scheme(name: str) -> None:
    uri = relative_uri(f"{name}/a.env")
    assert uri.isascii()
    assert ":" not in uri.partition("/")[0]
    assert unquote(uri).removeprefix("./") == f"{name}/a.env".removeprefix("./")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("/srv/stack/配置/my file.env", "%E9%85%8D%E7%BD%AE/my%20file.env", id="CJK and a space"),
        pytest.param("/srv/stack/a:b.env", "./a:b.env", id="a colon in the first segment"),
        pytest.param("/srv/stack/caf\udce9.env", "caf%E9.env", id="a byte that is not UTF-8"),
        pytest.param("/srv/stack/a#b%c?.env", "a%23b%25c%3F.env", id="marks of URIs"),
        pytest.param("/etc/x.env", "file:///etc/x.env", id="outside of the checkout"),
    ],
)
def test_paths_are_percent_encoded_and_relative(make_report: MakeReport, report: Report, path: str, uri: str) -> None:
    finding = Diagnostic(Document(path, "A=1\n").place(0, 1), "x", rule=report.diagnostics[0].rule)
    result = result_of(make_report, finding)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_paths_are_relative_to_the_checkout_and_the_folder_is_the_category(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_of(report)["automationDetails"]["id"] == "stackmend/"
    monkeypatch.setenv("GITHUB_WORKSPACE", "/srv/")
    run = run_of(report)
    assert run["automationDetails"]["id"] == "stackmend/stack/"
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert uris == {"stack/docker-compose.yaml", "stack/.env"}


def test_a_link_in_the_checkout_is_shown_as_the_file_that_it_leads_to(
    make_report: MakeReport, report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "real.env").write_text("A=1\n", encoding="utf-8")
    os.symlink("real.env", tmp_path / ".env")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    finding = Diagnostic(Document(f"{tmp_path}/.env", "A=1\n").place(0, 1), "x", rule=report.diagnostics[0].rule)
    result = result_of(make_report, finding)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "real.env"


def test_columns_count_code_points_and_a_place_ends_before_its_line_end(
    make_report: MakeReport, report: Report
) -> None:
    text = "\ufeffA=🐘\r\nNAME=a 🐘 WORD\r\n"
    document = Document("/srv/stack/.env", text)
    place = document.place(text.index("WORD"), len(text))
    result = result_of(make_report, Diagnostic(place, "x", rule=report.diagnostics[0].rule))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 14}


def test_words_of_a_file_never_become_a_link(make_report: MakeReport, report: Report) -> None:
    document = Document("/srv/stack/[a](9).env", "A=1\n")
    place = document.place(0, 1)
    hostile = "[click](https://example.com) \\[x](2)"
    finding = Diagnostic(
        place, "{v}", (("v", hostile),), (Related(place, "{v}", (("v", hostile),)),), rule=report.diagnostics[0].rule
    )
    text = result_of(make_report, finding)["message"]["text"]
    # What is left once escaped characters are taken away: the one link that is meant.
    assert re.findall(r"\[[^\]]*\]\([^)]*\)", re.sub(r"\\.", "", text)) == ["[a(9).env:1](1)"]


def test_results_are_cut_to_the_worst_where_github_would_refuse_all(
    make_report: MakeReport, diagnostics: list[Diagnostic], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    levels = [r["level"] for r in run_of(make_report(diagnostics))["results"]]
    assert levels == ["error", "error", "warning"]


def test_many_related_places_are_cut_and_links_stay_in_step(make_report: MakeReport, report: Report) -> None:
    document = Document("/srv/stack/.env", "A=1\n" * 1200)
    related = tuple(Related(document.place(4 * i, 4 * i + 1), "again") for i in range(1200))
    finding = Diagnostic(document.place(0, 1), "x", related=related, rule=report.diagnostics[0].rule)
    assert len(result_of(make_report, finding)["relatedLocations"]) == 1000


def test_equal_fingerprints_are_told_apart_by_their_counter(
    make_report: MakeReport, diagnostics: list[Diagnostic]
) -> None:
    report = make_report(diagnostics[:2])
    for reported in report.diagnostics:
        reported.__dict__["fingerprint"] = "same"
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run_of(report)["results"]]
    assert prints == ["same:1", "same:2"]
