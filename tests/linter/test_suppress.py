"""Comments silence exactly what they name, where they say, and are reported when they do not."""

from __future__ import annotations

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.rule import Diagnostics, rule
from stackmend.linter.rules import find_rule
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.parsers.dotenv import DotenvTree
from stackmend.schemas.parsers.json import JsonTree
from stackmend.schemas.workspace import Workspace


@rule("TST001", "bad-key", DotenvTree, Severity.ERROR)
def bad_key(tree: DotenvTree) -> Diagnostics:
    for entry in tree.entries:
        if entry.key.startswith("BAD"):
            yield Diagnostic(tree.document.place(*entry.key_span), "`{key}` is bad", (("key", entry.key),))


@rule("TST002", "bad-json", JsonTree, Severity.ERROR)
def bad_json(tree: JsonTree) -> Diagnostics:
    at = tree.document.text.find('"bad"')
    if at >= 0:
        yield Diagnostic(tree.document.place(at, at + 5), "bad")


UNUSED = find_rule("SUP001")
assert UNUSED is not None
RULES = (bad_key, bad_json, UNUSED)


def found(text: str, path: str = "/p/.env", over: Overrides | None = None) -> list[tuple[str, int]]:
    request = Request((path,), "/p", over or Overrides(), isolated=True)
    report = run(request, Workspace(MemoryFiles({path: text.encode()})), RULES).report
    assert report.errors == ()
    return [(d.rule.code, d.place.line) for d in report.diagnostics]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("BAD=1 # stackmend: ignore[TST001] reason\n", [], id="on the line"),
        pytest.param("# stackmend: ignore[TST001]\nBAD=1\n", [], id="on the line above"),
        pytest.param("# stackmend: ignore[bad-key]\nBAD=1\n", [], id="by name"),
        pytest.param("# stackmend: ignore[tst001]\nBAD=1\n", [], id="any case"),
        pytest.param("#stackmend:ignore[ TST001 ]\nBAD=1\n", [], id="blanks do not matter"),
        pytest.param("# stackmend: ignore[TST001]\nBAD=1\nBAD2=1\n", [("TST001", 3)], id="that line only"),
        pytest.param("OK=1 # stackmend: ignore[TST001]\nBAD=1\n", [("SUP001", 1), ("TST001", 2)], id="not the next"),
        pytest.param("# stackmend: ignore[TST001]\n\nBAD=1\n", [("SUP001", 1), ("TST001", 3)], id="a blank between"),
        pytest.param("BAD=1\nBAD2=1 # stackmend: ignore[TST001]\n", [("TST001", 1)], id="not the line above"),
        pytest.param("# note\n# stackmend: ignore-file[TST001]\nBAD=1\nBAD2=1\n", [], id="whole file"),
        pytest.param("A=1\n# stackmend: ignore-file[TST001]\nBAD=1\n", [("SUP001", 2), ("TST001", 3)], id="not on top"),
        pytest.param("# stackmend: ignore[TST009]\nBAD=1\n", [("SUP001", 1), ("TST001", 2)], id="no such rule"),
        pytest.param("# stackmend: ignore\nBAD=1\n", [("SUP001", 1), ("TST001", 2)], id="names no rule"),
        pytest.param("# stackmend: ignore[TST001,TST002]\nBAD=1\n", [("SUP001", 1)], id="one of two is unused"),
        pytest.param("BAD=1\r\n# stackmend: ignore[TST001]\r\nBAD2=1\r\n", [("TST001", 1)], id="crlf"),
        pytest.param("A='x # stackmend: ignore[TST001]'\n", [], id="inside a value it is no comment"),
        pytest.param(
            "# stackmend: ignore[TST002]\n# stackmend: ignore[TST001]\nBAD=1\n", [("SUP001", 1)], id="two above"
        ),
    ],
)  # fmt: skip
def test_what_is_left_in_a_dotenv_file(text: str, left: list[tuple[str, int]]) -> None:
    assert sorted(found(text), key=lambda each: each[1]) == left


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": "bad" // stackmend: ignore[TST002]\n}', id="line comment"),
        pytest.param('{"a": "bad" /* stackmend: ignore[TST002] */}', id="block comment"),
        pytest.param('/* stackmend: ignore-file[TST002] */\n{\n"a": "bad"}', id="whole file"),
        pytest.param('{\n/* stackmend: ignore[TST002]\n   because */\n"a": "bad"}', id="block comment above"),
    ],
)
def test_json5_comments_count(text: str) -> None:
    assert found(text, "/p/config.json") == []


def test_a_comment_for_a_rule_that_is_off_is_not_called_unused() -> None:
    assert found("# stackmend: ignore[TST001]\nA=1\n", over=Overrides(ignore=("TST001",))) == []


def test_the_report_of_an_unused_comment_can_itself_be_silenced() -> None:
    assert found("# stackmend: ignore-file[SUP001]\n# stackmend: ignore[TST001]\nA=1\n") == []


def test_an_unknown_code_is_reported_with_the_near_one() -> None:
    text = b"# stackmend: ignore[TTS001]\nBAD=1\n"
    workspace = Workspace(MemoryFiles({"/p/.env": text}))
    report = run(Request(("/p/.env",), "/p", isolated=True), workspace, RULES).report
    assert [d.message for d in report.diagnostics if d.rule.code == "SUP001"] == [
        "there is no rule `TTS001`, so this comment silences nothing; did you mean `TST001`?"
    ]
