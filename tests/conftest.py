"""Options and fixtures of the whole test suite."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes an example slow, which says nothing of the code. CI judges a change by the same examples as
# before it; new ones are hunted at the desk.
settings.register_profile(
    "stackmend", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("stackmend")

# What a test prints must not come from a run before it, nor go where the user keeps things.
os.environ["STACKMEND_CACHE_DIR"] = ""

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the files under tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file under tests/golden, or write that file with --update-golden."""

    def check(name: str, text: str) -> None:
        path = os.path.join(GOLDEN, name)
        if request.config.getoption("--update-golden"):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        with open(path, encoding="utf-8", newline="") as file:
            expected = file.read()
        assert text == expected, f"{name} differs; run pytest --update-golden and read the change"

    return check


@pytest.fixture
def linear() -> Callable[[Callable[[int], Callable[[], object]]], None]:
    """Assert that a task takes time in proportion to its size: `make(size)` prepares it and gives the call to time."""

    def seconds(call: Callable[[], object]) -> float:
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            call()
            best = min(best, time.process_time() - start)
        return best

    def check(make: Callable[[int], Callable[[], object]]) -> None:
        gc.disable()
        try:
            # Eight times the text: 8 when linear, 64 when quadratic.
            assert seconds(make(16_000)) < 30 * seconds(make(2_000)) + 0.02
        finally:
            gc.enable()

    return check


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    if "No module named hatchling" in built.stderr:
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
        built = subprocess.run(command, text=True, capture_output=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "-q", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    # What it depends on is taken from here, so that the test needs no network.
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, text=True, capture_output=True, check=True).stdout.strip())
    (site / "needed.pth").write_text(f"{os.path.dirname(os.path.dirname(pytest.__file__))}\n", encoding="utf-8")
    return python
