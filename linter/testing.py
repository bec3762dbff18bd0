"""Runs the examples of a rule's page, for the tests of this package and for authors of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..schemas.files import MemoryFiles
from ..schemas.workspace import Workspace
from .config import Overrides
from .diagnostic import Severity, render
from .pages import Example, Mark, PageError, read_page
from .report import Report, Reported
from .rule import Rule
from .session import Outcome, Request, run

ROOT = "/project"


class Seen(NamedTuple):
    """A finding as marks describe it."""

    path: str
    line: int
    start: int
    end: int
    code: str


def workspace_of(example: Example) -> Workspace:
    """The example's files in memory, below `/project`, and those of its machine."""
    files = {f"{ROOT}/{f.path}": f.text.encode("utf-8", "surrogateescape") for f in example.files}
    files.update({f.path: f.text.encode() for f in example.machine})
    modes = {f"{ROOT}/{f.path}": f.mode for f in example.files if f.mode is not None}
    return Workspace(MemoryFiles(files, (ROOT, *(f"{ROOT}/{f}" for f in example.folders)), modes))


def lint_example(example: Example, rules: Sequence[Rule], *, host: bool = False) -> Report:
    """Lint an example with these rules."""
    over = Overrides(host=host, show_secrets=True)
    return run(Request((ROOT,), ROOT, over, isolated=True), workspace_of(example), rules).report


def mend_example(example: Example, rule: Rule) -> Outcome:
    """Apply all fixes of a rule to an example, in memory."""
    over = Overrides(host=rule.host, unsafe_fixes=True, show_secrets=True)
    return run(Request((ROOT,), ROOT, over, isolated=True, mending=True), workspace_of(example), (rule,))


def check_page(rule: Rule, rules: Sequence[Rule]) -> list[str]:
    """What a rule's page promises and the rule does not keep, in words; [] for a page that holds.

    `rules` are all rules. `Found` examples give exactly the marked findings of the rule, and of other rules no error
    that is not marked; the text after the fix is exact. `Fine` examples give no error and no warning of any rule.
    """
    try:
        page = read_page(rule)
    except (FileNotFoundError, PageError) as error:
        return [str(error)]
    wrong = [f"the page has no {name} example" for name in ("Found", "Fine") if not getattr(page, name.lower())]
    for example in page.found:
        where = f"Found, line {example.line}: "
        wrong += [where + w for w in (*_found(example, rule, rules), *_mended(example, rule, rules))]
    for example in page.fine:
        report = lint_example(example, rules, host=rule.host)
        wrong += [f"Fine, line {example.line}: {e}" for e in report.errors]
        wrong += [
            f"Fine, line {example.line}: not silent: {_shown(d)}"
            for d in report.diagnostics
            if d.severity is not Severity.INFO or d.rule.code == rule.code
        ]
    return wrong


def _found(example: Example, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
    report = lint_example(example, rules, host=rule.host)
    yield from report.errors
    marks = [(f.path, mark) for f in example.files for mark in f.marks]
    if not any(mark.code == rule.code for _, mark in marks):
        yield f"no finding of {rule.code} is marked"
    left = list(report.diagnostics)
    for path, mark in marks:
        wanted = Seen(path, mark.line, mark.start, mark.end, mark.code)
        hit = next((d for d in left if seen(d) == wanted), None)
        if hit is None:
            near = [_shown(d) for d in report.diagnostics if d.rule.code == mark.code] or ["none of that code"]
            yield f"marked and not found: {_mark(path, mark)}; found were: {'; '.join(near)}"
            continue
        left.remove(hit)
        message = render(hit.diagnostic.message, hit.diagnostic.values)
        if mark.words not in message:
            yield f"{_mark(path, mark)}: the message says {message!r}"
    for each in left:
        if each.rule.code == rule.code or each.severity is Severity.ERROR:
            yield f"found and not marked: {_shown(each)}"


def _mended(example: Example, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
    outcome = mend_example(example, rule)
    yield from outcome.report.errors
    after = {change.path.removeprefix(f"{ROOT}/"): change.after.decode("utf-8") for change in outcome.changes}
    for file in example.files:
        text = after.pop(file.path, None)
        if text is not None and file.after is None:
            yield f"the fixes change {file.path}, and the page does not show it; it becomes:\n{text}"
        elif file.after is not None and text != file.after:
            was = "is not changed" if text is None else f"becomes:\n{text}"
            yield f"{file.path} after the fix {was}\nand should be:\n{file.after}"
    if not outcome.changes or outcome.report.errors:
        return
    texts = {c.path: c.after.decode("utf-8", "surrogateescape") for c in outcome.changes}
    workspace = workspace_of(example).changed(texts)
    over = Overrides(host=rule.host, show_secrets=True)
    again = run(Request((ROOT,), ROOT, over, isolated=True), workspace, rules).report
    before = {(d.rule.code, d.message) for d in lint_example(example, rules, host=rule.host).diagnostics}
    for each in again.diagnostics:
        if each.severity is Severity.ERROR and (each.rule.code, each.message) not in before:
            yield f"after the fix there is a new error: {_shown(each)}"


def seen(reported: Reported) -> Seen:
    """Where a finding is, as a mark would say it: what runs over several lines ends with its first one."""
    document, span = reported.place
    line, start = document.position(span.start)
    last, end = document.position(span.end)
    if last != line:
        line_span = document.line_span(line)
        end = start + max(0, line_span.end - span.start)
    return Seen(document.path.removeprefix(f"{ROOT}/"), line, start, end, reported.rule.code)


def _shown(reported: Reported) -> str:
    at = seen(reported)
    return f"{at.path}:{at.line} @{at.start}-{at.end - 1} {at.code}: {reported.message}"


def _mark(path: str, mark: Mark) -> str:
    return f"{path}:{mark.line} @{mark.start}-{mark.end - 1} {mark.code}: {mark.words}"
