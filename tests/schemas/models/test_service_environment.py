"""Which definition of a variable a service gets: precedence and env files, sentence by sentence, judged by Compose."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.project import REFUSALS, Options, Project
from stackmend.schemas.workspace import Workspace

JUDGE = shutil.which("docker-compose", path=f"/usr/local/lib/judges{os.pathsep}{os.environ.get('PATH', '')}")
HEAD = "services:\n  s:\n    image: i\n"
SHELL = {"FROM_SHELL": "shell"}
Files = dict[str, str]

# Files of a project, and what its service gets.
READ: dict[str, tuple[Files, dict[str, str]]] = {
    "environment before env_file": (
        {"compose.yaml": HEAD + "    env_file: a.env\n    environment: {A: own}\n", "a.env": "A=file\nB=file\n"},
        {"A": "own", "B": "file"},
    ),
    "of env files the last wins": (
        {"compose.yaml": HEAD + "    env_file: [a.env, b.env]\n", "a.env": "A=a\nB=a\n", "b.env": "A=b\n"},
        {"A": "b", "B": "a"},
    ),
    "an empty value wins as well": (
        {"compose.yaml": HEAD + "    env_file: a.env\n    environment: {A: ''}\n", "a.env": "A=file\n"},
        {"A": ""},
    ),
    "a null takes the shell's, then .env's": (
        {"compose.yaml": HEAD + "    environment: {FROM_SHELL: , A: }\n", ".env": "FROM_SHELL=env\nA=env\n"},
        {"FROM_SHELL": "shell", "A": "env"},
    ),
    "an item without a value does the same": (
        {"compose.yaml": HEAD + "    environment: [FROM_SHELL, A]\n", ".env": "A=env\n"},
        {"FROM_SHELL": "shell", "A": "env"},
    ),
    ".env alone puts nothing into containers": ({"compose.yaml": HEAD, ".env": "A=env\n"}, {}),
    "an expression of an env file sees the project first": (
        {
            "compose.yaml": HEAD + "    env_file: a.env\n    environment: {P: service}\n",
            ".env": "P=project\n",
            "a.env": "P=file\nA=${P}\n",
        },
        {"A": "project", "P": "service"},
    ),
    "then the service's environment": (
        {"compose.yaml": HEAD + "    env_file: a.env\n    environment: {P: service}\n", "a.env": "P=file\nA=${P}\n"},
        {"A": "service", "P": "service"},
    ),
    "then the lines above, in the files before as well": (
        {"compose.yaml": HEAD + "    env_file: [a.env, b.env]\n", "a.env": "P=one\n", "b.env": "A=${P}\nP=two\nB=$P\n"},
        {"A": "one", "P": "two", "B": "two"},
    ),
    "the shell before .env inside an expression": (
        {"compose.yaml": HEAD + "    environment: {A: '${FROM_SHELL}'}\n", ".env": "FROM_SHELL=env\n"},
        {"A": "shell"},
    ),
    "a path is counted from the compose file": (
        {"compose.yaml": HEAD + "    env_file: sub/a.env\n", "sub/a.env": "A=1\n", "a.env": "A=2\n"},
        {"A": "1"},
    ),
    "a mapping with a path": (
        {"compose.yaml": HEAD + "    env_file: [{path: a.env}]\n", "a.env": "A=1\n"},
        {"A": "1"},
    ),
    "an optional file that is missing is passed over": (
        {
            "compose.yaml": HEAD + "    env_file: [{path: none.env, required: false}, a.env]\n",
            "a.env": "A=1\n",
        },
        {"A": "1"},
    ),
    "the raw format": (
        {"compose.yaml": HEAD + "    env_file: [{path: a.env, format: raw}]\n", "a.env": "A='x' # $B\n"},
        {"A": "'x' # $B"},
    ),
    "the same path twice counts once, in the first one's place": (
        {"compose.yaml": HEAD + "    env_file: [a.env, b.env, a.env]\n", "a.env": "A=a\n", "b.env": "A=b\n"},
        {"A": "b"},
    ),
}

# What Compose refuses, with the kind of the problem.
REFUSED: dict[str, tuple[Files, str]] = {
    "a required file that is missing": ({"compose.yaml": HEAD + "    env_file: none.env\n"}, "file-missing"),
    "an unknown format": (
        {"compose.yaml": HEAD + "    env_file: [{path: a.env, format: json}]\n", "a.env": "A=1\n"},
        "invalid-env-file",
    ),
}


def load(files: Files) -> Project:
    memory = MemoryFiles({f"/p/{name}": text.encode() for name, text in files.items()})
    return load_project(Workspace(memory), "/p", Options(shell=SHELL))


def asked(folder: Path, files: Files) -> tuple[int, dict[str, str]]:
    """Compose's exit code and what it gives to the service."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    assert JUDGE is not None
    command = [JUDGE, "-f", "compose.yaml", "config", "--format", "json"]
    done = subprocess.run(command, cwd=folder, env=SHELL, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    if done.returncode == 0:
        found = json.loads(done.stdout)["services"]["s"].get("environment", {})
    return done.returncode, {key: value.replace("$$", "$") for key, value in found.items()}


needs_compose = pytest.mark.skipif(
    JUDGE is None and os.environ.get("ORACLES") != "required", reason="docker-compose is not here"
)


@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case, id=name) for name, case in READ.items()])
def test_a_service_gets_what_wins(files: Files, expected: dict[str, str]) -> None:
    project = load(files)
    assert not [p.kind for p in project.problems if p.kind in REFUSALS]
    assert {name: variable.value.text for name, variable in project.services["s"].environment.items()} == expected


@pytest.mark.parametrize(("files", "kind"), [pytest.param(*case, id=name) for name, case in REFUSED.items()])
def test_what_compose_refuses_is_a_problem(files: Files, kind: str) -> None:
    assert [p.kind for p in load(files).problems if p.kind in REFUSALS] == [kind]


@needs_compose
@pytest.mark.oracle
@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case, id=name) for name, case in READ.items()])
def test_compose_gives_the_same(files: Files, expected: dict[str, str], tmp_path: Path) -> None:
    assert asked(tmp_path, files) == (0, expected)


@needs_compose
@pytest.mark.oracle
@pytest.mark.parametrize("files", [pytest.param(case[0], id=name) for name, case in REFUSED.items()])
def test_compose_refuses_the_same(files: Files, tmp_path: Path) -> None:
    assert asked(tmp_path, files)[0] != 0
