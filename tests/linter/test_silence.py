"""Comments that silence findings stand where they work, change no value, and are left out where none can stand."""

from __future__ import annotations

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.rule import Diagnostics, rule
from stackmend.linter.rules import find_rule
from stackmend.linter.session import Outcome, Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.parsers.dotenv import DotenvTree
from stackmend.schemas.parsers.json import JsonTree
from stackmend.schemas.parsers.nginx import NginxTree
from stackmend.schemas.parsers.squid import SquidTree
from stackmend.schemas.parsers.yaml import YamlTree
from stackmend.schemas.workspace import Workspace

AnyTree = DotenvTree | JsonTree | NginxTree | SquidTree | YamlTree


def everywhere(tree: AnyTree) -> Diagnostics:
    """A finding at each `bad` of a text."""
    text, at = tree.document.text, -1
    while (at := text.find("bad", at + 1)) != -1:
        yield Diagnostic(tree.document.place(at, at + 3), "bad")


KINDS = {"TST001": YamlTree, "TST002": DotenvTree, "TST003": JsonTree, "TST004": NginxTree, "TST005": SquidTree}
SUP = find_rule("SUP001")
assert SUP is not None
RULES = (
    *(rule(code, f"bad-{code.lower()}", kind, Severity.ERROR)(everywhere) for code, kind in KINDS.items()),
    rule("TST011", "also-bad", YamlTree, Severity.WARNING)(everywhere),
    rule("TST012", "noteworthy", YamlTree, Severity.INFO)(everywhere),
    SUP,
)


def silenced(path: str, text: str, *, notes: bool = True) -> tuple[str, Outcome]:
    """The text after comments were added, and the outcome."""
    data = text.encode("utf-8", "surrogateescape")
    over = Overrides(mend_notes=notes, ignore=("SUP001",) if "stackmend" in text else ())
    request = Request((path,), "/r", over, isolated=True, mending=True, silencing=True)
    outcome = run(request, Workspace(MemoryFiles({path: data})), RULES)
    after = next((c.after for c in outcome.changes if c.path == path), data)
    return after.decode("utf-8", "surrogateescape"), outcome


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param(
            "/r/compose.yaml",
            "services:\n  a:\n    image: bad\n",
            "services:\n  a:\n    # stackmend: ignore[TST001,TST011,TST012]\n    image: bad\n",
            id="several rules in YAML, indented",
        ),
        pytest.param("/r/.env", "A=1\r\nB=bad\r\n", "A=1\r\n# stackmend: ignore[TST002]\r\nB=bad\r\n", id="CRLF"),
        pytest.param("/r/.env", "\ufeffA=bad\n", "\ufeff# stackmend: ignore[TST002]\nA=bad\n", id="byte order mark"),
        pytest.param("/r/.env", "A=bad", "# stackmend: ignore[TST002]\nA=bad", id="no final line end"),
        pytest.param(
            "/r/nginx.conf",
            "http {\n\tserver_tokens bad;\n}\n",
            "http {\n\t# stackmend: ignore[TST004]\n\tserver_tokens bad;\n}\n",
            id="nginx",
        ),
        pytest.param(
            "/r/squid.conf", "acl bad src all\n", "# stackmend: ignore[TST005]\nacl bad src all\n", id="squid"
        ),
    ],
)
def test_a_comment_above_the_line_silences_all_that_is_found_on_it(path: str, before: str, after: str) -> None:
    text, outcome = silenced(path, before)
    assert text == after
    assert outcome.report.diagnostics == ()
    assert silenced(path, text)[0] == text


def test_notes_that_nobody_is_shown_are_not_silenced() -> None:
    text, outcome = silenced("/r/compose.yaml", "services:\n  a:\n    image: bad\n", notes=False)
    assert "ignore[TST001,TST011]\n" in text
    assert [d.rule.code for d in outcome.report.diagnostics] == ["TST012"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("/r/config.json", '{"a": "bad"}\n', id="strict JSON has no comments"),
        pytest.param("/r/compose.yaml", "services:\n  a:\n    command: |\n      bad\n", id="inside a block of text"),
        pytest.param("/r/compose.yaml", 'services:\n  a:\n    command: "x\n      bad"\n', id="inside a quoted text"),
        pytest.param("/r/.env", 'A="x\nbad"\n', id="inside a quoted value"),
        pytest.param("/r/.env", "A=\udcff\nB=bad\n", id="not UTF-8"),
        pytest.param("/r/squid.conf", "acl x src \\\n bad\n", id="a line that goes on"),
        pytest.param("/r/nginx.conf", "http {\n log_format x 'a\n bad';\n}\n", id="inside a word of nginx"),
    ],
)
def test_a_file_stays_as_it_is_where_no_comment_can_stand(path: str, text: str) -> None:
    after, outcome = silenced(path, text)
    assert after == text
    assert outcome.report.diagnostics
    assert not outcome.report.failed
