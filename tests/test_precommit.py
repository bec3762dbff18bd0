"""The pre-commit hooks do in a real repository what their descriptions say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
OFFLINE = re.compile(r"No matching distribution|Could not (find a version|fetch)|NewConnectionError|Temporary failure")

Run = Callable[..., subprocess.CompletedProcess[str]]


def hooks() -> dict[str, dict[str, Any]]:
    """The manifest by hook, read and checked by pre-commit itself."""
    clientlib: Any = import_module("pre_commit.clientlib")
    return {hook["id"]: hook for hook in clientlib.load_manifest(str(MANIFEST))}


def test_there_are_three_hooks_and_each_runs_in_one_process() -> None:
    found = hooks()
    assert list(found) == ["stackmend", "stackmend-fix", "stackmend-all"]
    for hook in found.values():
        assert hook["require_serial"] is True
        assert hook["language"] == "python"
        assert hook["entry"].startswith("stackmend lint")
    assert found["stackmend-all"]["pass_filenames"] is False


def test_the_link_without_a_dot_is_the_same_file() -> None:
    link = ROOT / "pre-commit-hooks.yaml"
    assert link.is_symlink()
    assert link.resolve() == MANIFEST


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("docker-compose.yaml", True),
        ("deploy/docker-compose.middleware.yml", True),
        ("compose.override.yml", True),
        ("docker/.env", True),
        (".env.example", True),
        ("docker/middleware.env.example", True),
        ("prod.env", True),
        ("projects/app/config.json", True),
        ("config.local.json", True),
        ("nginx/conf.d/default.conf.template", True),
        ("docker/nginx/proxy.conf.template", True),
        ("nginx.conf", True),
        ("volumes/ssrf_proxy/squid.conf", True),
        ("package.json", False),
        ("src/environment.py", False),
        ("my.environment", False),
        ("supercompose.yaml", False),
        ("compose.yaml.md", False),
        ("envoy/.environment", False),
        ("etc/redis.conf", False),
    ],
)
def test_the_pattern_triggers_on_configuration_and_on_nothing_else(path: str, wanted: bool) -> None:
    for hook in hooks().values():
        assert bool(re.search(hook["files"], path)) is wanted


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where pre-commit keeps the installed hooks, one for all tests."""
    return str(tmp_path_factory.mktemp("store"))


@pytest.fixture
def repository(tmp_path: Path, store: str) -> Run:
    """Runs commands in a scratch git repository whose hooks come from this checkout's last commit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "STACKMEND_"))}
    environment |= {"PRE_COMMIT_HOME": store, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment |= {"XDG_STATE_HOME": str(tmp_path / "state"), "SKIP": ""}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path / "work", env=environment, text=True, capture_output=True, check=False
        )

    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True, capture_output=True, check=False)
    if revision.returncode:
        pytest.skip("not a git checkout")
    (tmp_path / "work").mkdir()
    run("git", "init", "-q")
    run("git", "config", "user.name", "test")
    run("git", "config", "user.email", "test@localhost")
    (tmp_path / "work" / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {ROOT}\n  rev: {revision.stdout.strip()}\n  hooks:\n"
        "  - id: stackmend\n  - id: stackmend-fix\n    stages: [manual]\n  - id: stackmend-all\n    stages: [manual]\n",
        encoding="utf-8",
    )
    installed = run(sys.executable, "-m", "pre_commit", "install-hooks")
    if installed.returncode:
        said = installed.stdout + installed.stderr
        if OFFLINE.search(said) and os.environ.get("ORACLES") != "required":
            pytest.skip("pip cannot reach a package index")
        pytest.fail(said)
    return run


BROKEN = """\
services:
  app:
    image: example/app:1.0
    environment:
      GATEWAY_URL: http://gateway:3001/v1
  gateway:
    image: ghcr.io/songquanpeng/one-api:v0.6.7
    ports:
      - "3001:3000"
"""
MENDED = BROKEN.replace("gateway:3001", "gateway:3000")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_hook_reports_and_writes_nothing(tmp_path: Path, repository: Run) -> None:
    write(tmp_path, {"docker-compose.yaml": BROKEN})
    repository("git", "add", ".")
    done = repository(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "STK004" in done.stdout
    assert (tmp_path / "work" / "docker-compose.yaml").read_text(encoding="utf-8") == BROKEN


def test_the_fix_hook_mends_and_fails_because_it_did(tmp_path: Path, repository: Run) -> None:
    write(tmp_path, {"docker-compose.yaml": BROKEN})
    repository("git", "add", ".")
    command = (sys.executable, "-m", "pre_commit", "run", "--all-files", "--hook-stage", "manual", "stackmend-fix")
    first = repository(*command)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "files were modified by this hook" in first.stdout
    assert (tmp_path / "work" / "docker-compose.yaml").read_text(encoding="utf-8") == MENDED
    repository("git", "add", ".")
    second = repository(*command)
    assert second.returncode == 0, second.stdout + second.stderr


def test_an_ignored_env_file_is_read_and_never_written(tmp_path: Path, repository: Run) -> None:
    env = "NAME=web\nNAME=web\nDB_PASSWORD=invented-9925-value\n"
    compose = BROKEN.replace("example/app:1.0", "example/${NAME:?}:1.0")
    write(tmp_path, {".gitignore": ".env\n", ".env": env, "docker-compose.yaml": compose})
    repository("git", "add", ".")
    done = repository(
        sys.executable, "-m", "pre_commit", "run", "--all-files", "--hook-stage", "manual", "stackmend-fix"
    )
    assert "required" not in done.stdout, "NAME comes from the ignored file"
    assert "invented-9925-value" not in done.stdout + done.stderr
    assert (tmp_path / "work" / ".env").read_text(encoding="utf-8") == env
    mended = (tmp_path / "work" / "docker-compose.yaml").read_text(encoding="utf-8")
    assert mended == compose.replace("gateway:3001", "gateway:3000")


def test_more_files_than_one_batch_are_all_linted(tmp_path: Path, repository: Run) -> None:
    # pre-commit starts the hook anew after at most 128 KiB of file names (its xargs.py), so this takes two starts.
    folders = [f"{number:04}-{'x' * 180}" for number in range(800)]
    files = {f"{folder}/.env": "NAME=value\n" for folder in folders}
    for folder in (folders[0], folders[-1]):
        files[f"{folder}/docker-compose.yaml"] = BROKEN
    assert sum(map(len, files)) > 2**17
    write(tmp_path, files)
    repository("git", "add", ".")
    done = repository(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    for folder in (folders[0], folders[-1]):
        assert f"{folder}/docker-compose.yaml" in done.stdout
    assert done.stdout.count("Found 1 error") == 2


def test_the_hook_for_everything_lints_what_was_not_changed(tmp_path: Path, repository: Run) -> None:
    write(tmp_path, {"old/docker-compose.yaml": BROKEN, "new/.env": "NAME=value\n"})
    repository("git", "add", ".")
    command = (sys.executable, "-m", "pre_commit", "run", "--files", "new/.env", "--hook-stage", "manual")
    done = repository(*command, "stackmend-all")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "STK004" in done.stdout
    assert "old/docker-compose.yaml" in done.stdout
