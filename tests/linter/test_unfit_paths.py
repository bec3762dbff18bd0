"""What has the name of a configuration file and is none, and what may not be read: said by name, and nothing else."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from stackmend.linter.plan import make_plan
from stackmend.linter.session import Request, run
from stackmend.linter.settings import Settings
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.workspace import Workspace

COMPOSE = "services: {web: {image: nginx:1.27, ports: ['80:80', '80:81']}}\n"


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(COMPOSE if name.endswith(".yaml") else "A=1\n", encoding="utf-8")


def missing(*paths: Path) -> list[tuple[str, str]]:
    return make_plan([str(path) for path in paths], Settings(), DiskFiles()).missing


def test_a_pipe_a_socket_a_folder_and_a_loop_under_such_a_name_are_named(tmp_path: Path) -> None:
    put(tmp_path, "good/compose.yaml")
    os.mkfifo(tmp_path / "good" / ".env")
    (tmp_path / "folder" / "compose.yaml").mkdir(parents=True)
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / "compose.yaml").symlink_to("compose.yaml")
    (tmp_path / "socket").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path / "socket")  # the path of a socket may be no longer than some hundred bytes
        listening.bind("squid.conf")
        os.chdir(here)
    found = dict(missing(tmp_path))
    assert found == {
        f"{tmp_path}/good/.env": "not a regular file",
        f"{tmp_path}/folder/compose.yaml": "a folder, where a file was expected",
        f"{tmp_path}/loop/compose.yaml": "too many levels of symbolic links",
        f"{tmp_path}/socket/squid.conf": "not a regular file",
    }
    report = run(Request((str(tmp_path),), str(tmp_path)), Workspace(DiskFiles())).report
    assert report.failed
    assert len(report.errors) == 4
    assert "CMP018" in {d.rule.code for d in report.diagnostics}, "the others are linted"


def test_a_folder_named_like_an_env_file_and_a_link_to_nothing_are_passed_over_as_compose_does(tmp_path: Path) -> None:
    put(tmp_path, "compose.yaml")
    (tmp_path / ".env").mkdir()
    (tmp_path / "compose.override.yaml").symlink_to("nothing")
    assert missing(tmp_path) == []


def test_what_the_configuration_leaves_out_is_not_named(tmp_path: Path) -> None:
    (tmp_path / "attic" / "compose.yaml").mkdir(parents=True)
    settings = Settings(base=str(tmp_path), exclude=("attic/**",))
    assert make_plan([str(tmp_path)], settings, DiskFiles()).missing == []


def test_a_named_path_is_answered_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop.env").symlink_to("loop.env")
    os.mkfifo(tmp_path / "pipe.env")
    reasons = [reason for _, reason in missing(*(tmp_path / name for name in ("none", "loop.env", "pipe.env", "a\0b")))]
    assert reasons == [
        "no such file or folder",
        "too many levels of symbolic links",
        "not a regular file",
        "it cannot be used under this name",
    ]


def test_a_link_out_of_the_project_is_named_and_its_text_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "secret", "shared/compose.yaml", "repo/.git/HEAD", "repo/a/compose.yaml", "repo/b/x.env")
    (tmp_path / "repo" / "a" / "nginx.conf").symlink_to(tmp_path / "secret")
    (tmp_path / "repo" / "b" / "compose.yaml").symlink_to(tmp_path / "shared" / "compose.yaml")
    out = "the link leads out of the project, so it is not read"
    assert missing(tmp_path / "repo" / "a" / "nginx.conf") == [(f"{tmp_path}/repo/a/nginx.conf", out)]
    assert missing(tmp_path / "repo") == [(f"{tmp_path}/repo/b/compose.yaml", out)]


def test_a_link_within_the_folder_of_the_configuration_is_read(tmp_path: Path) -> None:
    put(tmp_path, "shared/nginx.conf", "a/compose.yaml")
    link = tmp_path / "a" / "nginx.conf"
    link.symlink_to(tmp_path / "shared" / "nginx.conf")
    assert make_plan([str(link)], Settings(base=str(tmp_path)), DiskFiles()).missing == []
    assert missing(link) == [(str(link), "the link leads out of the project, so it is not read")]


def test_an_env_file_may_lie_elsewhere_as_for_compose(tmp_path: Path) -> None:
    put(tmp_path, "secrets/.env", "repo/.git/HEAD", "repo/compose.yaml")
    (tmp_path / "repo" / ".env").symlink_to(tmp_path / "secrets" / ".env")
    assert missing(tmp_path / "repo", tmp_path / "repo" / ".env") == []


def test_a_named_folder_must_be_readable_and_the_data_of_a_database_need_not(tmp_path: Path) -> None:
    put(tmp_path, "compose.yaml", "volumes/db/data/x")
    closed = tmp_path / "volumes" / "db" / "data"
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("whoever runs this may read everything")
        assert missing(tmp_path) == []
        assert missing(closed) == [(str(closed), "permission denied")]
    finally:
        closed.chmod(0o755)


class Closed(DiskFiles):
    """A disk whose env files nobody may read."""

    def read(self, path: str) -> bytes:
        if path.endswith(".env"):
            raise PermissionError(13, "Permission denied", path)
        return super().read(path)


def test_an_env_file_that_may_not_be_read_is_said_once(tmp_path: Path) -> None:
    put(tmp_path, "compose.yaml", ".env")
    report = run(Request((str(tmp_path),), str(tmp_path)), Workspace(Closed())).report
    assert report.errors == (".env: permission denied",)
