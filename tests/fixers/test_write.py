"""Writing keeps what it may not touch, and undo gives back every byte or says why not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from stackmend.fixers.undo import journal_folder, record, undo
from stackmend.fixers.write import Change, write_changes, write_file
from stackmend.schemas.files import RefusedError, reason_of


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def change(file: Path, after: bytes, root: Path) -> Change:
    return Change(str(file), str(root), file.read_bytes(), after)


def test_the_mode_of_a_file_is_kept_and_nothing_else_is_left_in_the_folder(project: Path) -> None:
    file = project / ".env"
    file.write_bytes(b"A=1\n")
    file.chmod(0o640)
    write_file(str(file), b"A=2\n", root=str(project))
    assert file.read_bytes() == b"A=2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(project) == [".env"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_the_owner_of_a_file_is_kept(project: Path) -> None:
    file = project / ".env"
    file.write_bytes(b"A=1\n")
    os.chown(file, 4321, 4322)
    write_file(str(file), b"A=2\n", root=str(project))
    assert (file.stat().st_uid, file.stat().st_gid) == (4321, 4322)


def test_a_link_inside_the_project_stays_a_link(project: Path) -> None:
    real = project / "real.env"
    real.write_bytes(b"A=1\n")
    link = project / ".env"
    link.symlink_to("real.env")
    write_file(str(link), b"A=2\n", root=str(project))
    assert link.is_symlink()
    assert real.read_bytes() == b"A=2\n"


def test_a_link_that_leaves_the_project_is_not_written_through(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.env"
    outside.write_bytes(b"A=1\n")
    (project / ".env").symlink_to(outside)
    with pytest.raises(RefusedError, match="outside the project"):
        write_file(str(project / ".env"), b"A=2\n", root=str(project))
    assert outside.read_bytes() == b"A=1\n"


def test_a_linked_folder_that_leaves_the_project_is_not_written_into(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.conf").write_bytes(b"x")
    (project / "conf").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="outside the project"):
        write_file(str(project / "conf" / "a.conf"), b"y", root=str(project))


def test_when_one_file_fails_the_others_get_their_old_bytes_back(project: Path, tmp_path: Path) -> None:
    first = project / "a"
    first.write_bytes(b"1")
    outside = tmp_path / "b"
    outside.write_bytes(b"1")
    (project / "b").symlink_to(outside)
    with pytest.raises(RefusedError) as caught:
        write_changes((change(first, b"2", project), change(project / "b", b"2", project)))
    assert caught.value.filename == str(project / "b")
    assert first.read_bytes() == b"1"


def test_a_file_that_somebody_else_changed_since_it_was_read_is_left_alone(project: Path) -> None:
    file = project / "a"
    file.write_bytes(b"1")
    wanted = change(file, b"2", project)
    file.write_bytes(b"theirs")
    with pytest.raises(RefusedError) as caught:
        write_changes((wanted,))
    assert "somebody else" in reason_of(caught.value)
    assert file.read_bytes() == b"theirs"


def test_undo_gives_back_every_byte_and_forgets(project: Path) -> None:
    file = project / ".env"
    before = b"\xef\xbb\xbfA=\xff1\r\n# no end"
    file.write_bytes(before)
    changes = (change(file, b"A=2\n", project),)
    record(changes, cwd="/here")
    write_changes(changes)
    undone = undo("/here")
    assert undone is not None
    assert (undone.restored, undone.refused) == ((str(file),), ())
    assert file.read_bytes() == before
    assert undo("/here") is None


def test_undo_leaves_a_file_alone_that_was_changed_since_and_restores_the_others(project: Path) -> None:
    one, two = project / "1", project / "2"
    one.write_bytes(b"old")
    two.write_bytes(b"old")
    changes = (change(one, b"new", project), change(two, b"new", project))
    record(changes, cwd="/here")
    write_changes(changes)
    one.write_bytes(b"mine")
    undone = undo("/here")
    assert undone is not None
    assert undone.restored == (str(two),)
    assert [path for path, _ in undone.refused] == [str(one)]
    assert one.read_bytes() == b"mine"
    one.write_bytes(b"new")
    again = undo("/here")
    assert again is not None
    assert again.restored == (str(one),)


def test_undo_in_another_folder_knows_nothing(project: Path) -> None:
    file = project / "a"
    file.write_bytes(b"1")
    record((change(file, b"2", project),), cwd="/here")
    assert undo("/there") is None


def test_the_journal_can_be_read_by_its_owner_only_and_lies_outside_the_project(project: Path) -> None:
    file = project / "a"
    file.write_bytes(b"1")
    record((change(file, b"2", project),), cwd=str(project))
    folder = Path(journal_folder(str(project)))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "journal").stat().st_mode) == 0o600
    assert not folder.is_relative_to(project)


def test_a_change_does_not_show_its_bytes() -> None:
    assert "hunter" not in repr(Change("/p/.env", "/p", b"hunter", b"hunter2"))


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(project: Path) -> None:
    path = project / "pipe"
    os.mkfifo(path)
    with pytest.raises(RefusedError) as refused:
        write_changes((Change(str(path), str(project), b"A=1\n", b"A=2\n"),))
    assert (reason_of(refused.value), refused.value.filename) == ("not a regular file", str(path))
