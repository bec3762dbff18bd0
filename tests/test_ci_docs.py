"""The pages about CI and pre-commit: each snippet is what it claims to be, and works where it can be run here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stackmend.linter.cli import cli, lint
from stackmend.linter.config import read_config
from stackmend.schemas.files import DiskFiles

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
PAGES = ("ci.md", "pre-commit.md")


class Fence(NamedTuple):
    """A snippet: the page, its language, its title, its text."""

    page: str
    language: str
    title: str
    text: str


def fences() -> list[Fence]:
    found: list[Fence] = []
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for language, title, body in FENCE.findall(text):
            found.append(Fence(page, language, title, body))
        assert text.count("```") == 2 * sum(fence.page == page for fence in found), "a fence that this does not read"
    return found


def named(fence: Fence) -> str:
    return f"{fence.page}: {fence.title or fence.text.splitlines()[0]}"


def of(language: str, page: str | None = None, *titles: str) -> pytest.MarkDecorator:
    """Runs a test on the snippets of a language, of one page, under one of these titles."""
    chosen = [f for f in fences() if f.language == language and page in (None, f.page)]
    chosen = [f for f in chosen if not titles or any(title in f.title for title in titles)]
    assert chosen
    return pytest.mark.parametrize("fence", chosen, ids=map(named, chosen))


def load(text: str) -> Any:
    ruamel: Any = import_module("ruamel.yaml")
    return ruamel.YAML(typ="safe").load(text)


def test_the_snippets_are_of_languages_that_are_tested_here() -> None:
    assert {fence.language for fence in fences()} == {"yaml", "toml", "sh"}


@of("yaml")
def test_yaml_can_be_read(fence: Fence) -> None:
    assert load(fence.text)


@of("yaml", "ci.md", "steps", "workflows")
def test_workflows_give_the_action_only_what_it_takes(fence: Fence) -> None:
    loaded = load(fence.text)
    steps: list[dict[str, Any]] = loaded["jobs"]["lint"]["steps"] if "jobs" in loaded else loaded
    action = load((ROOT / "action.yml").read_text(encoding="utf-8"))
    calls = [step for step in steps if step["uses"] == "OWNER/stackmend@COMMIT"]
    assert len(calls) == 1
    assert set(calls[0].get("with", {})) <= set(action["inputs"])
    for output in re.findall(r"steps\.stackmend\.outputs\.([\w-]+)", fence.text):
        assert output in action["outputs"]
    args: str = calls[0].get("with", {}).get("args", "")
    words = shlex.split(args)
    assert lint.make_context("lint", [*words, "."])


def test_the_table_of_inputs_and_outputs_is_that_of_the_action() -> None:
    action = load((ROOT / "action.yml").read_text(encoding="utf-8"))
    section = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8").partition("## GitHub")[2].partition("\n### ")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE) == [*action["inputs"], *action["outputs"]]


@of("yaml", "ci.md", ".gitlab-ci")
def test_gitlab_is_given_only_what_the_template_takes(fence: Fence) -> None:
    loaded = load(fence.text)
    ruamel: Any = import_module("ruamel.yaml")
    spec, _ = ruamel.YAML(typ="safe").load_all((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
    inputs = spec["spec"]["inputs"]
    if "include" in loaded:
        (included,) = loaded["include"]
        assert (ROOT / included["file"]).is_file()
        assert set(included["inputs"]) <= set(inputs)
        assert {name for name in inputs if "default" not in inputs[name]} <= set(included["inputs"])
    else:
        assert set(loaded) == {inputs["job-name"]["default"]}


@of("yaml", "pre-commit.md")
def test_pre_commit_takes_the_configuration_and_knows_the_hooks(fence: Fence, tmp_path: Path) -> None:
    clientlib: Any = import_module("pre_commit.clientlib")
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(fence.text, encoding="utf-8")
    (repo,) = clientlib.load_config(str(path))["repos"]
    manifest = {hook["id"]: hook for hook in clientlib.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))}
    assert repo["hooks"]
    for hook in repo["hooks"]:
        program, command, *words = shlex.split(manifest[hook["id"]]["entry"])
        assert (program, command) == ("stackmend", "lint")
        assert lint.make_context("lint", [*words, *hook.get("args", []), ".env"])


def test_the_table_of_hooks_is_that_of_the_manifest() -> None:
    text = (ROOT / "docs" / "pre-commit.md").read_text(encoding="utf-8")
    manifest = load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE) == [hook["id"] for hook in manifest]


@of("toml")
def test_toml_is_a_configuration(fence: Fence, tmp_path: Path) -> None:
    path = tmp_path / fence.title
    path.write_text(fence.text, encoding="utf-8")
    config = read_config(DiskFiles(), str(path))
    assert config is not None
    assert config.table


@of("sh")
def test_every_call_of_stackmend_is_one_that_it_takes(fence: Fence) -> None:
    calls = [line for line in fence.text.splitlines() if re.search(r"\bstackmend lint\b", line)]
    assert calls
    for line in calls:
        words = shlex.split(line.partition("stackmend lint")[2])
        assert cli.commands["lint"].make_context("lint", words)


def test_the_baseline_of_the_page_makes_old_findings_pass(tmp_path: Path) -> None:
    (write,) = (f.text for f in fences() if "--write-baseline" in f.text)
    (config,) = (f for f in fences() if f.language == "toml")
    shutil.copytree(ROOT / "examples" / "fastgpt", tmp_path / "fastgpt")
    program = f"{shlex.quote(sys.executable)} -m stackmend"

    def sh(script: str) -> int:
        return subprocess.run(["sh", "-ec", script], cwd=tmp_path, capture_output=True, check=False).returncode

    assert sh(f"{program} lint") == 1
    sh(write.replace("stackmend lint", f"{program} lint"))
    (tmp_path / config.title).write_text(config.text, encoding="utf-8")
    assert sh(f"{program} lint") == 0


def test_the_lines_for_any_service_install_lint_and_write_the_report(wheel: Path, tmp_path: Path) -> None:
    (script,) = (f.text for f in fences() if "STACKMEND_SOURCE" in f.text)
    shutil.copytree(ROOT / "examples" / "fastgpt", tmp_path / "fastgpt")
    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=tmp_path,
        env={**os.environ, "STACKMEND_SOURCE": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    if re.search(r"No matching distribution|NewConnectionError|Temporary failure", done.stdout + done.stderr):
        if os.environ.get("ORACLES") == "required":
            pytest.fail(done.stderr)
        pytest.skip("pip cannot reach a package index")
    assert done.returncode == 1, done.stderr
    assert b"<failure" in (tmp_path / "stackmend.xml").read_bytes()
    assert "fastgpt/docker-compose.yml:" in done.stdout
