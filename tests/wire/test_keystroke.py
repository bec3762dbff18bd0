"""A key stroke costs what it reaches and no more, measured in work of the same machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from cProfile import Profile
from pathlib import Path
from runpy import run_path

import pytest

from stackmend.linter.config import Overrides
from stackmend.linter.rules import all_rules
from stackmend.linter.server.client import Client
from stackmend.linter.server.diagnostics import Writer
from stackmend.linter.server.live import Live
from stackmend.linter.server.positions import Positions
from stackmend.linter.session import Request, run
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.workspace import Workspace

DEPLOYMENTS = 4


@pytest.fixture
def stacks(tmp_path: Path) -> list[Path]:
    """The Compose files of several made-up deployments of 1,600 lines each, below one folder."""
    write_stack = run_path(str(Path(__file__).parents[2] / "benchmarks" / "synthetic.py"))["write_stack"]
    return [Path(write_stack(str(tmp_path / f"stack{number}"))) for number in range(DEPLOYMENTS)]


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """The time of collecting garbage is not that of a key stroke."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def seconds(call: Callable[[], object]) -> float:
    """The least processor time that a call takes."""
    best = 1e9
    for _ in range(5):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def calls(call: Callable[[], object]) -> int:
    """How many functions a call calls: work that does not depend on how busy or how fast the machine is."""
    profile = Profile()
    profile.runcall(call)
    return sum(entry.callcount for entry in profile.getstats())


class Typist:
    """Types into one of the files, and is told of all of them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.live, self.path = Live(), str(folder / name)
        self.live.configure([str(folder.parent)], Overrides())
        self.text = Path(self.path).read_text()
        self.writer = Writer(Client(), Positions(), {})
        self.press()

    def press(self) -> None:
        """One key."""
        self.text += "#"
        self.live.put(self.path, self.text)
        assert self.live.refresh()
        reports = [analysis.report for analysis in self.live.analyses.values()]
        assert len(reports[0].deployments) == DEPLOYMENTS
        self.writer.all(reports)


# Milliseconds are measured by benchmarks/keystroke.py. The calls are counted here, which no busy machine changes.
@pytest.mark.parametrize(
    ("name", "most"), [("docker-compose.yaml", 250_000), (".env", 250_000), ("nginx/nginx.conf", 80_000)]
)
def test_a_key_stroke_makes_no_more_calls_than_it_did(name: str, most: int, stacks: list[Path]) -> None:
    typist = Typist(stacks[0].parent, name)
    typist.press()
    typist.live.tidy()
    assert calls(typist.press) < most


@pytest.mark.parametrize("name", ["docker-compose.yaml", ".env", "nginx/nginx.conf"])
def test_a_key_stroke_costs_no_more_than_reading_its_deployment_once(name: str, stacks: list[Path]) -> None:
    folder, rules = stacks[0].parent, all_rules()

    def cold() -> None:
        request = Request((str(folder),), str(folder), Overrides(), shell={})
        assert run(request, Workspace(DiskFiles()), rules).report.deployments

    typist = Typist(folder, name)
    once = seconds(cold)
    # Reading everything again would cost as often as much as there are deployments.
    assert seconds(typist.press) < 1.6 * once
