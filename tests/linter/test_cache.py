"""The cache prints again what was printed, and only while nothing has changed that counts."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from stackmend.linter import cache, linting
from stackmend.linter.cli import cli
from stackmend.linter.session import Outcome, Request, run
from stackmend.schemas.workspace import Workspace

SECRET = "hunter2hunter2hunter2"
COMPOSE = f"""\
services:
  api:
    image: langgenius/dify-api:1.11.4
    environment:
      REDIS_URL: redis://:{SECRET}@${{NOWHERE}}:6379/0
      DB_HOST: ${{DB_HOST:-db}}
    ports: ["80:80", "80:81"]
  proxy:
    image: nginx:1.27
    volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]
"""


class Printed(NamedTuple):
    """How a run ended, what it printed, and whether it looked at the files."""

    code: int
    out: str
    err: str
    looked: bool


Lint = Callable[..., Printed]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment, which is the working directory."""
    made = tmp_path / "project"
    made.mkdir()
    (made / ".git").mkdir()
    (made / "compose.yaml").write_text(COMPOSE)
    (made / ".env").write_text("DB_HOST=db\nUNUSED=1\n")
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the cache is."""
    monkeypatch.setenv("STACKMEND_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def lint(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    """Runs `stackmend lint`."""
    looks: list[object] = []

    def look(request: Request, workspace: Workspace) -> Outcome:
        looks.append(request)
        return run(request, workspace)

    monkeypatch.setattr(linting, "run", look)

    def call(*words: str) -> Printed:
        looks.clear()
        capsys.readouterr()
        code = cli.main(["lint", *words], prog_name="stackmend", standalone_mode=False)
        out, err = capsys.readouterr()
        return Printed(code, out, err, bool(looks))

    return call


def entries(store: Path) -> list[Path]:
    """What is kept."""
    return sorted(store.glob("*.json"))


@pytest.mark.parametrize("words", [["-v"], ["--format", "concise"], ["--format", "json"], ["--statistics"], ["x", "."]])
def test_a_second_run_prints_the_same_and_looks_at_nothing(words: list[str], lint: Lint, store: Path) -> None:
    Path("x").write_text("not linted, which standard error says")
    first, second = lint(*words), lint(*words)
    assert first.looked
    assert not second.looked
    assert second[:3] == first[:3]
    assert first.code == 1
    assert "CMP018" in first.out
    assert bool(first.err) == ("x" in words)


def test_other_options_are_another_run(lint: Lint, store: Path) -> None:
    for words in ([], ["-v"], ["--ignore", "CMP"], ["compose.yaml"], ["--color", "always"]):
        assert lint(*words).looked
    assert len(entries(store)) == 5


def _same_stamp() -> None:
    path = Path("compose.yaml")
    status = path.stat()
    path.write_text(path.read_text().replace("80:81", "81:81"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _deployment_below() -> None:
    Path("a").mkdir()
    Path("a/compose.yaml").write_text("services: {a: {}}\n")


def _no_file() -> None:
    Path(".env").unlink()
    Path(".env").mkdir()


def _link() -> None:
    Path("compose.yaml").rename("c")
    Path("compose.yaml").symlink_to("c")


CHANGES: dict[str, Callable[[], object]] = {
    "a file that was read": lambda: Path(".env").write_text("DB_HOST=db\n"),
    "of equal size and time": _same_stamp,
    "an override that comes": lambda: Path("compose.override.yaml").write_text("services: {api: {ports: ['80:82']}}\n"),
    "a file that is mounted": lambda: Path("nginx.conf").write_text("events {}\nhttp { server { listen 80 } }\n"),
    "a script that asks": lambda: Path("run.sh").write_text("echo $UNUSED\n"),
    "a deployment below": _deployment_below,
    "a configuration": lambda: Path(".stackmend.toml").write_text('ignore = ["CMP"]\n'),
    "one of pyproject": lambda: Path("pyproject.toml").write_text('[tool.stackmend]\nselect = ["ENV"]\n'),
    "a file that goes": Path(".env").unlink,
    "a file that is a folder now": _no_file,
    "a link elsewhere": _link,
    "bytes that are no text": lambda: Path(".env").write_bytes(b"A=\xff\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_looked_at(change: str, lint: Lint, store: Path) -> None:
    before = lint("-v")
    CHANGES[change]()
    after = lint("-v")
    assert after.looked
    assert after == lint("-v", "--no-cache")
    assert before[:3] != after[:3] or change == "a link elsewhere"
    assert not lint("-v").looked


def test_what_becomes_as_it_was_is_known_again(lint: Lint, store: Path) -> None:
    text = Path(".env").read_text()
    first = lint()
    Path(".env").write_text(f"{text}MORE=1\n")
    Path(".env").write_text(text)
    assert lint() == first._replace(looked=False)


APART = [
    *(
        ["--no-cache"],
        ["--show-secrets"],
        ["--host"],
        ["--env-source", "shell"],
        ["--diff"],
        ["--fix"],
        ["--add-ignore"],
    ),
    *(["--write-baseline", "--baseline", "known.toml"], ["--format", "sarif"], ["-o", "report"]),
    ["--report", "sarif=report"],
]


@pytest.mark.parametrize("words", APART)
def test_what_writes_or_sees_more_than_files_is_not_kept(words: list[str], lint: Lint, store: Path) -> None:
    assert lint(*words).looked
    assert lint(*words).looked
    assert not entries(store)


@pytest.mark.parametrize("line", ["host = true", 'env-source = "shell"'])
def test_nor_if_the_configuration_says_so(line: str, lint: Lint, store: Path) -> None:
    Path(".stackmend.toml").write_text(f"{line}\n")
    assert lint().looked
    assert not entries(store)


def test_a_run_that_fails_or_is_shared_out_is_not_kept(lint: Lint, store: Path) -> None:
    assert lint("nothing-here").code == 2
    for number in range(10):
        Path(f"d{number}").mkdir()
        Path(f"d{number}/compose.yaml").write_text(COMPOSE)
    assert lint().looked
    assert lint().looked
    assert not entries(store)


def test_without_a_folder_for_it_there_is_none(lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for named in ("", "relative"):
        monkeypatch.setenv("STACKMEND_CACHE_DIR", named)
        assert lint().looked
        assert lint().looked
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("STACKMEND_CACHE_DIR", str(tmp_path / "file"))
    assert lint().looked
    assert lint() == lint("--no-cache")


def test_it_lies_where_the_user_keeps_caches(lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STACKMEND_CACHE_DIR")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    lint()
    assert entries(tmp_path / "xdg" / "stackmend")


def test_nobody_else_reads_it_and_no_secret_stands_in_it(lint: Lint, store: Path) -> None:
    assert "****" in lint("-v").out
    (entry,) = entries(store)
    assert SECRET not in entry.read_text()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert (store / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (store / ".gitignore").read_text() == "*\n"


def _with(**changed: object) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **changed}).encode()


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[:-9],
    "garbage": lambda data: b"\xff\x00" + data,
    "a list": lambda data: b"[]",
    "nothing in it": lambda data: b"{}",
    "nested": lambda data: b"[" * 100_000,
    "another key": _with(key=[1]),
    "no questions": _with(asked=None),
    "odd questions": _with(asked=[["read", "/etc/passwd", "x"]]),
    "odd answers": _with(asked=[["listing", "/", [["a"]]]]),
    "odd rows": _with(asked=[7]),
    "no code": _with(code="x"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_or_foreign_is_passed_over_and_replaced(how: str, lint: Lint, store: Path) -> None:
    first = lint()
    (entry,) = entries(store)
    entry.write_bytes(BROKEN[how](entry.read_bytes()))
    assert lint() == first
    assert lint() == first._replace(looked=False)


def test_a_link_in_its_place_is_not_followed(lint: Lint, store: Path, tmp_path: Path) -> None:
    first = lint()
    (entry,) = entries(store)
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    assert lint() == first


def test_what_was_not_used_for_longest_goes(lint: Lint, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 2)
    for number, words in enumerate((["-v"], ["--select", "CMP"], ["--select", "ENV"])):
        lint(*words)
        for entry in entries(store):
            os.utime(entry, ns=(0, entry.stat().st_mtime_ns - 10**9 * (3 - number)))
    assert len(entries(store)) == 2
    assert lint("-v").looked
    assert not lint("--select", "ENV").looked


def test_a_file_that_changes_during_the_run_is_noticed(folder: Path) -> None:
    contents = cache.Contents()
    path = str(folder / ".env")
    stamp, data = contents.stamp(path), contents.read(path)
    assert data == Path(path).read_bytes()
    assert contents.stamp(path) == stamp
    assert not contents.torn
    Path(path).write_text("A=1\n")
    assert contents.stamp(path) != stamp
    assert contents.torn


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("touched", "same"), [("linter/__pycache__/a.pyc", True), ("linter/a.py", False)])
def test_a_change_of_the_program_counts_and_what_it_compiles_does_not(
    touched: str, same: bool, lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    for name in ("linter/cache.py", "linter/a.py", "linter/__pycache__/a.pyc", "pyproject.toml"):
        (program / name).parent.mkdir(parents=True, exist_ok=True)
        (program / name).write_text("")
    monkeypatch.setattr(cache, "__file__", str(program / "linter/cache.py"))
    assert lint().looked
    os.utime(program / touched, (4_000_000_000, 4_000_000_000))
    assert lint().looked != same
