"""Everything at once: all safe fixes of a file or of a deployment, as the command line applies them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .client import uri_of
from .conftest import EXAMPLE, Shared, asked, resolved

COMPOSE, NGINX, FIX_ALL = "docker-compose.yaml", "nginx/conf.d/default.conf", "source.fixAll.stackmend"


@pytest.fixture
def messy(dify: Shared) -> Shared:
    """The example with two files in which something is safe to fix."""
    compose = dify.folder / COMPOSE
    compose.write_text("version: '3'\r\n" + compose.read_text().replace("\n", "\r\n"), newline="")
    dify.editor.wrote(compose)
    return dify


def linted(folder: Path, *names: str) -> dict[str, bytes]:
    """The bytes of all files after `stackmend lint --fix` of some in a copy of a folder."""
    copy = folder.parent / f"{folder.name}-copy"
    shutil.copytree(folder, copy)
    named = [str(copy / name) for name in names] or [str(copy)]
    environment = {"PATH": "/usr/bin:/bin", "PRE_COMMIT": "1", "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-m", "stackmend", "lint", "--fix", "--verbose", *named]
    subprocess.run(command, check=False, env=environment, cwd=copy, capture_output=True)
    return {str(p.relative_to(copy)): p.read_bytes() for p in copy.rglob("*") if p.is_file()}


def test_fix_all_mends_this_file_as_the_command_line_does(messy: Shared) -> None:
    expected = linted(messy.folder, COMPOSE)
    buffer = messy.editor.open(messy.folder / COMPOSE)
    (action,) = asked(messy, COMPOSE, "services:", only=[FIX_ALL])
    messy.editor.apply(resolved(messy.editor, action)["edit"])
    assert buffer.text.encode() == expected[COMPOSE] != (messy.folder / COMPOSE).read_bytes()
    assert (messy.folder / NGINX).read_bytes() == expected[NGINX] == (EXAMPLE / NGINX).read_bytes()


def test_the_command_applies_all_safe_fixes_of_a_file(messy: Shared) -> None:
    expected = linted(messy.folder, COMPOSE)
    buffer = messy.editor.open(messy.folder / COMPOSE)
    messy.editor.change(messy.folder / COMPOSE, ("version", "version"))  # version 2 of the text
    with messy.editor.expecting("workspace/applyEdit"):
        messy.editor.request(
            "workspace/executeCommand",
            {"command": "stackmend.fixAll", "arguments": [uri_of(messy.folder / COMPOSE)]},
        )
    assert buffer.text.encode() == expected[COMPOSE]
    assert (messy.folder / NGINX).read_bytes() == (EXAMPLE / NGINX).read_bytes()


def test_the_command_applies_all_safe_fixes_of_a_deployment(messy: Shared) -> None:
    expected = linted(messy.folder, COMPOSE, NGINX)
    assert expected[NGINX] != (EXAMPLE / NGINX).read_bytes()
    buffer = messy.editor.open(messy.folder / COMPOSE)
    arguments = [uri_of(messy.folder / COMPOSE), True]
    with messy.editor.expecting("workspace/applyEdit"):
        messy.editor.request("workspace/executeCommand", {"command": "stackmend.fixAll", "arguments": arguments})
    assert buffer.text.encode() == expected[COMPOSE]
    assert (messy.folder / NGINX).read_bytes() == expected[NGINX]  # not open: the editor writes it
