"""Mending: rounds, the gate, withdrawn fixes, and what is never written."""

from __future__ import annotations

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.config import Overrides
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.rule import Diagnostics, Rule, rule
from stackmend.linter.session import Outcome, Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.parsers.dotenv import DotenvTree
from stackmend.schemas.parsers.yaml import YamlTree
from stackmend.schemas.workspace import Workspace

SAFE, UNSAFE, DISPLAY = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY


def replacing(
    code: str,
    old: str,
    new: str,
    applicability: Applicability = SAFE,
    *,
    subject: type = DotenvTree,
    severity: Severity = Severity.ERROR,
) -> Rule:
    """A rule that finds a text and offers to put another in its place."""

    @rule(code, f"no-{code.lower()}", subject, severity, fix=applicability)
    def check(tree: DotenvTree) -> Diagnostics:
        text = tree.document.text
        at = text.find(old)
        while at != -1:
            place = tree.document.place(at, at + len(old))
            yield Diagnostic(
                place, "{it} is here", (("it", old),), fixes=(Fix("t", (Edit(place, new),), applicability),)
            )
            at = text.find(old, at + len(old))

    return check


def mend(text: str, *rules: Rule, unsafe: bool = False, path: str = "/p/.env") -> tuple[str, Outcome]:
    request = Request((path,), "/p", Overrides(unsafe_fixes=unsafe), isolated=True, mending=True)
    outcome = run(request, Workspace(MemoryFiles({path: text.encode("utf-8", "surrogateescape")})), rules)
    return (outcome.changes[0].after.decode("utf-8", "surrogateescape") if outcome.changes else text), outcome


def test_fixes_of_several_rules_and_rounds_reach_the_end() -> None:
    second = replacing("TST002", "two", "three", severity=Severity.WARNING)
    text, outcome = mend("A=one\r\nB=two", replacing("TST001", "one", "two"), second)
    assert text == "A=three\r\nB=three"
    assert outcome.report.diagnostics == ()
    assert [(f.rule.code, f.line) for f in outcome.report.fixed] == [("TST001", 1), ("TST002", 1), ("TST002", 2)]


def test_fixing_what_is_fixed_changes_nothing() -> None:
    rules = (replacing("TST001", "one", "two"),)
    text, _ = mend("A=one\n", *rules)
    assert mend(text, *rules)[1].changes == ()


def test_unsafe_fixes_need_to_be_asked_for_and_display_fixes_are_never_applied() -> None:
    rules = (replacing("TST001", "one", "1", UNSAFE), replacing("TST002", "two", "2", DISPLAY))
    assert mend("A=one two\n", *rules)[0] == "A=one two\n"
    assert mend("A=one two\n", *rules, unsafe=True)[0] == "A=1 two\n"


def test_a_suppressed_finding_is_not_fixed() -> None:
    text = "A=one # stackmend: ignore[TST001]\nB=one\n"
    assert mend(text, replacing("TST001", "one", "two"))[0] == "A=one # stackmend: ignore[TST001]\nB=two\n"


def test_a_fix_that_leaves_its_finding_is_withdrawn_and_named_and_the_others_apply() -> None:
    text, outcome = mend("A=one\nB=two\n", replacing("TST001", "one", "one "), replacing("TST002", "two", "2"))
    assert text == "A=one\nB=2\n"
    assert len(outcome.report.errors) == 1
    assert ".env:1: the fix of TST001 (t) was withdrawn: the finding is still there" in outcome.report.errors[0]
    assert [d.rule.code for d in outcome.report.diagnostics] == ["TST001"]


def test_a_fix_that_brings_a_new_error_is_withdrawn() -> None:
    text, outcome = mend("A=one\n", replacing("TST001", "one", "bad"), replacing("TST002", "bad", "x", DISPLAY))
    assert text == "A=one\n"
    assert "TST002 appears afterwards" in outcome.report.errors[0]


def test_a_fix_that_breaks_the_syntax_is_withdrawn() -> None:
    broken = replacing("TST001", "'one'", "'one")
    text, outcome = mend("A='one'\n", broken)
    assert text == "A='one'\n"
    assert "withdrawn" in outcome.report.errors[0]


def test_a_fix_that_changes_another_value_is_withdrawn() -> None:
    # The edit closes the quote of the line above early: both of the values become others, one of them unmeant.
    meddling = replacing("TST001", "x: 1\n  y", "y: 1\n  x", subject=YamlTree)
    text, outcome = mend("a:\n  x: 1\n  y: 2\nb: 1\n", meddling, path="/p/compose.yaml")
    assert text == "a:\n  y: 1\n  x: 2\nb: 1\n"  # within the edited collection anything goes
    assert outcome.report.errors == ()
    spilling = replacing("TST001", "x: 1", "x: 1\nb:\n  y: 3\nc:", subject=YamlTree)
    text, outcome = mend("a:\n  x: 1\n  y: 2\n", spilling, path="/p/compose.yaml")
    assert text == "a:\n  x: 1\n  y: 2\n"
    assert "withdrawn" in outcome.report.errors[0]


def test_two_rules_that_undo_each_other_are_named_and_the_run_ends() -> None:
    rules = (replacing("TST001", "one", "two"), replacing("TST002", "two", "one"))
    _, outcome = mend("A=one\n", *rules)
    assert outcome.report.failed or any("withdrawn" in e for e in outcome.report.errors)
    assert outcome.changes == ()


def test_rules_that_never_end_stop_after_ten_rounds() -> None:
    @rule("TST001", "growing", DotenvTree, Severity.WARNING, fix=SAFE)
    def growing(tree: DotenvTree) -> Diagnostics:
        size = len(tree.document.text)
        end = tree.document.place(size, size)
        yield Diagnostic(end, "{n} long", (("n", str(size)),), fixes=(Fix("t", (Edit(end, "#\n"),), SAFE),))

    _, outcome = mend("A=1\n", growing)
    assert outcome.report.failed
    assert "TST001" in outcome.report.errors[0]
    assert len(outcome.report.fixed) == 10


def test_a_fix_over_two_files_is_applied_to_both() -> None:
    @rule("TST001", "both", DotenvTree, Severity.ERROR, fix=SAFE)
    def both(tree: DotenvTree) -> Diagnostics:
        if tree.document.text == "A=one\n" and tree.document.path.endswith("a.env"):
            other = workspace.document("/p/b.env")
            edits = (Edit(tree.document.place(2, 5), "two"), Edit(other.place(2, 5), "two"))
            yield Diagnostic(tree.document.place(0, 1), "m", fixes=(Fix("t", edits, SAFE),))

    workspace = Workspace(MemoryFiles({"/p/a.env": b"A=one\n", "/p/b.env": b"A=one\n"}))
    outcome = run(Request(("/p",), "/p", isolated=True, mending=True), workspace, (both,))
    assert [(c.path, c.after) for c in outcome.changes] == [("/p/a.env", b"A=two\n"), ("/p/b.env", b"A=two\n")]


def test_bytes_that_are_not_utf8_survive_a_fix_beside_them() -> None:
    text = b"# \xff\xfe\nA=one\n".decode("utf-8", "surrogateescape")
    after, _ = mend(text, replacing("TST001", "one", "two"))
    assert after.encode("utf-8", "surrogateescape") == b"# \xff\xfe\nA=two\n"
