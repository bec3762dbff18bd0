"""What is found below a folder on a real disk: links, loops, exclusions, and names."""

from __future__ import annotations

from pathlib import Path

import pytest

import stackmend
from stackmend.linter.discovery import search
from stackmend.linter.names import is_compose, loose_kind
from stackmend.linter.plan import make_plan
from stackmend.linter.settings import Settings
from stackmend.schemas.files import DiskFiles, MemoryFiles


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("", encoding="utf-8")


def test_the_main_file_is_the_one_compose_would_take(tmp_path: Path) -> None:
    put(tmp_path, "a/docker-compose.yaml", "a/compose.yml", "a/compose.override.yml", "b/docker-compose.dev.yml")
    found = search(DiskFiles(), str(tmp_path), Settings())
    assert found.roots == [f"{tmp_path}/a/compose.yml"]
    assert sorted(found.compose) == [
        f"{tmp_path}/a/compose.override.yml",
        f"{tmp_path}/a/docker-compose.yaml",
        f"{tmp_path}/b/docker-compose.dev.yml",
    ]


def test_a_loop_of_links_ends_and_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    put(tmp_path, "in/a/.env", "out/.env")
    (inside / "a" / "loop").symlink_to(inside)
    (inside / "away").symlink_to(tmp_path / "out")
    assert search(DiskFiles(), str(inside), Settings()).loose == [f"{inside}/a/.env"]


def test_a_folder_below_a_deployment_stands_for_the_files_in_it(tmp_path: Path) -> None:
    put(tmp_path, ".git/HEAD", "compose.yaml", "nginx/nginx.conf", "nginx/other/compose.yaml", "nginx/other/.env")
    plan = make_plan([f"{tmp_path}/nginx"], Settings(), DiskFiles())
    assert plan.named == {f"{tmp_path}/nginx/nginx.conf"}
    assert plan.roots == [f"{tmp_path}/nginx/other/compose.yaml", f"{tmp_path}/compose.yaml"]
    assert not make_plan([str(tmp_path)], Settings(), DiskFiles()).named


def test_a_folder_below_no_deployment_names_nothing(tmp_path: Path) -> None:
    put(tmp_path, "compose.yaml", "repo/.git/HEAD", "repo/nginx/nginx.conf")
    plan = make_plan([f"{tmp_path}/repo/nginx"], Settings(), DiskFiles())
    assert not plan.named
    assert not plan.roots


def test_a_link_to_itself_under_a_name_that_says_nothing_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    assert search(DiskFiles(), str(tmp_path), Settings()).loose == [f"{tmp_path}/.env"]


def test_a_linked_file_counts_inside_the_checkout_only(tmp_path: Path) -> None:
    put(tmp_path, "repo/.git/HEAD", "repo/shared.env", "repo/a/compose.yaml", "secret")
    (tmp_path / "repo/a/.env").symlink_to("../shared.env")
    (tmp_path / "repo/a/other.env").symlink_to(tmp_path / "secret")
    assert search(DiskFiles(), f"{tmp_path}/repo/a", Settings()).loose == [f"{tmp_path}/repo/a/.env"]


def test_disk_and_memory_find_the_same(tmp_path: Path) -> None:
    paths = (
        "x/compose.yaml",
        "x/.env",
        "x/config.json",
        "x/nginx/conf.d/a.conf",
        "node_modules/compose.yaml",
        "y/squid.conf",
    )
    put(tmp_path, *paths)
    memory = MemoryFiles({f"{tmp_path}/{p}": b"" for p in paths})
    disk, ram = (search(files, str(tmp_path), Settings()) for files in (DiskFiles(), memory))
    assert (disk.roots, disk.compose, disk.loose) == (ram.roots, ram.compose, ram.loose)
    assert len(disk.loose) == 4


def test_an_overlay_counts_as_if_it_were_on_the_disk(tmp_path: Path) -> None:
    put(tmp_path, "x/.env")
    files = DiskFiles({f"{tmp_path}/x/compose.yaml": b""})
    assert search(files, str(tmp_path), Settings()).roots == [f"{tmp_path}/x/compose.yaml"]


def test_excluded_paths_are_left_out_but_named_files_only_with_force(tmp_path: Path) -> None:
    put(tmp_path, "old/.env", "new/.env")
    settings = Settings(base=str(tmp_path), exclude=("old",))
    assert search(DiskFiles(), str(tmp_path), settings).loose == [f"{tmp_path}/new/.env"]
    named = f"{tmp_path}/old/.env"
    assert make_plan([named], settings, DiskFiles()).loose == [named]
    forced = Settings(base=str(tmp_path), exclude=("old",), force_exclude=True)
    assert make_plan([named], forced, DiskFiles()).loose == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/p/.env", "dotenv"),
        ("/p/.env.example", "dotenv"),
        ("/p/middleware.env", "dotenv"),
        ("/p/middleware.env.example", "dotenv"),
        ("/p/.envrc", None),
        ("/p/environment", None),
        ("/p/nginx.conf", "nginx"),
        ("/p/nginx.conf.template", "nginx"),
        ("/p/nginx/conf.d/default.conf", "nginx"),
        ("/p/apache/conf.d/default.conf", None),
        ("/p/nginx/templates/default.conf.template", "nginx"),
        ("/p/nginx/templates/values.conf.j2", None),
        ("/p/host-nginx/dify.conf", "nginx"),
        ("/etc/nginx/sites-enabled/dify.example.com", "nginx"),
        ("/etc/nginx/sites-available/dify.bak", None),
        ("/etc/apache2/sites-available/dify", None),
        ("/p/squid.conf.template", "squid"),
        ("/p/config.json", None),
    ],
)
def test_what_a_file_is_by_its_name(path: str, kind: str | None) -> None:
    assert loose_kind(path) == kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("compose.yaml", True),
        ("docker-compose.yml", True),
        ("docker-compose.middleware.yaml", True),
        ("docker-compose-pgvector.yml", True),
        ("compose.override.yml", True),
        ("composer.yaml", False),
        ("docker-compose.yaml.bak", False),
        ("my-compose.yaml", False),
    ],
)
def test_compose_files_by_their_name(name: str, expected: bool) -> None:
    assert is_compose(name) is expected


def test_a_conf_file_in_nginxs_folder_is_read_as_nginxs_only_where_it_speaks_its_language(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx/supervisord.conf").write_text("[supervisord]\nnodaemon=true\n", encoding="utf-8")
    (tmp_path / "nginx/site.conf").write_text("server {\n    listen 80\n}\n", encoding="utf-8")
    report = stackmend.lint(str(tmp_path), isolated=True)
    assert [(d.rule.code, Path(d.place.document.path).name) for d in report.diagnostics] == [("NGX001", "site.conf")]
