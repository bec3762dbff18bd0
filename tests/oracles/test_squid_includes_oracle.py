"""squid itself reads several files: where it stops at an acl, a rule that follows its includes names that very line."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Diagnostic
from stackmend.linter.rules.squid.acls import acl_type_clash, undefined_acl
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.workspace import Workspace

from .conftest import server

pytestmark = pytest.mark.oracle

COMPOSE = """
services:
  proxy:
    image: ubuntu/squid:6.6-24.04_beta
    volumes: [./squid.conf:/etc/squid/squid.conf, ./conf.d:/etc/squid/conf.d, ./more.conf:/etc/squid/more.conf]
"""
LINES = (
    "acl lan src 10.0.0.0/8",
    "acl lan dst 192.168.101.0/24",
    "acl sites dstdomain .example.org",
    "acl both any-of lan sites",
    "http_access allow lan",
    "http_access deny !sites CONNECT",
    "http_access allow both",
    "include /etc/squid/more.conf",
    "include /etc/squid/conf.d/*.conf",
)
FILES = ("squid.conf", "more.conf", "conf.d/a.conf", "conf.d/b.conf")
STOP = re.compile(r"FATAL: Bungled (\S+) line (\d+):")


def stop(binary: str, folder: Path) -> tuple[str, int] | None:
    """The file and the line at which squid stops."""
    read = folder / "read"
    for name in FILES:
        (read / name).parent.mkdir(parents=True, exist_ok=True)
        (read / name).write_text((folder / name).read_text().replace("/etc/squid/", f"{read}/"))
    command = [binary, "-k", "parse", "-f", str(read / "squid.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = STOP.search(done.stderr)
    return (os.path.relpath(found[1], read), int(found[2])) if found else None


def findings(deployment: Deployment, main: str) -> Iterator[Diagnostic]:
    for rule in (undefined_acl, acl_type_clash):
        assert rule.together is not None
        yield from rule.together(deployment)
        for mounted in deployment.mounted:
            folder, name = os.path.split(mounted.container_path)
            # What is wrong with a file that squid does not read stops nothing.
            if name == "squid.conf" or name in main or f"{folder}/*" in main:
                yield from rule.check(mounted.tree)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)
@given(
    st.lists(st.sampled_from(LINES), min_size=2, max_size=5),
    *(st.lists(st.sampled_from(LINES[:7]), min_size=1, max_size=3) for _ in FILES[1:]),
)
def test_squid_stops_at_the_first_line_that_the_rules_name_in_any_of_its_files(
    tmp_path: Path, main: list[str], more: list[str], first: list[str], second: list[str]
) -> None:
    binary = server("squid")
    for name, lines in zip(FILES, (["http_port 3128", *main], more, first, second), strict=True):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n".join([*lines, ""]))
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    deployment = load_deployment(Workspace(DiskFiles()), str(tmp_path), Options(shell={}))
    found = {
        (os.path.relpath(d.place.document.path, tmp_path), d.place.line) for d in findings(deployment, "".join(main))
    }
    wanted = stop(binary, tmp_path)
    assert (wanted in found) if wanted else not found, (wanted, found)
