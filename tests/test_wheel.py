"""The wheel holds the package and nothing else, and works where a folder of the user's has one of our names."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("linter", "fixers", "schemas")


def sources() -> set[str]:
    """What of the checkout belongs into the wheel, as paths in it."""
    found = {f"stackmend/{name}" for name in ("__init__.py", "__main__.py", "py.typed")}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found.add(f"stackmend/{path.relative_to(ROOT).as_posix()}")
    return found


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    outside = {
        name for name in names if not name.startswith("stackmend/") and ".dist-info/" not in name.split("/", 1)[0] + "/"
    }
    assert not outside
    assert {name for name in names if name.startswith("stackmend/")} == sources()


def test_the_wheel_holds_every_page_and_every_table(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = [
        path for floor in FLOORS for path in (ROOT / floor).rglob("*") if path.suffix in {".md", ".json", ".toml"}
    ]
    assert wanted
    missing = [path for path in wanted if f"stackmend/{path.relative_to(ROOT).as_posix()}" not in names]
    assert not missing


def test_the_wheel_works_beside_a_foreign_package_of_the_same_name(installed: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "theirs"
    for floor in FLOORS:
        (foreign / floor).mkdir(parents=True)
        (foreign / floor / "__init__.py").write_text(
            "raise RuntimeError('the package of somebody else')\n", encoding="utf-8"
        )
    empty = tmp_path / "empty"
    empty.mkdir()
    run = subprocess.run(
        [str(installed.parent / "stackmend"), "lint"],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(foreign)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    where = [str(installed), "-I", "-c", "import stackmend; print(stackmend.__file__)"]
    found = subprocess.run(where, text=True, capture_output=True, check=True).stdout
    assert found.startswith(str(installed.parent.parent))
