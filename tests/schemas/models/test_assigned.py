"""Scripts that start Compose set variables; other files do not count, and a hostile one costs no time."""

from __future__ import annotations

import time

import pytest

from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.models.compose import load_project
from stackmend.schemas.models.mentions import assigned
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("up.sh", "export TAG=1\ndocker compose up\n"),
        ("up.sh", "read TAG; export TAG\ndocker-compose up\n"),
        ("up.sh", "TAG=$(git describe) docker compose up -d\n"),
        ("Makefile", "TAG := 1\nup:\n\tdocker compose up\n"),
        ("Makefile", "TAG ?= 1\nup:\n\tdocker compose up\n"),
        ("justfile", "export TAG := `git describe`\nup:\n  docker compose up\n"),
        ("up.ps1", '$env:TAG = "1"\ndocker compose up\n'),
        ("up.bat", "set TAG=1\ndocker compose up\n"),
        ("package.json", '{"scripts": {"up": "TAG=1 docker compose up"}}'),
        (".envrc", "export TAG=1\n"),
        ("scripts/deploy/up.sh", "TAG=1 docker compose up\n"),
    ],
)
def test_scripts_set_variables(name: str, text: str) -> None:
    assert "TAG" in assigned(MemoryFiles({f"/p/{name}": text.encode()}), "/p", "/p")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("entrypoint.sh", "TAG=${TAG:-1}\nexec app\n"),
        ("up.sh", '[ "$TAG" == 1 ] && docker compose up\n'),
        ("up.sh", "echo $TAG=1; docker compose up\n"),
        ("settings.py", "TAG = 1  # docker compose\n"),
        (".env.prod", "TAG=1\n"),
        ("notes.txt", "TAG=1 docker compose up\n"),
        ("node_modules/x/up.sh", "TAG=1 docker compose up\n"),
    ],
)
def test_other_files_set_none(name: str, text: str) -> None:
    assert "TAG" not in assigned(MemoryFiles({f"/p/{name}": text.encode()}), "/p", "/p")


def test_what_a_script_sets_is_unknown_and_not_empty() -> None:
    files = {
        "/p/compose.yaml": b"services: {web: {image: '${TAG}', hostname: '${NAME}'}}\n",
        "/p/.env": b"A=1\n",
        "/p/up.sh": b"TAG=x docker compose up\n",
    }
    web = load_project(Workspace(MemoryFiles(files)), "/p", Options(shell={})).services["web"]
    assert web.image is not None
    assert web.image.text is None
    hostname = web.get("hostname")
    assert getattr(hostname, "text", "gone") == ""


def test_a_long_line_of_blanks_costs_no_time() -> None:
    text = b"compose " + b"A " * 60_000 + b"A" * 60_000 + b" " * 60_000
    started = time.monotonic()
    assigned(MemoryFiles({"/p/up.sh": text}), "/p", "/p")
    assert time.monotonic() - started < 1
