"""Mending what is mended changes nothing: on every example of every page, and on real deployments with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.pages import Example, read_page
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Outcome, Request, run
from stackmend.linter.testing import ROOT, workspace_of
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.workspace import Workspace

CASES = Path(__file__).parents[3] / "shared" / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/expect.json"))

EXAMPLES = [
    pytest.param(example, id=f"{rule.code}: {example.title}")
    for rule in all_rules()
    for example in (*read_page(rule).found, *read_page(rule).fine)
]
both = pytest.mark.parametrize("unsafe", [pytest.param(False, id="safe"), pytest.param(True, id="unsafe")])


def mend(workspace: Workspace, folder: str, *, unsafe: bool) -> Outcome:
    """Apply all fixes in memory."""
    over = Overrides(unsafe_fixes=unsafe)
    return run(Request((folder,), folder, over, isolated=True, mending=True), workspace)


def texts(outcome: Outcome) -> dict[str, str]:
    """The new texts by path."""
    return {change.path: change.after.decode("utf-8", "surrogateescape") for change in outcome.changes}


@both
@pytest.mark.parametrize("example", EXAMPLES)
def test_mending_an_example_twice_is_mending_it_once(example: Example, *, unsafe: bool) -> None:
    workspace = workspace_of(example)
    once = mend(workspace, ROOT, unsafe=unsafe)
    assert not once.report.failed, once.report.errors
    assert texts(mend(workspace.changed(texts(once)), ROOT, unsafe=unsafe)) == {}


@both
@pytest.mark.skipif(not FOLDERS, reason="the cases are not beside this checkout")
@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_mending_a_deployment_twice_is_mending_it_once(folder: Path, *, unsafe: bool) -> None:
    workspace = Workspace(DiskFiles())
    once = mend(workspace, str(folder), unsafe=unsafe)
    assert not once.report.failed, once.report.errors
    assert texts(mend(workspace.changed(texts(once)), str(folder), unsafe=unsafe)) == {}


@pytest.mark.skipif(not FOLDERS, reason="the cases are not beside this checkout")
def test_some_deployments_are_mended() -> None:
    mended = [f for f in FOLDERS if mend(Workspace(DiskFiles()), str(f), unsafe=True).changes]
    assert len(mended) > len(FOLDERS) // 4
