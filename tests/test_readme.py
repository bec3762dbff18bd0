"""The documents at the door promise only what is there."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import click
import pytest

from stackmend.linter.cli import lint
from stackmend.linter.reports.full import write
from stackmend.linter.rules import find_rule
from stackmend.linter.session import Request, run
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_ci_runs_the_very_command_that_readme_and_contributing_give() -> None:
    (command,) = re.findall(r"^    (python3 -m venv .*pytest)$", text("README.md"), re.MULTILINE)
    assert command in text(".ci/run").splitlines()
    assert f"    {command}\n" in text("CONTRIBUTING.md")


def test_every_format_that_readme_lists_can_be_written() -> None:
    table = text("README.md").partition("## Formats")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)
    assert names
    for name in names:
        assert callable(import_module(f"stackmend.linter.reports.{name}").write)


def test_every_path_that_the_documents_name_is_there() -> None:
    named = {
        path
        for name in ("README.md", "CONTRIBUTING.md")
        for path in re.findall(r"`((?:examples|linter|schemas|tests|tools|\.ci|benchmarks)/[\w./-]+)`", text(name))
    }
    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_finding_that_readme_shows_is_what_the_example_gives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if find_rule("NGX011") is None:
        pytest.skip("the rule of the shown finding is not there")
    shown = text("README.md").partition("One of the findings:\n\n")[2].partition("\n\nInstall")[0]
    monkeypatch.chdir(ROOT)
    outcome = run(Request((str(ROOT / "examples" / "dify"),), str(ROOT), isolated=True), Workspace(DiskFiles()))
    write(outcome.report, sys.stdout)
    said = capsys.readouterr().out
    assert shown
    assert dedent(shown) in said


@pytest.mark.parametrize("script", [".ci/run", "tools/judges.sh"])
def test_scripts_can_be_run_and_stop_at_the_first_mistake(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert "\nset -euo pipefail\n" in text(script)


def test_the_formats_that_readme_lists_are_those_that_the_command_takes() -> None:
    table = text("README.md").partition("## Formats")[2].partition("\n## ")[0]
    (option,) = (p for p in lint.params if p.name == "format_")
    assert isinstance(option.type, click.Choice)
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == list(option.type.choices)
