"""Which values nginx takes: what it said about each, and what was meant by those that it refused."""

from __future__ import annotations

import pytest

from stackmend.schemas.models.nginx_values import address_faults, value_fault
from stackmend.schemas.parsers.document import Document
from stackmend.schemas.parsers.nginx import parse_nginx


def said(line: str) -> list[tuple[str, str]]:
    """The kind of each fault of the innermost directive, and what to write instead."""
    *_, (directive, parents) = parse_nginx(Document("/nginx.conf", line)).walk()
    found = value_fault(directive)
    return [(f.kind, f.wanted) for f in (*((found,) if found else ()), *address_faults(directive, parents))]


@pytest.mark.parametrize(
    ("line", "kind", "wanted"),
    [
        ("gzip yes;", "flag", "on"),
        ("gzip 0;", "flag", "off"),
        ("gzip maybe;", "flag", ""),
        ("keepalive_requests 10k;", "number", ""),
        ("client_max_body_size 10MB;", "offset", "10m"),
        ("client_max_body_size 2gb;", "offset", "2g"),
        ("client_max_body_size 1.5m;", "offset", ""),
        ("client_body_buffer_size 2g;", "size", "2048m"),
        ("proxy_read_timeout 5min;", "time", "5m"),
        ("proxy_read_timeout 10M;", "time", "10m"),
        ("proxy_read_timeout 1s1h;", "time", ""),
        ("proxy_read_timeout -1;", "time", ""),
        ("listen 0;", "listen", ""),
        ("listen [::]:65536;", "listen", ""),
        ("listen 80-90x;", "listen", ""),
        ("location / { proxy_pass api:5001/a; }", "url", "http://api:5001/a"),
        ("location / { proxy_pass https:api; }", "url", "https://api"),
        ("location / { proxy_pass tcp://api; }", "url", ""),
        ("location / { proxy_pass http://[::1]:x; }", "port", ""),
        ("location ~* a { proxy_pass http://api/; }", "path", "http://api"),
        ("location @a { proxy_pass http://api/b; }", "path", ""),
        ("location / { if ($a) { proxy_pass http://api/; } }", "path", "http://api"),
    ],
)
def test_a_value_that_nginx_does_not_take_is_a_fault(line: str, kind: str, wanted: str) -> None:
    assert said(line) == [(kind, wanted)]


@pytest.mark.parametrize(
    "line",
    [
        *("gzip ON;", "gzip $gzip;", "client_max_body_size ${SIZE};", "client_max_body_size 1G;", "directio off;"),
        *("proxy_read_timeout 1w2d3h4m5s6ms;", 'proxy_read_timeout "1h 30m";', "proxy_read_timeout 3600;"),
        *("keepalive_timeout 65 60;", "proxy_next_upstream error;", "proxy_next_upstream off;"),
        *(
            "listen 80;",
            "listen *:80;",
            "listen a.example:80;",
            "listen 10.0.0.1;",
            "listen ::1;",
            "listen unix:/a:80;",
        ),
        *("location / { proxy_pass HTTPS://api/a; }", "location ~ a { proxy_pass http://api/$1; }"),
        *("location ~ a { proxy_pass http://unix:/a:/; }", "server { proxy_pass db:5432; }", "proxy_pass db:5432;"),
    ],
)
def test_a_value_that_nginx_takes_or_that_nobody_knows_is_none(line: str) -> None:
    assert said(line) == []
