"""The Dockerfile, as far as it can be judged without an engine: what it copies is there, its steps do their work."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = re.compile(r"No matching distribution|Could not (find a version|fetch)|NewConnectionError|Temporary failure")


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, as name and rest; the first stage begins after the global ARG."""
    found: list[list[tuple[str, str]]] = []
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(" ")
        assert name.isupper(), line
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest.strip()))
    return found


def sent(path: str) -> bool:
    """Whether .dockerignore lets a path of the checkout into the build: its last line that fits decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        parts = path.split("/")
        places = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        if pattern.startswith("**/"):
            fits = any(fnmatch(part, pattern[3:]) for part in parts)
        else:
            fits = any("/" not in place and fnmatch(place, pattern) for place in places)
        if fits:
            sent = line.startswith("!")
    return sent


def copied() -> list[tuple[str, str]]:
    """What the build stage copies from the checkout: source, and where it goes in the source folder."""
    pairs: list[tuple[str, str]] = []
    for name, rest in stages()[0]:
        if name == "COPY":
            *sources, target = shlex.split(rest)
            pairs += [(source, source if target == "./" else target) for source in sources]
    return pairs


def test_what_is_copied_is_there_and_is_sent_to_the_build() -> None:
    assert copied()
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        assert sent(source), source
    for path in (".git/config", ".env", "examples/dify/.env", "tests/conftest.py", "linter/__pycache__/x.pyc", "src"):
        assert not sent(path), path


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"], "pyproject.toml"}
    wanted |= {project["project"]["readme"], *project["project"]["license-files"]}
    assert wanted == {source for source, _ in copied()}


def test_the_image_runs_as_nobody_special_on_what_is_mounted_at_work() -> None:
    last = dict(stages()[-1])
    assert last["USER"] not in ("", "root", "0")
    assert last["WORKDIR"] == "/work"
    assert last["ENTRYPOINT"] == '["stackmend"]'
    names = [name for name, _ in stages()[-1]]
    assert names.index("USER") > names.index("RUN"), "a user is made before it is taken"
    assert "COPY --from=build /opt/stackmend /opt/stackmend" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_steps_of_the_build_give_a_program_that_lints(tmp_path: Path) -> None:
    def here(command: str) -> str:
        return command.replace("/wheels", f"{tmp_path}/wheels").replace("/opt/", f"{tmp_path}/opt/")

    source = tmp_path / "source"
    source.mkdir()
    for name, target in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / target)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    for name, rest in stages()[0]:
        if name == "RUN":
            done = subprocess.run(
                ["sh", "-c", here(rest)], cwd=source, env=environment, capture_output=True, text=True, check=False
            )
            said = done.stdout + done.stderr
            if OFFLINE.search(said) and os.environ.get("ORACLES") != "required":
                pytest.skip("pip cannot reach a package index")
            assert done.returncode == 0, said
    last = dict(stages()[-1])
    settings = dict(word.split("=", 1) for word in shlex.split(last["ENV"]))
    path = here(settings["PATH"]).replace("$PATH", "/usr/bin:/bin")
    work = tmp_path / "work"
    shutil.copytree(ROOT / "examples" / "fastgpt", work)
    done = subprocess.run(
        ["stackmend", "lint"],
        cwd=work,
        env={**settings, "PATH": path},
        executable=shutil.which("stackmend", path=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "docker-compose.yml:" in done.stdout
