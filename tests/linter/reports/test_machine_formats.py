"""json and lsp hold what their contracts name, in the units that they name, and no secret."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.diagnostic import Diagnostic
from stackmend.linter.report import Report
from stackmend.linter.reports import json as json_format
from stackmend.linter.reports import lsp as lsp_format
from stackmend.linter.reports.portable import file_uri, unicode_text
from stackmend.schemas.parsers.document import Document

MakeReport = Callable[[list[Diagnostic]], Report]


def closed(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object schema with these properties and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT, COUNT, ONE_UP = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}
MAYBE = {"type": ["string", "null"]}
POSITION = closed({"line": ONE_UP, "column": ONE_UP})
RANGE = closed({"start": POSITION, "end": POSITION})
JSON_FIX = closed(
    {
        "title": TEXT,
        "applicability": {"enum": ["safe", "unsafe", "display"]},
        "edits": array(closed({"file": TEXT, "range": RANGE, "text": TEXT})),
    }
)
JSON_SCHEMA = closed(
    {
        "version": {"const": 1},
        "tool": closed({"name": {"const": "stackmend"}, "version": TEXT}),
        "deployments": array(closed({"root": TEXT, "files": array(TEXT), "product": MAYBE, "product_version": MAYBE})),
        "diagnostics": array(
            closed(
                {
                    "code": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"},
                    "name": TEXT,
                    "severity": {"enum": ["error", "warning", "info"]},
                    "message": TEXT,
                    "file": TEXT,
                    "range": RANGE,
                    "related": array(closed({"file": TEXT, "range": RANGE, "message": TEXT})),
                    "faq": array({"type": "string", "pattern": r"^[DF][0-9.]+$"}),
                    "fixes": array(JSON_FIX),
                    "docs": {"type": "string", "pattern": "^file:///"},
                    "fingerprint": TEXT,
                }
            )
        ),
        "summary": closed(dict.fromkeys(("error", "warning", "info", "fixable", "fixed", "files"), COUNT)),
        "errors": array(TEXT),
    }
)
LSP_POSITION = closed({"line": COUNT, "character": COUNT})
LSP_RANGE = closed({"start": LSP_POSITION, "end": LSP_POSITION})
URI = {"type": "string", "pattern": r"^file:///[!-~]+$"}
LSP_SCHEMA = array(
    closed(
        {
            "uri": URI,
            "diagnostics": array(
                closed(
                    {
                        "range": LSP_RANGE,
                        "severity": {"enum": [1, 2, 3, 4]},
                        "code": TEXT,
                        "codeDescription": closed({"href": URI}),
                        "source": {"const": "stackmend"},
                        "message": TEXT,
                        "tags": array({"enum": [1, 2]}),
                        "relatedInformation": array(
                            closed({"location": closed({"uri": URI, "range": LSP_RANGE}), "message": TEXT})
                        ),
                        "data": closed(
                            {
                                "name": TEXT,
                                "fingerprint": TEXT,
                                "fixes": array(
                                    closed(
                                        {
                                            "title": TEXT,
                                            "applicability": {"enum": ["safe", "unsafe", "display"]},
                                            "changes": {
                                                "type": "object",
                                                "propertyNames": URI,
                                                "additionalProperties": array(
                                                    closed({"range": LSP_RANGE, "newText": TEXT})
                                                ),
                                            },
                                        }
                                    )
                                ),
                            }
                        ),
                    },
                    optional=("tags", "relatedInformation"),
                )
            ),
        }
    )
)


def written(write: Callable[..., None], report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


def validate(schema: dict[str, Any], data: Any) -> None:
    validator: Any = Draft202012Validator(schema)
    validator.validate(data)


def shortened(uri: str) -> str:
    """A page's URI without the folder of this installation."""
    return uri.rpartition("/linter/")[2]


def test_json_is_as_recorded_and_fits_its_schema(report: Report, golden: Callable[[str, str], None]) -> None:
    data = json.loads(written(json_format.write, report))
    validate(JSON_SCHEMA, data)
    data["tool"]["version"] = "0"
    for diagnostic in data["diagnostics"]:
        diagnostic["docs"] = shortened(diagnostic["docs"])
    golden("reports/report.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def test_lsp_is_as_recorded_and_fits_the_protocol(report: Report, golden: Callable[[str, str], None]) -> None:
    data = json.loads(written(lsp_format.write, report))
    validate(LSP_SCHEMA, data)
    for item in data:
        for diagnostic in item["diagnostics"]:
            diagnostic["codeDescription"]["href"] = shortened(diagnostic["codeDescription"]["href"])
    golden("reports/lsp.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def test_a_clean_run_is_a_whole_document(make_report: MakeReport) -> None:
    data = json.loads(written(json_format.write, make_report([])))
    validate(JSON_SCHEMA, data)
    assert data["diagnostics"] == []
    assert data["summary"] == {"error": 0, "warning": 0, "info": 0, "fixable": 0, "fixed": 1, "files": 3}


def test_an_editor_is_told_that_clean_files_are_clean(make_report: MakeReport) -> None:
    data = json.loads(written(lsp_format.write, make_report([])))
    assert [(item["uri"], item["diagnostics"]) for item in data] == [
        ("file:///srv/stack/.env", []),
        ("file:///srv/stack/docker-compose.yaml", []),
        ("file:///srv/stack/nginx/nginx.conf", []),
    ]


def test_json_counts_code_points_from_one_and_lsp_utf16_units_from_zero(
    make_report: MakeReport, report: Report
) -> None:
    document = Document("/srv/stack/.env", "\ufeffA=1\r\nNAME=a 🐘 WORD\r\n")
    at = document.text.index("WORD")
    only = make_report([Diagnostic(document.place(at, at + 4), "x", rule=report.diagnostics[0].rule)])
    found = json.loads(written(json_format.write, only))["diagnostics"][0]
    assert found["range"] == {"start": {"line": 2, "column": 10}, "end": {"line": 2, "column": 14}}
    items = json.loads(written(lsp_format.write, only))
    found = next(item for item in items if item["diagnostics"])["diagnostics"][0]
    assert found["range"] == {"start": {"line": 1, "character": 10}, "end": {"line": 1, "character": 14}}


def test_a_fix_that_would_spell_out_a_secret_keeps_its_title_and_has_no_edits(report: Report) -> None:
    data = json.loads(written(json_format.write, report))
    (fix,) = next(d for d in data["diagnostics"] if d["code"] == "STK008")["fixes"]
    assert fix == {"title": "Write **** to both", "applicability": "display", "edits": []}


def test_a_fix_with_one_secret_edit_has_no_edit_at_all(make_report: MakeReport, report: Report) -> None:
    document = Document("/srv/stack/.env", "A=1\nB=2\n")
    edits = (Edit(document.place(2, 3), "one"), Edit(document.place(6, 7), "kastanien-7431"))
    finding = Diagnostic(
        document.place(0, 1), "x", fixes=(Fix("Both", edits, Applicability.SAFE),), rule=report.diagnostics[0].rule
    )
    data = json.loads(written(json_format.write, make_report([finding])))
    assert data["diagnostics"][0]["fixes"][0]["edits"] == []
    assert data["summary"]["fixable"] == 1


def test_a_byte_that_is_not_utf8_never_makes_the_document_invalid(make_report: MakeReport, report: Report) -> None:
    document = Document.decode("/srv/stack/caf\udce9.env", b"A=\xff\n")
    fixes = (Fix("Keep it", (Edit(document.place(0, 3), "B=\udcff"),), Applicability.UNSAFE),)
    finding = Diagnostic(document.place(2, 3), "{v}", (("v", "\udcff"),), fixes=fixes, rule=report.diagnostics[0].rule)
    for write in (json_format.write, lsp_format.write):
        text = written(write, make_report([finding]))
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    assert '"edits": []' in written(json_format.write, make_report([finding]))


@pytest.mark.parametrize("write", [json_format.write, lsp_format.write])
def test_no_secret_is_in_any_machine_format(report: Report, write: Callable[..., None]) -> None:
    assert "kastanien" not in written(write, report)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_file_uri_is_ascii_and_names_the_path(path: str) -> None:
    uri = file_uri("/" + path)
    assert uri.isascii()
    assert unquote(uri.removeprefix("file://")) == "/" + path


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_text_for_machines_is_unicode_and_else_unchanged(text: str) -> None:
    shown = unicode_text(text)
    shown.encode()
    assert len(shown) == len(text)
    assert all(a == b or "\ud800" <= a <= "\udfff" for a, b in zip(text, shown, strict=True))


@given(st.text(st.sampled_from("a\u00e9\u4e2d\U0001f418\udcff\r\n\ufeff"), max_size=30))
@settings(max_examples=100, deadline=None)
def test_lsp_characters_are_utf16_code_units(text: str) -> None:
    document = Document("/srv/a", text)
    for offset in range(len(text) + 1):
        line, column = document.position(offset)
        before = text[offset - (column - 1) : offset]
        units = len(before.encode("utf-16-le", "surrogatepass")) // 2
        assert document.utf16(offset) == (line - 1, units)
