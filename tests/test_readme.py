"""The documents at the door promise only what is there."""

from __future__ import annotations

import importlib.util
import os
import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from stackmend.linter.cli import lint

ROOT = Path(__file__).resolve().parent.parent


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_ci_runs_the_very_command_that_readme_and_contributing_give() -> None:
    (command,) = re.findall(r"^    (python3 -m venv .*pytest)$", text("README.md"), re.MULTILINE)
    assert command in text(".ci/run").splitlines()
    assert f"    {command}\n" in text("CONTRIBUTING.md")


def test_every_format_that_its_page_lists_can_be_written() -> None:
    table = text("docs/formats.md").partition("\n## ")[0]
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


def test_the_picture_is_what_the_command_below_it_prints_now() -> None:
    spec = importlib.util.spec_from_file_location("picture", ROOT / "tools" / "picture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = text("README.md")
    assert f"]({Path(module.TARGET).relative_to(ROOT).as_posix()})" in readme
    assert f".venv/bin/stackmend {' '.join(module.COMMAND)}\n" in readme
    drawn = module.picture()
    assert "NGX011" in drawn
    assert drawn == Path(module.TARGET).read_text(encoding="utf-8")
    asked = re.findall(r"https?://\S+|@import|url\(", drawn.replace("http://www.w3.org/2000/svg", "", 1))
    assert set(asked) == {"http://api:5000;</text>"}


@pytest.mark.parametrize("script", [".ci/run", "tools/judges.sh"])
def test_scripts_can_be_run_and_stop_at_the_first_mistake(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert "\nset -euo pipefail\n" in text(script)


def test_the_formats_that_their_page_lists_are_those_that_the_command_takes() -> None:
    table = text("docs/formats.md").partition("\n## ")[0]
    (option,) = (p for p in lint.params if p.name == "format_")
    assert isinstance(option.type, click.Choice)
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == list(option.type.choices)
