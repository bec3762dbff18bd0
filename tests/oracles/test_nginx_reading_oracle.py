"""nginx itself reads several files: it refuses what the rules that follow its includes say that it refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackmend.linter.diagnostic import Diagnostic
from stackmend.linter.rules.nginx.buffers import buffer_sizes
from stackmend.linter.rules.nginx.certificates import tls_without_certificate
from stackmend.linter.rules.nginx.directives import misplaced_directive
from stackmend.linter.rules.nginx.duplicates import duplicate_directive
from stackmend.linter.rules.nginx.upstreams import upstream_wrong_port
from stackmend.linter.rules.nginx.zones import unknown_zone
from stackmend.schemas.files import DiskFiles
from stackmend.schemas.models.deployment import Deployment
from stackmend.schemas.models.loading import load_deployment
from stackmend.schemas.models.project import Options
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx
from stackmend.schemas.workspace import Workspace

from .conftest import Judge, server

pytestmark = pytest.mark.oracle

COMPOSE = """
services:
  nginx:
    image: nginx:1.22
    volumes: [./nginx.conf:/etc/nginx/nginx.conf, ./conf.d:/etc/nginx/conf.d, ./part.conf:/etc/nginx/part.conf]
"""
MAIN = "pid nginx.pid;\nevents {{}}\nhttp {{\n{}\ninclude conf.d/*.conf;\n}}\n"
TLS = ("ssl_certificate $host.pem;", "ssl_certificate_key $host.key;")
HTTP = (
    *("client_max_body_size 9m;", "sendfile on;", "log_format main x;", "upstream pool { server 127.0.0.1:9; }", *TLS),
    "limit_req_zone $host zone=clients:1m rate=9r/s;",
    "limit_conn_zone $host zone=clients:1m;",
    "limit_conn_zone $host zone=most:1m;",
    "limit_req zone=clients;",
)
SERVER = (
    "limit_req zone=clients;",
    *("listen 8080;", "listen *:8443 ssl;", "listen 8443 ssl default_server;", "listen 8443;", *TLS),
    *("ssl_reject_handshake on;", "client_max_body_size 9m;", "include part.conf;", "limit_conn most 9;"),
    *("location / { fastcgi_pass pool; }", "location /v1 { grpc_pass grpc://localhost; }", "location /v1 {}"),
)
PART = (
    *("proxy_pass http://127.0.0.1;", "server_names_hash_max_size 512;"),
    "limit_req zone=clients burst=3;",
    "client_max_body_size 9m;",
    *TLS,
    "location /v1 { fastcgi_pass pool; }",
)


def refused(folder: Path) -> str:
    """What nginx says against the files of a folder, "" for nothing."""
    command = [server("nginx"), "-t", "-q", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stderr if done.returncode else ""


def findings(deployment: Deployment) -> Iterator[Diagnostic]:
    yield from upstream_wrong_port.check(deployment)
    for rule in (misplaced_directive, duplicate_directive, unknown_zone, tls_without_certificate):
        assert rule.together is not None
        yield from rule.together(deployment)
        for mounted in deployment.mounted:
            if mounted.container_path != "/etc/nginx/part.conf":
                yield from rule.check(mounted.tree)


def some(lines: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    # What stands twice in one file is another test's.
    return st.lists(st.sampled_from(lines), max_size=most, unique=True)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=200
)
@given(
    some(HTTP, 4), some((*HTTP, "worker_processes 1;"), 2), st.tuples(some(SERVER, 4), some(SERVER, 4)), some(PART, 2)
)
def test_nginx_refuses_several_files_for_what_the_rules_say(
    tmp_path: Path, main: list[str], top: list[str], servers: tuple[list[str], list[str]], part: list[str]
) -> None:
    (tmp_path / "conf.d").mkdir(exist_ok=True)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "nginx.conf").write_text(MAIN.format("\n".join(main)))
    (tmp_path / "part.conf").write_text("\n".join(part))
    (tmp_path / "conf.d" / "a.conf").write_text("\n".join([*top, "server {", *servers[0], "}", ""]))
    (tmp_path / "conf.d" / "b.conf").write_text("\n".join(["server {", *servers[1], "}", ""]))
    deployment = load_deployment(Workspace(DiskFiles()), str(tmp_path), Options(shell={}))
    found = [(d.place.document.path.rpartition("/")[2], d.place.line, d.message) for d in findings(deployment)]
    if "include part.conf;" not in (*servers[0], *servers[1]):
        # What is wrong with a file that nginx does not read stops nothing.
        found = [each for each in found if each[0] != "part.conf"]
    said = refused(tmp_path)
    if "already bound" in said or "duplicate listen" in said or "declared for a different use" in said:
        return
    assert bool(said) == bool(found), (said, found)


SIZES = st.lists(
    st.one_of(
        st.sampled_from(("4k", "8k", "16k", "64k", "1m", "512")).map("proxy_buffer_size {};".format),
        st.tuples(st.integers(2, 9), st.sampled_from(("4k", "16k", "64k"))).map(
            lambda b: f"proxy_buffers {b[0]} {b[1]};"
        ),
        st.sampled_from(("4k", "8k", "32k", "128k", "2m")).map("proxy_busy_buffers_size {};".format),
    ),
    max_size=3,
    unique_by=lambda line: line.split()[0],
).map("\n".join)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SIZES, SIZES, SIZES)
def test_nginx_refuses_the_sizes_of_buffers_that_the_rule_names(nginx: Judge, http: str, site: str, inner: str) -> None:
    server = f"server {{\n{site}\nlocation / {{\n{inner}\nproxy_pass http://127.0.0.1;\n}}\n}}"
    text = f"pid nginx.pid;\nevents {{}}\nhttp {{\n{http}\n{server}\n}}\n"
    found = list(buffer_sizes.check(parse_nginx(Document("/nginx.conf", text))))
    said = nginx(text)
    assert bool(said) == bool(found), said
