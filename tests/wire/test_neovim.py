"""A real editor: Neovim, set up by the page for editors, opens a deployment, applies a code action, writes the file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.oracle

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "dify"
NGINX = "nginx/conf.d/default.conf"


class Neovim(NamedTuple):
    """The editor, and the settings that the page gives for one without plugins."""

    program: str
    setup: Path


@pytest.fixture(scope="session")
def nvim(tmp_path_factory: pytest.TempPathFactory) -> Neovim:
    """The editor."""
    found = shutil.which("nvim")
    if found is None:
        if os.environ.get("ORACLES") == "required":
            pytest.fail("nvim is not installed")
        pytest.skip("nvim is not installed")
    page = (HERE.parents[1] / "docs" / "editors.md").read_text(encoding="utf-8")
    (block,) = re.findall(r'^```lua title="~/\.config/nvim/init\.lua"\n(.*?)^```$', page, re.MULTILINE | re.DOTALL)
    path = tmp_path_factory.mktemp("nvim") / "init.lua"
    path.write_text(block, encoding="utf-8")
    return Neovim(found, path)


def edit(nvim: Neovim, root: Path, name: str, code: str, title: str) -> dict[str, Any]:
    """Apply an action to a finding in a file; what the editor saw. It has the settings of the page and no others."""
    report = root.parent / f"{root.name}-report.json"
    home = root.parent / f"{root.name}-home"
    home.mkdir()
    told = {"FILE": root / name, "CODE": code, "TITLE": title, "REPORT": report}
    environment = {**os.environ, **{f"TEST_{key}": str(value) for key, value in told.items()}}
    # The page starts `stackmend` from PATH: the one beside this Python.
    environment["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    environment |= {f"XDG_{kind}_HOME": str(home) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    command = [nvim.program, "--headless", "--clean", "-u", str(nvim.setup), "-n", "-S", str(HERE / "nvim.lua")]
    done = subprocess.run(command, check=False, env=environment, cwd=root, capture_output=True, timeout=180)
    assert report.exists(), done.stderr.decode()
    seen: dict[str, Any] = json.loads(report.read_text())
    assert "problem" not in seen, (seen, done.stderr.decode())
    assert done.returncode == 0, done.stderr.decode()
    return seen


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A copy of the example with its mistakes."""
    root = tmp_path / "stack"
    shutil.copytree(EXAMPLE, root)
    (root / ".git").mkdir()
    return root


def contents(root: Path) -> dict[str, bytes]:
    """The bytes of all files below a folder."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_neovim_applies_a_safe_fix_and_the_file_on_the_disk_is_right(nvim: Neovim, stack: Path) -> None:
    seen = edit(nvim, stack, NGINX, "NGX011", "Use port 5001")
    assert seen["root"] == str(stack)
    assert seen["marked"] == "5000"
    assert "`api` does not listen on port 5000" in seen["message"]
    assert seen["elsewhere"] > 0  # the Compose file was never opened
    assert seen["titles"][0] == "Use port 5001"
    assert seen["messages"] == []
    expected = contents(EXAMPLE)
    expected[NGINX] = expected[NGINX].replace(b"http://api:5000", b"http://api:5001")
    assert contents(stack) == expected


def test_neovim_keeps_line_ends_and_letters_beyond_ascii(nvim: Neovim, stack: Path) -> None:
    path = stack / NGINX
    text = path.read_text().replace("proxy_pass http://api:5000;", 'set $名 "😀"; proxy_pass http://api:5000; # 😀')
    before = text.replace("\n", "\r\n").encode()
    path.write_bytes(before)
    seen = edit(nvim, stack, NGINX, "NGX011", "Use port 5001")
    assert seen["marked"] == "5000"
    assert path.read_bytes() == before.replace(b"5000", b"5001")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Use `weaviate` in `worker` too", b"      VECTOR_STORE: weaviate\n"),
        ("Ignore DFY001 on this line", b"      # stackmend: ignore[DFY001]\n      VECTOR_STORE: qdrant\n"),
    ],
)
def test_neovim_applies_an_unsafe_fix_or_a_comment(title: str, line: bytes, nvim: Neovim, stack: Path) -> None:
    edit(nvim, stack, "docker-compose.yaml", "DFY001", title)
    expected = contents(EXAMPLE)
    text = expected["docker-compose.yaml"]
    expected["docker-compose.yaml"] = text.replace(b"      VECTOR_STORE: qdrant\n", line)
    assert contents(stack) == expected


def test_neovim_finds_the_deployment_above_a_file_where_there_is_no_repository(nvim: Neovim, stack: Path) -> None:
    (stack / ".git").rmdir()
    seen = edit(nvim, stack, NGINX, "NGX011", "Use port 5001")
    assert b"http://api:5001" in (stack / NGINX).read_bytes()
    assert seen["messages"] == []
