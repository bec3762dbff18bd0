"""How far a long run is, is shown to a person at a terminal and to nobody else."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stackmend.linter.progress import Progress

posix = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")


@posix
@pytest.mark.parametrize(
    ("words", "environment", "shown"),
    [
        pytest.param([], {}, True, id="a terminal"),
        pytest.param(["-q"], {}, False, id="quiet"),
        pytest.param([], {"CI": "true"}, False, id="a build"),
        pytest.param([], {"TERM": "dumb"}, False, id="a terminal that cannot go back"),
    ],
)
def test_progress_is_shown_on_a_terminal_and_cleared(
    words: list[str], environment: dict[str, str], shown: bool, tmp_path: Path
) -> None:
    for number in range(12):
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        (folder / "compose.yaml").write_text("services: {a: {image: 'x:1'}}\n", encoding="utf-8")
    # The line comes only after a while, so here it has no patience.
    code = (
        "import sys; from stackmend.linter import progress; progress.PATIENCE = progress.PACE = 0; "
        "from stackmend.linter.cli import main; main()"
    )
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code, "lint", *words],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**{k: v for k, v in os.environ.items() if k != "CI"}, "TERM": "xterm", **environment},
    )
    os.close(slave)
    told = b""
    with contextlib.suppress(OSError):
        while part := os.read(master, 4096):
            told += part
    os.close(master)
    assert process.wait(60) == 0
    assert (b"of 12 folders" in told) is shown
    if shown:
        assert told.endswith(b"\r\x1b[K")
    else:
        assert told == b""


def test_a_short_run_shows_no_progress() -> None:
    class Terminal:
        said = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.said += text

        def flush(self) -> None:
            """Nothing waits."""

    terminal = Terminal()
    progress = Progress(terminal, {"TERM": "xterm"}, quiet=False)  # type: ignore[arg-type]
    progress.show(1, 20)
    progress.clear()
    assert terminal.said == ""
