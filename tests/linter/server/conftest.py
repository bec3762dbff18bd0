"""An analysis of files in memory, as the language server makes one of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.server.analysis import Analysis
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.deployment import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace

ROOT = "/project"
Make = Callable[[Mapping[str, str]], Analysis]


def analysis_of(files: Mapping[str, str]) -> Analysis:
    """What is known of files whose names are relative to the folder of the project."""
    data = {f"{ROOT}/{name}": text.encode("utf-8", "surrogateescape") for name, text in files.items()}
    workspace = Workspace(MemoryFiles(data, (ROOT,)))
    report = run(Request((ROOT,), ROOT, Overrides(), isolated=True), workspace).report
    options = Options(profiles=(), boundary=ROOT)
    deployments = tuple(load_deployment(workspace, summary.root, options) for summary in report.deployments)
    return Analysis(workspace, deployments, report)


@pytest.fixture
def analyse() -> Make:
    """Makes an analysis of files by their names relative to the project."""
    return analysis_of
