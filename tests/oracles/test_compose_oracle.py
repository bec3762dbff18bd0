"""The compose model against Docker Compose itself, on real files: the same services, and refusals where it refuses."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).parents[2].parent / "shared"


def compose_files() -> Iterator[Path]:
    """Every compose file of the optional data, in `../shared`."""
    for part in ("corpus/dev", "cases"):
        for path in sorted((SHARED / part).rglob("*.y*ml")):
            if re.search(r"^services:", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE):
                yield path


FILES = list(compose_files())


def copied(path: Path, to: Path) -> Path:
    """The file's folder with a user's `.env` files made from the examples; of a collection of files only the file."""
    folder = to / (re.sub("[^a-z0-9]", "", path.parent.name.lower()) or "x")
    if "wild" in path.parts:
        folder.mkdir(parents=True)
        shutil.copyfile(path, folder / path.name)
        return folder
    shutil.copytree(path.parent, folder, copy_function=shutil.copyfile)
    for directory, _, _ in os.walk(folder):
        Path(directory).chmod(0o755)
    for example in list(folder.rglob("*.env.example")):
        shutil.copyfile(example, example.with_name(example.name.removesuffix(".example")))
    return folder


@pytest.mark.skipif(not FILES, reason="needs the optional data in ../shared")
@pytest.mark.parametrize("profiles", [pytest.param((), id="chosen"), pytest.param(("*",), id="all")])
@pytest.mark.parametrize("path", FILES, ids=[str(file.relative_to(SHARED)) for file in FILES])
def test_a_real_file_gives_the_services_that_compose_gives(
    path: Path, profiles: tuple[str, ...], compose_judge: Any, tmp_path: Path
) -> None:
    compose_judge.compare(copied(path, tmp_path), (path.name,), profiles)
