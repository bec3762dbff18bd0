"""No nginx or squid file, however broken or large, makes a rule for it fail or takes it long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackmend.linter.config import Overrides
from stackmend.linter.report import Report
from stackmend.linter.rules import all_rules
from stackmend.linter.session import Request, run
from stackmend.schemas.files import MemoryFiles
from stackmend.schemas.workspace import Workspace

COMPOSE = """
services:
  nginx:
    image: nginx:1.27
    ports: ["443:443"]
    volumes: [./default.conf:/etc/nginx/conf.d/default.conf, ./ssl:/etc/nginx/ssl]
  proxy:
    image: ubuntu/squid:5.2-22.04_beta
    ports: ["3128:3128"]
    volumes: [./squid.conf:/etc/squid/squid.conf]
  api:
    image: langgenius/dify-api:1.4.0
    environment: {MODE: api, UPLOAD_FILE_SIZE_LIMIT: 900}
"""
RULES = tuple(r for r in all_rules() if r.family in ("NGX", "SQD"))


def linted(nginx: str, squid: str, *, mending: bool = False) -> Report:
    files = {
        "/project/compose.yaml": COMPOSE.encode(),
        "/project/default.conf": nginx.encode("utf-8", "surrogateescape"),
        "/project/squid.conf": squid.encode("utf-8", "surrogateescape"),
        "/project/ssl/other.pem": b"",
    }
    over = Overrides(unsafe_fixes=mending)
    request = Request(("/project",), "/project", over, isolated=True, mending=mending)
    return run(request, Workspace(MemoryFiles(files)), RULES).report


def mixed(words: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), max_size=30).map("".join)


SITE = 'server { listen 80; location ~ "%s" { return 204; } location / { proxy_pass http://api:5001; } }'
PATTERNS = (r"^(/?([a-z/]*)*)*!$", "^/" + ".*" * 40 + "!$", "^/a{99999999999999}")

NGINX = mixed(
    [
        *(f"{w} " for w in ("server", "location /", "upstream api", "proxy_pass http://apy:3000", "http", "events")),
        *(
            f"{w} "
            for w in ("proxy_pas", "http://127.0.0.1:9", "172.18.0.5", "listen 443 ssl", "include x.conf", "${A}")
        ),
        *(f"{w} " for w in ("ssl_certificate ssl/a.pem", "client_max_body_size 1m", "add_header", '"', "'", "；", "“")),
        *(["{", "}", ";", "\n"] * 4),
    ]
)
SQUID = mixed(
    [
        *(f"{w} " for w in ("acl", "lan", "src", "10.0.0.0/8", "dst", "all", "http_access", "allow", "deny", "!lan")),
        *(
            f"{w} "
            for w in ("http_port 3128", "include x", "any-of", "if", "endif", "$A", '"', "；", "\\", "htpp_access")
        ),
        *(f"\n{w} " for w in ("acl lan src 10.0.0.0/8", "http_access allow lan", "http_access deny all")),
        *(["\n"] * 4),
    ]
)


@given(NGINX | st.text(max_size=60), SQUID | st.text(max_size=60), st.booleans())
def test_no_text_makes_a_rule_fail(nginx: str, squid: str, mending: bool) -> None:
    report = linted(nginx, squid, mending=mending)
    assert not [error for error in report.errors if "internal error" in error]


@pytest.mark.parametrize(
    ("nginx", "squid"),
    [
        pytest.param("server { listen 80; proxy_pass http://apy:1; }\n" * 2_000, "", id="nginx-findings"),
        pytest.param("upstream x { server " + "apy:1; server " * 4_000 + "b:2; }", "", id="nginx-upstreams"),
        *(pytest.param(SITE % pattern, "", id=f"location {pattern}") for pattern in PATTERNS),
        pytest.param("", "http_access allow a b !c\nhttp_access deny c d\n" * 3_000, id="squid-undefined"),
        pytest.param(
            "",
            "".join(f"acl n{i} src 10.{i % 250}.0.0/16 10.{i % 200}.1.0/24\n" for i in range(3_000))
            + "".join(f"http_access {'allow' if i % 2 else 'deny'} n{i}\n" for i in range(3_000)),
            id="squid-lines",
        ),
        pytest.param(
            "",
            "acl n src " + "10.0.0.1-10.9.0.0 " * 30_000 + "\nhttp_access allow n\nhttp_access deny n\n",
            id="values",
        ),
        pytest.param("", "acl d dstdomain " + "." + "a." * 30_000 + "b\nhttp_access deny d\n", id="long-domain"),
    ],
)
def test_large_files_are_judged_in_seconds(nginx: str, squid: str) -> None:
    begun = time.process_time()
    report = linted(nginx, squid)
    assert not [error for error in report.errors if "internal error" in error]
    assert time.process_time() - begun < 20
