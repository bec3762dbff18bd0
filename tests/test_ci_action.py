"""The action for GitHub, run as the runner runs it: with its environment, its files, and inputs by anybody."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = re.compile(r"No matching distribution|Could not (find a version|fetch)|NewConnectionError|Temporary failure")


def action() -> Any:
    ruamel: Any = import_module("ruamel.yaml")
    return ruamel.YAML(typ="safe").load(ROOT / "action.yml")


@pytest.fixture
def script() -> ModuleType:
    """ci/action.py as a module; it is no part of the package."""
    spec = spec_from_file_location("ci_action", ROOT / "ci" / "action.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Ran(NamedTuple):
    """What a step left behind: its exit code, its log, its outputs, its part of the job summary."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A checkout and the files that a runner gives to a step."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.temp = folder / "temp"
        for each in (self.checkout, self.temp):
            each.mkdir()
        self.output, self.summary = folder / "output", folder / "summary"
        for each in (self.output, self.summary):
            each.write_text("before\n", encoding="utf-8")

    def environment(self, inputs: dict[str, str]) -> dict[str, str]:
        """The variables of the step: those of the runner, and the inputs through the `env` of action.yml."""
        declared: dict[str, dict[str, str]] = action()["inputs"]
        assert set(inputs) <= set(declared)
        given = {name: inputs.get(name, declared[name]["default"]) for name in declared}
        (step,) = action()["runs"]["steps"]
        passed: dict[str, str] = {}
        for name, expression in step["env"].items():
            match = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", expression)
            assert match is not None, f"{name} is more than one input"
            passed[name] = given.pop(match[1])
        assert given == {}, "an input goes nowhere"
        return passed | {
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temp),
        }

    def ran(self, code: int, log: str) -> Ran:
        first, *lines = self.output.read_text(encoding="utf-8").splitlines()
        assert first == "before"
        summary = self.summary.read_text(encoding="utf-8").removeprefix("before\n")
        return Ran(code, log, dict(line.split("=", 1) for line in lines), summary)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    runner = Runner(tmp_path)
    shutil.copytree(ROOT / "examples" / "fastgpt", runner.checkout / "fastgpt")
    (runner.checkout / "clean").mkdir()
    (runner.checkout / "clean" / "compose.yaml").write_text("services: {web: {image: nginx:1.27}}\n", encoding="utf-8")
    return runner


@pytest.fixture
def step(
    runner: Runner,
    script: ModuleType,
    installed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Any:
    """Runs the action's script in this process, in an environment that has the wheel already."""

    def ready(_source: str, _folder: str) -> str:
        return str(installed)

    def run(**inputs: str) -> Ran:
        named = {name.replace("_", "-"): value for name, value in inputs.items()}
        for name, value in runner.environment(named).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(runner.checkout)
        monkeypatch.setattr(script, "install", ready)
        capfd.readouterr()
        code = script.main()
        said = capfd.readouterr()
        return runner.ran(code, said.out + said.err)

    return run


def test_no_input_stands_in_the_line_that_a_shell_reads() -> None:
    (only,) = action()["runs"]["steps"]
    assert "${{" not in only["run"]
    assert "uses" not in only, "no other action is needed"


def test_every_output_comes_from_the_step() -> None:
    (only,) = action()["runs"]["steps"]
    values = {output["value"] for output in action()["outputs"].values()}
    assert values == {f"${{{{ steps.{only['id']}.outputs.{name} }}}}" for name in ("exit-code", "sarif-file")}


def test_a_mistake_is_annotated_summed_up_and_fails_the_step(step: Any) -> None:
    ran = step(paths="fastgpt")
    assert ran.code == 1
    assert re.search(r"^::error file=fastgpt/docker-compose\.yml,line=\d+,", ran.log, re.MULTILINE)
    assert ran.outputs == {"exit-code": "1", "sarif-file": ""}
    assert ran.summary.startswith("### stackmend\n")
    assert "| error | " in ran.summary


def test_a_clean_folder_passes_and_says_so(step: Any) -> None:
    ran = step(paths="clean", format="github, sarif")
    assert ran.code == 0
    assert "::" not in ran.log
    assert ran.outputs["exit-code"] == "0"
    (run,) = json.loads(Path(ran.outputs["sarif-file"]).read_text(encoding="utf-8"))["runs"]
    assert run["results"] == [], "an upload without results closes the alerts of before"


def test_one_run_annotates_and_writes_sarif(step: Any, runner: Runner) -> None:
    ran = step(format="github,sarif")
    sarif = Path(ran.outputs["sarif-file"])
    assert runner.temp in sarif.parents
    (run,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"]
    annotated = re.findall(r"^::(?:error|warning) file=.*title=(\w+) ", ran.log, re.MULTILINE)
    assert annotated
    assert sorted(annotated) == sorted(result["ruleId"] for result in run["results"])
    (uri,) = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert uri == "fastgpt/docker-compose.yml"


def test_sarif_alone_annotates_nothing_and_still_fills_the_summary(step: Any) -> None:
    ran = step(format="sarif", paths="fastgpt")
    first, *findings, last = [line for line in ran.log.splitlines() if line]
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert f"::{token}::" in (last, *findings)
    assert not any(line.startswith(("::error", "::warning")) for line in findings)
    assert "| error | " in ran.summary
    assert ran.outputs["sarif-file"]


@pytest.mark.parametrize("format_", ["github", "sarif", "github,sarif"])
def test_a_folder_whose_name_is_a_command_gives_none(step: Any, runner: Runner, format_: str) -> None:
    folder = runner.checkout / "::add-mask::x"
    shutil.copytree(runner.checkout / "fastgpt", folder)
    ran = step(format=format_, paths=folder.name)
    assert ran.code == 1
    stopped = False
    for line in ran.log.splitlines():
        if line.startswith("::stop-commands::"):
            stopped = True
        assert stopped or not line.startswith("::add-mask::")


@pytest.mark.parametrize(
    "path",
    [
        "a; touch pwned",
        "$(touch pwned)",
        "`touch pwned`",
        "a' && touch pwned '",
        "--output=pwned",
        "-",
        "a\ttouch\tpwned",
    ],
)
def test_a_path_is_a_path_whatever_it_says(step: Any, runner: Runner, path: str) -> None:
    ran = step(paths=path)
    if path != "-":  # standard input, which is empty here
        assert ran.code == 2
        assert f"title=stackmend::{path}: no such file".replace("\t", "\\x09") in ran.log.replace("\t", "\\x09")
    assert not list(runner.checkout.glob("pwned*"))


def test_a_missing_path_is_said_and_the_others_are_linted(step: Any) -> None:
    ran = step(paths="nothing-here\n\n  fastgpt  \n")
    assert ran.code == 2
    assert ran.outputs["exit-code"] == "2"
    assert "::error title=stackmend::nothing-here: no such file" in ran.log
    assert "::error file=fastgpt/" in ran.log


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        pytest.param({"fail_on": "never"}, 0, id="never"),
        pytest.param({"fail_on": "warning"}, 1, id="warning"),
        pytest.param({"fail_on": "fatal"}, 2, id="no such severity"),
        pytest.param({"select": "NGX"}, 0, id="select"),
        pytest.param({"ignore": "CMP, STK"}, 0, id="ignore"),
        pytest.param({"ignore": "CMP; touch pwned"}, 2, id="no such rule"),
        pytest.param({"args": "--ignore 'CMP STK' --no-host"}, 0, id="args"),
        pytest.param({"args": "--ignore 'CMP"}, 2, id="an open quote"),
        pytest.param({"args": "$(touch pwned) ; touch pwned"}, 2, id="args are words, no program"),
        pytest.param({"format": "gitlab"}, 2, id="no such format"),
    ],
)
def test_inputs_become_options(step: Any, runner: Runner, inputs: dict[str, str], code: int) -> None:
    ran = step(paths="fastgpt", **inputs)
    assert ran.code == code, ran.log
    assert ran.outputs == {"exit-code": str(code), "sarif-file": ""}
    assert not (runner.checkout / "pwned").exists()


def test_inputs_are_no_variables_of_the_deployment(step: Any, runner: Runner) -> None:
    text = "services: {web: {image: 'nginx:${INPUT_PATHS:?is not set}'}}\n"
    (runner.checkout / "clean" / "compose.yaml").write_text(text, encoding="utf-8")
    assert "is not set" in step(paths="clean", args="--env-source shell").log


def test_what_lies_in_the_checkout_is_not_run(step: Any, runner: Runner) -> None:
    for name in ("stackmend", "click", "json", "sitecustomize"):
        (runner.checkout / f"{name}.py").write_text("raise SystemExit('somebody else')\n", encoding="utf-8")
    ran = step(paths="clean")
    assert (ran.code, "somebody else" in ran.log) == (0, False)


def test_an_old_python_is_named(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "OLDEST", (99, 0))
    with pytest.raises(script.Refused, match=re.escape(sys.version.split()[0])):
        script.install("x", "y")


def test_the_step_as_it_is_installs_this_commit_and_lints(runner: Runner) -> None:
    (only,) = action()["runs"]["steps"]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", only["run"]],
        cwd=runner.checkout,
        env={**os.environ, **runner.environment({"paths": "fastgpt", "format": "github, sarif"})},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    if OFFLINE.search(said) and os.environ.get("ORACLES") != "required":
        pytest.skip("pip cannot reach a package index")
    ran = runner.ran(done.returncode, said)
    assert ran.code == 1, said
    assert "::error file=fastgpt/docker-compose.yml," in ran.log
    assert ran.outputs["exit-code"] == "1"
    assert os.path.isfile(ran.outputs["sarif-file"])


def test_what_cannot_be_installed_is_an_annotation_and_exit_code_2(runner: Runner) -> None:
    (only,) = action()["runs"]["steps"]
    done = subprocess.run(
        ["bash", "-c", only["run"]],
        cwd=runner.checkout,
        env={**os.environ, **runner.environment({"source": "./nowhere; touch pwned"})},
        capture_output=True,
        text=True,
        check=False,
    )
    ran = runner.ran(done.returncode, done.stdout)
    assert ran.code == 2
    assert ran.log.startswith("::error title=stackmend::pip did not install './nowhere; touch pwned'; ")
    assert ran.outputs == {"exit-code": "2", "sarif-file": ""}
    assert not (runner.checkout / "pwned").exists()
