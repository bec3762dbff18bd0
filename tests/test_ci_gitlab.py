"""The template for GitLab: its inputs fill it, and its script does in a shell what a merge request needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "ci" / "gitlab.yml"
REPORT = "gl-code-quality-report.json"


def documents(text: str) -> list[Any]:
    ruamel: Any = import_module("ruamel.yaml")
    return list(ruamel.YAML(typ="safe").load_all(text))


def filled(**inputs: str) -> dict[str, Any]:
    """The one job with these inputs, filled in as text, which is how GitLab does it."""
    text = TEMPLATE.read_text(encoding="utf-8")
    declared = documents(text)[0]["spec"]["inputs"]
    given: dict[str, str] = {name: spec["default"] for name, spec in declared.items() if "default" in spec}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert set(given) == set(declared), "an input without a default is needed"

    def value(match: re.Match[str]) -> str:
        return given[match[1]]

    _, header, body = re.split(r"^(?=spec:)|^---\n", text, flags=re.MULTILINE)
    assert "$[[" not in header
    (jobs,) = documents(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", value, body))
    (name,) = jobs
    assert name == given["job-name"]
    return jobs[name]  # type: ignore[no-any-return]


def test_every_input_is_used_and_says_what_it_is_for_where_its_name_does_not() -> None:
    spec, _ = documents(TEMPLATE.read_text(encoding="utf-8"))
    body = TEMPLATE.read_text(encoding="utf-8").partition("---\n")[2]
    for name, declared in spec["spec"]["inputs"].items():
        assert f"$[[ inputs.{name} ]]" in body
        assert "description" in declared or name in ("job-name", "stage")


def test_no_input_stands_in_a_line_that_a_shell_reads() -> None:
    _, body = documents(TEMPLATE.read_text(encoding="utf-8"))
    (job,) = body.values()
    assert "$[[" not in "".join(job["script"])


def test_the_job_runs_for_merge_requests_and_for_the_branch_they_are_compared_with() -> None:
    job = filled(source="x")
    assert [rule["if"] for rule in job["rules"]] == [
        '$CI_PIPELINE_SOURCE == "merge_request_event"',
        "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    ]


def test_the_report_is_kept_when_the_job_fails() -> None:
    artifacts = filled(source="x")["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["reports"]["codequality"] == REPORT
    assert f"gitlab={REPORT}" in "".join(filled(source="x")["script"])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "check out"
    shutil.copytree(ROOT / "examples" / "fastgpt", folder / "deploy" / "fastgpt")
    (folder / "clean").mkdir()
    (folder / "clean" / "compose.yaml").write_text("services: {web: {image: nginx:1.27}}\n", encoding="utf-8")
    return folder


def run(job: dict[str, Any], checkout: Path, installed: Path, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    """Run the script as a runner does: all lines in one shell that stops at the first failure.

    The environment with the wheel stands in the place of the one that the job makes from a package index.
    """
    programs = checkout.parent / "programs"
    programs.mkdir(exist_ok=True)
    python3 = programs / "python3"
    python3.write_text(f'#!/bin/sh\nmkdir -p "$3/bin" && ln -s "{programs}/python" "$3/bin/python"\n', encoding="utf-8")
    python = programs / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$3" in pip) echo "pip $*" >>"{programs}/pip.log";; *) exec "{installed}" "$@";; esac\n',
        encoding="utf-8",
    )
    for program in (python3, python):
        program.chmod(0o755)
    environment = {**os.environ, **job["variables"], "CI_PROJECT_DIR": str(checkout), "TMPDIR": str(checkout.parent)}
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    script = "\n".join(["set -e", *job["script"]])
    return subprocess.run([shell, "-c", script], cwd="/", env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_findings_fail_the_job_and_stand_in_the_report(checkout: Path, installed: Path, shell: str) -> None:
    done = run(filled(source="x y==1"), checkout, installed, shell)
    assert done.returncode == 1, done.stderr
    issues = json.loads((checkout / REPORT).read_text(encoding="utf-8"))
    assert issues
    assert {issue["location"]["path"] for issue in issues} == {"deploy/fastgpt/docker-compose.yml"}
    for issue in issues:
        assert issue["check_name"] in done.stdout, "the log shows the same findings"
    pip = (checkout.parent / "programs" / "pip.log").read_text(encoding="utf-8")
    assert pip.endswith("install --quiet --disable-pip-version-check -- x y==1\n")


def test_a_clean_folder_passes_with_an_empty_report(checkout: Path, installed: Path) -> None:
    done = run(filled(source="x", paths="clean"), checkout, installed)
    assert done.returncode == 0, done.stderr
    assert json.loads((checkout / REPORT).read_text(encoding="utf-8")) == []


def test_a_missing_path_is_exit_code_2_and_the_others_are_linted(checkout: Path, installed: Path) -> None:
    done = run(filled(source="x", paths="nothing-here deploy"), checkout, installed)
    assert done.returncode == 2
    assert "nothing-here: no such file" in done.stderr
    assert json.loads((checkout / REPORT).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["paths", "args", "source"])
def test_an_input_is_never_run_and_no_pattern(checkout: Path, installed: Path, name: str) -> None:
    done = run(filled(**{"source": "x", name: "$(touch pwned); touch pwned; * `touch pwned`"}), checkout, installed)
    assert not list(checkout.rglob("pwned"))
    if name != "source":
        assert done.returncode == 2
    if name == "paths":
        assert "*: no such file" in done.stderr


def test_args_are_words(checkout: Path, installed: Path) -> None:
    done = run(filled(source="x", args="--ignore CMP,STK --statistics"), checkout, installed)
    assert (done.returncode, done.stdout) == (0, "")
