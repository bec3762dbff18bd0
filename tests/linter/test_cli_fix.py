"""--fix, --diff and undo on real files, through the command line, with a rule that mends one word."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackmend.fixers.edit import Applicability, Edit, Fix
from stackmend.linter.cli import cli
from stackmend.linter.diagnostic import Diagnostic, Severity
from stackmend.linter.rule import Diagnostics, rule
from stackmend.schemas.parsers.dotenv import DotenvTree


@rule("TST001", "bad-word", DotenvTree, Severity.ERROR, fix=Applicability.SAFE)
def bad_word(tree: DotenvTree) -> Diagnostics:
    for entry in tree.entries:
        applicability = Applicability.UNSAFE if entry.key.startswith("U") else Applicability.SAFE
        if entry.text == "bad":
            place = tree.document.place(*entry.value_span)
            fix = Fix("Write good", (Edit(place, "good"),), applicability)
            yield Diagnostic(place, "`{key}` is bad", (("key", entry.key),), fixes=(fix,))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("stackmend.linter.rules.all_rules", lambda: (bad_word,))
    (folder / ".env").write_bytes(b"# note\r\nA=bad\r\nDB_PASSWORD=hunter22\r\nU=bad")
    return folder


def stackmend(*words: str, code: int, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(cli, words, input=stdin, standalone_mode=False)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code or result.return_value or 0) == code, result.output
    return result


def test_fix_changes_the_bytes_of_the_value_and_nothing_else_and_undo_gives_them_back(project: Path) -> None:
    before = (project / ".env").read_bytes()
    result = stackmend("lint", "--fix", "--format", "concise", code=1)
    assert (project / ".env").read_bytes() == before.replace(b"A=bad", b"A=good")
    assert "stackmend: fixed .env:2: TST001 Write good" in result.stderr
    assert ".env:4:3" in result.stdout
    stackmend("undo", code=0)
    assert (project / ".env").read_bytes() == before
    assert os.listdir(project) == [".env"]


def test_unsafe_fixes_are_applied_when_asked_for_and_then_nothing_is_left(project: Path) -> None:
    stackmend("lint", "--fix", "--unsafe-fixes", code=0)
    assert (project / ".env").read_bytes().endswith(b"U=good")
    stackmend("lint", code=0)


def test_fixing_can_be_made_to_fail_a_hook(project: Path) -> None:
    stackmend("lint", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", code=1)
    stackmend("lint", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", code=0)


def test_under_pre_commit_only_the_files_that_it_names_are_written(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    before = (project / ".env").read_bytes()
    (project / "other.env").write_bytes(b"A=bad\n")
    stackmend("lint", "other.env", "--fix", "--exit-non-zero-on-fix", code=1)
    assert (project / "other.env").read_bytes() == b"A=good\n"
    stackmend("lint", ".", "--fix", code=1)
    assert (project / ".env").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "mended"),
    [
        pytest.param((), b"A=bad", id="not by default"),
        pytest.param(("-v",), b"A=good", id="with -v, which shows them"),
        pytest.param(("--fail-on", "info"), b"A=good", id="when they count"),
        pytest.param(("--select", "TST001"), b"A=good", id="when the rule is asked for"),
    ],
)
def test_what_is_mere_information_is_mended_only_when_it_is_shown(
    project: Path, words: tuple[str, ...], mended: bytes
) -> None:
    (project / ".stackmend.toml").write_text('severity = {TST001 = "info"}\n', encoding="utf-8")
    stackmend("lint", "--fix", *words, code=1 if "info" in words else 0)
    assert mended in (project / ".env").read_bytes()


def test_diff_shows_the_change_masked_and_writes_nothing(project: Path) -> None:
    before = (project / ".env").read_bytes()
    result = stackmend("lint", "--diff", "--unsafe-fixes", code=1)
    assert "-A=bad\n+A=good\n" in result.stdout
    assert " DB_PASSWORD=****\n" in result.stdout
    assert "\\ No newline at end of file" in result.stdout
    assert "hunter22" not in result.output
    assert (project / ".env").read_bytes() == before
    assert stackmend("lint", "--diff", "--ignore", "TST001", code=0).stdout == ""


def test_fixing_standard_input_gives_the_new_text(project: Path) -> None:
    result = stackmend("lint", "-", "--fix", "--stdin-filename", "x.env", code=0, stdin=b"A=bad\r\n")
    assert result.stdout_bytes == b"A=good\r\n"
    assert not (project / "x.env").exists()


def test_a_full_disk_changes_nothing_and_the_report_is_of_what_is_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (project / ".env").read_bytes()

    def no_room(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(project / ".stackmend-x1"))

    monkeypatch.setattr("stackmend.fixers.write._write_beside", no_room)
    result = stackmend("lint", "--fix", "--format", "concise", code=2)
    assert "stackmend: .env: not written: no space left on device; no file was changed" in result.stderr
    assert "fixed" not in result.stderr
    assert [line.split(" ")[0] for line in result.stdout.splitlines()[:2]] == [".env:2:3:", ".env:4:3:"]
    assert (project / ".env").read_bytes() == before
    assert os.listdir(project) == [".env"]


def test_a_file_outside_the_project_is_not_written_through_a_link(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.env"
    outside.write_bytes(b"A=bad\n")
    (project / ".env").unlink()
    (project / ".env").symlink_to(outside)
    stackmend("lint", "--fix", code=0)
    result = stackmend("lint", ".env", "--fix", code=2)
    assert outside.read_bytes() == b"A=bad\n"
    assert "outside the project" in result.stderr


def test_undo_refuses_a_file_that_was_changed_since(project: Path) -> None:
    stackmend("lint", "--fix", code=1)
    (project / ".env").write_bytes(b"mine\n")
    result = stackmend("undo", code=1)
    assert "changed since" in result.stderr
    assert (project / ".env").read_bytes() == b"mine\n"
