"""--watch lints again when something changes that the run looked at, and only then."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stackmend.linter.watch import CLEAR, Seen

BROKEN = "A = 1\nB=1\nB=2\n"
posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


class Watching:
    """A real process that watches, with what it has said so far."""

    def __init__(self, folder: Path, *words: str) -> None:
        command = [sys.executable, "-u", "-m", "stackmend", "lint", "--watch", "--env-source", "none", *words]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self.said = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said += line

    def runs(self) -> int:
        return self.said.count("Ctrl-C ends")

    def wait(self, runs: int) -> str:
        """Wait for a number of runs; what was said since the one before."""
        end = time.monotonic() + 60
        while self.runs() < runs:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.02)
        return self.said.split("Ctrl-C ends\n")[runs - 1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def put(path: Path, text: str) -> None:
    """Give a file its text in one step, so that no run sees the half of it."""
    aside = path.parent.with_name(f"{path.parent.name}-{path.name}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    made: list[Watching] = []

    def make(*words: str) -> Watching:
        made.append(Watching(tmp_path, *words))
        return made[-1]

    yield make
    for each in made:
        with contextlib.suppress(OSError):
            each.process.kill()
        each.process.wait()
        each.reader.join()


@posix
def test_a_changed_file_is_linted_again_and_ctrl_c_ends_with_the_last_exit_code(
    tmp_path: Path, watching: Callable[..., Watching]
) -> None:
    env = tmp_path / ".env"
    put(env, BROKEN)
    watch = watching("--fail-on", "warning", "--format", "concise")
    assert "ENV002" in watch.wait(1)
    put(env, "A=1\n")
    assert "ENV002" not in watch.wait(2)
    put(env, BROKEN)
    assert "ENV002" in watch.wait(3)
    assert watch.stop() == 1
    assert "Traceback" not in watch.said


@posix
def test_files_that_come_and_go_count_and_configurations_too(tmp_path: Path, watching: Callable[..., Watching]) -> None:
    put(tmp_path / "compose.yaml", "services: {a: {image: 'x:1'}}\n")
    watch = watching("--fail-on", "warning", "--format", "concise")
    watch.wait(1)
    put(tmp_path / ".env", BROKEN)
    assert "ENV002" in watch.wait(2)
    put(tmp_path / ".stackmend.toml", 'ignore = ["ENV"]\n')
    assert "ENV002" not in watch.wait(3)
    put(tmp_path / ".stackmend.toml", "ignore = 3\n")
    assert "a list is wanted here" in watch.wait(4)
    (tmp_path / ".stackmend.toml").unlink()
    assert "ENV002" in watch.wait(5)
    (tmp_path / ".env").unlink()
    watch.wait(6)
    assert watch.stop() == 0


@posix
def test_writing_the_report_does_not_set_it_off_again(tmp_path: Path, watching: Callable[..., Watching]) -> None:
    put(tmp_path / ".env", BROKEN)
    watch = watching("--format", "html", "-o", "report.html")
    watch.wait(1)
    assert "ENV002" in (tmp_path / "report.html").read_text(encoding="ascii")
    put(tmp_path / "notes.swp", "x")
    (tmp_path / "notes.swp").unlink()
    time.sleep(1)
    assert watch.runs() == 1
    put(tmp_path / ".env", "A=1\n")
    watch.wait(2)
    assert "ENV002" not in (tmp_path / "report.html").read_text(encoding="ascii")
    time.sleep(1)
    assert watch.runs() == 2
    assert watch.stop() == 0


@pytest.mark.parametrize("word", ["--fix", "--add-ignore", "--write-baseline", "-"])
def test_it_never_changes_files(word: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stackmend", "lint", "--watch", word],
        cwd=tmp_path,
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--watch only looks" in done.stderr


def test_what_was_looked_at_is_remembered(tmp_path: Path) -> None:
    file, missing, folder = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    file.write_text("1", encoding="utf-8")
    folder.mkdir()
    steps: list[Callable[[], object]] = [
        lambda: file.write_text("22", encoding="utf-8"),
        lambda: missing.write_text("x", encoding="utf-8"),
        lambda: (folder / "new").write_text("x", encoding="utf-8"),
        file.unlink,
    ]
    for step in steps:
        seen = Seen()
        with contextlib.suppress(OSError):
            seen.files.read(str(file))
        seen.files.kind(str(missing))
        seen.files.entries(str(folder))
        assert not seen.changed()
        step()
        assert seen.changed()


def test_a_folder_that_goes_away_is_a_change_and_no_crash(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    seen = Seen()
    assert seen.files.listing(str(folder)) == []
    assert not seen.changed()
    folder.rmdir()
    folder.write_text("x", encoding="utf-8")
    assert seen.changed()


def test_the_programs_own_file_is_no_change_wherever_it_is_seen(tmp_path: Path) -> None:
    own = tmp_path / "report.html"
    seen = Seen(str(own))
    seen.files.listing(str(tmp_path))
    seen.files.entries(str(tmp_path))
    seen.files.kind(str(own))
    own.write_text("x", encoding="utf-8")
    assert not seen.changed()
    put(tmp_path / "other", "x")
    assert seen.changed()


@posix
def test_a_deployment_that_comes_into_a_new_folder_is_linted(tmp_path: Path, watching: Callable[..., Watching]) -> None:
    put(tmp_path / ".env", "A=1\n")
    watch = watching("--fail-on", "warning", "--format", "concise")
    watch.wait(1)
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / ".env").write_text(BROKEN, encoding="utf-8")
    end = time.monotonic() + 60
    while "stack/.env" not in watch.said and time.monotonic() < end:
        time.sleep(0.05)
    assert "stack/.env" in watch.said


@posix
def test_a_terminal_is_cleared_before_each_run(tmp_path: Path) -> None:
    put(tmp_path / ".env", "A=1\n")
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "stackmend", "lint", "-w"], cwd=tmp_path, stdout=slave, stderr=slave
    )
    os.close(slave)
    told = b""
    while b"Ctrl-C ends" not in told:
        told += os.read(master, 4096)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    os.close(master)
    assert told.startswith(CLEAR.encode())
